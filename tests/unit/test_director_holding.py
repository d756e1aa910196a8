"""Whose the music is: a person's choices are left alone, a person's stop stays a stop."""

from __future__ import annotations

import pytest
from support.director_room import STREAM, THEIRS, Room, stored

from moodspeaker.director.control import Control
from moodspeaker.director.effects import (
    ExtendQueue,
    PausePlaying,
    PlayProgramme,
    QueueProgramme,
    RequestMore,
    StartPlaying,
)
from moodspeaker.domain.commands import Hold, Next, Override, Pause, Play, Resume
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import Act, PlayState


def sad_is_pending(**settings: object) -> Room:
    """Return a room in which sad music waits behind a happy song."""
    room = Room(switch="song_end", **settings)  # type: ignore[arg-type]
    room.plays(Emotion.HAPPY)
    room.mood(Emotion.SAD)
    assert room.pending is Emotion.SAD
    room.clear()
    return room


def seconds_left(room: Room) -> float | None:
    until = room.state.holder.until
    return None if until is None else until.monotonic - room.at


# --- first contact


def test_music_that_plays_at_first_contact_is_held() -> None:
    room = Room()
    room.player.act(Act.QUEUE, THEIRS)
    room.connect()
    assert room.decided == [(Verb.HELD, Rule.PLAYED_ALREADY)]
    assert seconds_left(room) == 30 * 60
    assert room.mood(Emotion.HAPPY) == [(Verb.KEPT, Rule.PERSON_CHOSE)]
    assert room.asked == []


def test_a_stopped_queue_with_songs_waits_at_first_contact() -> None:
    room = Room()
    room.player.act(Act.QUEUE, THEIRS)
    room.player.act(Act.STOP, ())
    room.connect()
    assert room.control is Control.STOPPED_BY_USER
    assert room.mood(Emotion.HAPPY)[-1] == (Verb.KEPT, Rule.PERSON_STOPPED)
    assert room.asked == []


# --- a person's acts


@pytest.mark.parametrize("act", [Act.QUEUE, Act.SONG, Act.SEEK])
def test_an_act_that_is_not_ours_holds_with_a_countdown(act: Act) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.person(act, *THEIRS) == [(Verb.HELD, Rule.PERSON_CHANGED)]
    assert room.decisions[0].reason.details["act"] == str(act)
    assert seconds_left(room) == 30 * 60
    room.mood(Emotion.SAD)
    room.tick_after(29)
    assert set(room.asked) <= {ExtendQueue}
    assert room.tick_after(1) == [(Verb.RESUMED, Rule.HOLD_ENDED), (Verb.SWITCHED, Rule.AT_ONCE)]
    assert room.control is Control.OURS


@pytest.mark.parametrize("act", [Act.STOP, Act.PAUSE])
def test_a_stop_has_no_countdown(act: Act) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.person(act) == [(Verb.HELD, Rule.PERSON_STOPPED_NOW)]
    room.tick_after(1e5)
    room.mood(Emotion.SAD)
    assert room.asked == []
    assert room.control is Control.STOPPED_BY_USER
    room.person(Act.PLAY)
    assert room.control is Control.OURS
    assert room.plays_to is Emotion.SAD


def test_resume_goes_on_after_a_stop() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.PAUSE)
    room.tell(Resume())
    assert room.asked == [StartPlaying]
    assert room.control is Control.OURS
    assert room.plays_to is Emotion.HAPPY


def test_a_cleared_queue_waits_for_what_the_person_does_next() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE)
    assert room.control is Control.STOPPED_BY_USER
    room.mood(Emotion.SAD)
    assert room.asked == []
    room.player.queue = []
    room.player.act(Act.QUEUE, THEIRS)
    room.person(Act.PLAY)
    assert room.decided[-1] == (Verb.HELD, Rule.PERSON_STARTED_THEIRS)
    assert room.control is Control.HELD


