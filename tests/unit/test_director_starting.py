"""When music starts, and when it does not; absence; losses and restarts of the player."""

from __future__ import annotations

import pytest
from support.director_room import MUSIC, Room

from moodspeaker.director.control import Control
from moodspeaker.director.effects import PausePlaying, PlayProgramme, StartPlaying
from moodspeaker.director.settings import quiet_hours
from moodspeaker.domain.commands import Next, Pause, Play, Previous, Resume
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import Act, PlayState


def test_by_default_a_face_starts_nothing() -> None:
    room = Room(start="person")
    room.connect()
    assert room.mood(Emotion.HAPPY) == [(Verb.KEPT, Rule.PERSON_STARTS)]
    assert room.asked == []


def test_an_arrival_starts_the_music_of_its_mood() -> None:
    room = Room()
    room.connect()
    assert room.mood(Emotion.HAPPY) == [(Verb.STARTED, Rule.ARRIVAL)]
    assert sorted(room.uris) == ["happy0", "happy1", "happy2"]
    assert room.plays_to is Emotion.HAPPY


def test_a_mood_that_no_face_caused_is_no_arrival() -> None:
    room = Room()
    room.connect()
    assert room.mood(Emotion.HAPPY, cause="sensing") == [(Verb.KEPT, Rule.WAITS_FOR_ARRIVAL)]


@pytest.mark.parametrize(
    ("minute", "starts"), [(23 * 60, False), (3 * 60, False), (7 * 60, True), (12 * 60, True)]
)
def test_nothing_starts_by_itself_in_quiet_hours(minute: int, starts: bool) -> None:  # noqa: FBT001 - a table
    room = Room(quiet="22:00-07:00")
    room.connect()
    room.minute = minute
    room.ticks(1)
    room.mood(Emotion.HAPPY)
    assert (room.asked == [PlayProgramme]) is starts


@pytest.mark.parametrize("text", ["7", "22:00", "25:00-07:00", "22:61-07:00", "a:b-c:d", "²2:00-07:00"])
def test_quiet_hours_are_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match="write HH:MM-HH:MM"):
        quiet_hours(text)


def test_a_connection_or_a_library_starts_nothing() -> None:
    room = Room()
    room.mood(Emotion.HAPPY)
    room.connect()
    room.change_music(MUSIC)
    assert room.asked == []


def test_play_starts_the_mood_s_music_else_any() -> None:
    room = Room(start="person")
    room.connect()
    assert room.tell(Play()) == [(Verb.STARTED, Rule.ASKED_FOR_MUSIC)]
    assert room.plays_to is Emotion.HAPPY
    room = Room(start="person")
    room.connect()
    room.mood(Emotion.SAD)
    room.tell(Play())
    assert room.plays_to is Emotion.SAD


def test_play_without_music_or_player_says_why_not() -> None:
    room = Room(music={})
    assert room.tell(Play()) == [(Verb.KEPT, Rule.NO_PLAYER)]
    room.connect()
    assert room.tell(Play()) == [(Verb.KEPT, Rule.NO_MUSIC_AT_ALL)]
    assert room.declined == [Rule.NO_PLAYER, Rule.NO_MUSIC_AT_ALL]


def test_play_while_the_player_is_lost_is_no_refusal_where_our_music_goes_on_by_itself() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    assert room.tell(Play()) == [(Verb.KEPT, Rule.NO_PLAYER)]
    assert room.declined == []
    room.player_comes_back()
    assert room.plays_to is Emotion.HAPPY


def test_resume_while_the_player_is_lost_lets_our_music_go_on_when_it_is_back() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    room.tell(Resume())
    assert room.declined == []
    room.player_comes_back()
    assert room.plays_to is Emotion.HAPPY


def test_a_start_is_recorded_when_the_player_confirms_it_and_not_before() -> None:
    room = Room()
    room.connect()
    room.answering = False
    assert room.mood(Emotion.HAPPY) == []
    room.answer()
    assert room.decided[-1] == (Verb.STARTED, Rule.ARRIVAL)


def test_a_start_that_the_player_refuses_is_never_recorded() -> None:
    room = Room()
    room.connect()
    room.refuses = "no such song"
    assert room.mood(Emotion.HAPPY) == [(Verb.KEPT, Rule.PLAYER_REFUSED)]
    assert room.decisions[-1].reason.details["reason"] == "no such song"
    assert room.state.programme is None


