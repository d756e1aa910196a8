"""The store on SQLite with a file of another version, and on a disk that fails."""

from __future__ import annotations

import sqlite3
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON
from support.nobody import as_nobody
from support.sqlite_store import decision, full_disk, opened

from moodspeaker.adapters.state.decisions import BATCH_SECONDS
from moodspeaker.adapters.state.store import FILE, MIGRATIONS
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

# --- another version ------------------------------------------------------------------------------------


def test_the_file_of_the_first_version_is_brought_forward(root: Path) -> None:
    (root / "state").mkdir()
    with closing(sqlite3.connect(root / "state" / FILE)) as first:
        first.executescript(f"{MIGRATIONS[0]} PRAGMA user_version=1;")
        first.execute("INSERT INTO remembered VALUES ('sensing', 'off')")
        first.execute(
            "INSERT INTO decisions (at, verb, mood, rule, evidence) VALUES (?, ?, ?, ?, ?)",
            (NOON - 60, "switched", "happy", "mood-happy (stored playlist), at once", '{"cause": "face"}'),
        )
        first.commit()
    with closing(opened(root)) as store:
        assert not store.data_lost
        assert store.get("sensing", "on") == "off"
        store.record(decision(0))
        assert store.decisions(5)[1] == {
            "at": "2026-03-01T11:59:00Z",
            "verb": "switched",
            "mood": "happy",
            "rule": "mood-happy (stored playlist), at once",
            "reason": {"rule": "mood-happy (stored playlist), at once"},
            "evidence": {"cause": "face"},
        }
    with closing(opened(root)) as store:
        assert [row["rule"] for row in store.decisions(5)] == [
            "a (genre), at once",
            "mood-happy (stored playlist), at once",
        ]


@pytest.mark.parametrize("fault", ["damaged", "read only"])
def test_a_file_of_the_first_version_that_cannot_be_brought_forward_is_read(root: Path, fault: str) -> None:
    (root / "state").mkdir()
    file = root / "state" / FILE
    with closing(sqlite3.connect(file)) as first:
        first.executescript(f"{MIGRATIONS[0]} PRAGMA user_version=1;")
        first.execute("INSERT INTO remembered VALUES ('override', 'sad')")
        first.execute("INSERT INTO remembered VALUES ('sensing', 'off')")
        first.commit()
        [(page,)] = first.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'decisions'")
    if fault == "damaged":
        content = file.read_bytes()
        file.write_bytes(content[: (page - 1) * 4096] + b"\xff" * 4096 + content[page * 4096 :])
    else:
        root.chmod(0o755)
        file.chmod(0o444)
        (root / "state").chmod(0o555)
    with as_nobody() if fault == "read only" else nullcontext(), closing(opened(root)) as store:
        assert (store.get("sensing", "on"), store.get("override", "auto")) == ("off", "sad")
        assert not store.data_lost
    (root / "state").chmod(0o755)