def test_next_in_their_music_is_their_choice() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, *THEIRS)
    room.mood(Emotion.FEAR)
    room.tick_after(31)
    assert room.control is Control.OURS
    assert room.person(Act.NEXT) == [(Verb.HELD, Rule.PERSON_CHANGED)]


@pytest.mark.parametrize("act", [Act.NEXT, Act.PREVIOUS])
def test_next_in_our_paused_queue_plays_on(act: Act) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.song_ends()
    room.person(Act.PAUSE)
    room.person(act)
    assert room.control is Control.OURS
    assert room.plays_to is Emotion.HAPPY


def test_play_in_a_hold_goes_on_with_what_they_chose() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, *THEIRS)
    until = room.state.holder.until
    room.player.playing = PlayState.STOP
    room.tell_change()
    assert room.person(Act.PLAY) == []
    assert room.state.holder.until == until


# --- their stream


def their_stream_outlasts_the_countdown() -> Room:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, STREAM)
    assert room.tick_after(31) == [(Verb.HELD, Rule.ENDLESS_STREAM)]
    assert (room.control, room.state.holder.until) == (Control.HELD, None)
    room.clear()
    return room


def test_an_endless_stream_of_theirs_is_left_alone_for_as_long_as_it_plays() -> None:
    room = their_stream_outlasts_the_countdown()
    room.mood(Emotion.SAD)
    room.tick_after(1e4)
    assert room.asked == []
    room.player.act(Act.QUEUE, THEIRS)
    room.tell_change()
    room.settle()
    assert room.decided[-1] == (Verb.HELD, Rule.STREAM_ENDED)
    assert seconds_left(room) == 30 * 60


def test_a_hold_for_a_stream_gets_a_countdown_when_its_server_died() -> None:
    room = their_stream_outlasts_the_countdown()
    room.lose_player()
    room.player_comes_back()
    assert room.state.holder.until is not None
    room.tick_after(31)
    assert room.control is Control.OURS


def test_a_hold_that_ends_over_a_stopped_player_waits() -> None:
    room = Room()
    room.player.act(Act.QUEUE, THEIRS)
    room.connect()
    room.player.playing = PlayState.STOP
    room.tell_change()
    assert room.tick_after(31) == [(Verb.HELD, Rule.HOLD_ENDED_STILL)]
    assert room.control is Control.STOPPED_BY_USER


# --- commands


def test_hold_and_resume_commands() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.tell(Hold(5)) == [(Verb.HELD, Rule.HOLD_ASKED)]
    assert seconds_left(room) == 300
    room.mood(Emotion.SAD)
    assert room.asked == []
    room.tell(Resume())
    assert room.plays_to is Emotion.SAD


def test_a_hold_command_cancels_a_pending_switch() -> None:
    room = sad_is_pending()
    assert room.tell(Hold()) == [(Verb.HELD, Rule.HOLD_ASKED)]
    assert room.asked == [QueueProgramme]
    assert sorted(room.uris) == ["happy0", "happy1", "happy2"]
    assert (room.control, room.pending) == (Control.HELD, None)
    room.song_ends()
    assert room.plays_to is Emotion.HAPPY


def test_a_hold_command_cancels_a_pending_switch_from_a_single_song_too() -> None:
    room = sad_is_pending(music={Emotion.HAPPY: stored(Emotion.HAPPY, 1), Emotion.SAD: stored(Emotion.SAD)})
    room.tell(Hold())
    assert set(room.uris) == {"happy0"}
    assert len(room.uris) > 1
    assert room.pending is None


@pytest.mark.parametrize("switch", ["now", "song_end"])
def test_a_hold_command_cancels_a_switch_that_the_player_has_not_begun(switch: str) -> None:
    room = Room(switch=switch)
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.tell(Hold())
    room.answering = True
    room.settle()
    room.song_ends()
    assert room.plays_to is Emotion.HAPPY
    assert room.decided == [(Verb.HELD, Rule.HOLD_ASKED)]