def test_next_skips_only_what_plays() -> None:
    room = Room()
    assert room.tell(Next()) == room.tell(Previous()) == [(Verb.KEPT, Rule.NO_PLAYER)]
    assert room.decisions[-1].reason.details["reason"] == "not connected yet"
    room.connect()
    assert room.tell(Next()) == [(Verb.KEPT, Rule.NOTHING_TO_SKIP)]
    assert room.declined == [Rule.NO_PLAYER, Rule.NO_PLAYER, Rule.NOTHING_TO_SKIP]
    assert room.asked == []
    room.plays(Emotion.HAPPY)
    room.tell(Next())
    assert room.declined == []


# --- absence


def test_absence_pauses_only_when_set_and_resumes_only_what_it_paused() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    assert room.ticks(1) == []
    assert room.tick_after(10) == [(Verb.PAUSED, Rule.NOBODY)]
    assert room.decisions[-1].reason.details["minutes"] == 10
    assert room.player.playing is PlayState.PAUSE
    assert room.mood(Emotion.HAPPY) == [(Verb.RESUMED, Rule.SOMEONE_BACK)]
    assert room.plays_to is Emotion.HAPPY


def test_someone_who_is_back_in_another_mood_gets_its_music() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.tick_after(10)
    assert room.mood(Emotion.SAD) == [(Verb.RESUMED, Rule.SOMEONE_BACK), (Verb.SWITCHED, Rule.AT_ONCE)]


def test_nobody_keeps_the_music_by_default() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.tick_after(1e4)
    assert room.asked == []


def test_the_pause_is_asked_once_while_the_player_is_slow() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.answering = False
    room.tick_after(10)
    room.ticks(5)
    assert room.asked == [PausePlaying]
    assert room.decided[1:] == []


@pytest.mark.parametrize("by", ["player", "command"])
def test_absence_does_not_pause_what_a_person_has_just_started(by: str) -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.tick_after(11)
    if by == "command":
        room.tell(Play())
    else:
        room.person(Act.PLAY)
    assert room.plays_to is Emotion.HAPPY
    assert room.ticks(1) == []
    assert room.tick_after(10) == [(Verb.PAUSED, Rule.NOBODY)]


def test_what_absence_paused_stays_silent_in_quiet_hours() -> None:
    room = Room(absence=10, quiet="22:00-07:00")
    room.minute = 12 * 60
    room.ticks(1)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.tick_after(11)
    room.minute = 23 * 60
    room.ticks(1)
    room.mood(Emotion.HAPPY)
    assert room.plays_to is None
    room.minute = 8 * 60
    room.ticks(1)
    assert room.mood(Emotion.SAD)[0] == (Verb.RESUMED, Rule.SOMEONE_BACK)


def test_absence_pauses_only_our_music() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, "theirs0")
    room.mood(RoomState.NOBODY)
    room.clear()
    room.tick_after(31)
    assert room.asked == []
    assert room.control is Control.OURS


def test_what_absence_paused_is_not_started_by_a_new_link_to_the_player() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.tick_after(11)
    room.lose_player()
    room.clear()
    room.player_comes_back(*room.uris, playing=PlayState.PAUSE)
    assert room.asked == []
    assert room.mood(Emotion.HAPPY) == [(Verb.RESUMED, Rule.SOMEONE_BACK)]


def test_a_refused_return_is_tried_again_with_the_next_mood() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.tick_after(11)
    room.refuses = "busy"
    room.mood(Emotion.HAPPY)
    room.refuses = ""
    room.mood(RoomState.NOBODY)
    assert room.mood(Emotion.HAPPY) == [(Verb.RESUMED, Rule.SOMEONE_BACK)]


# --- losses


def test_our_music_plays_again_in_a_server_that_came_back_empty() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.song_ends()
    second = room.player.song
    assert second is not None
    room.lose_player()
    assert room.state.report.state is PlayState.DOWN
    room.mood(RoomState.NOBODY)
    room.clear()
    room.player_comes_back()
    assert room.decided == [(Verb.RESUMED, Rule.PLAYER_BACK)]
    assert room.player.song is not None
    assert room.player.song.uri == second.uri
    assert room.plays_to is Emotion.HAPPY


