"""Whatever happens in a room, and in whichever order, these hold (a stateful property test of the director).

The player takes its time: it begins an order, and what happens before it is through happens in between.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.director_room import MATCH_ALL, STREAM, THEIRS, Room, stored

from moodspeaker.director.control import Control
from moodspeaker.director.effects import (
    Confirmed,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    PlayProgramme,
    QueueProgramme,
    Record,
    StartPlaying,
    Why,
)
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.commands import (
    Dislike,
    Hold,
    Like,
    Next,
    Override,
    Pause,
    Play,
    Previous,
    Resume,
    Target,
    WrongMood,
)
from moodspeaker.domain.decision import Verb
from moodspeaker.domain.emotion import Affect, Emotion, distance
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import MoodChange, RoomState
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import MusicSource
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.recent import MOST, SONGS
from moodspeaker.music.target import TargetSettings

if TYPE_CHECKING:
    from moodspeaker.director.effects import DirectorCommand, Effect, Event
    from moodspeaker.domain.decision import Decision
    from moodspeaker.music.journey import Journey

MUSIC = {
    Emotion.HAPPY: stored(Emotion.HAPPY, 3),
    Emotion.SAD: stored(Emotion.SAD, 60),
    Emotion.ANGRY: stored(Emotion.ANGRY, 1),
    Emotion.DISGUST: MusicSource("nearest to disgust", "index", tuple(f"disgust{n}" for n in range(40))),
    Emotion.SURPRISE: MusicSource("radio", "stored playlist", (STREAM + "surprise",)),
}
MOODS = st.sampled_from([*MUSIC, *MUSIC, Emotion.FEAR, RoomState.NOBODY, RoomState.DARK])
COMMANDS = st.sampled_from(
    [Hold(), Hold(1), Resume(), Play(), Play(), Pause(), Next(), Previous(), Override(None)]
    + [Like(), Dislike(), WrongMood(), Target(None), *(Target(aim) for aim in Aim)]
    + [Override(mood) for mood in (*MUSIC, Emotion.FEAR)]
)
OTHER_COMMANDS = (Hold, Resume, Play, Pause, Next, Previous, Target, Like, Dislike, WrongMood)
LONGEST_QUEUE = 120
"""Songs: those that were played, those ahead, and what one draw adds."""


class WhateverHappens(RuleBasedStateMachine):
    """A room in which anything may happen."""

    @initialize(
        start=st.sampled_from(["person", "arrival"]),
        switch=st.sampled_from(["song_end", "now", "fade"]),
        absence=st.sampled_from([0.0, 10.0]),
        aims=st.sampled_from([MATCH_ALL, TargetSettings(sad="off", disgust="lift", lift_after=5)]),
        player=st.sampled_from(["ours", "ours", "ours", "empty", "theirs"]),
    )
    def enter(self, start: str, switch: str, absence: float, aims: TargetSettings, player: str) -> None:
        self.words = {"start": start, "switch": switch, "absence": absence, "target": aims}
        self.room = Room(music=MUSIC, **self.words)  # type: ignore[arg-type]
        self.room.player.crossfade = 4.0
        if player == "theirs":
            self.room.player.act(Act.QUEUE, THEIRS)
        self.watch_room()
        self.room.connect()
        if player == "ours":
            self.room.mood(Emotion.HAPPY)
            self.music_plays()

    def watch_room(self) -> None:
        self.room.answering = False
        self.room.watch = self.see
        self.open: dict[int, Why] = {}
        """Why each programme was put behind another, as the player was asked and did it."""
        self.skips: list[Why] = []
        self.connected = False
        self.journey: Journey | None = None

    # --- what happens

    @rule(mood=MOODS, cause=st.sampled_from(["face", "face", "sensing"]), begins=st.booleans())
    def the_mood_changes(self, mood: Emotion | RoomState, cause: str, begins: bool) -> None:  # noqa: FBT001 - drawn
        self.room.mood(mood, cause)
        if begins:
            self.the_player_begins()

    @rule(mood=st.sampled_from([Emotion.HAPPY, Emotion.SAD]))
    def the_mood_changes_and_the_player_follows(self, mood: Emotion) -> None:
        self.room.mood(mood)
        self.the_player_does_all()

    @rule(command=COMMANDS, done=st.sampled_from(["", "begins", "all"]))
    def somebody_commands(self, command: DirectorCommand, done: str) -> None:
        self.room.tell(command)
        if done == "begins":
            self.the_player_begins()
        if done != "all":
            return
        self.the_player_does_all()
        control, state = self.room.control, self.room.state
        if isinstance(command, Hold) and state.playing and control is Control.HELD:
            assert self.room.pending is None or state.report.programme is None
        if isinstance(command, Pause) and self.connected and control is Control.STOPPED_BY_USER:
            assert self.room.player.playing is not PlayState.PLAY

    @precondition(lambda self: self.room.control is not Control.OURS or not self.room.state.playing)
    @rule()
    def music_plays(self) -> None:
        self.room.tell(Resume())
        self.room.tell(Play())
        self.the_player_does_all()

    @precondition(lambda self: self.connected)
    @rule(act=st.sampled_from(Act), known=st.booleans())
    def a_person_acts(self, act: Act, known: bool) -> None:  # noqa: FBT001 - drawn
        uris = (STREAM,) if act is Act.QUEUE and self.room.at % 2 else THEIRS
        self.room.act(act, *uris)
        if known:
            self.room.settle()

    @precondition(lambda self: self.connected and self.room.player.playing is PlayState.PLAY)
    @rule(known=st.booleans())
    def the_song_ends(self, known: bool) -> None:  # noqa: FBT001 - drawn
        if STREAM not in self.room.uris[self.room.player.place]:
            self.room.end_song()
            if known:
                self.room.settle()

    @precondition(lambda self: self.room.waiting and self.room.begun is None)
    @rule()
    def the_player_begins(self) -> None:
        if self.room.waiting and self.room.begun is None:
            self.room.begin()
            self.room.settle()

    @precondition(lambda self: self.room.begun is not None)
    @rule(refuses=st.sampled_from(["", "", "", "no such song", "superseded"]))
    def the_player_is_through(self, refuses: str) -> None:
        if refuses == "superseded" and self.room.begun is not None:
            (_, effect), self.room.begun = self.room.begun, None
            self.room.events.append(Failed(effect, "a person came first", superseded=True))
        self.room.refuses = refuses
        self.room.finish()
        self.room.refuses = ""
        self.room.settle()

    @precondition(lambda self: self.room.waiting or self.room.begun)
    @rule()
    def the_player_does_all(self) -> None:
        while self.room.waiting or self.room.begun or self.room.events:
            self.room.finish()
            self.room.settle()
            if self.room.waiting:
                self.room.begin()

    @rule(seconds=st.sampled_from([1, 20, 70, 700, 2000]), sensed=st.sampled_from([None, *POINTS.values()]))
    def time_passes(self, seconds: int, sensed: Affect | None) -> None:
        self.room.sensed = sensed
        self.room.ticks(seconds, step=max(1, seconds / 5))

    @rule()
    def songs_lie_on_the_way_or_not(self) -> None:
        self.room.chooser.knows_ways = not self.room.chooser.knows_ways

    @rule(what=st.sampled_from(["loss", "loss", "restart", "library", "fault"]), draw=st.data())
    def something_rare_happens(self, what: str, draw: st.DataObject) -> None:
        playing = self.room.player.playing is PlayState.PLAY
        match what:
            case "loss" if self.connected:
                self.lose_player(fails_first=draw.draw(st.booleans()))
            case "loss":
                queue = draw.draw(st.sampled_from(["kept", "kept", "empty", "older", "theirs"]))
                states = st.sampled_from([PlayState.PLAY, PlayState.PAUSE, PlayState.STOP])
                self.player_comes_back(queue, draw.draw(states))
            case "restart" if self.connected:
                before, over = self.room.state.holder, self.room.state.holder.over(Moment(self.room.at, 0))
                self.room = self.room.restarted(**self.words, override=self.room.state.override)
                self.watch_room()
                self.room.connect()
                after, plays = self.room.control, self.room.player.playing is PlayState.PLAY
                assert before.control is not Control.HELD or over or after is Control.HELD
                assert before.control is not Control.STOPPED_BY_USER or plays or after is before.control
            case "fault" if self.connected and playing:
                self.room.player.fault = "no sound card"
                self.room.player.fail()
                self.room.player.fault = ""
                self.room.tell_change()
                self.room.settle()
            case _:
                gone = draw.draw(st.sampled_from([None, *MUSIC]))
                self.room.change_music({mood: source for mood, source in MUSIC.items() if mood is not gone})

    def lose_player(self, *, fails_first: bool) -> None:
        begun = self.room.begun
        if begun is not None and fails_first:
            self.room.events.append(Failed(begun[1], "the link broke"))
        self.connected = False
        self.room.lose_player()
        if begun is not None and not fails_first:
            self.room.tell(Failed(begun[1], "the link broke"))

    def player_comes_back(self, queue: str, playing: PlayState) -> None:
        older = [uri for programme in self.room.recent for uri in programme.songs[-3:]]
        songs = {"kept": self.room.uris, "empty": (), "older": older[-6:-2], "theirs": THEIRS}[queue]
        self.room.player_comes_back(*songs, playing=playing if songs else PlayState.STOP)

    # --- what holds after each event

    def see(self, event: Event, effects: list[Effect]) -> None:
        state = self.room.state
        match event:
            case PlayerConnected():
                self.connected = True
            case Confirmed(QueueProgramme(programme, Why() as why)) if state.programme is None or (
                state.programme.id != programme.id  # else it goes on behind its own song
            ):
                self.open[programme.id] = why
            case _:
                pass
        for effect in effects:
            match effect:
                case PlayProgramme() | StartPlaying():
                    assert state.holder.control is not Control.STOPPED_BY_USER, (event, effect)
                    if isinstance(effect, PlayProgramme):
                        assert state.holder.control is Control.OURS, (event, effect)
                case QueueProgramme(programme):
                    goes_on = state.programme is not None and state.programme.mood is programme.mood
                    held = isinstance(event, Hold | Confirmed)
                    assert state.holder.ours or (held and goes_on), (event, effect)
                case ExtendQueue(programme):
                    assert programme.id == state.report.programme, (event, effect)
                case GoToNext(why) | GoToPrevious(why):
                    self.skips.append(why)
                case Record(decision):
                    self.see_evidence(event, decision)
                    self.see_confirmed(event, decision)
                case _:
                    pass

    def see_evidence(self, event: Event, decision: Decision) -> None:
        """A decision's evidence is of its event, or of the wish that the event confirms."""
        causes = {"time", "player"}
        carried: list[Why | None] = []
        match event:
            case MoodChange(cause=cause):
                causes = {cause}
            case Override():
                causes = {"override"}
            case _ if isinstance(event, OTHER_COMMANDS):
                causes = {"command"}
            case PersonActed():
                causes = {"person"}
            case MusicChanged():
                causes = {"the library"}
            case PlayerConnected():
                causes = {"first contact", "contact again"}
            case Confirmed(effect):
                carried = [getattr(effect, "why", None)]
            case TrackEnded():
                carried = [*self.skips]
            case _:
                pass
        if decision.verb is Verb.SWITCHED and not isinstance(event, Confirmed):
            carried.append(self.open.pop(self.room.state.report.programme or 0, None))
            causes = causes if carried == [None] else set()
        evidences = [why.evidence.items() for why in carried if why is not None]
        assert decision.evidence["cause"] in causes or any(
            evidence <= decision.evidence.items() for evidence in evidences
        ), (event, decision)

    def see_confirmed(self, event: Event, decision: Decision) -> None:
        """Nothing is recorded as switched or started that the player did not confirm."""
        if decision.verb not in (Verb.SWITCHED, Verb.STARTED, Verb.PAUSED):
            return
        confirmed = isinstance(event, Confirmed) and event.effect.why.rule is decision.reason.rule  # type: ignore[union-attr]
        report, programme = self.room.state.report, self.room.state.programme
        happened = (
            programme is not None and report.programme == programme.id and programme.mood == decision.mood
        )
        seen = isinstance(event, PlayerConnected | PlayerChanged | PersonActed | Confirmed) and happened
        assert confirmed or (seen and decision.verb is Verb.SWITCHED), (event, decision)

    # --- what holds in between

    @invariant()
    def nothing_grows(self) -> None:
        room = self.room
        assert len(room.player.queue) <= LONGEST_QUEUE
        assert len(list(room.recent)) <= MOST
        assert all(len(programme.songs) <= SONGS for programme in room.recent)
        assert len(room.saved.get("programmes", "")) < MOST * 20 * SONGS
        assert len(room.director._flow._reasons) <= MOST
        assert len(room.waiting) + room.director._skipping.open <= 200

    @invariant()
    def what_is_shown_as_pending_is_in_the_queue(self) -> None:
        pending, report = self.room.state.pending, self.room.state.report
        if pending is not None:
            assert report.upcoming == pending.programme.id != report.programme
            if not (self.room.events or self.room.begun or self.room.waiting):
                assert set(pending.programme.songs) & set(self.room.uris)

    @invariant()
    def a_countdown_belongs_to_a_hold(self) -> None:
        holder = self.room.state.holder
        assert holder.until is None or holder.control is Control.HELD

    @invariant()
    def a_journey_goes_on_step_by_step(self) -> None:
        before, journey = self.journey, self.room.state.journey
        self.journey = journey
        if journey is None:
            return
        assert all(distance(a.affect, b.affect) <= 0.352 for a, b in pairwise(journey.steps))
        assert journey.leads or journey.skips == 2 or journey.ended is not None
        same = before is not None and [s.affect for s in before.steps] == [s.affect for s in journey.steps]
        if same and before is not None and journey.aim is before.aim and journey.skips >= before.skips:
            assert journey.at >= before.at or journey.played == 0

    @invariant()
    def nothing_is_left_open(self) -> None:
        """When the player has answered everything, no wish, order or request is open."""
        room, director = self.room, self.room.director
        if room.events or room.begun is not None or room.waiting:
            return
        flow = director._flow
        assert (flow._wish, flow._order, flow._ahead.open) == (None, None, False)
        assert (director._pausing._order, director._skipping.open) == (None, 0)

    @invariant()
    def our_music_follows_the_mood(self) -> None:
        room, state = self.room, self.room.state
        if room.events or room.begun is not None or room.waiting or room.director._flow.faults.retrying:
            return
        target = state.target
        if target is not None and state.plays_ours and target in state.music and state.led_mood is target:
            assert room.director._flow.coming == state.music_for(target)

    def teardown(self) -> None:
        """When all is well again, the music is what it should be."""
        room = self.room
        room.change_music(MUSIC)
        room.chooser.knows_ways = True
        if not self.connected:
            room.player_comes_back()
        room.settle()
        self.the_player_does_all()
        room.answering = True
        room.settle()
        room.ticks(70)
        if room.control is Control.STOPPED_BY_USER:
            assert room.player.playing is not PlayState.PLAY
        if room.control is Control.OURS and room.director._flow.should_play:
            assert room.player.playing is PlayState.PLAY


class TestWhateverHappens(WhateverHappens.TestCase):  # type: ignore[name-defined,misc]
    settings: ClassVar[settings] = settings(
        max_examples=100,
        stateful_step_count=40,
        phases=[Phase.reuse, Phase.generate, Phase.shrink],  # to explain a failure takes minutes
    )


def test_a_switch_that_was_too_late_to_be_taken_back_is_followed_by_the_mood_again() -> None:
    case = WhateverHappens()
    case.enter(start="person", switch="song_end", absence=0.0, aims=MATCH_ALL, player="ours")
    case.a_person_acts(act=Act.SONG, known=False)
    case.somebody_commands(command=Override(Emotion.SAD), done="")
    case.music_plays()
    case.somebody_commands(command=Override(None), done="")
    case.the_mood_changes(begins=True, cause="face", mood=Emotion.HAPPY)
    case.the_song_ends(known=False)

    case.the_player_is_through(refuses="no such song")

    case.our_music_follows_the_mood()
    case.teardown()
