"""The choice of songs and the order of a list."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import EMOTIONS, Affect, Emotion
from moodspeaker.music.choice import Wanted
from moodspeaker.music.collaborative import Named
from moodspeaker.music.hybrid import APART, Candidate, arranged, worth
from moodspeaker.music.preference import DAY, Liking

NOW = 1_772_366_400.0
POINT = Affect(0.5, 0.5)
AXIS = st.floats(-1, 1)


def candidate(
    name: str = "a",
    artist: str = "",
    *,
    place: Affect | None = POINT,
    liking: float = 0.0,
    heard: float | None = None,
    album: str = "",
) -> Candidate:
    return Candidate(
        Named(name, name, artist), album, place, corrected=False, liking=Liking(liking, 1e9), heard=heard
    )


def worths(
    *candidates: Candidate, mood: Emotion = Emotion.HAPPY, follows: float = 0.0, aim: str = ""
) -> list[float]:
    """Return what songs are worth of which so much is known that chance moves nothing."""
    wanted = Wanted(POINT, mood, aim=aim)
    return worth(candidates, [follows] * len(candidates), wanted, NOW, random.Random(1))


def test_the_nearer_song_is_worth_more() -> None:
    near, far, unknown = worths(candidate(), candidate(place=Affect(-1, -1)), candidate(place=None))
    assert far < unknown < near


def test_a_liked_song_of_another_mood_is_worth_more_than_a_disliked_one_of_this() -> None:
    liked, disliked = worths(candidate(place=Affect(-0.5, -0.5), liking=0.8), candidate(liking=-0.8))
    assert liked > disliked


def test_in_a_quiet_room_the_mood_weighs_less() -> None:
    songs = (candidate(), candidate(place=Affect(-1, -1)))
    happy, quiet = worths(*songs), worths(*songs, mood=Emotion.NEUTRAL)
    assert happy[0] - happy[1] > quiet[0] - quiet[1] > 0


def test_on_a_way_to_other_music_a_near_song_is_worth_more_than_a_liked_one() -> None:
    songs = (candidate(), candidate(place=Affect(-0.5, -0.5), liking=0.7))
    near, liked = worths(*songs)
    assert liked > near
    for mood in (Emotion.HAPPY, Emotion.NEUTRAL):
        near, liked = worths(*songs, mood=mood, aim="this step of the way")
        assert near > liked


def test_a_song_rests_after_it_was_heard() -> None:
    found = worths(*(candidate(heard=heard) for heard in (NOW, NOW - 3 * DAY, NOW - 9 * DAY, None)))
    assert found == sorted(found)


@given(
    st.lists(st.tuples(AXIS, AXIS, AXIS), min_size=1, max_size=8), st.sampled_from(EMOTIONS), st.integers()
)
def test_worth_lies_between_nothing_and_one(
    songs: list[tuple[float, float, float]], mood: Emotion, seed: int
) -> None:
    candidates = [candidate(place=Affect(v, a), liking=liking) for v, a, liking in songs]
    found = worth(candidates, [1.0] * len(songs), Wanted(POINT, mood), NOW, random.Random(seed))
    assert all(0 < one < 1 for one in found)


NAMES = st.lists(st.tuples(st.sampled_from(["", *"abcdefgh"]), st.sampled_from(["", "x", "y"])), max_size=25)


@given(NAMES, st.integers(0, 30), st.lists(st.booleans(), min_size=25, max_size=25), NAMES)
def test_a_list_has_each_song_once_and_the_resting_ones_behind(
    names: list[tuple[str, str]], count: int, resting: list[bool], last: list[tuple[str, str]]
) -> None:
    songs = [candidate(str(n), artist, album=album) for n, (artist, album) in enumerate(names)]
    asleep = {str(n): float(n) for n, rests in enumerate(resting) if rests}
    order = arranged(songs, [0.5] * len(songs), last, asleep, count)
    assert len(order) == len(set(order)) == min(count, len(songs))
    rests = [str(n) in asleep for n in order]
    assert rests == sorted(rests)


@given(st.integers(4, 9), st.integers(1, 5), st.randoms(use_true_random=False))
def test_an_artist_comes_once_in_four_songs_where_that_can_be(
    artists: int, songs_each: int, chance: random.Random
) -> None:
    songs = [candidate(f"{artist}/{n}", f"{artist}") for artist in range(artists) for n in range(songs_each)]
    order = arranged(songs, [chance.random() for _ in songs], [], {}, len(songs))
    heard = [songs[n].song.artist for n in order[:artists]]
    assert all(len(set(heard[n : n + APART])) == len(heard[n : n + APART]) for n in range(artists))


def test_the_last_songs_count_for_the_rule_too() -> None:
    songs = [candidate("1", "one"), candidate("2", "two", album="B")]
    assert arranged(songs, [0.9, 0.1], [("one", "")], {}, 2) == [1, 0]
    assert arranged(songs, [0.1, 0.9], [("", "B")], {}, 2) == [0, 1]


def test_an_album_of_several_artists_is_spread_but_not_at_any_price() -> None:
    songs = [candidate(str(n), str(n), album="Soundtrack" if n < 3 else "") for n in range(4)]
    assert arranged(songs, [0.9, 0.88, 0.86, 0.85], [], {}, 4) == [0, 3, 1, 2]
    assert arranged(songs, [0.9, 0.88, 0.86, 0.3], [], {}, 4) == [0, 1, 2, 3]
    one_artist = [candidate(str(n), "Ann", album="Soundtrack") for n in range(2)]
    assert arranged([*one_artist, candidate("3", "Ben")], [0.9, 0.8, 0.1], [], {}, 3) == [0, 2, 1]


def test_two_artists_take_turns() -> None:
    songs = [candidate(f"{artist}{n}", artist) for artist in "ab" for n in range(3)]
    order = arranged(songs, [0.9] * 3 + [0.1] * 3, [], {}, 6)
    assert "".join(songs[n].song.artist for n in order) == "ababab"
