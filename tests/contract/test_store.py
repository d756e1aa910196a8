"""The store port's contract, on the fake and on SQLite; and what only a real disk can do."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.fake_store import FakeStore

from moodspeaker.adapters.state.store import BATCH_SECONDS, FILE, MIGRATIONS, SqliteStore
from moodspeaker.domain.decision import Decision, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.domain.mood import Mood
    from moodspeaker.ports import Store

NOON = 1_772_366_400.0
"""2026-03-01T12:00:00Z, in seconds since the epoch."""


def decision(after: float, mood: Mood = Emotion.HAPPY, rule: str = "mood changed") -> Decision:
    """Return a decision some seconds after noon."""
    return Decision(Moment(after, NOON + after), Verb.SWITCHED, mood, rule, {"confidence": 0.5, "song": None})


def opened(root: Path, hours: float = 24, now: float = NOON) -> SqliteStore:
    """Return a store whose wall clock stands still."""
    return SqliteStore(root / "state", hours, lambda: now)


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, root: Path) -> Iterator[Store]:
    made: Store = FakeStore() if request.param == "fake" else opened(root)
    yield made
    made.close()


# --- the contract
# -------------------------------------------------------------------------------------------------------


def test_what_was_never_written_is_the_default(store: Store) -> None:
    assert store.recall("sensing", "on") == "on"
    assert store.decisions(5) == []
    assert store.fault == ""


def test_the_last_value_counts(store: Store) -> None:
    store.remember("sensing", "off")
    store.remember("override", "säd \0 'x'")
    store.remember("sensing", "on")
    assert store.recall("sensing", "?") == "on"
    assert store.recall("override", "?") == "säd \0 'x'"


def test_decisions_come_newest_first(store: Store) -> None:
    for after in range(5):
        store.record(decision(after, rule=f"rule {after}"))
    assert [row["rule"] for row in store.decisions(3)] == ["rule 4", "rule 3", "rule 2"]
    store.flush()
    store.record(decision(9, Emotion.SAD, "newest"))
    rows = store.decisions(100)
    assert [row["rule"] for row in rows] == ["newest", "rule 4", "rule 3", "rule 2", "rule 1", "rule 0"]
    assert {key: rows[0][key] for key in ("verb", "mood", "evidence")} == {
        "verb": "switched",
        "mood": "sad",
        "evidence": {"confidence": 0.5, "song": None},
    }


def test_forgotten_records_are_gone_and_values_stay(store: Store) -> None:
    store.remember("sensing", "off")
    store.record(decision(0))
    store.flush()
    store.record(decision(1))
    store.forget()
    assert store.decisions(5) == []
    assert store.recall("sensing", "on") == "off"


# --- on the disk
# --------------------------------------------------------------------------------------------------------


def test_moments_are_rfc_3339(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(61))
        assert store.decisions(1)[0]["at"] == "2026-03-01T12:01:01+00:00"


def test_everything_is_there_after_a_restart(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
        store.record(decision(1))
        before = store.decisions(5)
    with closing(opened(root)) as store:
        assert store.recall("sensing", "on") == "off"
        assert store.decisions(5) == before


def test_a_remembered_value_survives_kill_9(root: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from moodspeaker.adapters.state.store import SqliteStore\n"
        "store = SqliteStore(pathlib.Path(sys.argv[1]), 24)\n"
        "store.remember('sensing', 'off')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root / "state")], check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -signal.SIGKILL
    with closing(opened(root)) as store:
        assert store.recall("sensing", "on") == "off"


def test_decisions_are_written_in_batches(root: Path) -> None:
    with closing(opened(root)) as store, closing(sqlite3.connect(root / "state" / FILE)) as reader:
        store.record(decision(0))
        store.record(decision(BATCH_SECONDS - 1))
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        store.record(decision(BATCH_SECONDS))
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (3,)


def test_old_records_are_erased(root: Path) -> None:
    with closing(opened(root, hours=1)) as store:
        store.record(decision(0, rule="old"))
        store.record(decision(3000, rule="young"))
    with closing(opened(root, hours=1, now=NOON + 3601)) as store:
        assert [row["rule"] for row in store.decisions(5)] == ["young"]
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        assert reader.execute("SELECT rule FROM decisions").fetchall() == [("young",)]


def test_no_hours_write_no_records_and_erase_the_old_ones(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(0, rule="secret of yesterday"))
    with closing(opened(root, hours=0, now=NOON + 1)) as store:
        store.record(decision(2, rule="secret of today"))
        store.record(decision(BATCH_SECONDS * 2))
        assert [row["rule"] for row in store.decisions(5)] == ["mood changed", "secret of today"]
    assert b"secret" not in b"".join(path.read_bytes() for path in (root / "state").iterdir())


def test_forgotten_is_erased_from_the_disk(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(0, rule="a secret"))
        store.flush()
        store.forget()
        assert b"a secret" not in b"".join(path.read_bytes() for path in (root / "state").iterdir())


def test_the_file_is_private(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "on")
        assert {path.stat().st_mode & 0o777 for path in (root / "state").iterdir()} == {0o600}
        assert (root / "state").stat().st_mode & 0o777 == 0o700


# --- a disk that fails
# --------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_a_fault_until_it_can(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    with closing(opened(root)) as store:
        assert str(root / "state") in store.fault
        assert "paths.state" in store.fault
        store.record(decision(0))
        store.record(decision(BATCH_SECONDS * 2))
        with pytest.raises(StoreError, match=r"paths\.state"):
            store.remember("sensing", "off")
        assert store.recall("sensing", "on") == "on"
        assert len(store.decisions(5)) == 2
        assert len(caplog.records) == 1
        (root / "state").unlink()
        store.remember("sensing", "off")
        assert store.fault == ""
    with closing(opened(root)) as store:
        assert store.recall("sensing", "on") == "off"
        assert len(store.decisions(5)) == 2


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let no file grow beyond `limit` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_refuses_what_must_last_and_heals(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "on")
        with full_disk(1000):
            for _ in range(2):
                with pytest.raises(StoreError):
                    store.remember("sensing", "off")
            assert store.recall("sensing", "?") == "on"
            store.record(decision(0))
            store.flush()
            assert len(store.decisions(5)) == 1
            assert str(root / "state" / FILE) in store.fault
        assert len(caplog.records) == 1
        store.remember("sensing", "off")
        assert store.fault == ""
    with closing(opened(root)) as store:
        assert store.recall("sensing", "on") == "off"
        assert len(store.decisions(5)) == 1


@pytest.mark.parametrize("damage", ["text", "page"])
def test_a_damaged_file_is_moved_aside(root: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
        for number in range(200):
            store.record(decision(number))
    file = root / "state" / FILE
    content = file.read_bytes()
    with closing(sqlite3.connect(file)) as reader:
        [(page,)] = reader.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'decisions'")
    if damage == "text":
        file.write_bytes(b"this is no database" * 300)
    else:
        file.write_bytes(content[: (page - 1) * 4096] + b"\xff" * 4096 + content[page * 4096 :])
    with closing(opened(root)) as store:
        assert store.fault == ""
        assert store.recall("sensing", "on") == "off"
        assert store.forgot is (damage == "text")
        assert store.decisions(5) == []
    assert (root / "state" / f"{FILE}.damaged").exists()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    with closing(opened(root)) as store:
        assert store.recall("sensing", "on") == "off"
        assert not store.forgot


def test_an_emptied_file_keeps_the_camera_closed(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
    for path in (root / "state").iterdir():
        path.write_bytes(b"")
    for forgot in (True, False):
        with closing(opened(root)) as store:
            assert (store.forgot, store.recall("sensing", "on"), store.fault) == (forgot, "off", "")


def test_a_file_that_cannot_be_read_is_forgotten_and_not_taken_for_new(root: Path) -> None:
    with closing(opened(root / "new")) as store:
        assert not store.forgot
    (root / "state" / FILE).mkdir(parents=True)
    with closing(opened(root)) as store:
        assert store.forgot
        assert str(root / "state") in store.fault


def test_a_remembered_value_is_not_in_the_journal_alone(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
        journal = (root / "state" / f"{FILE}-wal").read_bytes()
        assert journal == b""


def test_a_row_that_a_bad_disk_changed_does_not_hide_the_others(root: Path) -> None:
    with closing(opened(root)) as store:
        for number in range(3):
            store.record(decision(number))
    with closing(sqlite3.connect(root / "state" / FILE)) as writer, writer:
        writer.execute("UPDATE decisions SET evidence = '{' WHERE id = 2")
    with closing(opened(root)) as store:
        assert [bool(row["evidence"]) for row in store.decisions(5)] == [True, False, True]


def test_damage_while_running_loses_no_remembered_value(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
        for path in (root / "state").iterdir():
            path.unlink()
        (root / "state" / FILE).write_bytes(b"this is no database" * 300)
        store._close()
        store.remember("override", "sad")
        assert store.recall("sensing", "on") == "off"
    with closing(opened(root)) as store:
        assert (store.recall("sensing", "on"), store.recall("override", "auto")) == ("off", "sad")


def test_a_newer_version_is_left_alone_but_its_values_are_read(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
    file = root / "state" / FILE
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    before = file.read_bytes()
    with closing(opened(root)) as store:
        assert "newer moodspeaker" in store.fault
        assert store.recall("sensing", "on") == "off"
        with pytest.raises(StoreError, match="newer moodspeaker"):
            store.remember("sensing", "on")
        store.record(decision(0))
        assert len(store.decisions(1)) == 1
    assert file.read_bytes() == before


@contextmanager
def mere_user() -> Iterator[None]:
    """Give up root's right to write everywhere for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_read_only_disk_is_read(root: Path) -> None:
    with closing(opened(root)) as store:
        store.remember("sensing", "off")
    folder = root / "state"
    root.chmod(0o755)
    (folder / FILE).chmod(0o444)
    folder.chmod(0o555)
    with mere_user(), closing(opened(root)) as store:
        assert "writable" in store.fault
        assert store.recall("sensing", "on") == "off"
        with pytest.raises(StoreError, match="writable"):
            store.remember("sensing", "on")
    folder.chmod(0o755)
