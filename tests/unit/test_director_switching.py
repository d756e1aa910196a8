"""When the music changes: at once, at the song's end, or not; and what is recorded of it."""

from __future__ import annotations

import pytest
from support.director_room import MUSIC, STREAM, Room, stored

from moodspeaker.director.control import Control
from moodspeaker.director.effects import PlayProgramme, QueueProgramme, SaveSetting
from moodspeaker.domain.commands import Dislike, Hold, Next, Override, Play, Previous, Resume
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import Act, PlayState
from moodspeaker.domain.song import MusicSource


def sad_is_pending() -> Room:
    """Return a room in which sad music waits behind a happy song."""
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    assert room.mood(Emotion.SAD) == [(Verb.PENDING, Rule.WAITS_FOR_SONG_END)]
    room.clear()
    return room


def test_a_new_mood_switches_at_once_where_so_set() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.mood(Emotion.SAD) == [(Verb.SWITCHED, Rule.AT_ONCE)]
    assert room.asked == [PlayProgramme]
    assert room.plays_to is Emotion.SAD


def test_a_switch_is_recorded_when_the_player_confirms_it_and_not_before() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    assert room.mood(Emotion.SAD) == []
    room.answer()
    assert room.decided == [(Verb.SWITCHED, Rule.AT_ONCE)]


def test_by_default_it_switches_at_the_song_s_end_and_the_wait_is_shown() -> None:
    room = sad_is_pending()
    pending = room.state.pending
    assert pending is not None
    assert (pending.programme.mood, pending.song) == (Emotion.SAD, room.player.report.song.name)  # type: ignore[union-attr]
    assert pending.at is not None
    assert pending.at.monotonic == pytest.approx(room.at + 200 - room.player.elapsed)
    assert [uri[:3] for uri in room.uris] == ["hap", "sad", "sad", "sad"]
    room.song_ends()
    assert room.decided == [(Verb.SWITCHED, Rule.AT_SONG_END)]
    assert room.state.pending is None
    assert room.state.programme is not None
    assert room.state.programme.mood is Emotion.SAD


def test_the_expected_end_is_a_moment_that_stays_until_somebody_moves_it() -> None:
    room = sad_is_pending()
    shown = room.state.pending
    room.wait(10)
    room.tell_change()
    room.settle()
    assert room.state.pending is shown
    room.person(Act.PAUSE)
    assert room.state.pending is not None
    assert room.state.pending.at is None
    room.person(Act.PLAY)
    room.person(Act.SEEK)
    assert room.state.pending.at is not None
    assert room.state.pending.at.monotonic == pytest.approx(room.at + 100)


def test_a_mood_that_is_back_before_the_song_s_end_cancels_the_switch() -> None:
    room = sad_is_pending()
    assert room.mood(Emotion.HAPPY) == [(Verb.KEPT, Rule.MOOD_CAME_BACK)]
    assert room.asked == [QueueProgramme]
    assert sorted(room.uris) == ["happy0", "happy1", "happy2"]
    assert room.state.pending is None
    room.song_ends()
    assert room.plays_to is Emotion.HAPPY


def test_a_cancelled_switch_goes_on_with_the_songs_that_stood_there() -> None:
    room = Room(
        switch="song_end", music={Emotion.HAPPY: stored(Emotion.HAPPY, 40), Emotion.SAD: stored(Emotion.SAD)}
    )
    room.plays(Emotion.HAPPY)
    room.song_ends()
    before = room.uris
    room.mood(Emotion.SAD)
    room.mood(Emotion.HAPPY)
    assert room.uris == before[1:]


def test_a_mood_that_is_back_before_the_player_took_the_switch_leaves_the_song_alone() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.mood(Emotion.HAPPY)
    room.answering = True
    room.settle()
    assert room.decided == [(Verb.KEPT, Rule.MOOD_CAME_BACK)]
    assert room.plays_to is Emotion.HAPPY


def test_a_mood_that_is_back_while_the_player_switches_is_played_after_all() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.begin()
    room.mood(Emotion.HAPPY)
    room.finish()
    room.answering = True
    room.settle()
    assert room.decided == [
        (Verb.KEPT, Rule.MOOD_CAME_BACK),
        (Verb.SWITCHED, Rule.AT_ONCE),
        (Verb.SWITCHED, Rule.AT_ONCE),
    ]
    assert room.plays_to is Emotion.HAPPY


def test_of_a_burst_of_overrides_only_the_newest_counts() -> None:
    music = {mood: stored(mood) for mood in Emotion}
    room = Room(music=music)
    room.plays(Emotion.HAPPY)
    room.answering = False
    for mood in (Emotion.SAD, Emotion.FEAR, Emotion.ANGRY, Emotion.NEUTRAL):
        room.tell(Override(mood), 0.01)
    room.answering = True
    room.settle()
    assert room.decided == [(Verb.SWITCHED, Rule.AT_ONCE)]
    assert room.plays_to is Emotion.NEUTRAL
    assert len(room.waiting) == 0


