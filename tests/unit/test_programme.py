"""Programmes: every order is equally likely, nothing is lost, nothing comes twice in a row."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.song import MusicSource
from moodspeaker.music.programme import Programmes


def maker(*songs: str, seed: int = 1) -> Programmes:
    programmes = Programmes(random.Random(seed))
    programmes.offer({Emotion.SAD: MusicSource("mood-sad", "stored playlist", songs)})
    return programmes


def test_a_mood_without_music_has_no_programme() -> None:
    assert maker("a").begin(Emotion.HAPPY, 25) is None


@pytest.mark.parametrize("names", [("1", "2", "3", "4"), ("01.mp3", "02.mp3", "03.mp3", "04.mp3")])
def test_the_shuffle_is_unbiased_whatever_the_names(names: tuple[str, ...]) -> None:
    programmes = maker(*names)
    orders: Counter[tuple[str, ...]] = Counter()
    for _ in range(4800):
        programme = programmes.begin(Emotion.SAD, 25)
        assert programme is not None
        orders[programme.songs] += 1
    assert len(orders) == 24
    expected = 4800 / 24
    chi_squared = sum((seen - expected) ** 2 / expected for seen in orders.values())
    assert chi_squared < 49.7  # 23 degrees of freedom, p = .001


def test_hundred_songs_named_by_number_come_in_as_many_orders_as_there_are_draws() -> None:
    programmes = maker(*(f"{n:02}.mp3" for n in range(100)))
    drawn = [programmes.begin(Emotion.SAD, 100) for _ in range(4000)]
    assert len({programme.songs for programme in drawn if programme}) == 4000


@given(st.integers(2, 40), st.integers(0, 2**32), st.lists(st.integers(1, 30), min_size=1, max_size=12))
def test_it_goes_on_without_losing_or_repeating_a_song(pool: int, seed: int, counts: list[int]) -> None:
    names = [f"song {n}" for n in range(pool)]
    programmes = maker(*names, seed=seed)
    programme = programmes.begin(Emotion.SAD, pool)
    assert programme is not None
    assert sorted(programme.songs) == sorted(names)
    heard = list(programme.songs)
    for count in counts:
        programme = programmes.go_on(programme, count)
        assert programme is not None
        assert len(programme.songs) == count
        heard += programme.songs
    assert programme.drawn == len(heard)
    assert all(one != other for one, other in itertools.pairwise(heard))
    rounds = [heard[i : i + pool] for i in range(0, len(heard) - pool + 1, pool)]
    assert all(sorted(one) == sorted(names) for one in rounds)


def test_the_song_that_plays_does_not_come_first() -> None:
    programmes = maker("a", "b", "c")
    for _ in range(50):
        programme = programmes.begin(Emotion.SAD, 25, avoid="b")
        assert programme is not None
        assert programme.songs[0] != "b"


def test_one_song_is_a_programme_too() -> None:
    programmes = maker("a")
    programme = programmes.begin(Emotion.SAD, 25, avoid="a")
    assert programme is not None
    assert (programme.songs, programme.pool) == (("a",), 1)
    more = programmes.go_on(programme, 1)
    assert more is not None
    assert (more.songs, more.drawn) == (("a",), 2)


def test_a_source_that_shrank_goes_on_with_what_is_left() -> None:
    programmes = maker(*"abcdefgh")
    programme = programmes.begin(Emotion.SAD, 8)
    assert programme is not None
    programmes.offer({Emotion.SAD: MusicSource("sad", "genre", ("a", "b"))})
    more = programmes.go_on(programme, 3)
    assert more is not None
    assert set(more.songs) == {"a", "b"}
    assert (more.name, more.pool) == ("sad", 2)
    programmes.offer({})
    assert programmes.go_on(programme, 3) is None
