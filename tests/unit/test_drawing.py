"""How requests for songs are answered."""

from __future__ import annotations

import random

import pytest
from support.director_room import stored
from support.fake_index import FakeIndex

from moodspeaker.director.effects import NoProgramme, ProgrammeReady, RequestMore, RequestProgramme
from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.song import MusicSource, Programme
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.programme import Programmes
from moodspeaker.speaker.drawing import REASONS, Drawing

HAPPY, SAD = Emotion.HAPPY, Emotion.SAD
NEAR = Affect(0.1, -0.2)


class Case:
    """Own music for a happy mood, an index that has sad and happy songs."""

    def __init__(self) -> None:
        self.index = FakeIndex()
        self.index.scan(sad=[f"s{n}" for n in range(30)], happy=[f"h{n}" for n in range(30)])
        programmes = Programmes(random.Random(1))
        programmes.offer({HAPPY: stored(HAPPY), SAD: MusicSource("nearest to sad", "index", ("s0", "s1"))})
        self.drawing = Drawing(programmes, self.index, lambda: "Anna")

    def begin(self, mood: Emotion, near: Affect | None = None, avoid: str = "") -> Programme:
        answer = self.drawing.answer(RequestProgramme(7, mood, 5, avoid, near))
        assert isinstance(answer, ProgrammeReady)
        assert answer.request == 7
        return answer.programme

    def more(self, programme: Programme) -> Programme:
        answer = self.drawing.answer(RequestMore(8, programme, 5))
        assert isinstance(answer, ProgrammeReady)
        return answer.programme


def test_own_music_is_shuffled_and_the_index_not_asked() -> None:
    case = Case()
    first = case.begin(HAPPY)
    assert (first.kind, set(first.songs)) == ("stored playlist", {"happy0", "happy1", "happy2"})
    assert case.more(first).drawn == 8
    assert case.index.wanted == []


def test_own_music_is_chosen_once_there_is_taste_for_it() -> None:
    case = Case()
    first = case.begin(HAPPY)
    case.index.liked = {"happy1"}
    assert case.more(first).kind == "stored playlist"
    [wanted] = case.index.wanted
    assert (wanted.songs, wanted.profile, wanted.recent) == (stored(HAPPY).songs, "Anna", first.songs)
    again = case.begin(HAPPY, avoid="happy0")
    assert (again.name, again.kind, again.pool) == ("mood-happy", "stored playlist", 3)
    assert again.songs == ("happy1", "happy2")
    assert case.drawing.reasons(again, "happy1") == {"mood": "near"}


def test_the_index_chooses_for_the_listener_and_nothing_twice() -> None:
    case = Case()
    case.drawing.heard("s1")
    first = case.begin(SAD, avoid="s0")
    assert (first.kind, first.near, first.songs) == ("index", None, ("s2", "s3", "s4", "s5", "s6"))
    assert case.more(first).songs == ("s0", "s7", "s8", "s9", "s10")
    wanted = case.index.wanted[-1]
    assert (wanted.affect, wanted.mood, wanted.profile, wanted.aim) == (POINTS[SAD], SAD, "Anna", "")
    assert wanted.recent == ("s1", *first.songs)


def test_a_journey_goes_by_the_index_even_where_there_is_own_music() -> None:
    case = Case()
    step = case.begin(HAPPY, NEAR)
    assert (step.kind, step.near, step.mood) == ("index", NEAR, HAPPY)
    assert case.more(step).near == NEAR
    assert {wanted.affect for wanted in case.index.wanted} == {NEAR}
    assert case.index.wanted[0].aim


@pytest.mark.parametrize("near", [None, NEAR])
def test_where_there_is_nothing_it_says_so(near: Affect | None) -> None:
    case = Case()
    case.index.scan()
    assert case.drawing.answer(RequestProgramme(1, SAD, 5, "", near)) == NoProgramme(1, SAD)
    assert case.drawing.answer(RequestProgramme(2, Emotion.FEAR, 5, "")) == NoProgramme(2, Emotion.FEAR)
    programme = Programme(3, SAD, "nearest to sad", "index", ("s0",), 1, 1, near)
    assert case.drawing.answer(RequestMore(4, programme, 5)) == NoProgramme(4, SAD)


def test_why_a_song_was_chosen_is_told_as_it_was_chosen_or_else_as_it_fits_now() -> None:
    case = Case()
    first = case.begin(SAD)
    assert case.drawing.reasons(first, "s0") == {"mood": "near"}
    assert case.drawing.reasons(first, "h1") == {"mood": "fits sad"}
    assert case.drawing.reasons(first, "theirs") == {}
    case.index.scan(sad=[f"t{n}" for n in range(2 * REASONS)])
    answer = case.drawing.answer(RequestProgramme(1, SAD, REASONS, ""))
    assert isinstance(answer, ProgrammeReady)
    assert case.drawing.reasons(answer.programme, "t0") == {"mood": "near"}
    assert case.drawing.reasons(first, "s1") == {}, "it was chosen too long ago, and is in the index no more"


def test_after_a_restart_it_is_told_why_the_song_that_plays_on_fits() -> None:
    case = Case()
    chosen, step = case.begin(SAD), case.begin(SAD, NEAR)
    restarted = Drawing(Programmes(random.Random(2)), case.index, lambda: "Anna")
    assert restarted.reasons(chosen, chosen.songs[0]) == {"mood": "fits sad"}
    assert restarted.reasons(step, step.songs[0]) == {"mood": "fits this step of the way"}


def test_why_a_song_was_chosen_is_told_of_its_own_programme_alone() -> None:
    case = Case()
    shuffled = case.begin(HAPPY)
    step = case.begin(SAD, NEAR)
    case.index.scan(sad=["happy0", "s1"])
    other = case.more(step)
    assert "happy0" in {*shuffled.songs} & {*other.songs}
    assert case.drawing.reasons(step, "happy0") == {"mood": "near"}
    assert case.drawing.reasons(shuffled, "happy0") == {"mood": "fits happy"}, "it was shuffled for it"


def test_the_songs_of_a_mood_are_those_of_its_own_music_or_of_the_index() -> None:
    case = Case()
    assert [song.uri for song in case.drawing.songs(SAD, 2)] == ["s0", "s1"]
    case.drawing.songs(HAPPY, 2)
    assert case.index.wanted[-1].songs == ("happy0", "happy1", "happy2")
