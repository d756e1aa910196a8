"""A hold, and a person's stop, outlast a restart of the speaker; music that ran out meanwhile is no stop."""

from __future__ import annotations

import pytest
from support.director_room import STREAM, THEIRS, Room

from moodspeaker.director.control import Control
from moodspeaker.director.effects import PlayProgramme, SaveSetting
from moodspeaker.domain.commands import Hold, Pause, Play, Resume
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import Act, PlayState

MINUTE = 60.0


def seconds_left(room: Room) -> float | None:
    until = room.state.holder.until
    return None if until is None else until.monotonic - room.at


def held(minutes: float | None = None) -> Room:
    """Return a room whose music, ours, is left alone for some minutes."""
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(Hold(minutes))
    return room


def stopped(act: Act | Pause) -> Room:
    """Return a room in which a person stopped our music."""
    room = Room()
    room.plays(Emotion.HAPPY)
    if isinstance(act, Pause):
        room.tell(act)
    else:
        room.person(act)
    assert room.control is Control.STOPPED_BY_USER
    return room


def ran_out(room: Room) -> Room:
    """Return the room with its music at its end: nobody was there to add songs."""
    while room.player.playing is PlayState.PLAY:
        room.end_song()
    room.events.clear()
    return room


def writes(room: Room) -> int:
    return sum(isinstance(effect, SaveSetting) and effect.name == "control" for effect in room.effects)


# --- a hold


def test_our_music_stays_held_and_the_countdown_goes_on() -> None:
    room = held(30)
    room.wait(10 * MINUTE)
    left = seconds_left(room)
    room = room.restarted()
    assert (room.control, seconds_left(room), room.state.holder.minutes) == (Control.HELD, left, 30)
    room.connect()
    assert (room.control, room.decided) == (Control.HELD, [])
    assert room.mood(Emotion.SAD) == [(Verb.KEPT, Rule.PERSON_CHOSE)]
    assert room.asked == []
    assert room.tick_after(20) == [(Verb.RESUMED, Rule.HOLD_ENDED), (Verb.SWITCHED, Rule.AT_ONCE)]


def test_a_hold_of_other_music_does_not_begin_again() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, *THEIRS)
    room.wait(29 * MINUTE)
    room = room.restart()
    assert (room.control, room.decided) == (Control.HELD, [])
    assert room.tick_after(1) == [(Verb.RESUMED, Rule.HOLD_ENDED)]


@pytest.mark.parametrize("queue", [(), THEIRS], ids=["empty", "stopped"])
def test_a_hold_stays_where_nothing_plays(queue: tuple[str, ...]) -> None:
    room = held(30)
    room.player.act(Act.QUEUE, queue)
    room.player.act(Act.STOP, ())
    room = room.restart()
    assert room.control is Control.HELD


def test_a_hold_that_ended_meanwhile_is_over() -> None:
    room = held(30)
    room.wait(30 * MINUTE)
    room = room.restart()
    assert (room.control, room.decided) == (Control.OURS, [])
    assert room.restart(began=0.0, boot="boot 2").control is Control.OURS


def test_resume_ends_a_hold_for_good() -> None:
    room = held()
    room.tell(Resume())
    assert room.restart().control is Control.OURS


def test_an_endless_stream_is_left_alone_after_a_restart_and_no_longer_than_it_plays() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, STREAM)
    room.tick_after(31)
    assert (room.control, seconds_left(room)) == (Control.HELD, None)
    room = room.restart()
    room.tick_after(1e4)
    assert (room.control, seconds_left(room), room.decided) == (Control.HELD, None, [])
    room.player.act(Act.QUEUE, THEIRS)
    room = room.restart()
    assert room.decided == [(Verb.HELD, Rule.STREAM_ENDED)]
    assert seconds_left(room) == 30 * MINUTE


# --- clocks


@pytest.mark.parametrize(
    ("began", "left"),
    [(1e9 + 10 * MINUTE, 20 * MINUTE), (0.0, 30 * MINUTE), (1e9 - 86400, 30 * MINUTE), (2e9, None)],
    ids=["right", "not set yet", "as it was a day ago", "in the future"],
)
def test_after_another_boot_a_hold_lasts_no_longer_than_it_was_to(began: float, left: float | None) -> None:
    room = held(30).restarted(at=1.0, boot="boot 2", began=began)
    assert room.control is (Control.OURS if left is None else Control.HELD)
    assert seconds_left(room) == (None if left is None else pytest.approx(left, abs=5))


