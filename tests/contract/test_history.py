"""The history port's contract, on the fake and on SQLite; and what only a real disk can do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON, Clock
from support.fake_history import FakeHistory

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.play import Play
from moodspeaker.library import history as module
from moodspeaker.library.history import BATCH_SECONDS, IN_MEMORY, SqliteHistory
from moodspeaker.library.migrations import FILE
from moodspeaker.resources import schema_folder
from moodspeaker.timestamps import SETTLED, Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodspeaker.ports import History


def play(after: float = 0.0, title: str = "One") -> Play:
    """Return a play that ended some seconds after noon."""
    return Play(
        Moment(after, NOON + after), "happy/one.mp3", title, "Somebody", 180.5, 179.0, EndReason.FINISHED,
        Emotion.HAPPY, Emotion.SAD, 12.5,
    )  # fmt: skip


def opened(root: Path, clock: Clock | None = None, boot: str = "this boot") -> SqliteHistory:
    return SqliteHistory(root / "state", schema_folder(), Timestamps(clock or Clock(), boot))


@pytest.fixture(params=["fake", "sqlite"])
def history(request: pytest.FixtureRequest, root: Path) -> Iterator[History]:
    made: History = FakeHistory() if request.param == "fake" else opened(root)
    yield made
    made.close()


def titles(history: History) -> list[str]:
    return [play.title for play in history.plays(10_000)]


# --- the contract


def test_nothing_was_heard_at_first(history: History) -> None:
    assert list(history.plays(5)) == []


def test_plays_come_newest_first(history: History) -> None:
    for number in range(3):
        history.add(play(number - 9, str(number)))
    assert titles(history) == ["2", "1", "0"]
    history.flush()
    history.add(play(-1, "3"))
    assert titles(history) == ["3", "2", "1", "0"]
    assert [play.title for play in history.plays(2)] == ["3", "2"]


@pytest.mark.parametrize(
    "one",
    [
        play(),
        replace(
            play(), seconds=None, target=None, since_switch=None, mood=RoomState.NOBODY, title="", artist=""
        ),
        replace(
            play(), why=EndReason.UNKNOWN, uri="caf\udce9/\ud800.mp3", title="caf\udce9 \0", artist="\udcff"
        ),
    ],
)
def test_a_play_is_read_as_it_was_written(history: History, one: Play) -> None:
    history.add(one)
    assert list(history.plays(5)) == [one]
    history.flush()
    assert list(history.plays(5)) == [one]


# --- on the disk


def test_everything_is_there_after_a_restart(root: Path) -> None:
    with closing(opened(root)) as history:
        history.add(play())
    with closing(opened(root)) as history:
        assert list(history.plays(5)) == [play()]


def test_plays_are_written_in_batches(root: Path) -> None:
    with closing(opened(root)) as history, closing(sqlite3.connect(root / "state" / FILE)) as reader:
        history.add(play(0))
        history.add(play(BATCH_SECONDS - 1))
        assert reader.execute("SELECT count(*) FROM plays").fetchone() == (0,)
        history.add(play(BATCH_SECONDS))
        assert reader.execute("SELECT count(*) FROM plays").fetchone() == (3,)


def test_a_skip_is_written_at_once(root: Path) -> None:
    with closing(opened(root)) as history, closing(opened(root)) as other:
        history.add(play(10))
        assert not list(other.plays(5))
        history.add(replace(play(20), why=EndReason.SKIPPED))
        assert len(other.plays(5)) == 2


def test_the_oldest_plays_give_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BOUND", module._BOUND.replace(str(module.KEPT), "10"))
    with closing(opened(root)) as history:
        for number in range(25):
            history.add(play(number - 99, str(number)))
            history.flush()
        assert titles(history) == [str(number) for number in range(24, 14, -1)]


def test_a_moment_of_an_earlier_boot_lies_before_this_one(root: Path) -> None:
    with closing(opened(root, Clock(500, NOON))) as history:
        history.add(replace(play(), ended=Moment(400, NOON - 100)))
    with closing(opened(root, Clock(10, NOON + 60), "next")) as history:
        assert history.plays(1)[0].ended == Moment(-150, NOON - 100)


def test_the_time_of_a_play_is_right_once_the_clock_is_set(root: Path) -> None:
    clock = Clock(100, 20.0)
    with closing(opened(root, clock)) as history:
        history.add(replace(play(), ended=Moment(90, 10.0)))
        history.flush()
        clock.set(NOON)
        assert history.plays(1)[0].ended == Moment(90, NOON - 10)
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        assert reader.execute("SELECT at FROM plays").fetchone() == (NOON - 10,)


def test_a_play_of_the_future_becomes_one_of_this_boot(root: Path) -> None:
    with closing(opened(root, Clock(100, NOON + 1e9))) as history:
        history.add(play())
    clock = Clock(SETTLED, NOON)
    with closing(opened(root, clock, "next")) as history:
        assert history.plays(1)[0].ended == Moment(0, NOON - SETTLED)


# --- a disk that fails


def test_a_disk_that_refuses_loses_nothing_and_heals(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    with closing(opened(root)) as history:
        assert str(root / "state") in history.fault
        history.add(play(0, "one"))
        history.add(play(BATCH_SECONDS, "two"))
        assert titles(history) == ["two", "one"]
        assert len(caplog.records) == 1
        (root / "state").unlink()
        history.flush()
        assert history.fault == ""
    with closing(opened(root, Clock(BATCH_SECONDS, NOON + BATCH_SECONDS))) as history:
        assert titles(history) == ["two", "one"]


def test_what_waits_is_bounded(root: Path) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    with closing(opened(root)) as history:
        for number in range(IN_MEMORY + 5):
            history.add(play(-9, str(number)))
        assert len(titles(history)) == IN_MEMORY


def test_a_damaged_file_is_moved_aside(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "state").mkdir()
    (root / "state" / FILE).write_bytes(b"this is no database" * 300)
    with closing(opened(root)) as history:
        history.add(play())
        history.flush()
        assert history.fault == ""
    assert (root / "state" / f"{FILE}.damaged").exists()
    [record] = caplog.records
    assert f"{FILE} is damaged" in record.getMessage()
    with closing(opened(root)) as history:
        assert titles(history) == ["One"]


def test_damage_that_is_met_later_is_moved_aside_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is not checked whole at its opening."""
    monkeypatch.setattr("moodspeaker.database.SMALL", 0)
    with closing(opened(root)) as history:
        for number in range(500):
            history.add(play(-9, str(number)))
    file = root / "state" / FILE
    content = file.read_bytes()
    with closing(sqlite3.connect(file)) as reader:
        [(page,)] = reader.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'plays'")
    file.write_bytes(content[: (page - 1) * 4096] + b"\xff" * 4096 + content[page * 4096 :])
    with closing(opened(root)) as history:
        history.add(play(title="new"))
        history.flush()
        assert history.fault == ""
        assert titles(history) == ["new"]
    assert file.with_name(f"{FILE}.damaged").exists()


def test_a_play_that_a_bad_disk_or_another_version_changed_is_read(root: Path) -> None:
    with closing(opened(root)) as history:
        history.add(play())
    with closing(sqlite3.connect(root / "state" / FILE)) as writer, writer:
        writer.execute("UPDATE plays SET why = 'bored', mood = 'tired', target = 'joy'")
        writer.execute("UPDATE plays SET title = CAST(x'ff41' AS TEXT)")
    with closing(opened(root)) as history:
        [one] = history.plays(5)
    assert (one.why, one.mood, one.target) == (EndReason.UNKNOWN, RoomState.UNSURE, None)
    assert one.title == "\ufffdA"


def test_a_program_without_its_schema_says_so(root: Path) -> None:
    with closing(SqliteHistory(root / "state", root / "nowhere", Timestamps(Clock(), None))) as history:
        assert "nowhere" in history.fault
        assert "install" in history.fault
        history.add(play())
        assert titles(history) == ["One"]
        (root / "nowhere").mkdir()
        (root / "nowhere" / "002-later.sql").write_text("", encoding="utf-8")
        history.flush()
        assert "002" in history.fault