def test_a_mood_that_changes_while_the_music_starts_is_what_starts() -> None:
    room = Room(start="person")
    room.connect()
    room.mood(Emotion.HAPPY)
    room.clear()
    room.answering = False
    room.tell(Play())
    room.mood(Emotion.SAD)
    room.answering = True
    room.settle()
    assert room.decided == [(Verb.STARTED, Rule.ASKED_FOR_MUSIC)]
    assert room.plays_to is Emotion.SAD


@pytest.mark.parametrize("mood", list(RoomState))
def test_room_states_keep_what_plays(mood: RoomState) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.mood(mood) == [(Verb.KEPT, Rule.ROOM_STATE)]
    assert room.decisions[-1].reason.details["state"] == mood
    assert room.asked == []


def test_a_mood_without_music_keeps_what_plays_and_says_so() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    assert room.mood(Emotion.FEAR) == [(Verb.KEPT, Rule.NO_MUSIC)]
    assert room.decisions[-1].reason.details["mood"] == "fear"
    assert room.asked == []


def test_a_mood_that_plays_already_is_kept() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    assert room.mood(Emotion.HAPPY) == [(Verb.KEPT, Rule.PLAYS_ALREADY)]


def test_music_that_appears_for_the_mood_is_followed() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.mood(Emotion.FEAR)
    room.clear()
    room.change_music({**MUSIC, Emotion.FEAR: stored(Emotion.FEAR)})
    assert room.decided == [(Verb.SWITCHED, Rule.AT_ONCE)]
    assert room.decisions[0].evidence["cause"] == "the library"


def test_an_override_beats_the_faces_and_is_kept_durably() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(Override(Emotion.SAD))
    assert SaveSetting("override", "sad", asked=True) in room.effects
    assert room.plays_to is Emotion.SAD
    room.clear()
    room.mood(Emotion.HAPPY)
    assert room.asked == []
    decided = room.tell(Override(None))
    assert decided == [(Verb.RESUMED, Rule.FACES_LEAD), (Verb.SWITCHED, Rule.AT_ONCE)]
    assert room.plays_to is Emotion.HAPPY
    assert room.saved["override"] == "auto"


def test_a_mood_that_changed_while_the_music_was_paused_is_followed_when_it_goes_on() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.PAUSE)
    room.mood(Emotion.SAD)
    room.person(Act.PLAY)
    assert room.plays_to is Emotion.SAD


@pytest.mark.parametrize("goes_on", ["player", "command"])
def test_a_switch_that_waited_through_a_pause_is_cancelled_when_its_mood_is_gone(goes_on: str) -> None:
    room = sad_is_pending()
    room.person(Act.PAUSE)
    room.mood(Emotion.HAPPY)
    if goes_on == "player":
        room.person(Act.PLAY)
    else:
        room.tell(Play())
    assert room.state.pending is None
    assert sorted(room.uris) == ["happy0", "happy1", "happy2"]


def test_an_endless_stream_of_ours_gives_way_at_once() -> None:
    radio = MusicSource("radio", "folder", (STREAM,))
    room = Room(switch="song_end", music={**MUSIC, Emotion.HAPPY: radio})
    room.plays(Emotion.HAPPY)
    assert room.mood(Emotion.SAD) == [(Verb.SWITCHED, Rule.AT_ONCE)]


def test_their_finite_song_gives_way_at_its_end_when_the_hold_is_over() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, "theirs0", "theirs1")
    room.mood(Emotion.SAD)
    room.tick_after(31)
    assert room.pending is Emotion.SAD
    room.mood(RoomState.NOBODY)
    room.clear()
    assert room.mood(Emotion.SAD) == []
    room.song_ends()
    assert room.plays_to is Emotion.SAD
    assert room.decided == [(Verb.SWITCHED, Rule.AT_SONG_END)]


# --- what is recorded, and from which evidence


def test_a_switch_at_the_song_s_end_is_recorded_from_the_mood_that_led_to_it() -> None:
    room = sad_is_pending()
    room.tell(Override(Emotion.SAD))
    room.tell(Previous())
    room.song_ends()
    switched = [decision for decision in room.decisions if decision.verb is Verb.SWITCHED]
    assert [decision.evidence["cause"] for decision in switched] == ["face"]
    assert switched[0].evidence["previous"] == "happy"


def test_a_next_command_before_the_song_s_end_is_not_what_the_switch_came_from() -> None:
    room = sad_is_pending()
    room.tell(Next())
    skipped, switched = room.decisions
    assert (skipped.verb, skipped.reason.rule) == (Verb.SKIPPED, Rule.SKIPPED_BY_COMMAND)
    assert skipped.evidence["cause"] == "command"
    assert (switched.verb, switched.reason.rule) == (Verb.SWITCHED, Rule.WITH_NEXT)
    assert switched.evidence["cause"] == "face"


def test_at_the_song_s_end_is_not_said_of_a_person_s_next() -> None:
    room = sad_is_pending()
    room.person(Act.NEXT)
    assert room.decided == [(Verb.SKIPPED, Rule.SKIPPED_BY_PERSON), (Verb.SWITCHED, Rule.WITH_NEXT)]


