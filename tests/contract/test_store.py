"""The store port's contract, on the fake and on SQLite; and what only a real disk can do."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clock import NOON, Clock
from support.fake_store import FakeStore
from support.servers import short_folder

from moodspeaker.adapters.state.decisions import BATCH_SECONDS
from moodspeaker.adapters.state.store import FILE, MIGRATIONS, SqliteStore
from moodspeaker.domain.decision import Decision, Reason, Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.moment import Moment, rfc3339
from moodspeaker.errors import StoreError
from moodspeaker.timestamps import SETTLED, Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.domain.mood import Mood
    from moodspeaker.ports import Store

LATIN_1 = b"caf\xe9.mp3".decode("utf-8", "surrogateescape")


def decision(after: float, mood: Mood = Emotion.HAPPY, name: str = "a") -> Decision:
    """Return a decision some seconds after noon."""
    reason = Reason(Rule.AT_ONCE, {"name": name, "source_rule": "genre"})
    return Decision(
        Moment(after, NOON + after), Verb.SWITCHED, mood, reason, {"confidence": 0.5, "song": None}
    )


def opened(
    root: Path, hours: float = 24, *, clock: Clock | None = None, boot: str | None = "this boot"
) -> SqliteStore:
    """Return a store; its clocks stand still at noon, of a long day, unless others are given."""
    return SqliteStore(root / "state", hours, Timestamps(clock or Clock(), boot))


def names(store: Store) -> list[object]:
    """Return the names in the reasons of all decisions, newest first."""
    reasons = [row["reason"] for row in store.decisions(1000)]
    return [reason.get("name") for reason in reasons if isinstance(reason, dict)]


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, root: Path) -> Iterator[Store]:
    made: Store = FakeStore() if request.param == "fake" else opened(root)
    yield made
    made.close()


# --- the contract


def test_what_was_never_written_is_the_default(store: Store) -> None:
    assert store.get("sensing", "on") == "on"
    assert store.decisions(5) == []
    assert store.fault == ""


def test_the_last_value_counts(store: Store) -> None:
    store.set("sensing", "off")
    store.set("override", "säd \0 'x'")
    store.set("sensing", "on")
    assert store.get("sensing", "?") == "on"
    assert store.get("override", "?") == "säd \0 'x'"


def test_decisions_come_newest_first(store: Store) -> None:
    for number in range(5):
        store.record(decision(number - 100, name=f"{number}"))
    assert names(store) == ["4", "3", "2", "1", "0"]
    store.flush()
    store.record(decision(-9, Emotion.SAD, "newest"))
    assert names(store) == ["newest", "4", "3", "2", "1", "0"]
    assert len(store.decisions(3)) == 3


def test_a_decision_has_a_sentence_and_its_parts(store: Store) -> None:
    for flush in (False, True):
        store.record(decision(-9))
        if flush:
            store.flush()
        assert store.decisions(1) == [
            {
                "at": "2026-03-01T11:59:51Z",
                "verb": "switched",
                "mood": "happy",
                "rule": "a (genre), at once",
                "reason": {"rule": "at once", "name": "a", "source_rule": "genre"},
                "evidence": {"confidence": 0.5, "song": None},
            }
        ]


@pytest.mark.parametrize("text", [LATIN_1, "\ud800", "\udcff\udc80 \0 \U0001f3b5", ""])
def test_text_that_is_not_utf_8_is_kept(store: Store, text: str) -> None:
    store.set("programmes", text)
    store.set(text, "value")
    store.record(
        Decision(Moment(0, NOON), Verb.KEPT, Emotion.SAD, Reason(Rule.AT_ONCE, {"name": text}), {text: text})
    )
    store.flush()
    assert (store.get("programmes", "?"), store.get(text, "?")) == (text, "value")
    [row] = store.decisions(5)
    assert row["evidence"] == {text: text}
    assert names(store) == [text]


def test_forgotten_records_are_gone_and_values_stay(store: Store) -> None:
    store.set("sensing", "off")
    store.record(decision(0))
    store.flush()
    store.record(decision(1))
    store.forget()
    assert store.decisions(5) == []
    assert store.get("sensing", "on") == "off"


# --- on the disk


def test_everything_is_there_after_a_restart(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
        store.record(decision(-1))
        before = store.decisions(5)
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"
        assert store.decisions(5) == before


def test_a_remembered_value_survives_kill_9(root: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from moodspeaker.adapters.state.store import SqliteStore\n"
        "from moodspeaker.domain.moment import Moment\n"
        "from moodspeaker.timestamps import Timestamps\n"
        "store = SqliteStore(pathlib.Path(sys.argv[1]), 24, Timestamps(lambda: Moment(0, 0), None))\n"
        "store.set('sensing', 'off')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root / "state")], check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -signal.SIGKILL
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"


def test_decisions_are_written_in_batches(root: Path) -> None:
    with closing(opened(root)) as store, closing(sqlite3.connect(root / "state" / FILE)) as reader:
        store.record(decision(0))
        store.record(decision(BATCH_SECONDS - 1))
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        store.record(decision(BATCH_SECONDS))
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (3,)


def test_old_records_are_erased(root: Path) -> None:
    clock = Clock(5000, NOON + 5000)
    with closing(opened(root, hours=1, clock=clock)) as store:
        store.record(decision(0, name="old"))
        store.record(decision(3000, name="young"))
    clock = Clock(10, NOON + 6000)
    with closing(opened(root, hours=1, clock=clock, boot="next")) as store:
        assert names(store) == ["young"]
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (1,)


def test_what_a_disk_refused_is_erased_by_its_age_too(root: Path) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    clock = Clock()
    with closing(opened(root, hours=1, clock=clock)) as store:
        store.record(decision(0, name="old"))
        clock.later(3500)
        store.record(decision(3500, name="young"))
        clock.later(200)
        store.flush()
        assert names(store) == ["young"]


def test_no_hours_write_no_records_and_erase_the_old_ones(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(0, name="secret of yesterday"))
    clock = Clock(1, NOON + 1)
    with closing(opened(root, hours=0, clock=clock)) as store:
        store.record(decision(2, name="secret of today"))
        store.record(decision(BATCH_SECONDS * 2))
        assert names(store) == ["a", "secret of today"]
    assert b"secret" not in b"".join(path.read_bytes() for path in (root / "state").iterdir())


def test_forgotten_is_erased_from_the_disk(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(0, name="a secret"))
        store.flush()
        store.forget()
        assert b"a secret" not in b"".join(path.read_bytes() for path in (root / "state").iterdir())


def test_the_file_is_private(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "on")
        assert {path.stat().st_mode & 0o777 for path in (root / "state").iterdir()} == {0o600}
        assert (root / "state").stat().st_mode & 0o777 == 0o700


# --- a clock that is set


def written(root: Path) -> list[float]:
    """Return the times that stand on the disk."""
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        return [at for (at,) in reader.execute("SELECT at FROM decisions ORDER BY id")]


def moments(store: Store) -> list[object]:
    return [row["at"] for row in store.decisions(100)]


def made(clock: Clock) -> Decision:
    return Decision(clock(), Verb.KEPT, Emotion.SAD, Reason(Rule.PERSON_CHOSE))


YEARS = 13 * 365 * 86400.0


@pytest.mark.parametrize("wrong", [20.0, NOON + YEARS])
def test_decisions_of_this_boot_are_right_once_the_clock_is_set(root: Path, wrong: float) -> None:
    clock = Clock(20, wrong)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
        store.flush()
        clock.later(5)
        store.record(made(clock))
        clock.set(NOON)
        assert moments(store) == ["2026-03-01T12:00:00Z", "2026-03-01T11:59:55Z"]
        store.flush()
        assert moments(store) == ["2026-03-01T12:00:00Z", "2026-03-01T11:59:55Z"]
    assert written(root) == [NOON - 5, NOON]


def test_they_are_right_too_when_the_program_was_started_again_in_between(root: Path) -> None:
    clock = Clock(20, 20.0)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock.later(60)
    clock.set(NOON)
    with closing(opened(root, clock=clock)) as store:
        assert moments(store) == ["2026-03-01T11:59:00Z"]
        assert written(root) == [NOON - 60]


def test_decisions_of_an_earlier_boot_survive_a_boot_without_a_clock(root: Path) -> None:
    clock = Clock(5000, NOON)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock = Clock(10, 10.0)
    with closing(opened(root, clock=clock, boot="next")) as store:
        assert moments(store) == ["1970-01-01T00:00:00Z"]
        clock.later(30)
        clock.set(NOON + 600)
        assert moments(store) == ["2026-03-01T12:00:00Z"]
    assert written(root) == [NOON]


def test_a_decision_of_the_future_is_erased_by_its_age(root: Path) -> None:
    clock = Clock(50, NOON + YEARS)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock = Clock(10, NOON)
    with closing(opened(root, hours=1, clock=clock, boot="second")) as store:
        assert moments(store) == ["2026-03-01T11:59:50Z"]
        clock.later(SETTLED)
        store.flush()
        assert written(root) == [NOON - 10]
        assert moments(store) == ["2026-03-01T11:59:50Z"]
    clock = Clock(10, NOON + 3500)
    with closing(opened(root, hours=1, clock=clock, boot="third")) as store:
        assert moments(store) == ["2026-03-01T11:59:50Z"]
        clock.later(200)
        store.flush()
        assert moments(store) == written(root) == []


def test_a_boot_longer_than_the_hours_erases_a_decision_of_the_future(root: Path) -> None:
    clock = Clock(50, NOON + YEARS)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock = Clock(3605, NOON)
    with closing(opened(root, hours=1, clock=clock, boot="second")) as store:
        assert moments(store) == written(root) == []


@pytest.mark.parametrize("boots", [(None, None), ("a", None), (None, "a")])
def test_where_boots_have_no_names_only_the_future_is_corrected(
    root: Path, boots: tuple[str | None, str | None]
) -> None:
    for clock in (Clock(50, NOON + YEARS), Clock(60, NOON + 10)):
        with closing(opened(root, clock=clock, boot=boots[0])) as store:
            store.record(made(clock))
    with closing(opened(root, clock=Clock(70, NOON + 20), boot=boots[1])) as store:
        first = "2026-03-01T12:00:00Z" if boots[0] else "2026-03-01T11:59:10Z"
        assert moments(store) == ["2026-03-01T12:00:10Z", first]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["record", "flush", "restart", "boot", "set"]),
            st.sampled_from([0.0, 3.0, 1000.0, 4000.0]),
            st.sampled_from([0.0, NOON - 5000, NOON + 5000, NOON + YEARS]),
        ),
        max_size=12,
    )
)
@settings(max_examples=20, deadline=None)
def test_whatever_the_clock_does_no_decision_is_shown_in_the_future_nor_out_of_its_hours(
    steps: list[tuple[str, float, float]],
) -> None:
    with short_folder() as root:
        clock, boot = Clock(10, NOON), 0
        store = opened(root, hours=1, clock=clock, boot="0")
        for act, seconds, wall in steps:
            clock.later(seconds)
            match act:
                case "record":
                    store.record(made(clock))
                case "flush":
                    store.flush()
                case "set":
                    clock.set(wall + clock.monotonic)
                case _:
                    store.close()
                    if act == "boot":
                        boot, clock = boot + 1, Clock(5, wall)
                    store = opened(root, hours=1, clock=clock, boot=f"{boot}")
            shown = moments(store)
            assert all(isinstance(at, str) and at <= rfc3339(clock.wall) for at in shown)
            assert all(isinstance(at, str) and at >= rfc3339(clock.wall - 3600) for at in shown)
        store.close()


# --- an older version


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
    with mere_user() if fault == "read only" else nullcontext(), closing(opened(root)) as store:
        assert (store.get("sensing", "on"), store.get("override", "auto")) == ("off", "sad")
        assert not store.data_lost
    (root / "state").chmod(0o755)


# --- a disk that fails


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
        store._database.close()
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
        store._database.close()
        store.set("override", "sad")
        assert store.get("sensing", "on") == "off"
    with closing(opened(root)) as store:
        assert (store.get("sensing", "on"), store.get("override", "auto")) == ("off", "sad")


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
        store.set("sensing", "off")
    folder = root / "state"
    root.chmod(0o755)
    (folder / FILE).chmod(0o444)
    folder.chmod(0o555)
    with mere_user(), closing(opened(root)) as store:
        assert "writable" in store.fault
        assert store.get("sensing", "on") == "off"
        with pytest.raises(StoreError, match="writable"):
            store.set("sensing", "on")
    folder.chmod(0o755)
