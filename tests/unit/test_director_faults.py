"""A player that refuses, or takes an order and stays silent: named once, tried again, healed."""

from __future__ import annotations

from support.director_room import MUSIC, Room

from moodspeaker.director.control import Control
from moodspeaker.director.effects import (
    ExtendQueue,
    Failed,
    PlayProgramme,
    QueueProgramme,
    RequestProgramme,
)
from moodspeaker.domain.commands import Hold, Next, Play
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import Act, PlayerConnected, PlayState

REFUSED = (Verb.KEPT, Rule.PLAYER_REFUSED)
NO_CARD = "MPD: Failed to open ALSA device: check the sound card"


def tries(room: Room) -> int:
    return sum(isinstance(effect, PlayProgramme) for effect in room.effects)


def test_songs_that_the_player_refuses_are_tried_again_with_the_next_mood() -> None:
    room = Room()
    room.connect()
    room.refuses = "no such song"
    assert room.mood(Emotion.HAPPY) == [REFUSED]
    room.refuses = ""
    assert room.mood(Emotion.SAD) == [(Verb.STARTED, Rule.AFTER_FAULT)]
    assert room.plays_to is Emotion.SAD


def break_off(room: Room) -> None:
    """Let the player do what it was asked, but lose the link before it answers."""
    room.begin()
    assert room.begun is not None
    (_, effect), room.begun = room.begun, None
    room.player.do(effect)
    room.answering = True
    room.tell(Failed(effect, "MPD does not answer for 5 s"))
    room.lose_player()


def test_music_that_began_without_an_answer_is_ours_when_the_link_is_back() -> None:
    room = Room()
    room.connect()
    room.answering = False
    room.mood(Emotion.HAPPY)
    break_off(room)
    assert room.tell(PlayerConnected(room.player.report)) == [
        (Verb.STARTED, Rule.ARRIVAL),
        (Verb.KEPT, Rule.PLAYS_ALREADY),
    ]
    assert (room.plays_to, room.control) == (Emotion.HAPPY, Control.OURS)
    room.clear()
    room.ticks(60)
    assert PlayProgramme not in room.asked


