"""Two processes that begin one file: as a speaker and a scan do where both are started for the first time."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from moodspeaker.database import KEPT, Database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STEPS = ("CREATE TABLE plays (uri TEXT);\n",)
WAITS = 0.3
"""Seconds after which the second surely waits for the first."""


def test_of_two_that_begin_a_file_the_second_finds_what_the_first_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, begins = tmp_path / "library.db", threading.Event()

    def steps() -> Sequence[str]:
        begins.set()
        return STEPS

    def second() -> None:
        database = Database(path, steps, patience=10)
        written.append(
            database.write(lambda connection: connection.execute("INSERT INTO plays VALUES ('b')"))
        )
        written.append(database.fault)
        database.close()

    written: list[object] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=second)
        thread.start()
        assert begins.wait(5)
        thread.join(WAITS)
        for statement in (*STEPS, "INSERT INTO plays VALUES ('a')", "PRAGMA user_version=1", "COMMIT"):
            first.execute(statement)
        thread.join(10)
        assert written == [True, ""]
        assert first.execute("SELECT uri FROM plays ORDER BY uri").fetchall() == [("a",), ("b",)]
    assert "emptied" not in caplog.text


def test_a_process_that_lives_long_keeps_little_of_a_file_in_memory(tmp_path: Path) -> None:
    def keeps(*, synced: bool) -> int:
        with closing(Database(tmp_path / "library.db", lambda: STEPS, synced=synced)) as database:
            assert database.write(lambda _connection: None)
            [(pages,)] = database.read("PRAGMA cache_size", {})
            return -int(pages)

    assert keeps(synced=False) == KEPT < keeps(synced=True)


@pytest.mark.parametrize("settles", [True, False])
def test_what_is_synced_beside_leaves_the_journal_where_that_is_wanted(
    tmp_path: Path, *, settles: bool
) -> None:
    path = tmp_path / "library.db"
    with closing(Database(path, lambda: STEPS, synced=False)) as database:
        assert database.unsynced() is None
        assert database.write(lambda connection: connection.execute("INSERT INTO plays VALUES ('a')"))
        if settles:
            database.settle()
        sync = database.unsynced()
        assert sync is not None
        assert database.unsynced() is None, "it is asked for once"
        thread = threading.Thread(target=sync)
        thread.start()
        thread.join(10)
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as without_journal:
            tables = without_journal.execute("SELECT name FROM sqlite_master").fetchall()
        assert (("plays",) in tables) is settles
        assert database.read("SELECT uri FROM plays", {}) == [("a",)]
    sync()  # the file was closed meanwhile: nothing is left to do


def test_the_journal_is_emptied_although_another_checkpoint_is_under_way(tmp_path: Path) -> None:
    path, journal = tmp_path / "library.db", tmp_path / "library.db-wal"

    def checkpoint() -> None:
        with closing(sqlite3.connect(path, timeout=10)) as other:
            begins.set()
            other.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()  # waits for the reader

    begins, thread = threading.Event(), threading.Thread(target=checkpoint)
    with (
        closing(Database(path, lambda: STEPS)) as database,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader,
    ):
        assert database.write(lambda connection: connection.execute("INSERT INTO plays VALUES ('secret')"))
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM plays").fetchall()
        assert database.write(lambda connection: connection.execute("DELETE FROM plays"))
        thread.start()
        assert begins.wait(5)
        time.sleep(WAITS)
        threading.Timer(WAITS, lambda: reader.execute("COMMIT")).start()
        database.checkpoint()
        assert journal.stat().st_size == 0
        thread.join(10)


def test_what_was_erased_is_gone_from_file_and_journal_once_it_is_synced_beside(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with closing(Database(path, lambda: STEPS, synced=False)) as database:
        for statement in ("INSERT INTO plays VALUES ('a secret')", "DELETE FROM plays"):
            assert database.write(lambda connection, words=statement: connection.execute(words))
        assert b"a secret" in (tmp_path / "library.db-wal").read_bytes()
        database.settle()
        sync = database.unsynced()
        assert sync is not None
        sync()
        assert b"a secret" not in (tmp_path / "library.db-wal").read_bytes() + path.read_bytes()