def test_our_music_plays_on_in_a_server_that_came_back_stopped() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    room.clear()
    room.player_comes_back(*room.uris)
    assert (room.asked, room.decided) == ([StartPlaying], [(Verb.RESUMED, Rule.PLAYER_BACK)])


def test_songs_that_are_gone_when_the_player_is_back_are_drawn_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    new = {
        mood: source.__class__(source.name, source.kind, ("new0", "new1")) for mood, source in MUSIC.items()
    }
    room.music = new
    room.programmes.offer(new)
    room.clear()
    room.answering = False
    room.player_comes_back()
    room.refuses = "No such song"
    room.answer()
    room.refuses = ""
    room.answer()
    assert room.decided == [(Verb.RESUMED, Rule.AFTER_FAULT)]
    assert set(room.uris) == {"new0", "new1"}


def test_what_a_person_stopped_stays_stopped_over_a_loss() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.STOP)
    room.lose_player()
    room.player_comes_back()
    room.mood(Emotion.SAD)
    assert room.asked == []


def test_a_server_that_comes_back_with_other_music_is_held() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    room.player_comes_back("theirs0", playing=PlayState.PLAY)
    assert room.asked == []
    assert room.control is Control.HELD


def test_a_server_that_comes_back_stopped_with_other_songs_waits() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    room.player_comes_back("theirs0")
    assert room.asked == []
    assert room.control is Control.STOPPED_BY_USER


@pytest.mark.parametrize(("uris", "control"), [(("happy0",), Control.OURS), (("theirs0",), Control.HELD)])
def test_what_somebody_started_while_the_link_was_down_is_not_stopped_any_more(
    uris: tuple[str, ...], control: Control
) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.STOP)
    room.lose_player()
    room.player_comes_back(*uris, playing=PlayState.PLAY)
    assert room.control is control


def test_a_mood_that_changed_while_the_server_was_down_is_played_afterwards() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.lose_player()
    assert room.mood(Emotion.SAD) == [(Verb.KEPT, Rule.NO_PLAYER)]
    assert room.decisions[-1].reason.details["reason"] == "MPD is gone"
    room.player_comes_back()
    assert room.plays_to is Emotion.SAD


@pytest.mark.parametrize("answered", [True, False], ids=["the order fails first", "the link breaks first"])
def test_a_server_that_dies_in_the_middle_of_a_switch_plays_the_new_mood_afterwards(answered: bool) -> None:  # noqa: FBT001 - a table
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    if answered:
        room.refuses = "the link broke"
        room.answer()
        room.refuses = ""
    room.lose_player()
    room.answering = True
    room.player_comes_back()
    assert room.plays_to is Emotion.SAD


def test_a_server_that_dies_before_the_first_start_is_confirmed_plays_afterwards() -> None:
    room = Room(start="person")
    room.connect()
    room.answering = False
    room.tell(Play())
    room.lose_player()
    room.answering = True
    room.mood(Emotion.SAD)
    room.player_comes_back()
    assert room.plays_to is Emotion.SAD


def test_half_a_queue_of_ours_is_ours() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    happy = room.uris
    room.mood(Emotion.SAD)
    room.lose_player()
    room.player_comes_back(*happy, "sad0", playing=PlayState.PLAY)
    assert room.control is Control.OURS
    assert room.plays_to is Emotion.SAD


def test_a_server_that_dies_with_their_music_does_not_get_ours() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, "theirs0")
    room.mood(RoomState.NOBODY)
    room.tick_after(31)
    assert room.control is Control.OURS
    room.lose_player()
    room.clear()
    room.player_comes_back()
    assert room.asked == []


def test_a_server_that_comes_back_with_an_older_queue_of_ours_follows_the_mood_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    happy = room.uris
    room.mood(Emotion.SAD)
    room.lose_player()
    room.player_comes_back(*happy, playing=PlayState.PLAY)
    assert room.control is Control.OURS
    assert room.plays_to is Emotion.SAD


def test_resume_goes_on_after_a_stop_before_anything_was_played() -> None:
    room = Room()
    room.connect()
    room.tell(Pause())
    assert room.control is Control.STOPPED_BY_USER
    assert room.tell(Resume()) == [(Verb.RESUMED, Rule.RESUME_ASKED), (Verb.STARTED, Rule.ASKED_FOR_MUSIC)]
