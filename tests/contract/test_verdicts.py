"""The verdicts port's contract, on the fake and on SQLite; and what only a real disk can do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON, Clock
from support.fake_verdicts import FakeVerdicts

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.listener import Opinion, Verdict
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import RoomState
from moodspeaker.errors import StoreError
from moodspeaker.library import verdicts as module
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.migrations import FILE
from moodspeaker.library.verdicts import SqliteVerdicts
from moodspeaker.resources import schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodspeaker.ports import Verdicts

LIKED = Verdict(Moment(0, NOON), "a.mp3", Opinion.LIKE, Emotion.HAPPY, None, "household")


class Disk:
    """Verdicts on a real disk."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        timestamps = Timestamps(clock or Clock(), "boot")
        self.history = SqliteHistory(root / "state", schema_folder(), timestamps)
        self.verdicts = SqliteVerdicts(self.history.database, timestamps)

    def close(self) -> None:
        self.history.close()


@pytest.fixture(params=["fake", "sqlite"])
def verdicts(request: pytest.FixtureRequest, root: Path) -> Iterator[Verdicts]:
    if request.param == "fake":
        yield FakeVerdicts()
        return
    with closing(Disk(root)) as disk:
        yield disk.verdicts


@pytest.mark.parametrize(
    "verdict",
    [
        LIKED,
        LIKED._replace(opinion=Opinion.WRONG_MOOD, corrected=Emotion.SAD, profile="Zoë"),
        LIKED._replace(opinion=Opinion.DISLIKE, mood=RoomState.NOBODY, uri="caf\udce9/\ud800.mp3"),
    ],
)
def test_a_verdict_is_read_as_it_was_given(verdicts: Verdicts, verdict: Verdict) -> None:
    verdicts.add(verdict)
    assert list(verdicts.verdicts(5)) == [verdict]


def test_verdicts_come_newest_first(verdicts: Verdicts) -> None:
    assert list(verdicts.verdicts(5)) == []
    given = [LIKED._replace(uri=uri) for uri in "abc"]
    for verdict in given:
        verdicts.add(verdict)
    assert list(verdicts.verdicts(2)) == given[:0:-1]


# --- on the disk


def test_a_verdict_is_on_the_disk_when_it_is_acknowledged(root: Path) -> None:
    with closing(Disk(root)) as disk, closing(sqlite3.connect(root / "state" / FILE)) as reader:
        disk.verdicts.add(LIKED)
        assert reader.execute("SELECT uri, verdict, profile FROM verdicts").fetchall() == [
            ("a.mp3", "like", "household")
        ]


def test_a_disk_that_refuses_is_an_error_and_nothing_is_kept(root: Path) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    with closing(Disk(root)) as disk:
        with pytest.raises(StoreError, match="state"):
            disk.verdicts.add(LIKED)
        (root / "state").unlink()
        disk.verdicts.add(LIKED._replace(uri="b.mp3"))
        assert [verdict.uri for verdict in disk.verdicts.verdicts(5)] == ["b.mp3"]


def test_the_oldest_verdicts_give_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BOUND", module._BOUND.replace(str(module.KEPT), "2"))
    with closing(Disk(root)) as disk:
        for uri in "abc":
            disk.verdicts.add(LIKED._replace(uri=uri))
        assert [verdict.uri for verdict in disk.verdicts.verdicts(5)] == ["c", "b"]


def test_the_time_of_a_verdict_is_right_once_the_clock_is_set(root: Path) -> None:
    clock = Clock(100, 20.0)
    with closing(Disk(root, clock)) as disk:
        disk.verdicts.add(LIKED._replace(at=Moment(90, 10.0)))
        clock.set(NOON)
        assert disk.verdicts.verdicts(1)[0].at == Moment(90, NOON - 10)
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        assert reader.execute("SELECT at FROM verdicts").fetchone() == (NOON - 10,)


def test_a_verdict_that_another_version_wrote_hides_no_other(root: Path) -> None:
    with closing(Disk(root)) as disk:
        disk.verdicts.add(LIKED)
        disk.verdicts.add(LIKED._replace(uri="b.mp3"))
    with closing(sqlite3.connect(root / "state" / FILE)) as writer, writer:
        writer.execute("UPDATE verdicts SET verdict = 'love' WHERE uri = 'a.mp3'")
        writer.execute("UPDATE verdicts SET mood = 'tired', corrected = 'joy' WHERE uri = 'b.mp3'")
    with closing(Disk(root)) as disk:
        assert list(disk.verdicts.verdicts(5)) == [LIKED._replace(uri="b.mp3", mood=RoomState.UNSURE)]