def test_starts_with_a_clock_that_is_not_set_do_not_prolong_a_hold() -> None:
    room = held(30).restart(at=1.0, boot="boot 2", began=0.0)
    for _ in range(4):
        room.wait(5 * MINUTE)
        room = room.restart()
    assert seconds_left(room) == pytest.approx(10 * MINUTE, abs=30)
    room.wait(11 * MINUTE)
    assert room.restart().control is Control.OURS


def test_a_clock_that_is_set_changes_nothing_of_a_hold() -> None:
    room = Room(began=0.0)
    room.plays(Emotion.HAPPY)
    room.tell(Hold(30))
    left = seconds_left(room)
    again = room.restarted(began=1e9)
    assert (again.control, seconds_left(again)) == (Control.HELD, left)
    room.began = 1e9
    room.ticks(1)
    after_power_cut = room.restarted(at=1.0, boot="boot 2", began=1e9 + 10 * MINUTE)
    assert after_power_cut.control is Control.HELD
    assert seconds_left(after_power_cut) == pytest.approx(20 * MINUTE, abs=10)


def test_a_boot_that_cannot_be_named_goes_by_the_wall_clock() -> None:
    room = held(30)
    room.saved["control"] = room.saved["control"].replace('"boot 1"', "null")
    room = room.restarted(boot=None, began=1e9 + 10 * MINUTE)
    assert seconds_left(room) == pytest.approx(20 * MINUTE, abs=5)


# --- a person's stop


@pytest.mark.parametrize("act", [Act.STOP, Act.PAUSE, Act.QUEUE, Pause()], ids=str)
def test_nothing_starts_after_a_restart_when_a_person_stopped_it(act: Act | Pause) -> None:
    room = stopped(act).restart()
    assert (room.control, room.decided) == (Control.STOPPED_BY_USER, [])
    assert room.mood(Emotion.SAD) == [(Verb.KEPT, Rule.PERSON_STOPPED)]
    assert room.asked == []
    room.tell(Play())
    assert room.plays_to is not None
    assert room.restart().control is Control.OURS


def test_a_stop_stays_one_where_the_player_came_back_empty() -> None:
    room = stopped(Act.STOP)
    room.player.queue = []
    room = room.restart()
    room.mood(Emotion.SAD)
    assert (room.control, room.asked) == (Control.STOPPED_BY_USER, [])


def test_who_started_our_music_meanwhile_ended_their_stop() -> None:
    room = stopped(Act.STOP)
    room.player.act(Act.PLAY, ())
    room = room.restart()
    assert room.decided == [(Verb.RESUMED, Rule.PERSON_STARTED_OURS)]
    room.mood(Emotion.SAD)
    assert room.plays_to is Emotion.SAD


def test_who_started_other_music_meanwhile_is_left_alone_with_a_countdown() -> None:
    room = stopped(Act.STOP)
    room.player.act(Act.QUEUE, THEIRS)
    room = room.restart()
    assert room.decided == [(Verb.HELD, Rule.PLAYED_ALREADY)]
    assert seconds_left(room) == 30 * MINUTE


# --- music that ran out


def test_our_music_that_ran_out_meanwhile_was_stopped_by_nobody() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room = ran_out(room).restart()
    assert (room.control, room.asked) == (Control.OURS, [])
    room.mood(Emotion.SAD)
    assert room.asked == [PlayProgramme]
    assert room.plays_to is Emotion.SAD


def test_our_music_that_was_stopped_meanwhile_waits() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.player.act(Act.STOP, ())
    room = room.restart()
    assert room.decided == [(Verb.HELD, Rule.STANDS_STILL)]


def test_other_music_that_ran_out_waits() -> None:
    room = Room()
    room.player.act(Act.QUEUE, THEIRS)
    ran_out(room).connect()
    assert room.decided == [(Verb.HELD, Rule.STANDS_STILL)]