def test_a_newer_version_is_left_alone_but_its_values_are_read(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
    file = root / "state" / FILE
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    before = file.read_bytes()
    with closing(opened(root)) as store:
        assert "newer moodspeaker" in store.fault
        assert store.get("sensing", "on") == "off"
        with pytest.raises(StoreError, match="newer moodspeaker"):
            store.set("sensing", "on")
        store.record(decision(0))
        assert len(store.decisions(1)) == 1
    assert file.read_bytes() == before


# --- a disk that fails ----------------------------------------------------------------------------------


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
            store.set("sensing", "off")
        assert store.get("sensing", "on") == "on"
        assert len(store.decisions(5)) == 2
        assert len(caplog.records) == 1
        (root / "state").unlink()
        store.set("sensing", "off")
        assert store.fault == ""
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"
        assert len(store.decisions(5)) == 2


def test_a_full_disk_refuses_what_must_last_and_heals(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "on")
        with full_disk(1000):
            for _ in range(2):
                with pytest.raises(StoreError):
                    store.set("sensing", "off")
            assert store.get("sensing", "?") == "on"
            store.record(decision(0))
            store.flush()
            assert len(store.decisions(5)) == 1
            assert str(root / "state" / FILE) in store.fault
        assert len(caplog.records) == 1
        store.set("sensing", "off")
        assert store.fault == ""
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"
        assert len(store.decisions(5)) == 1


@pytest.mark.parametrize("damage", ["text", "page"])
def test_a_damaged_file_is_moved_aside(root: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
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
        assert store.get("sensing", "on") == "off"
        assert store.data_lost is (damage == "text")
        assert store.decisions(5) == []
    assert (root / "state" / f"{FILE}.damaged").exists()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"
        assert not store.data_lost


def test_an_emptied_file_keeps_the_camera_closed(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
    for path in (root / "state").iterdir():
        path.write_bytes(b"")
    for lost in (True, False):
        with closing(opened(root)) as store:
            assert (store.data_lost, store.get("sensing", "on"), store.fault) == (lost, "off", "")


def test_a_truncated_file_never_opens_the_camera(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "on")
        store.set("programmes", "x" * 20_000)
        store.set("sensing", "off")
    content = (root / "state" / FILE).read_bytes()
    for size in {0, 1, 50, 99, 100, 511, 512, 1000, *range(0, len(content), 4096), len(content) - 1}:
        for path in (root / "state").iterdir():
            path.unlink()
        (root / "state" / FILE).write_bytes(content[:size])
        with closing(opened(root)) as store:
            assert (store.get("sensing", "on"), store.fault) == ("off", ""), size
        with closing(opened(root)) as store:
            assert store.get("sensing", "on") == "off", size


def test_a_power_cut_between_moving_aside_and_beginning_anew_does_not_open_the_camera(root: Path) -> None:
    (root / "state").mkdir()
    (root / "state" / f"{FILE}.damaged").write_bytes(b"this is no database" * 300)
    with closing(opened(root)) as store:
        assert (store.data_lost, store.get("sensing", "on")) == (True, "off")
    with closing(opened(root)) as store:
        assert (store.data_lost, store.get("sensing", "on")) == (False, "off")


def test_a_file_that_was_deleted_while_running_is_filled_again(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
        store.database.close()
        for path in (root / "state").iterdir():
            path.unlink()
        store.set("override", "sad")
        assert store.get("sensing", "on") == "off"
    with closing(opened(root)) as store:
        assert (store.get("sensing", "on"), store.data_lost) == ("off", False)


def test_a_first_start_on_a_full_disk_is_no_loss(root: Path) -> None:
    with full_disk(1000):
        store = opened(root)
        assert store.fault
    with closing(store):
        store.set("override", "sad")
        assert (store.get("sensing", "on"), store.data_lost, store.fault) == ("on", False, "")


def test_a_value_that_is_what_it_was_costs_no_write(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("programmes", "x" * 10_000)
        before = (root / "state" / FILE).stat().st_mtime_ns
        with full_disk(0):
            store.set("programmes", "x" * 10_000)
        assert (root / "state" / FILE).stat().st_mtime_ns == before


def test_a_file_that_cannot_be_read_is_lost_and_not_taken_for_new(root: Path) -> None:
    with closing(opened(root / "new")) as store:
        assert not store.data_lost
    (root / "state" / FILE).mkdir(parents=True)
    with closing(opened(root)) as store:
        assert store.data_lost
        assert str(root / "state") in store.fault


def test_a_remembered_value_is_not_in_the_journal_alone(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
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
        store.set("sensing", "off")
        for path in (root / "state").iterdir():
            path.unlink()
        (root / "state" / FILE).write_bytes(b"this is no database" * 300)
        store.database.close()
        store.set("override", "sad")
        assert store.get("sensing", "on") == "off"
    with closing(opened(root)) as store:
        assert (store.get("sensing", "on"), store.get("override", "auto")) == ("off", "sad")


def test_a_read_only_disk_is_read(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
    folder = root / "state"
    root.chmod(0o755)
    (folder / FILE).chmod(0o444)
    folder.chmod(0o555)
    with as_nobody(), closing(opened(root)) as store:
        assert "writable" in store.fault
        assert store.get("sensing", "on") == "off"
        with pytest.raises(StoreError, match="writable"):
            store.set("sensing", "on")
    folder.chmod(0o755)
