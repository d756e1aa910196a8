"""How often the music of a day would have been switched: the director decides, the player is made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moodspeaker.director.rehearsal import SONG, Switch, rehearse
from moodspeaker.director.settings import DirectorSettings, ListenSettings, MusicSettings
from moodspeaker.domain.emotion import EMOTIONS, Affect, Emotion
from moodspeaker.domain.mood import Mood, MoodChange, RoomState
from moodspeaker.domain.song import BY_INDEX
from moodspeaker.music.target import TargetSettings

MATCH = TargetSettings(angry="match", fear="match", lift_after=0)
AT_SONG_END = DirectorSettings(target=MATCH)
AT_ONCE = DirectorSettings(music=MusicSettings(switch="now"), target=MATCH)
OWN = dict.fromkeys(EMOTIONS, "stored playlist")
HOUR = 3600.0


def moods(*when: tuple[float, Mood]) -> list[MoodChange]:
    """Return changes of mood at these seconds."""
    before = (RoomState.UNSURE, *(mood for _, mood in when))
    return [
        MoodChange(last, mood, "face", 0.9, Affect(0, 0), at)
        for last, (at, mood) in zip(before, when, strict=False)
    ]


def switches(
    settings: DirectorSettings,
    changes: list[MoodChange],
    sources: dict[Emotion, str] = OWN,
    sensed: Affect | None = None,
) -> list[Switch]:
    """Return the switches of the first two hours."""
    return rehearse(settings, sources, changes, (0.0, 2 * HOUR), lambda _: (12 * 60, sensed))


def test_a_mood_that_lasts_is_one_switch_at_the_songs_end_or_at_once() -> None:
    day = moods((100, Emotion.HAPPY), (1000, Emotion.SAD))
    assert switches(AT_ONCE, day) == [Switch(100, Emotion.HAPPY), Switch(1000, Emotion.SAD)]
    assert switches(AT_SONG_END, day) == [Switch(SONG, Emotion.HAPPY), Switch(5 * SONG, Emotion.SAD)]


def test_what_is_over_before_the_songs_end_is_no_switch() -> None:
    day = moods((100, Emotion.HAPPY), (1100, Emotion.SAD), (1150, Emotion.HAPPY))
    assert [one.mood for one in switches(AT_SONG_END, day)] == [Emotion.HAPPY]
    assert [one.mood for one in switches(AT_ONCE, day)] == [Emotion.HAPPY, Emotion.SAD, Emotion.HAPPY]


def test_an_empty_room_and_moods_without_music_or_target_switch_nothing() -> None:
    day = moods((100, Emotion.HAPPY), (700, RoomState.NOBODY), (900, Emotion.SAD), (2000, Emotion.HAPPY))
    assert [one.mood for one in switches(AT_ONCE, day, {Emotion.HAPPY: "genre"})] == []
    assert [
        one.mood for one in switches(AT_ONCE, day, {Emotion.NEUTRAL: "genre", Emotion.HAPPY: "genre"})
    ] == [Emotion.HAPPY]
    off = replace(AT_ONCE, target=TargetSettings(happy="off"))
    assert [one.mood for one in switches(off, day)] == [Emotion.SAD]


def test_a_journey_takes_several_switches_where_the_index_chooses() -> None:
    lift = replace(AT_SONG_END, target=TargetSettings(sad="lift"))
    day = moods((100, Emotion.SAD))
    index = dict.fromkeys(EMOTIONS, BY_INDEX)
    assert len(switches(lift, day, index, Affect(-0.65, -0.4))) > 2
    assert len(switches(lift, day)) == 1, "own music is played as it is"


@pytest.mark.parametrize("minutes", [0, 10])
def test_music_that_pauses_for_an_empty_room_goes_on_and_follows(minutes: int) -> None:
    settings = replace(AT_SONG_END, listen=ListenSettings(absence_pause=minutes))
    day = moods((100, Emotion.HAPPY), (1000, RoomState.NOBODY), (4000, Emotion.SAD))
    found = switches(settings, day)
    assert [one.mood for one in found] == [Emotion.HAPPY, Emotion.SAD]
    assert 4000 < found[-1].at < 4000 + SONG


def test_where_there_is_no_music_nothing_is_switched_and_it_ends() -> None:
    assert switches(AT_ONCE, moods((100, Emotion.HAPPY)), {}) == []
