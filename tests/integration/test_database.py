"""Two processes that begin one file: as a speaker and a scan do where both are started for the first time."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from moodspeaker.database import Database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

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
