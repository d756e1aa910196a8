"""The mood index's contract, on the fake and on SQLite."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Protocol

import pytest
from support.fake_index import FakeIndex
from support.songs import library_file

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.errors import StoreError
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.resources import folder, schema_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from moodspeaker.ports import MoodIndex

SONGS = [CatalogueSong(f"{number}.ogg", f"{number}", moods=str(mood)) for number, mood in enumerate(EMOTIONS)]


class Case(Protocol):
    """An index and what scans it."""

    index: MoodIndex
    scan: Callable[[], None]


class FakeCase:
    def __init__(self) -> None:
        self.index = FakeIndex()

    def scan(self) -> None:
        self.index.scan(**{mood: [f"{number}.ogg"] for number, mood in enumerate(EMOTIONS)})


class SqliteCase:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = library_file(root)
        self.index = SqliteMoodIndex(self.database)

    def scan(self) -> None:
        with closing(SongIndex(self.root, schema_folder())) as index:
            index.take_listing(SONGS)
            index.place(Lexicon(folder("music-index") / "lexicon"))
            index.set_state(scanned_at="1700000000")


@pytest.fixture(params=["fake", "sqlite"])
def case(request: pytest.FixtureRequest, root: Path) -> Iterator[Case]:
    if request.param == "fake":
        yield FakeCase()
        return
    made = SqliteCase(root)
    yield made
    made.database.close()


def test_an_index_that_was_never_scanned_is_empty(case: Case) -> None:
    assert not any(case.index.nearest(mood) for mood in EMOTIONS)
    assert case.index.summary().songs == 0
    assert case.index.summary().scanned_at is None


def test_a_scan_is_noticed_once(case: Case) -> None:
    assert case.index.changed()
    assert not case.index.changed()
    case.scan()
    assert case.index.changed()
    assert not case.index.changed()


def test_every_mood_has_songs_after_a_scan(case: Case) -> None:
    case.scan()
    assert all(case.index.nearest(mood) for mood in EMOTIONS)
    summary = case.index.summary()
    assert (summary.songs, summary.placed, summary.scanned_at) == (7, 7, 1_700_000_000.0)


def test_a_corrected_song_is_the_nearest_to_its_mood(case: Case) -> None:
    case.scan()
    assert case.index.changed()
    case.index.correct("0.ogg", Emotion.HAPPY)
    assert case.index.changed()
    assert case.index.nearest(Emotion.HAPPY)[0] == "0.ogg"


def test_an_undone_correction_leaves_no_trace(case: Case) -> None:
    case.scan()
    before = {mood: list(case.index.nearest(mood)) for mood in EMOTIONS}
    case.index.correct("0.ogg", Emotion.HAPPY)
    case.index.correct("0.ogg", Emotion.SAD)
    assert case.index.nearest(Emotion.SAD)[0] == "0.ogg"
    case.index.correct("0.ogg", None)
    assert {mood: list(case.index.nearest(mood)) for mood in EMOTIONS} == before


def test_a_song_that_no_scan_has_met_is_not_offered_before_one_does(case: Case) -> None:
    case.index.correct("0.ogg", Emotion.HAPPY)
    case.index.correct("1.ogg", Emotion.HAPPY)
    case.index.correct("1.ogg", None)
    case.index.correct("../none.ogg", Emotion.HAPPY)
    assert [case.index.knows(uri) for uri in ("0.ogg", "1.ogg", "2.ogg")] == [True, False, False]
    assert not any(case.index.nearest(mood) for mood in EMOTIONS)
    case.scan()
    assert all(case.index.knows(song.uri) for song in SONGS)
    assert case.index.nearest(Emotion.HAPPY)[0] == "0.ogg"
    assert "../none.ogg" not in case.index.nearest(Emotion.HAPPY)


def test_the_nearest_of_a_mistyped_song_is_known(case: Case) -> None:
    assert case.index.like("00.ogg") == ""
    case.scan()
    assert case.index.like("00.ogg") == "0.ogg"
    assert case.index.like("../../etc/passwd") == ""


def test_a_correction_that_cannot_be_kept_is_told(case: Case, root: Path) -> None:
    case.scan()
    if isinstance(case, FakeCase):
        case.index.fails = "read-only"
    elif isinstance(case, SqliteCase):
        case.database.close()
        (root / "library.db").unlink()
        (root / "library.db").mkdir()
    with pytest.raises(StoreError):
        case.index.correct("0.ogg", Emotion.HAPPY)