def test_a_person_s_stop_wins_over_music_that_ran_out() -> None:
    room = stopped(Act.STOP)
    room.player.act(Act.PLAY, ())
    room = ran_out(room).restart()
    assert room.control is Control.STOPPED_BY_USER


# --- the disk


def test_the_disk_is_written_when_it_changes_and_not_for_each_edit_of_a_queue() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.ticks(60)
    assert (writes(room), room.saved.get("control")) == (0, None)
    for _ in range(100):
        room.person(Act.QUEUE, *THEIRS)
    assert writes(room) == 10
    left = seconds_left(room)
    room = room.restart()
    assert seconds_left(room) == pytest.approx(left, abs=12)
    room.ticks(60)
    assert writes(room) == 0


@pytest.mark.parametrize("text", ["x", "[]", '{"control": "held"}', '{"control": "held", "until": [1, "x"]}'])
def test_damaged_text_is_nobody_s_choice_and_written_anew(text: str) -> None:
    room = Room(control=text)
    room.connect()
    assert room.control is Control.OURS
    assert room.saved["control"] == '{"control": "ours"}'


# --- music that stood still of itself


def paused_for_absence() -> Room:
    room = Room(start="person", absence=10)
    room.connect()
    room.tell(Play())
    room.mood(RoomState.NOBODY)
    room.ticks(11 * MINUTE, step=30)
    assert (room.player.playing, room.control) == (PlayState.PAUSE, Control.OURS)
    return room


def test_what_paused_for_absence_plays_on_after_a_restart_when_someone_is_back() -> None:
    room = paused_for_absence()
    room = room.restart(start="person", absence=10)
    assert (room.control, room.asked) == (Control.OURS, [])
    room.mood(Emotion.HAPPY)
    assert room.decided == [(Verb.RESUMED, Rule.SOMEONE_BACK)]
    assert room.plays_to is not None
    room.ticks(2)
    assert room.saved["stands"] == ""


def test_what_paused_for_absence_and_was_held_plays_on_when_the_hold_is_over() -> None:
    room = paused_for_absence()
    room.tell(Hold(5))
    room.ticks(2)
    room = room.restart(start="person", absence=10)
    room.mood(Emotion.HAPPY)
    assert (room.control, room.asked) == (Control.HELD, [])
    room.tick_after(5)
    room.mood(Emotion.SAD)
    assert (Verb.RESUMED, Rule.SOMEONE_BACK) in room.decided


def test_a_person_s_pause_after_an_absence_is_a_pause_after_a_restart() -> None:
    room = paused_for_absence()
    room.tell(Pause())
    room = room.restart(absence=10)
    room.mood(Emotion.HAPPY)
    assert (room.control, room.asked) == (Control.STOPPED_BY_USER, [])


def test_who_stopped_what_paused_for_absence_while_the_speaker_was_away_stopped_it() -> None:
    room = paused_for_absence()
    room.player.act(Act.STOP, ())
    assert room.restart(absence=10).control is Control.STOPPED_BY_USER


def test_music_that_a_fault_stopped_was_stopped_by_nobody() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.player.fault = "no sound card"
    room.player.fail()
    room.tell_change()
    room.ticks(1)
    assert (room.player.playing, room.control) == (PlayState.STOP, Control.OURS)
    room.player.fault = ""
    room = room.restart()
    assert (room.control, room.asked) == (Control.OURS, [])
    room.mood(Emotion.SAD)
    assert room.plays_to is Emotion.SAD


def test_music_that_ran_out_is_no_stop_either_where_the_server_names_a_song_again() -> None:
    """MPD does so after a restart of its own: its first."""
    room = Room()
    room.plays(Emotion.HAPPY)
    room = ran_out(room).restart()
    room.ticks(1)
    room.player.place = 0
    assert room.restart().control is Control.OURS


def test_songs_that_follow_each_other_are_no_writes() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    for _ in range(5):
        room.song_ends()
        room.ticks(5)
    assert "stands" not in room.saved


@pytest.mark.parametrize("text", ["play", "down", "x"])
def test_damaged_text_says_that_nothing_stood_still(text: str) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.player.act(Act.STOP, ())
    assert room.restart(stands=text).control is Control.STOPPED_BY_USER
