"""What is kept of all that was heard, so that it need not be read again: the same songs, sooner."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.clock import Clock

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import Opinion, Verdict
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.play import Play
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.listening import MUCH, Listening
from moodspeaker.library.verdicts import SqliteVerdicts
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.music.preference import DAY
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from moodspeaker.music.choice import Suggestion

SONGS = [
    CatalogueSong(f"{n}.ogg", f"Song {n}", (f"Artist {n // 3}",), genre="Folk", moods=str(EMOTIONS[n % 7]))
    for n in range(60)
]


class Case:
    """A library of which much was heard, by profiles, in moods, in evenings of eight songs."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root, Clock(monotonic=1e9)
        self.scan()
        self.history = SqliteHistory(root, schema_folder(), self.timestamps())
        plays = [self.play(n) for n in range(MUCH + 50)]
        for play in plays:
            self.history.add(play)
        self.history.flush()

    def timestamps(self) -> Timestamps:
        return Timestamps(self.clock, "this boot")

    def scan(self) -> None:
        with closing(SongIndex(self.root, schema_folder())) as index:
            index.take_listing(SONGS)
            index.place(Lexicon(folder("music-index") / "lexicon"))

    def play(self, n: int) -> Play:
        ago = (60 - n // 8 / 2) * DAY - n % 8 * 200.5
        now = self.clock()
        ended, song = Moment(now.monotonic - ago, now.wall - ago), SONGS[n * n % 50]
        why = (EndReason.FINISHED, EndReason.SKIPPED, EndReason.FINISHED, EndReason.STOPPED)[n % 4]
        mood, profile = EMOTIONS[n % 5], ("household", "Ann")[n % 3 == 0]
        return Play(ended, song.uri, song.title, song.artist, 200.0, 190.0, why, mood, mood, None, profile)

    def fresh(self) -> SongChooser:
        """Return what another process chooses with."""
        return SongChooser(self.history.database, self.timestamps())

    def change(self, statement: str) -> None:
        self.history.database.write(lambda file: file.execute(statement))


@pytest.fixture
def case(root: Path) -> Iterator[Case]:
    made = Case(root)
    yield made
    made.history.close()


def choices(chooser: SongChooser) -> list[Sequence[Suggestion]]:
    return [
        chooser.suggest(Wanted(POINTS[mood], mood, profile, recent), 20, 1)
        for mood in (Emotion.HAPPY, Emotion.SAD)
        for profile in ("household", "Ann")
        for recent in ((), ("3.ogg", "7.ogg"))
    ]


def rows_read(chooser: SongChooser, case: Case) -> int:
    """Return how many plays and verdicts a chooser that prepares itself reads."""
    seen: list[int] = []
    read = Listening.read

    def counted(listening: Listening, query: str, parameters: dict[str, object], *rest: int) -> object:
        rows = read(listening, query, parameters, *rest)
        seen.append(len(rows))
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Listening, "read", counted)
        chooser.prepare()
    assert case.history.fault == ""
    return sum(seen)


def test_the_next_process_reads_little_and_chooses_the_same(case: Case) -> None:
    first = case.fresh()
    assert rows_read(first, case) == MUCH + 50
    second = case.fresh()
    assert rows_read(second, case) == 0
    assert choices(second) == choices(first)


def test_what_came_since_is_read_beside_it(case: Case) -> None:
    first = case.fresh()
    first.prepare()
    case.history.add(case.play(MUCH + 70))
    case.history.flush()
    verdict = Verdict(case.clock(), "5.ogg", Opinion.LIKE, Emotion.SAD, None, "Ann")
    SqliteVerdicts(case.history.database, case.timestamps()).add(verdict)
    second = case.fresh()
    assert rows_read(second, case) == 2
    assert choices(second) == choices(first)


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO imported_verdicts VALUES ('5.ogg', 1, 'table', 1700000000)",
        "UPDATE listening_digest SET content = replace(content, '7', '8') WHERE part = 'taste'",
        "UPDATE listening_digest SET content = substr(content, 1, 99) WHERE part = 'sessions'",
        "UPDATE listening_digest SET content = '[]' WHERE part = 'about'",
        "DELETE FROM listening_digest WHERE part = 'counts'",
        "DELETE FROM listening_digest",
    ],
    ids=["something was imported", "damaged", "cut off", "another's", "half of it", "none"],
)
def test_one_that_does_not_hold_any_more_is_made_again(case: Case, change: str) -> None:
    case.fresh().prepare()
    case.change(change)
    again = case.fresh()
    assert rows_read(again, case) >= MUCH + 50
    kept = case.fresh()
    assert rows_read(kept, case) == 0
    assert choices(kept) == choices(again)


def test_after_a_scan_it_is_made_again(case: Case) -> None:
    case.fresh().prepare()
    case.scan()
    assert rows_read(case.fresh(), case) == MUCH + 50


def test_it_is_made_again_when_the_clock_was_set(case: Case) -> None:
    case.fresh().prepare()
    case.clock.set(case.clock.wall + 3600)
    assert rows_read(case.fresh(), case) == MUCH + 50


def test_little_is_not_worth_a_write(case: Case) -> None:
    case.change(f"DELETE FROM plays WHERE id >= {MUCH}")
    case.fresh().prepare()
    assert rows_read(case.fresh(), case) == MUCH - 1