@pytest.mark.parametrize("hold", [True, False], ids=["a hold", "a mood that is back"])
def test_a_switch_that_a_next_brought_before_it_could_be_cancelled_is_not_switched_behind(hold: bool) -> None:  # noqa: FBT001 - a table
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.begin()
    room.tell(Next())
    if hold:
        room.tell(Hold())
    else:
        room.mood(Emotion.HAPPY)
    room.finish()
    room.answering = True
    room.settle()
    assert room.plays_to is Emotion.SAD
    assert room.pending is (None if hold else Emotion.HAPPY)


def test_hold_and_then_off_leaves_the_music_that_plays() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.tell(Hold())
    assert room.tell(Resume()) == [(Verb.RESUMED, Rule.RESUME_ASKED), (Verb.KEPT, Rule.PLAYS_ALREADY)]
    assert (room.asked, room.pending) == ([], None)


def test_hold_and_then_off_while_a_switch_was_pending_lets_it_be_pending_again() -> None:
    room = sad_is_pending()
    room.tell(Hold())
    assert room.tell(Resume()) == [(Verb.RESUMED, Rule.RESUME_ASKED), (Verb.PENDING, Rule.WAITS_FOR_SONG_END)]
    assert room.pending is Emotion.SAD


def test_a_switch_that_was_pending_when_a_person_moved_within_the_song_is_shown_and_recorded() -> None:
    room = sad_is_pending()
    room.person(Act.SEEK)
    assert (room.control, room.pending) == (Control.HELD, Emotion.SAD)
    room.clear()
    room.song_ends()
    assert room.decided == [(Verb.SWITCHED, Rule.AT_SONG_END)]
    assert room.control is Control.HELD


def test_a_hold_does_not_end_what_a_person_stopped() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.STOP)
    assert room.tell(Hold(30)) == [(Verb.HELD, Rule.HOLD_ASKED_WHILE_STOPPED)]
    room.tick_after(31)
    room.mood(Emotion.SAD)
    assert room.control is Control.STOPPED_BY_USER
    assert room.asked == []


def test_play_goes_on_with_a_person_s_paused_music_and_leaves_it_theirs() -> None:
    room = Room()
    room.player.act(Act.QUEUE, THEIRS)
    room.player.act(Act.PAUSE, ())
    room.connect()
    room.tell(Play())
    assert room.asked == [StartPlaying]
    assert room.control is Control.HELD
    assert room.player.playing is PlayState.PLAY


def test_play_while_their_music_is_held_leaves_it() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, *THEIRS)
    assert room.tell(Play()) == [(Verb.KEPT, Rule.PERSON_CHOSE)]


def test_the_pause_command_stops_until_somebody_wants_music() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.tell(Pause()) == [(Verb.HELD, Rule.PERSON_STOPPED_NOW), (Verb.PAUSED, Rule.PAUSE_ASKED)]
    room.mood(Emotion.SAD)
    room.tick_after(1e4)
    assert room.player.playing is PlayState.PAUSE
    assert room.tell(Play())[0] == (Verb.RESUMED, Rule.ASKED_FOR_MUSIC)
    assert room.plays_to is Emotion.SAD


def test_play_after_a_pause_that_the_player_refused_takes_the_music_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.refuses = "busy"
    room.tell(Pause())
    room.refuses = ""
    assert room.control is Control.STOPPED_BY_USER
    room.tell(Play())
    assert room.control is Control.OURS


def test_a_pause_that_the_player_refused_is_asked_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.refuses = "busy"
    assert room.tell(Pause()) == [(Verb.HELD, Rule.PERSON_STOPPED_NOW), (Verb.KEPT, Rule.PLAYER_REFUSED)]
    room.ticks(10)
    room.refuses = ""
    assert room.ticks(61) == [(Verb.PAUSED, Rule.PAUSE_ASKED)]
    assert room.player.playing is PlayState.PAUSE


