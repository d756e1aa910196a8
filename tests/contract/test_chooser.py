"""Choosing songs from the library's file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.songs import library_file

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.choosing import APART, SongChooser
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.resources import folder, schema_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from moodspeaker.music.choice import Suggestion


class Case:
    """A library and what chooses from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = library_file(root)
        self.chooser = SongChooser(self.database)

    def scan(self, *songs: CatalogueSong) -> None:
        with closing(SongIndex(self.root, schema_folder())) as index:
            index.take_listing(songs)
            index.place(Lexicon(folder("music-index") / "lexicon"))

    def suggest(
        self,
        mood: Emotion = Emotion.HAPPY,
        count: int = 10,
        seed: int = 1,
        *,
        recent: tuple[str, ...] = (),
        songs: tuple[str, ...] | None = None,
    ) -> Sequence[Suggestion]:
        wanted = Wanted(POINTS[mood], mood, recent=recent, songs=songs)
        return self.chooser.suggest(wanted, count, seed)


@pytest.fixture
def case(root: Path) -> Iterator[Case]:
    made = Case(root)
    yield made
    made.database.close()


def song(name: str, artist: str = "", mood: str = "") -> CatalogueSong:
    return CatalogueSong(f"{name}.ogg", name, (artist,), moods=mood)


def uris(songs: Sequence[Suggestion]) -> list[str]:
    return [each.uri for each in songs]


def test_an_empty_index_has_no_songs(case: Case) -> None:
    assert list(case.suggest()) == []


def test_the_songs_of_a_mood_come_first(case: Case) -> None:
    moods = (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY)
    case.scan(*(song(f"{mood} {n}", f"{mood} {n}", str(mood)) for mood in moods for n in range(10)))
    for mood in moods:
        assert all(each.uri.startswith(str(mood)) for each in case.suggest(mood, 5)), mood


def test_three_songs_serve_every_mood(case: Case) -> None:
    case.scan(song("a", mood="happy"), song("b", mood="sad"), song("c", mood="angry"))
    for mood in EMOTIONS:
        assert sorted(uris(case.suggest(mood))) == ["a.ogg", "b.ogg", "c.ogg"]


def test_an_artist_comes_once_in_four_songs(case: Case) -> None:
    case.scan(*(song(f"{artist}{n}", artist, "happy") for artist in "abcdef" for n in range(5)))
    artists = [each.artist for each in case.suggest(count=30)]
    assert len(artists) == 30
    assert all(len(set(artists[n : n + APART])) == APART for n in range(16))


def test_one_artist_alone_plays_on(case: Case) -> None:
    case.scan(*(song(f"{n}", "one", "happy") for n in range(8)))
    assert len(set(uris(case.suggest(count=8)))) == 8


def test_what_was_heard_lately_does_not_come_again(case: Case) -> None:
    case.scan(*(song(f"{n}", mood="happy") for n in range(8)))
    assert sorted(uris(case.suggest(recent=("0.ogg", "3.ogg", "5.ogg")))) == [
        "1.ogg", "2.ogg", "4.ogg", "6.ogg", "7.ogg",
    ]  # fmt: skip


def test_where_everything_was_heard_lately_all_of_it_comes_again(case: Case) -> None:
    case.scan(*(song(f"{n}", mood="happy") for n in range(3)))
    assert sorted(uris(case.suggest(recent=("0.ogg", "1.ogg", "2.ogg")))) == ["0.ogg", "1.ogg", "2.ogg"]


def test_given_songs_are_the_only_ones(case: Case) -> None:
    case.scan(*(song(f"{n}", mood="happy") for n in range(8)))
    given = ("3.ogg", "not in the index.ogg", "na\udcefve.ogg")
    assert sorted(uris(case.suggest(Emotion.SAD, songs=given))) == sorted(given)


def test_a_name_that_is_no_utf8_is_a_name(case: Case) -> None:
    case.scan(song("na\udcefve", mood="happy"), song("b", mood="happy"))
    assert uris(case.suggest(recent=("na\udcefve.ogg",))) == ["b.ogg"]
    assert "na\udcefve.ogg" in uris(case.suggest(songs=("na\udcefve.ogg",)))


def test_the_same_seed_gives_the_same_songs(case: Case) -> None:
    case.scan(*(song(f"{n}", f"{n}", "happy") for n in range(30)))
    assert case.suggest(seed=5) == case.suggest(seed=5)
    assert len({tuple(uris(case.suggest(seed=seed))) for seed in range(5)}) > 1


def test_every_song_has_its_reason(case: Case) -> None:
    case.scan(*(song(f"{n}", f"{n}", "happy") for n in range(5)))
    for each in case.suggest():
        assert each.reasons
        assert all(each.reasons.values())
        assert 0 <= each.score <= 1
