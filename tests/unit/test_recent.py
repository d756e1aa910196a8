"""The programmes whose songs may still stand in a queue: kept as text, bounded, read back whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import EMOTIONS, Affect, Emotion
from moodspeaker.domain.song import Programme
from moodspeaker.music.recent import MOST, SONGS, RecentProgrammes


def programme(number: int, *songs: str, drawn: int | None = None) -> Programme:
    drawn = len(songs) if drawn is None else drawn
    return Programme(number, Emotion.SAD, "mood-sad", "stored playlist", songs or ("a",), 3, drawn)


programmes = st.builds(
    Programme,
    id=st.integers(1, 2**48),
    mood=st.sampled_from(EMOTIONS),
    name=st.text(),
    kind=st.text(),
    songs=st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=5).map(tuple),
    pool=st.integers(1, 9),
    drawn=st.integers(1, 9),
    near=st.none() | st.builds(Affect, st.floats(-1, 1), st.floats(-1, 1)),
)


@given(st.lists(programmes, max_size=MOST, unique_by=lambda one: one.id))
def test_what_was_written_is_read_back(several: list[Programme]) -> None:
    recent = RecentProgrammes(several)
    for one in several[:1]:
        recent.plays(one)
    text = recent.to_text()
    again = RecentProgrammes.from_text(text)
    assert "\n" not in text
    assert list(again) == several
    assert again.current == (several[0] if several else None)


def test_later_songs_stand_behind_the_earlier_ones() -> None:
    recent = RecentProgrammes([programme(1, "a", "b")])
    whole = recent.add(programme(1, "c", drawn=3))
    assert (whole.songs, whole.drawn) == (("a", "b", "c"), 3)
    assert recent.find(1) is whole


def test_songs_that_are_played_again_are_not_taken_in_twice() -> None:
    first = programme(1, "a", "b", "c")
    recent = RecentProgrammes([first])
    assert recent.add(replace(first, songs=("b", "c"))) == first


def test_only_the_last_songs_of_a_programme_are_kept() -> None:
    recent = RecentProgrammes()
    for n in range(1000):
        whole = recent.add(programme(1, f"song {n}", drawn=n + 1))
    assert len(whole.songs) == SONGS
    assert whole.songs[-1] == "song 999"


def test_only_the_last_programmes_are_kept_and_the_one_that_plays() -> None:
    recent = RecentProgrammes([programme(1)])
    recent.plays(programme(1))
    for number in range(2, 100):
        recent.add(programme(number))
    assert len(list(recent)) == MOST
    assert recent.current == programme(1)
    assert recent.find(99) is not None
    assert recent.find(50) is None
    assert recent.find(None) is None


def test_it_is_known_which_programme_came_after_the_one_that_plays() -> None:
    one, two, three = (programme(number) for number in (1, 2, 3))
    recent = RecentProgrammes([one, two, three])
    assert not recent.newer(three)  # nothing played yet
    recent.plays(two)
    assert [recent.newer(each) for each in (one, two, three)] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "null",
        "7",
        "{",
        "[" * 100_000,
        '{"current": null}',
        '{"current": "1", "programmes": []}',
    ],
)
def test_text_that_is_damaged_is_no_programme(text: str) -> None:
    assert list(RecentProgrammes.from_text(text)) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"mood": "joy"},
        {"id": "1"},
        {"songs": []},
        {"songs": "a"},
        {"songs": ["a", 1]},
        {"drawn": None},
        {"name": 1},
    ],
    ids=str,
)
def test_a_programme_that_is_damaged_is_left_out(damage: dict[str, object]) -> None:
    value = json.loads(RecentProgrammes([programme(1), programme(2)]).to_text())
    value["programmes"][0] |= damage
    assert list(RecentProgrammes.from_text(json.dumps(value))) == [programme(2)]


def test_what_earlier_versions_wrote_is_read_and_they_can_read_what_is_written() -> None:
    row = {
        "id": 7,
        "mood": "sad",
        "name": "mood-sad",
        "rule": "stored playlist",
        "songs": ["a"],
        "pool": 3,
        "drawn": 1,
    }
    text = json.dumps({"current": 7, "programmes": [row]})

    recent = RecentProgrammes.from_text(text)

    assert [one.kind for one in recent] == ["stored playlist"]
    [written] = json.loads(recent.to_text())["programmes"]
    assert row.items() <= written.items()