def test_a_pause_that_was_lost_with_the_link_is_asked_again_when_it_is_back() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.tell(Pause())
    room.lose_player()
    room.answering = True
    room.player_comes_back(*room.uris, playing=PlayState.PLAY)
    assert room.control is Control.STOPPED_BY_USER
    assert room.player.playing is PlayState.PAUSE


def test_the_pause_command_without_a_player_says_so() -> None:
    room = Room()
    assert room.tell(Pause()) == [(Verb.KEPT, Rule.NO_PLAYER)]
    assert room.declined == [Rule.NO_PLAYER]


@pytest.mark.parametrize("back", [None, PlayState.PLAY])
def test_a_pause_while_the_player_is_lost_keeps_our_music_from_going_on(back: PlayState | None) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    songs = room.uris if back else []
    room.lose_player()
    assert room.tell(Pause()) == [(Verb.HELD, Rule.PERSON_STOPPED_NOW)]
    assert room.declined == []
    room.player_comes_back(*songs, playing=back or PlayState.STOP)
    assert room.control is Control.STOPPED_BY_USER
    assert room.plays_to is None


# --- a stop in the midst of something


@pytest.mark.parametrize("switch", ["now", "song_end"])
@pytest.mark.parametrize("act", [Act.STOP, Act.PAUSE])
def test_a_person_s_stop_before_the_player_took_the_switch_is_never_undone(act: Act, switch: str) -> None:
    room = Room(switch=switch)
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.person(act)
    room.answering = True
    room.settle()
    room.tick_after(60)
    assert room.player.playing is not PlayState.PLAY
    assert room.decided == [(Verb.HELD, Rule.PERSON_STOPPED_NOW)]


def test_a_stop_between_the_wish_and_its_songs_is_never_undone() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.tell(Override(Emotion.SAD))
    room.waiting.clear()
    room.tell(Pause())
    assert [effect for effect in room.asked if effect is not PausePlaying] == [PlayProgramme]
    room.answering = True
    room.settle()
    assert room.player.playing is PlayState.PAUSE


def test_a_pause_command_while_the_player_starts_pauses_it_when_it_has_started() -> None:
    room = Room(start="person")
    room.connect()
    room.answering = False
    room.tell(Play())
    room.begin()
    room.tell(Pause())
    room.finish()
    room.answering = True
    room.settle()
    assert room.player.playing is PlayState.PAUSE
    assert room.control is Control.STOPPED_BY_USER


def test_songs_that_were_asked_for_do_not_go_into_a_queue_that_a_person_made_meanwhile() -> None:
    room = Room(music={Emotion.HAPPY: stored(Emotion.HAPPY, 60)})
    room.plays(Emotion.HAPPY)
    for _ in range(11):
        room.song_ends()
    assert ExtendQueue not in room.asked
    room.player.over(EndReason.FINISHED)
    room.player.go(1)
    room.tell_change()  # more songs are asked for, and before they are drawn
    room.person(Act.QUEUE, *THEIRS)
    assert RequestMore in [type(effect) for effect in room.effects]
    assert room.uris == list(THEIRS)


def test_a_next_while_a_switch_is_on_its_way_does_not_lose_the_switch() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.person(Act.NEXT)
    room.answering = True
    room.settle()
    assert room.plays_to is Emotion.SAD


def test_next_on_command_in_their_music_skips_it_and_tells_it() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, *THEIRS)
    assert room.tell(Next()) == [(Verb.SKIPPED, Rule.SKIPPED_BY_COMMAND)]
    assert room.control is Control.HELD


@pytest.mark.parametrize("act", [Act.NEXT, Act.PREVIOUS])
def test_a_person_who_skips_from_the_pause_into_their_own_music_holds_it(act: Act) -> None:
    room = Room(start="person")
    room.connect()
    room.act(Act.QUEUE, "theirs0", "theirs1")
    room.act(Act.PAUSE)
    room.settle()
    assert room.control is Control.STOPPED_BY_USER
    room.act(act)
    room.settle()
    assert (room.player.playing, room.control) == (PlayState.PLAY, Control.HELD)