def test_a_switch_that_was_put_behind_the_song_without_an_answer_is_pending_when_the_link_is_back() -> None:
    room = Room(switch="song_end")
    room.connect()
    room.mood(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    break_off(room)
    room.tell(PlayerConnected(room.player.report))
    assert (room.plays_to, room.pending, room.control) == (Emotion.HAPPY, Emotion.SAD, Control.OURS)


def test_a_refusal_is_recorded_once_and_the_next_reason_too() -> None:
    room = Room()
    room.connect()
    room.refuses = "no such song"
    room.mood(Emotion.HAPPY)
    room.ticks(600)
    assert room.decided == [REFUSED]
    room.refuses = NO_CARD
    room.ticks(120)
    assert room.decided == [REFUSED, REFUSED]
    assert room.decisions[-1].reason.details["reason"] == NO_CARD


def test_what_was_refused_is_tried_again_ever_more_rarely_and_heals() -> None:
    room = Room(start="person")
    room.connect()
    room.refuses = NO_CARD
    room.tell(Play())
    room.ticks(20)
    first = tries(room)
    assert 3 <= first <= 12
    room.ticks(3600)
    assert 60 <= tries(room) - first <= 240  # a minute at most between two tries, a half on average
    assert (Verb.STARTED, Rule.AFTER_FAULT) not in room.decided
    room.refuses = ""
    room.ticks(61)
    assert room.decided[-1] == (Verb.STARTED, Rule.AFTER_FAULT)
    assert room.player.playing is PlayState.PLAY


def test_a_player_that_takes_the_songs_and_stays_silent_is_named_tried_again_and_heals() -> None:
    room = Room(start="person")
    room.connect()
    room.player.fault = NO_CARD
    room.tell(Play())
    assert room.decided[-1] == REFUSED
    assert room.decisions[-1].reason.details["reason"] == NO_CARD
    assert room.state.report.error == NO_CARD
    room.ticks(600)
    assert 10 <= tries(room) <= 60
    assert room.decided.count(REFUSED) == 1
    room.player.fault = ""
    room.ticks(61)
    assert room.player.playing is PlayState.PLAY
    room.clear()
    room.ticks(120)
    assert room.decided == []


def test_a_fault_after_a_steady_while_is_news_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    for _ in range(2):
        room.ticks(60)
        room.player.fault = NO_CARD
        room.player.fail()
        room.tell_change()
        room.settle()
        room.player.fault = ""
        room.ticks(10)
        assert room.plays_to is Emotion.HAPPY
    assert room.decided.count(REFUSED) == 2


def test_a_music_folder_that_is_back_is_tried_at_once() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.ticks(60)
    room.player.fault = "the music folder is gone"
    room.player.fail()
    room.tell_change()
    room.settle()
    room.ticks(600)
    room.player.fault = ""
    room.clear()
    room.change_music(MUSIC)
    room.ticks(1)
    assert room.decided == [(Verb.STARTED, Rule.AFTER_FAULT)]


def test_music_that_was_gone_from_the_library_plays_again_when_it_is_back() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.ticks(60)
    room.change_music({})
    room.player.queue, room.player.playing = [], PlayState.STOP
    room.tell_change()
    room.settle()
    room.ticks(300)
    room.change_music(MUSIC)
    room.ticks(61)
    assert room.plays_to is Emotion.HAPPY


def test_a_queue_that_ended_by_itself_goes_on() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.ticks(60)
    room.player.playing = PlayState.STOP
    room.tell_change()
    room.settle()
    assert room.decided == [(Verb.STARTED, Rule.QUEUE_ENDED)]
    assert room.plays_to is Emotion.HAPPY


def test_a_queue_that_ends_again_and_again_is_not_started_every_moment() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    for _ in range(600):
        room.ticks(6)
        if room.player.playing is PlayState.PLAY:
            room.player.playing = PlayState.STOP
            room.tell_change()
            room.settle()
    assert tries(room) < 150  # in an hour


def test_what_ended_in_a_mood_without_music_goes_on_as_before() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.mood(Emotion.FEAR)
    room.ticks(60)
    room.player.playing = PlayState.STOP
    room.tell_change()
    room.settle()
    assert room.plays_to is Emotion.HAPPY


def test_a_pending_switch_that_the_player_refuses_leaves_what_plays_and_is_tried_again() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.refuses = "playlist is full"
    assert room.mood(Emotion.SAD) == [REFUSED]
    assert (room.pending, room.plays_to) == (None, Emotion.HAPPY)
    room.ticks(30)
    assert room.decided == [REFUSED]
    assert room.asked.count(QueueProgramme) > 1
    room.refuses = ""
    room.ticks(61)
    assert room.pending is Emotion.SAD


def test_a_pending_switch_that_failed_with_the_link_is_asked_again_when_it_is_back() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    uris = room.uris
    room.lose_player()
    room.answering = True
    room.player_comes_back(*uris, playing=PlayState.PLAY)
    assert room.pending is Emotion.SAD


def test_a_person_s_stop_ends_the_tries() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.player.fault = NO_CARD
    room.player.fail()
    room.tell_change()
    room.settle()
    room.player.fault = ""
    room.clear()
    room.person(Act.STOP)
    room.ticks(300)
    assert room.asked == []


def test_a_hold_ends_the_tries() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.refuses = NO_CARD
    room.player.fault = NO_CARD
    room.player.fail()
    room.tell_change()
    room.settle()
    room.tell(Hold())
    room.clear()
    room.ticks(300)
    assert room.asked == []


def test_nothing_is_tried_while_the_player_is_lost() -> None:
    room = Room()
    room.connect()
    room.refuses = NO_CARD
    room.mood(Emotion.HAPPY)
    room.lose_player()
    room.clear()
    room.ticks(300)
    assert room.effects == []
    room.refuses = ""
    room.mood(RoomState.NOBODY)
    room.player_comes_back()
    room.ticks(61)
    assert room.plays_to is Emotion.HAPPY


def test_songs_that_cannot_be_appended_are_tried_again_and_named_once() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.refuses = "playlist is full"
    room.song_ends()
    room.ticks(100)
    assert room.decided == [REFUSED]
    room.refuses = ""
    room.ticks(30)
    assert room.player.report.ahead > 1


def test_songs_that_cannot_be_appended_are_not_asked_for_every_second() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.refuses = "playlist is full"
    room.song_ends()
    room.ticks(100)
    assert room.asked.count(ExtendQueue) <= 6


def test_songs_that_were_lost_with_the_link_are_asked_for_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.song_ends()
    assert room.asked == [ExtendQueue]
    uris = room.uris
    room.lose_player()
    room.answering = True
    room.player_comes_back(*uris[1:], playing=PlayState.PLAY)
    room.ticks(1)
    assert room.player.report.ahead > 1


def test_a_skip_that_was_lost_with_the_link_is_not_taken_for_a_person_s() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    uris = room.uris
    room.answering = False
    room.tell(Next())
    room.lose_player()
    room.answering = True
    room.player_comes_back(*uris, playing=PlayState.PLAY)
    assert room.person(Act.NEXT) == [(Verb.SKIPPED, Rule.SKIPPED_BY_PERSON)]


def test_a_mood_that_lost_its_music_between_the_wish_and_the_draw_says_so() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.programmes.offer({Emotion.HAPPY: MUSIC[Emotion.HAPPY]})
    assert room.mood(Emotion.SAD) == [(Verb.KEPT, Rule.NO_MUSIC)]
    assert room.plays_to is Emotion.HAPPY
    assert sum(isinstance(effect, RequestProgramme) for effect in room.effects) == 1