def test_a_switch_after_an_earlier_skip_is_at_the_song_s_end() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.tell(Next())
    room.mood(Emotion.SAD)
    room.song_ends()
    assert room.decided[-1] == (Verb.SWITCHED, Rule.AT_SONG_END)


def test_evidence_of_one_event_is_gone_with_it() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(Next())
    room.mood(RoomState.NOBODY)
    room.tick_after(1)
    room.player.playing = PlayState.STOP
    room.tell_change()
    room.settle()
    assert [decision.evidence["cause"] for decision in room.decisions] == ["command", "face", "player"]
    assert "confidence" not in room.decisions[-1].evidence


@pytest.mark.parametrize("act", [Act.NEXT, Act.PREVIOUS])
def test_a_person_s_skip_names_the_song_that_was_skipped_and_holds_nothing(act: Act) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.song_ends()
    song = room.player.report.song
    assert song is not None
    assert room.person(act) == [(Verb.SKIPPED, Rule.SKIPPED_BY_PERSON)]
    [skipped] = room.decisions
    assert (skipped.reason.details["song"], skipped.reason.details["act"]) == (song.name, str(act))
    assert skipped.evidence["cause"] == "person"
    assert room.state.holder.ours


@pytest.mark.parametrize("command", [Next(), Previous()], ids=["next", "previous"])
def test_a_skip_by_command_names_the_song_that_was_skipped(command: Next | Previous) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.song_ends()
    song = room.player.report.song
    assert song is not None
    assert room.tell(command) == [(Verb.SKIPPED, Rule.SKIPPED_BY_COMMAND)]
    assert room.decisions[0].reason.details["song"] == song.name


def test_a_disliked_song_of_ours_is_skipped() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    song = room.player.report.song
    assert song is not None
    assert room.tell(Dislike()) == [(Verb.SKIPPED, Rule.DISLIKED)]
    assert room.decisions[0].reason.details["song"] == song.name
    assert room.plays_to is Emotion.HAPPY


def test_a_disliked_song_that_somebody_else_chose_plays_on() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.QUEUE, "theirs0", "theirs1")
    room.clear()
    assert room.tell(Dislike()) == []
    assert room.asked == []


def test_a_disliked_song_that_stands_still_is_not_skipped() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.person(Act.PAUSE)
    room.clear()
    assert room.tell(Dislike()) == []
    assert room.asked == []


def test_two_next_commands_in_a_row_are_both_the_commands() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.tell(Next())
    room.tell(Next(), 0.1)
    room.answering = True
    room.settle()
    assert room.decided == [(Verb.SKIPPED, Rule.SKIPPED_BY_COMMAND)] * 2
    first, second = (decision.reason.details["song"] for decision in room.decisions)
    assert first != second


def test_a_next_that_the_player_refuses_is_not_recorded_as_a_skip() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.refuses = "busy"
    assert room.tell(Next()) == [(Verb.KEPT, Rule.PLAYER_REFUSED)]
    room.refuses = ""
    room.person(Act.NEXT)
    assert room.decided[-1] == (Verb.SKIPPED, Rule.SKIPPED_BY_PERSON)


# --- fades


def fading(crossfade: float) -> Room:
    """Return a room in which the mood became sad during a happy song, with `switch = "fade"`."""
    room = Room(switch="fade")
    room.player.crossfade = crossfade
    room.plays(Emotion.HAPPY)
    room.mood(Emotion.SAD)
    return room


def test_a_switch_fades_at_once_where_the_player_crossfades() -> None:
    room = fading(4.0)
    assert room.decided == [(Verb.PENDING, Rule.FADES)]
    assert [effect.fade for effect in room.effects if isinstance(effect, QueueProgramme)] == [True]
    room.song_ends()
    assert room.decided[-1] == (Verb.SWITCHED, Rule.AT_SONG_END)


def test_a_switch_waits_for_the_song_s_end_where_the_player_does_not_crossfade() -> None:
    room = fading(0.0)
    assert room.decided == [(Verb.PENDING, Rule.WAITS_FOR_SONG_END)]
    assert [effect.fade for effect in room.effects if isinstance(effect, QueueProgramme)] == [False]


# --- a person acts while a switch reaches the player


def test_a_switch_that_reaches_the_player_in_a_hold_is_taken_back() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.begin()
    room.person(Act.SONG)
    room.tell(Hold())
    room.finish()
    room.settle()
    room.answering = True
    room.settle()
    assert (room.control, room.pending) == (Control.HELD, None)
    room.song_ends()
    assert room.plays_to is Emotion.HAPPY


def test_songs_asked_for_while_a_switch_reached_the_player_do_not_end_it() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    room.answering = False
    room.mood(Emotion.SAD)
    room.begin()
    room.end_song()
    room.act(Act.SONG)
    room.finish()
    room.settle()
    room.answering = True
    room.settle()
    room.tell(Resume())
    assert room.pending is Emotion.SAD
    for _ in range(4):
        room.song_ends()
        assert room.plays_to is Emotion.SAD
