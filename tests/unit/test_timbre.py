"""How a song sounds: in taste, in what goes together, in words."""

from __future__ import annotations

import pytest

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.domain.timbre import BY_CHANCE, NUMBERS, UNIT, apart, timbre
from moodspeaker.music.collaborative import Named, Ranking, Sessions
from moodspeaker.music.hybrid import Candidate
from moodspeaker.music.preference import SOUND, Event, Liking, Preferences, Traits, What
from moodspeaker.music.reasons import AUDIBLE, sounds_like

NOW = 1_772_366_400.0
HARSH = timbre([1.5] * NUMBERS)
SOFT = timbre([-1.5] * NUMBERS)


def liking(made: Preferences, traits: Traits) -> Liking:
    return made.liking("new", traits, Emotion.SAD, HOUSEHOLD, NOW)


def test_it_is_kept_in_one_byte_a_number() -> None:
    assert timbre([0.0, 1.0, -1.0, 99.0, -99.0]) == bytes([128, 160, 96, 255, 0])


def test_songs_one_deviation_apart_in_each_number_are_a_unit_apart() -> None:
    assert apart(timbre([0.5] * NUMBERS), timbre([-0.5] * NUMBERS)) == pytest.approx(UNIT)
    assert apart(b"", SOFT) == apart(SOFT, b"") == BY_CHANCE


@pytest.fixture
def prefer_harsh() -> Preferences:
    made = Preferences()
    for n in range(40):
        made.add(f"{n}", Traits(f"Ann {n}", timbre=HARSH), Event(What.FINISHED, NOW))
        made.add(f"not {n}", Traits(f"Ben {n}", timbre=SOFT), Event(What.SKIPPED_EARLY, NOW))
    return made


def test_a_song_that_sounds_like_those_that_are_liked_is_liked_a_little(prefer_harsh: Preferences) -> None:
    harsh, soft, unknown = (liking(prefer_harsh, Traits("Cy", timbre=one)) for one in (HARSH, SOFT, b""))
    assert harsh.value > unknown.value > soft.value
    assert (harsh.sound, unknown.sound, soft.sound) == (SOUND, 0.0, -SOUND)


def test_what_is_known_of_sounds_is_kept(prefer_harsh: Preferences) -> None:
    again = Preferences.from_json(prefer_harsh.as_json())
    assert liking(again, Traits("Cy", timbre=HARSH)) == liking(prefer_harsh, Traits("Cy", timbre=HARSH))


def test_before_anything_was_heard_songs_that_sound_alike_go_together() -> None:
    last = Named("a", "One", "Ann", timbre=HARSH)
    library = [
        Named("soft", "", "Ben", timbre=SOFT),
        Named("unknown", "", "Cy"),
        Named("harsh", "", "Dee", timbre=HARSH),
    ]
    assert [song.uri for song in Ranking(library, Sessions()).next([last], 3)] == ["harsh", "unknown", "soft"]
    heard = Sessions()
    heard.add([last, library[0]])
    assert Ranking(library, heard).next([last], 1) == [library[0]]


def candidate(name: str, sound: bytes, liked: Liking, heard: float | None = None) -> Candidate:
    return Candidate(
        Named(name, name, "", timbre=sound), "", None, corrected=False, liking=liked, heard=heard
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (candidate("new", HARSH, Liking(0.0, 0.0, sound=AUDIBLE)), "Harsh"),
        (candidate("new", timbre([0.9] * NUMBERS), Liking(0.0, 0.0, sound=AUDIBLE)), "Harsh"),
        (candidate("far", timbre([0.0] * NUMBERS), Liking(0.0, 0.0, sound=AUDIBLE)), ""),
        (candidate("little", HARSH, Liking(0.0, 0.0, sound=AUDIBLE / 2)), ""),
        (candidate("heard", HARSH, Liking(0.0, 0.0, sound=AUDIBLE), NOW), ""),
    ],
)
def test_the_liked_song_that_a_song_sounds_like_is_named(one: Candidate, words: str) -> None:
    liked = [
        candidate("Not known", b"", Liking(0.9, 4.0)),
        candidate("Skipped", HARSH, Liking(-0.5, 4.0)),
        candidate("Guessed", HARSH, Liking(0.9, 0.0)),
        candidate("Soft", SOFT, Liking(0.9, 4.0)),
        candidate("Harsh", timbre([1.4] * NUMBERS), Liking(0.5, 4.0)),
    ]
    assert sounds_like(one, liked) == words
