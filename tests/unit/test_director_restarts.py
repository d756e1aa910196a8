"""A restart of the speaker, and a power cut: nothing that we put into the queue is taken for a person's."""

from __future__ import annotations

import pytest
from support.director_room import MUSIC, Room, stored

from moodspeaker.director.control import Control
from moodspeaker.domain.commands import Next, Override, Resume
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import Act, PlayState


def sad_is_pending() -> Room:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.mood(Emotion.SAD)
    assert room.pending is Emotion.SAD
    room.clear()
    return room


def test_our_own_queue_of_before_a_restart_is_no_hold() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room = room.restart()
    assert (room.control, room.asked, room.decided) == (Control.OURS, [], [])
    room.mood(Emotion.SAD)
    assert room.plays_to is Emotion.SAD


def test_a_restart_after_several_switches_holds_nothing() -> None:
    music = {mood: stored(mood) for mood in Emotion}
    room = Room(start="person", switch="song_end", music=music)
    room.connect()
    room.tell(Override(Emotion.NEUTRAL))
    room.tell(Resume())
    assert room.plays_to is Emotion.NEUTRAL
    room.tell(Override(Emotion.HAPPY))
    room.tell(Next())
    assert room.plays_to is Emotion.HAPPY
    room = room.restart(start="person", switch="song_end", override=Emotion.HAPPY)
    assert room.control is Control.OURS
    assert room.decided == [(Verb.KEPT, Rule.PLAYS_ALREADY)]
    assert room.plays_to is Emotion.HAPPY


def test_what_a_person_added_before_a_restart_is_theirs_after_it() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, "happy0", "theirs0")
    room = room.restart()
    assert room.control is Control.HELD


def test_a_pending_switch_outlasts_the_player() -> None:
    room = sad_is_pending()
    uris = room.uris
    room.lose_player()
    assert room.pending is None
    room.player_comes_back(*uris, playing=PlayState.PLAY)
    assert (room.asked, room.decided, room.control) == ([], [], Control.OURS)
    assert room.pending is Emotion.SAD


def test_a_pending_switch_outlasts_a_restart_of_the_speaker() -> None:
    room = sad_is_pending().restart(switch="song_end")
    assert (room.asked, room.decided, room.control) == ([], [], Control.OURS)
    assert room.pending is Emotion.SAD
    assert room.mood(Emotion.SAD) == []
    room.mood(Emotion.HAPPY)
    assert room.pending is None
    room.song_ends()
    assert room.plays_to is Emotion.HAPPY


def test_a_pending_switch_that_happens_after_a_restart_is_recorded_from_the_song_that_ended() -> None:
    room = sad_is_pending().restart(switch="song_end")
    room.song_ends()
    assert room.decided == [(Verb.SWITCHED, Rule.AT_SONG_END)]
    assert room.decisions[0].evidence["cause"] == "player"


def test_a_pending_switch_that_happened_while_the_speaker_was_away_is_recorded_once() -> None:
    room = sad_is_pending()
    room.player.over(EndReason.FINISHED)
    room.player.go(1)
    room = room.restart(switch="song_end")
    assert room.decided == [(Verb.SWITCHED, Rule.AT_SONG_END)]
    assert room.decisions[0].evidence["cause"] == "first contact"
    assert room.state.programme is not None
    assert (room.state.programme.mood, room.pending) == (Emotion.SAD, None)
    room.plays_to  # noqa: B018 - it plays
    again = room.restart(switch="song_end")
    assert again.decided == []


def test_a_switch_that_was_recorded_is_not_recorded_again_after_a_restart() -> None:
    room = sad_is_pending()
    room.song_ends()
    room = room.restart(switch="song_end")
    assert room.decided == []


def test_a_cancelled_switch_is_not_shown_after_a_restart() -> None:
    room = sad_is_pending()
    room.mood(Emotion.HAPPY)
    room = room.restart(switch="song_end")
    assert (room.pending, room.control, room.decided) == (None, Control.OURS, [])


def test_a_power_cut_that_brings_back_an_older_queue_of_ours_holds_nothing() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    older = room.uris
    room.mood(Emotion.SAD)
    room.player.queue = []
    restarted = Room(saved=room.saved["programmes"], music=MUSIC)
    restarted.connect()
    restarted.lose_player()
    restarted.player_comes_back(*older, playing=PlayState.PLAY)
    assert restarted.control is Control.OURS
    assert restarted.plays_to is Emotion.HAPPY
    assert Verb.SWITCHED not in [verb for verb, _ in restarted.decided]


def test_a_person_s_skip_to_music_that_an_older_queue_brought_back_is_the_person_s_switch() -> None:
    room = sad_is_pending()
    happy, *sad = room.uris
    room.mood(Emotion.HAPPY)
    assert room.decided == [(Verb.KEPT, Rule.MOOD_CAME_BACK)]
    room.lose_player()
    room.player_comes_back(sad[0], happy, playing=PlayState.PLAY)
    room.clear()
    room.answering = False
    room.person(Act.NEXT)
    assert room.plays_to is Emotion.HAPPY
    switches = [decision for decision in room.decisions if decision.verb is Verb.SWITCHED]
    assert [(switch.mood, switch.reason.rule) for switch in switches] == [(Emotion.HAPPY, Rule.WITH_NEXT)]
    assert (switches[0].evidence["cause"], switches[0].evidence["act"]) == ("person", "next")


def test_other_music_further_back_in_an_older_queue_does_not_take_over() -> None:
    room = sad_is_pending()
    happy, *sad = room.uris
    room.song_ends()
    room.lose_player()
    room.player_comes_back(*sad[:2], happy, playing=PlayState.PLAY)
    for _ in range(4):
        room.song_ends()
        assert room.plays_to is Emotion.SAD


def test_a_person_s_stop_outlasts_a_restart_of_the_speaker() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.STOP)
    room = room.restart()
    assert room.control is Control.STOPPED_BY_USER
    room.mood(Emotion.SAD)
    assert room.asked == []


def test_a_programme_goes_on_after_a_restart_where_it_was() -> None:
    music = {Emotion.HAPPY: stored(Emotion.HAPPY, 100)}
    room = Room(music=music)
    room.plays(Emotion.HAPPY)
    heard = room.uris
    room = room.restart()
    for _ in range(60):
        room.song_ends()
    programme = room.state.programme
    assert programme is not None
    assert programme.songs[:25] == tuple(heard)
    assert len(set(programme.songs)) == len(programme.songs) > 60


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "null", '{"current": "7", "programmes": []}', '{"programmes": 1}']
)
def test_damaged_programmes_are_none(text: str) -> None:
    room = Room(saved=text)
    room.connect()
    room.mood(RoomState.NOBODY)
    assert room.state.programme is None
