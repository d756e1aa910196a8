"""The year of a song: read from its tags, counted in taste and in what goes together."""

from __future__ import annotations

import pytest

from moodspeaker.adapters.mpd.catalogue import _year
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.music.collaborative import Named, Ranking, Sessions
from moodspeaker.music.preference import Event, Preferences, Traits, What

NOW = 1_772_366_400.0


@pytest.mark.parametrize(
    ("row", "year"),
    [
        ({"date": "1987"}, 1987),
        ({"date": "2003-05-01", "originaldate": "1987-02"}, 1987),
        ({"date": ["around 1990", "19870214"]}, None),
        ({"date": ["", " 1987/2"]}, 1987),
        ({"date": "0000"}, None),
        ({}, None),
    ],
)
def test_it_is_that_of_the_first_date_that_tells_one(row: dict[str, object], year: int | None) -> None:
    assert _year(row) == year


def test_a_song_of_a_decade_that_is_liked_is_liked_a_little() -> None:
    made = Preferences()
    for n in range(6):
        made.add(f"{n}", Traits("Ann", year=1980 + n), Event(What.LIKED, NOW))
        made.add(f"not {n}", Traits("Ben", year=1995 + n // 2), Event(What.DISLIKED, NOW))

    def liking(year: int | None) -> float:
        return made.liking("new", Traits("Cy", year=year), Emotion.SAD, HOUSEHOLD, NOW).value

    assert liking(1989) > liking(1990 - 20) > liking(1991)
    assert liking(1975) == liking(None)


def test_before_anything_was_heard_songs_of_one_time_go_together() -> None:
    last = Named("a", "One", "Ann", year=1986)
    library = [last, *(Named(str(year), "", f"Artist of {year}", year=year) for year in (1960, 1989, 2010))]
    [first] = Ranking(library, Sessions()).next([last], 1)
    assert first.uri == "1989"
    heard = Sessions()
    heard.add([last, library[1]])
    assert Ranking(library, heard).next([last], 1) == [library[1]]
