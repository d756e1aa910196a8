"""The rules of when music plays, one test a rule."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from moodspeaker.director import (
    ArmSongs,
    Director,
    ExtendSongs,
    Hand,
    HoldSettings,
    ListenSettings,
    MusicSettings,
    Pause,
    PlayFailed,
    PlaySongs,
    Record,
    Remember,
    SetSensing,
    Skip,
    Tick,
    Unpause,
    dump_selection,
    load_selection,
    quiet_hours,
)
from moodspeaker.domain.commands import Hold, Next, Override, Play, Resume, Sensing
from moodspeaker.domain.decision import Verb
from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import Mood, MoodChange, RoomState
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayerReport,
    PlayState,
)
from moodspeaker.domain.song import Selection, Song, Source

if TYPE_CHECKING:
    from moodspeaker.director import Effect, Event

HAPPY = Source("mood-happy", "stored playlist", ("h1", "h2", "h3"))
SAD = Source("mood-sad", "stored playlist", ("s1", "s2", "s3"))
MUSIC = {Emotion.HAPPY: HAPPY, Emotion.SAD: SAD}
NOTHING = PlayerReport(PlayState.STOP, None, 0, ())
THEIRS = PlayerReport(PlayState.PLAY, Song("t1", "Theirs", "", 200), 10, ("t1", "t2"))
STREAM = PlayerReport(PlayState.PLAY, Song("http://radio/", "Radio", "", None), 10, ("http://radio/",))


class Room:
    """A director and the player it drives, as far as its effects say."""

    def __init__(
        self,
        *,
        start: str = "arrival",
        switch: str = "now",
        quiet: str = "",
        absence: float = 0,
        **more: object,
    ) -> None:
        self.director = Director(
            ListenSettings(start=start, absence_pause=absence, quiet=quiet),  # type: ignore[arg-type]
            HoldSettings(minutes=30),
            MusicSettings(switch=switch),  # type: ignore[arg-type]
            random.Random(1),
            **more,  # type: ignore[arg-type]
        )
        self.at = 0.0

    def tell(self, event: Event) -> list[Effect]:
        self.at += 1
        return self.director.handle(event, Moment(self.at, 1e9 + self.at))

    def mood(self, mood: Mood) -> list[Effect]:
        return self.tell(MoodChange(self.director.state.mood, mood, "face", 0.9, Affect(0, 0), self.at))

    def ready(self, report: PlayerReport = NOTHING) -> list[Effect]:
        self.tell(MusicChanged(MUSIC))
        return self.tell(PlayerConnected(report))

    def obey(self, effects: list[Effect]) -> PlayerReport:
        """Let the player have done what the last PlaySongs asked."""
        play = next(effect for effect in effects if isinstance(effect, PlaySongs))
        songs = play.selection.songs
        report = PlayerReport(PlayState.PLAY, Song(songs[play.first], "Title", "", 200), 0, songs)
        self.tell(PlayerChanged(report))
        return report

    def plays(self, mood: Emotion) -> PlayerReport:
        self.ready()
        return self.obey(self.mood(mood))

    @property
    def hand(self) -> Hand:
        return self.director.state.hand


def kinds(effects: list[Effect]) -> list[type]:
    return [type(effect) for effect in effects if not isinstance(effect, Record | Remember)]


def verdicts(effects: list[Effect]) -> list[tuple[Verb, str]]:
    return [(effect.decision.verb, effect.decision.rule) for effect in effects if isinstance(effect, Record)]


# --- when it starts


def test_by_default_a_face_starts_nothing() -> None:
    room = Room(start="person")
    room.ready()
    effects = room.mood(Emotion.HAPPY)
    assert kinds(effects) == []
    assert verdicts(effects) == [(Verb.KEPT, "nothing plays, and a person starts the music (listen.start)")]


def test_an_arrival_starts_the_music_of_its_mood() -> None:
    room = Room()
    room.ready()
    effects = room.mood(Emotion.HAPPY)
    [play] = [effect for effect in effects if isinstance(effect, PlaySongs)]
    assert sorted(play.selection.songs) == ["h1", "h2", "h3"]
    assert verdicts(effects)[0][0] is Verb.STARTED


@pytest.mark.parametrize(
    ("minute", "starts"), [(23 * 60, False), (3 * 60, False), (7 * 60, True), (12 * 60, True)]
)
def test_nothing_starts_by_itself_in_quiet_hours(minute: int, starts: bool) -> None:  # noqa: FBT001 - a table
    room = Room(quiet="22:00-07:00")
    room.ready()
    room.tell(Tick(minute))
    assert (kinds(room.mood(Emotion.HAPPY)) == [PlaySongs]) is starts


@pytest.mark.parametrize("text", ["7", "22:00", "25:00-07:00", "22:61-07:00", "a:b-c:d"])
def test_quiet_hours_are_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match="write HH:MM-HH:MM"):
        quiet_hours(text)


def test_a_connection_or_a_library_starts_nothing() -> None:
    room = Room()
    room.mood(Emotion.HAPPY)
    assert kinds(room.ready()) == []


def test_play_starts_the_mood_s_music_else_any() -> None:
    room = Room(start="person")
    room.ready()
    assert [e.selection.mood for e in room.tell(Play()) if isinstance(e, PlaySongs)] == [Emotion.HAPPY]
    room = Room(start="person")
    room.ready()
    room.mood(Emotion.SAD)
    assert [e.selection.mood for e in room.tell(Play()) if isinstance(e, PlaySongs)] == [Emotion.SAD]


# --- when it changes


def test_a_new_mood_switches_at_once_when_told_so() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    effects = room.mood(Emotion.SAD)
    assert kinds(effects) == [PlaySongs]
    assert verdicts(effects)[0][0] is Verb.SWITCHED


def test_a_mood_that_changes_while_the_player_is_on_its_way_is_followed() -> None:
    room = Room(start="person")
    room.ready()
    room.mood(Emotion.HAPPY)
    effects = room.tell(Play())
    assert kinds(room.mood(Emotion.SAD)) == []
    [play] = [effect for effect in effects if isinstance(effect, PlaySongs)]
    songs = play.selection.songs
    effects = room.tell(
        PlayerChanged(PlayerReport(PlayState.PLAY, Song(songs[0], "Title", "", 200), 0, songs))
    )
    assert [e.selection.mood for e in effects if isinstance(e, PlaySongs)] == [Emotion.SAD]


def test_by_default_it_switches_at_the_song_s_end_and_the_wait_is_seen() -> None:
    room = Room(switch="song_end")
    room.plays(Emotion.HAPPY)
    effects = room.mood(Emotion.SAD)
    assert kinds(effects) == [ArmSongs]
    pending = room.director.state.pending
    assert pending is not None
    assert (pending.selection.mood, pending.song) == (Emotion.SAD, "Title")
    assert pending.at is not None
    assert pending.at.monotonic == pytest.approx(room.at + 200)
    songs = pending.selection.songs
    effects = room.tell(
        PlayerChanged(PlayerReport(PlayState.PLAY, Song(songs[0], "", "", 200), 0, ("h1", *songs)))
    )
    assert verdicts(effects)[0][0] is Verb.SWITCHED
    assert room.director.state.pending is None
    assert room.director.state.selection is not None
    assert room.director.state.selection.mood is Emotion.SAD


def test_a_mood_that_is_back_before_the_song_s_end_takes_the_wait_back() -> None:
    room = Room(switch="song_end")
    playing = room.plays(Emotion.HAPPY)
    room.mood(Emotion.SAD)
    [arm] = [effect for effect in room.mood(Emotion.HAPPY) if isinstance(effect, ArmSongs)]
    assert playing.song is not None
    assert sorted([*arm.songs, playing.song.uri]) == ["h1", "h2", "h3"]
    assert room.director.state.pending is None


def wait_for_sad() -> tuple[Room, PlayerReport, Selection]:
    """Return a room in which sad music waits behind a happy song, what the player shows, and the sad
    selection.
    """
    room = Room(switch="song_end")
    playing = room.plays(Emotion.HAPPY)
    room.mood(Emotion.SAD)
    assert playing.song is not None
    assert room.director.state.pending is not None
    waiting = room.director.state.pending.selection
    return room, replace(playing, queue=(playing.song.uri, *waiting.songs)), waiting


def test_a_wait_outlasts_the_player() -> None:
    room, report, waiting = wait_for_sad()
    room.tell(PlayerLost("gone"))
    effects = room.tell(PlayerConnected(report))
    assert (kinds(effects), verdicts(effects), room.hand) == ([], [], Hand.FREE)
    assert room.director.state.pending is not None
    assert room.director.state.pending.selection == waiting


def test_a_wait_outlasts_ourselves() -> None:
    before, report, waiting = wait_for_sad()
    room = Room(switch="song_end", selection=before.director.state.selection, armed=waiting)
    effects = room.ready(report)
    assert (kinds(effects), verdicts(effects), room.hand) == ([], [], Hand.FREE)
    assert room.director.state.pending is not None
    assert kinds(room.mood(Emotion.SAD)) == []
    assert kinds(room.mood(Emotion.HAPPY)) == [ArmSongs]


def test_a_wait_that_ended_while_we_were_away_is_a_switch() -> None:
    before, report, waiting = wait_for_sad()
    room = Room(switch="song_end", selection=before.director.state.selection, armed=waiting)
    effects = room.ready(replace(report, song=Song(waiting.songs[0], "", "", 200)))
    assert verdicts(effects)[0][0] is Verb.SWITCHED
    assert room.director.state.selection == waiting
    assert room.director.state.pending is None


def test_an_old_wait_is_forgotten() -> None:
    before, report, waiting = wait_for_sad()
    assert before.director.state.selection is not None
    room = Room(switch="song_end", selection=before.director.state.selection, armed=waiting)
    room.ready(replace(report, queue=before.director.state.selection.songs))
    assert (room.director.state.pending, room.hand) == (None, Hand.FREE)


@pytest.mark.parametrize("mood", list(RoomState))
def test_honest_states_keep_what_plays(mood: RoomState) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    effects = room.mood(mood)
    assert kinds(effects) == []
    assert verdicts(effects) == [(Verb.KEPT, f"{mood}: the music goes on")]


def test_a_mood_without_music_keeps_what_plays_and_says_so() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    effects = room.mood(Emotion.FEAR)
    assert kinds(effects) == []
    assert verdicts(effects) == [(Verb.KEPT, "no music for fear: make a stored playlist mood-fear")]


def test_an_override_beats_the_faces_and_is_remembered() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    effects = room.tell(Override(Emotion.SAD))
    assert kinds(effects) == [PlaySongs]
    assert Remember("override", "sad") in effects
    room.obey(effects)
    assert kinds(room.mood(Emotion.HAPPY)) == []
    assert [e.selection.mood for e in room.tell(Override(None)) if isinstance(e, PlaySongs)] == [
        Emotion.HAPPY
    ]


def test_the_queue_is_topped_up_on_its_last_song() -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    last = PlayerReport(PlayState.PLAY, Song(playing.queue[-1], "", "", 200), 0, playing.queue)
    assert kinds(room.tell(PlayerChanged(last))) == [ExtendSongs]


def test_a_queue_that_ended_by_itself_goes_on() -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    assert kinds(room.tell(PlayerChanged(PlayerReport(PlayState.STOP, None, 0, playing.queue)))) == [
        PlaySongs
    ]


# --- whose music it is


def test_music_that_plays_at_first_contact_is_held() -> None:
    room = Room()
    room.ready(THEIRS)
    assert room.hand is Hand.HELD
    effects = room.mood(Emotion.HAPPY)
    assert kinds(effects) == []
    assert verdicts(effects) == [(Verb.KEPT, "a person's choice is left alone")]


def test_our_own_queue_of_before_a_restart_is_no_hold() -> None:
    selection = Selection(Emotion.HAPPY, "mood-happy", "stored playlist", ("h2", "h1", "h3"), 7)
    room = Room(selection=load_selection(dump_selection(selection)))
    room.ready(PlayerReport(PlayState.PLAY, Song("h1", "", "", 200), 5, ("h2", "h1", "h3")))
    assert room.hand is Hand.FREE
    assert kinds(room.mood(Emotion.SAD)) == [PlaySongs]


def test_a_stopped_queue_with_songs_waits_at_first_contact() -> None:
    room = Room()
    room.ready(PlayerReport(PlayState.STOP, None, 0, ("t1",)))
    assert room.hand is Hand.WAITING
    assert kinds(room.mood(Emotion.HAPPY)) == []


@pytest.mark.parametrize("act", [Act.QUEUE, Act.SONG, Act.SEEK])
def test_an_act_that_is_not_ours_holds_with_a_countdown(act: Act) -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    effects = room.tell(PersonActed(act, THEIRS))
    assert verdicts(effects)[0][0] is Verb.HELD
    until = room.director.state.hold_until
    assert until is not None
    assert until.monotonic == pytest.approx(room.at + 30 * 60)
    assert kinds(room.mood(Emotion.SAD)) == []
    room.at = until.monotonic
    effects = room.tell(Tick(0))
    assert kinds(effects) == [PlaySongs]
    assert room.hand is Hand.FREE


@pytest.mark.parametrize("act", [Act.STOP, Act.PAUSE])
def test_a_stop_has_no_countdown(act: Act) -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    state = PlayState.STOP if act is Act.STOP else PlayState.PAUSE
    room.tell(PersonActed(act, PlayerReport(state, playing.song, 10, playing.queue)))
    room.at += 1e6
    assert kinds(room.tell(Tick(0))) == []
    assert kinds(room.mood(Emotion.SAD)) == []
    assert room.hand is Hand.WAITING
    effects = room.tell(PersonActed(Act.PLAY, PlayerReport(PlayState.PLAY, playing.song, 10, playing.queue)))
    assert room.hand is Hand.FREE
    assert kinds(effects) == [PlaySongs]


def test_resume_goes_on_after_a_stop() -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.PAUSE, PlayerReport(PlayState.PAUSE, playing.song, 10, playing.queue)))
    assert kinds(room.tell(Resume())) == [Unpause]
    assert room.hand is Hand.FREE


def test_a_cleared_queue_waits_for_what_the_person_does_next() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.QUEUE, NOTHING))
    assert room.hand is Hand.WAITING
    assert kinds(room.mood(Emotion.SAD)) == []
    room.tell(PersonActed(Act.PLAY, THEIRS))
    assert room.hand is Hand.HELD


@pytest.mark.parametrize("act", [Act.NEXT, Act.PREVIOUS])
def test_next_in_our_queue_is_a_verdict_not_a_hold(act: Act) -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    effects = room.tell(
        PersonActed(act, PlayerReport(PlayState.PLAY, Song(playing.queue[1], "", "", 200), 0, playing.queue))
    )
    assert [verb for verb, _ in verdicts(effects)] == [Verb.SKIPPED]
    assert room.hand is Hand.FREE


def hold_for_a_stream() -> Room:
    """Return a room in which their stream plays on beyond the countdown."""
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.QUEUE, STREAM))
    room.at += 31 * 60
    room.tell(Tick(0))
    assert (room.hand, room.director.state.hold_until) == (Hand.HELD, None)
    return room


def test_an_endless_stream_of_theirs_is_left_alone_for_as_long_as_it_plays() -> None:
    room = hold_for_a_stream()
    room.at += 1e5
    assert kinds(room.tell(Tick(0))) == []
    room.tell(PlayerChanged(THEIRS))
    assert room.director.state.hold_until is not None


def test_a_hold_that_ends_over_a_stopped_player_waits() -> None:
    room = Room()
    room.ready(THEIRS)
    room.tell(PlayerChanged(PlayerReport(PlayState.STOP, None, 0, ("t1", "t2"))))
    room.at += 31 * 60
    room.tell(Tick(0))
    assert room.hand is Hand.WAITING


def test_hold_and_resume_commands() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(Hold(5))
    until = room.director.state.hold_until
    assert until is not None
    assert until.monotonic == pytest.approx(room.at + 300)
    assert kinds(room.mood(Emotion.SAD)) == []
    assert kinds(room.tell(Resume())) == [PlaySongs]


def test_next_skips_only_what_plays() -> None:
    room = Room()
    room.ready()
    assert kinds(room.tell(Next())) == []
    room.obey(room.mood(Emotion.HAPPY))
    assert kinds(room.tell(Next())) == [Skip]


def test_play_goes_on_with_a_person_s_paused_music_and_leaves_it_theirs() -> None:
    room = Room()
    room.ready(PlayerReport(PlayState.PAUSE, Song("t1", "", "", 200), 10, ("t1",)))
    assert kinds(room.tell(Play())) == [Unpause]
    assert room.hand is Hand.HELD


# --- losses


def lost(room: Room) -> None:
    room.tell(PlayerLost("MPD is gone"))
    assert room.director.state.report.state is PlayState.DOWN


def test_our_music_is_asserted_again_after_a_server_that_came_back_empty() -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    assert playing.song is not None
    second = PlayerReport(PlayState.PLAY, Song(playing.queue[1], "", "", 200), 5, playing.queue)
    room.tell(PlayerChanged(second))
    lost(room)
    room.mood(RoomState.NOBODY)
    [play] = [effect for effect in room.tell(PlayerConnected(NOTHING)) if isinstance(effect, PlaySongs)]
    assert play.selection.songs[play.first] == playing.queue[1]


def test_what_a_person_stopped_stays_stopped_over_a_loss() -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.STOP, PlayerReport(PlayState.STOP, None, 0, playing.queue)))
    lost(room)
    assert kinds(room.tell(PlayerConnected(NOTHING))) == []
    assert kinds(room.mood(Emotion.SAD)) == []


def test_a_server_that_comes_back_with_other_music_is_held() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    lost(room)
    assert kinds(room.tell(PlayerConnected(THEIRS))) == []
    assert room.hand is Hand.HELD


def test_a_mood_that_changed_while_the_server_was_down_is_played_afterwards() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    lost(room)
    assert verdicts(room.mood(Emotion.SAD)) == [(Verb.KEPT, "no player: MPD is gone")]
    effects = room.tell(PlayerConnected(NOTHING))
    assert [e.selection.mood for e in effects if isinstance(e, PlaySongs)] == [Emotion.SAD]


def test_a_server_that_dies_in_the_middle_of_a_switch_plays_the_new_mood_afterwards() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    [play] = [effect for effect in room.mood(Emotion.SAD) if isinstance(effect, PlaySongs)]
    room.tell(PlayFailed(play, "the link broke"))
    lost(room)
    assert [e.selection.mood for e in room.tell(PlayerConnected(NOTHING)) if isinstance(e, PlaySongs)] == [
        Emotion.SAD
    ]


def test_songs_that_the_player_refuses_are_tried_again_with_the_next_mood() -> None:
    room = Room()
    room.ready()
    [play] = [effect for effect in room.mood(Emotion.HAPPY) if isinstance(effect, PlaySongs)]
    assert verdicts(room.tell(PlayFailed(play, "no such song"))) == [
        (Verb.KEPT, "the player refused: no such song")
    ]
    assert kinds(room.mood(Emotion.HAPPY)) == [PlaySongs]


def test_half_a_queue_of_ours_is_ours() -> None:
    room = Room()
    happy = room.plays(Emotion.HAPPY)
    [play] = [effect for effect in room.mood(Emotion.SAD) if isinstance(effect, PlaySongs)]
    room.tell(PlayerLost("MPD is gone"))
    room.tell(PlayFailed(play, "the link broke"))
    effects = room.tell(PlayerConnected(replace(happy, queue=(*happy.queue, play.selection.songs[0]))))
    assert room.hand is Hand.FREE
    assert [e.selection.mood for e in effects if isinstance(e, PlaySongs)] == [Emotion.SAD]


def test_a_wait_that_the_player_refuses_leaves_what_plays_ours() -> None:
    room = Room(switch="song_end")
    happy = room.plays(Emotion.HAPPY)
    [arm] = [effect for effect in room.mood(Emotion.SAD) if isinstance(effect, ArmSongs)]
    room.tell(PlayFailed(arm, "the link broke"))
    room.tell(PlayerLost("MPD is gone"))
    effects = room.tell(PlayerConnected(happy))
    assert (kinds(effects), room.hand) == ([ArmSongs], Hand.FREE)


# --- absence


def test_absence_pauses_only_when_told_and_resumes_only_what_it_paused() -> None:
    room = Room(absence=10)
    playing = room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    assert kinds(room.tell(Tick(0))) == []
    room.at += 600
    assert kinds(room.tell(Tick(0))) == [Pause]
    room.tell(PlayerChanged(PlayerReport(PlayState.PAUSE, playing.song, 60, playing.queue)))
    assert kinds(room.mood(Emotion.HAPPY)) == [Unpause]


def test_nobody_keeps_the_music_by_default() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.at += 1e5
    assert kinds(room.tell(Tick(0))) == []


def test_sensing_is_passed_on() -> None:
    assert Room().tell(Sensing(on=False)) == [SetSensing(on=False)]


@pytest.mark.parametrize(
    "text", ["", "x", "happy\x1fa\x1fb\x1fc", "joy\x1fa\x1fb\x1f1\x1fs", "happy\x1fa\x1fb\x1fx\x1fs"]
)
def test_a_stored_selection_that_is_damaged_is_forgotten(text: str) -> None:
    assert load_selection(text) is None


# --- choices that meet


def test_a_hold_takes_a_waiting_switch_back() -> None:
    room, report, _ = wait_for_sad()
    [arm] = [effect for effect in room.tell(Hold(None)) if isinstance(effect, ArmSongs)]
    assert report.song is not None
    assert {report.song.uri, *arm.songs} == {"h1", "h2", "h3"}
    assert (room.hand, room.director.state.pending) == (Hand.HELD, None)


def test_a_hold_takes_a_waiting_switch_back_from_a_single_song_too() -> None:
    room = Room(switch="song_end")
    room.tell(MusicChanged({Emotion.HAPPY: replace(HAPPY, songs=("h1",)), Emotion.SAD: SAD}))
    room.tell(PlayerConnected(NOTHING))
    room.obey(room.mood(Emotion.HAPPY))
    assert kinds(room.mood(Emotion.SAD)) == [ArmSongs]
    [arm] = [effect for effect in room.tell(Hold(None)) if isinstance(effect, ArmSongs)]
    assert set(arm.songs) == {"h1"}


def test_a_switch_that_comes_to_pass_under_a_hold_is_told() -> None:
    room, report, _ = wait_for_sad()
    room.tell(PersonActed(Act.SEEK, report))
    assert (room.hand, room.director.state.pending) == (Hand.HELD, None)
    sad = Song(report.queue[1], "", "", 200)
    assert verdicts(room.tell(PlayerChanged(replace(report, song=sad))))[0][0] is Verb.SWITCHED
    assert room.director.state.selection is not None
    assert room.director.state.selection.mood is Emotion.SAD


@pytest.mark.parametrize("goes_on", ["player", "command"])
def test_a_switch_that_waited_through_a_pause_is_taken_back_when_its_mood_is_gone(goes_on: str) -> None:
    room, report, _ = wait_for_sad()
    room.tell(PersonActed(Act.PAUSE, replace(report, state=PlayState.PAUSE)))
    room.mood(Emotion.HAPPY)
    if goes_on == "player":
        effects = room.tell(PersonActed(Act.PLAY, report))
    else:
        assert kinds(room.tell(Play())) == [Unpause]
        effects = room.tell(PlayerChanged(report))
    assert kinds(effects) == [ArmSongs]
    assert room.director.state.pending is None


def test_a_hold_does_not_end_what_a_person_stopped() -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.STOP, replace(playing, state=PlayState.STOP)))
    room.tell(Hold(30))
    room.at += 31 * 60
    room.tell(Tick(0))
    assert room.hand is Hand.WAITING
    assert kinds(room.mood(Emotion.SAD)) == []


@pytest.mark.parametrize("act", [Act.NEXT, Act.PREVIOUS])
def test_next_in_our_paused_queue_plays_on(act: Act) -> None:
    room = Room()
    playing = room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.PAUSE, replace(playing, state=PlayState.PAUSE)))
    room.tell(PersonActed(act, replace(playing, song=Song(playing.queue[1], "", "", 200))))
    assert room.hand is Hand.FREE


@pytest.mark.parametrize("by", ["player", "command"])
def test_absence_does_not_pause_what_a_person_has_just_started(by: str) -> None:
    room = Room(absence=10)
    playing = room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.at += 601
    assert kinds(room.tell(Tick(0))) == [Pause]
    room.tell(PlayerChanged(replace(playing, state=PlayState.PAUSE)))
    if by == "command":
        assert kinds(room.tell(Play())) == [Unpause]
        room.tell(PlayerChanged(playing))
    else:
        room.tell(PersonActed(Act.PLAY, playing))
    assert kinds(room.tell(Tick(0))) == []
    room.at += 601
    assert kinds(room.tell(Tick(0))) == [Pause]


def test_what_absence_paused_stays_silent_in_quiet_hours() -> None:
    room = Room(absence=10, quiet="22:00-07:00")
    room.tell(Tick(12 * 60))
    playing = room.plays(Emotion.HAPPY)
    room.mood(RoomState.NOBODY)
    room.at += 601
    room.tell(Tick(21 * 60))
    room.tell(PlayerChanged(replace(playing, state=PlayState.PAUSE)))
    room.tell(Tick(23 * 60))
    assert kinds(room.mood(Emotion.HAPPY)) == []
    room.tell(Tick(8 * 60))
    assert kinds(room.mood(Emotion.HAPPY)) == [Unpause]


def test_absence_pauses_only_our_music() -> None:
    room = Room(absence=10)
    room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.QUEUE, THEIRS))
    room.mood(RoomState.NOBODY)
    room.at += 31 * 60
    assert kinds(room.tell(Tick(0))) == []
    assert room.hand is Hand.FREE


def test_a_server_that_dies_with_their_music_does_not_get_ours() -> None:
    room = Room()
    room.plays(Emotion.HAPPY)
    room.tell(PersonActed(Act.QUEUE, THEIRS))
    room.mood(RoomState.NOBODY)
    room.at += 31 * 60
    room.tell(Tick(0))
    room.tell(PlayerLost("killed"))
    assert kinds(room.tell(PlayerConnected(NOTHING))) == []


def test_a_server_that_comes_back_with_an_older_queue_of_ours_gets_the_newer_one() -> None:
    room = Room()
    happy = room.plays(Emotion.HAPPY)
    sad = room.obey(room.mood(Emotion.SAD))
    room.tell(PlayerLost("killed"))
    [play] = [effect for effect in room.tell(PlayerConnected(happy)) if isinstance(effect, PlaySongs)]
    assert play.selection.songs == sad.queue
    assert room.hand is Hand.FREE


def test_a_hold_for_a_stream_gets_a_countdown_when_its_server_died() -> None:
    room = hold_for_a_stream()
    room.tell(PlayerLost("killed"))
    room.tell(PlayerConnected(NOTHING))
    assert room.director.state.hold_until is not None
    room.at += 31 * 60
    room.tell(Tick(0))
    assert room.hand is Hand.FREE
