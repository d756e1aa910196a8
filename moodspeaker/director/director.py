"""The director: events in, effects out.  It knows no clock, loop, thread or library.

Design notes
============
The speaker changes **what** plays, not **whether** it plays.

*Whose it is*: see `control`.  *What a mood leads to*: see `following`.  *How it comes to sound*: see `flow`.
*When it pauses*: see `pausing`.

*Change.*  Ours and playing, a new mood with music: at the song's end (the switch is *pending*), or at once
with `music.switch = "now"`.  Room states and moods without music keep what plays.

*Start.*  A person starts music; with `listen.start = "arrival"` a mood read from a face does too, when the
music is ours, nothing plays, and outside `listen.quiet`.  What `listen.absence_pause` paused goes on when
someone is back; like a start, not within `listen.quiet`.  After a lost music server the state last seen is
restored: ours was playing, so it plays again.

Every decision and every refusal is a `Decision`: its rule, and the evidence of the event that led to it.

    event                      what it may lead to
    MoodChange                 switch, start on arrival, play on after an absence
    PlayerConnected            whose it is at first contact; restore what was lost
    PlayerLost                 everything that is on its way is dropped
    PlayerChanged, TrackEnded  a pending switch has happened; more songs; another try
    PersonActed                hold, stop, release; skipping tells nothing but itself
    MusicChanged               switch to a mood that has music now; another try
    commands                   as their names say
    Tick                       end of a hold, pause when nobody is there, more songs, another try
    ProgrammeReady, NoProgramme, Confirmed, Failed   the next step of a wish
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from moodspeaker.director.aiming import Aiming
from moodspeaker.director.commanding import Commanding
from moodspeaker.director.control import Control
from moodspeaker.director.effects import (
    Confirmed,
    Effect,
    Event,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    NoProgramme,
    PausePlaying,
    PlayProgramme,
    ProgrammeReady,
    QueueProgramme,
    StartPlaying,
    Tick,
)
from moodspeaker.director.flow import MusicFlow
from moodspeaker.director.following import Following
from moodspeaker.director.holding import Holding
from moodspeaker.director.kept_holder import KeptHolder
from moodspeaker.director.pausing import Pausing
from moodspeaker.director.skipping import Skipping
from moodspeaker.director.standing import Standing
from moodspeaker.director.state import NO_REPORT, State, Turn
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
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.mood import MoodChange
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayerReport,
    PlayState,
    TrackEnded,
)

if TYPE_CHECKING:
    from random import Random

    from moodspeaker.director.effects import PlayerEffect
    from moodspeaker.director.settings import DirectorSettings
    from moodspeaker.director.state import Chosen
    from moodspeaker.domain.moment import Moment
    from moodspeaker.music.journey import Journey
    from moodspeaker.music.recent import RecentProgrammes


class Director:
    """Takes events one after another and answers each with effects."""

    def __init__(
        self,
        settings: DirectorSettings,
        recent: RecentProgrammes,
        chance: Random,
        *,
        override: Emotion | None = None,
        chosen: Chosen | None = None,
        journey: Journey | None = None,
        kept: KeptHolder | None = None,
        stood: PlayState | None = None,
    ) -> None:
        """Begin unsure and without a player; the others are of before a restart."""
        self.state = State(override=override, chosen=chosen, journey=journey, programme=recent.current)
        self._flow = MusicFlow(self.state, settings.music, recent, chance)
        self._holding = Holding(self.state, self._flow, settings.hold, kept or KeptHolder())
        self._aiming = Aiming(self.state, settings.target)
        self._following = Following(self.state, self._flow, self._aiming, settings.listen)
        self._pausing = Pausing(self.state, self._flow, settings.listen)
        self._standing = Standing(self.state, stood)
        self._skipping = Skipping(self.state)
        self._commanding = Commanding(
            self.state,
            self._flow,
            self._holding,
            self._following,
            self._pausing,
            self._skipping,
            self._aiming,
        )
        self._skipped_on_journey = False
        """Whether the song that ended last was one of a journey."""
        self._contacted = False

    def adopt(self, settings: DirectorSettings) -> None:
        """Go on with other settings."""
        self._following.settings = self._pausing.settings = settings.listen
        self._holding.settings, self._flow.settings = settings.hold, settings.music
        self._aiming.settings = settings.target

    def wants(self, order: PlayerEffect) -> bool:
        """Tell, before the player begins with it, whether an order is still to be carried out."""
        match order:
            case PlayProgramme() | QueueProgramme() | ExtendQueue():
                return self._flow.wants(order)
            case StartPlaying():
                return self.state.holder.control is not Control.STOPPED_BY_USER
            case PausePlaying() | GoToNext() | GoToPrevious():
                return True
            case _:
                assert_never(order)

    def handle(self, event: Event, now: Moment) -> list[Effect]:
        """Take one event; return what is asked for, in order."""
        match event:
            case MoodChange():
                turn = self._mood_changed(event, now)
            case Override() | Target() | Hold() | Resume() | Play() | Pause() | Next() | Previous():
                self._pausing.somebody_is_there(now)
                turn = self._commanding.command(event, now)
            case Like() | Dislike() | WrongMood():
                self._pausing.somebody_is_there(now)
                turn = self._commanding.verdict(event, now)
            case PersonActed():
                self._pausing.somebody_is_there(now)
                turn = self._person_acted(event, now)
            case PlayerConnected(report):
                turn = self._connected(report, now)
            case PlayerLost() | PlayerChanged() | TrackEnded() | MusicChanged():
                turn = self._player_told(event, now)
            case Tick():
                turn = self._tick(event, now)
            case ProgrammeReady() | NoProgramme() | Confirmed() | Failed():
                turn = self._answered(event, now)
            case _:
                assert_never(event)
        self._aiming.keep(turn)
        self._holding.keep(turn)
        return turn.effects

    # --- the room -------------------------------------------------------------------------------------------

    def _mood_changed(self, change: MoodChange, now: Moment) -> Turn:
        confidence = round(change.confidence, 2)
        took_part = {"sources": ", ".join(change.sources)} if change.sources else {}
        previous = str(change.previous)
        turn = Turn(self.state, now, change.cause, confidence=confidence, previous=previous, **took_part)
        self.state.mood, self.state.since, self.state.sensed = change.current, now, change.affect
        if not isinstance(change.current, Emotion):
            if self.state.playing:
                turn.record(Verb.KEPT, Rule.ROOM_STATE, state=str(change.current))
        elif self._pausing.paused_for_absence and self.state.holder.ours and not self._following.quiet:
            turn.add(StartPlaying(turn.why(Verb.RESUMED, Rule.SOMEONE_BACK)))
        else:
            self._following.follow(turn, arrival=change.cause == "face")
        return turn

    # --- the player -----------------------------------------------------------------------------------------

    def _connected(self, report: PlayerReport, now: Moment) -> Turn:
        first, self._contacted = not self._contacted, True
        turn = Turn(self.state, now, "first contact" if first else "contact again")
        self.state.report, self.state.lost = report, ""
        self._flow.see(turn)
        self._holding.end_of_their_stream(turn)
        if first:
            self._holding.first_contact(turn, stood=self._standing.as_before is not None)
            self._pausing.first_contact(paused=self._standing.as_before is PlayState.PAUSE)
        elif self._pausing.owed:
            self._pausing.pause_for_person(turn)
        else:
            self._holding.contact_again(turn)
        if self._flow.should_play and not self.state.plays_ours:
            self._following.restore(turn)
        else:
            self._flow.should_play = self.state.plays_ours
            self._following.follow(turn)
        return turn

    def _player_told(
        self, event: PlayerLost | PlayerChanged | TrackEnded | MusicChanged, now: Moment
    ) -> Turn:
        turn = Turn(self.state, now, "the library" if isinstance(event, MusicChanged) else "player")
        match event:
            case PlayerLost(reason):
                self._flow.lose()
                self._pausing.lose()
                self._skipping.lose()
                self.state.report, self.state.lost, self.state.pending = NO_REPORT, reason, None
            case PlayerChanged(report):
                self._changed(turn, report)
            case TrackEnded():
                self._flow.ended(event)
                self._skipped_on_journey = self.state.is_of_journey(event.programme)
                if self._skipping.ended(turn, event):
                    self._skipped(turn)
            case MusicChanged(music):
                self.state.music = music
                self._flow.faults.retry_soon()
                self._following.catch_up(turn)
            case _:
                assert_never(event)
        return turn

    def _changed(self, turn: Turn, report: PlayerReport) -> None:
        before, self.state.report = self.state.report.state, report
        pending = self.state.pending
        self._skipping.reported()
        self._flow.see(turn)
        self._holding.end_of_their_stream(turn)
        if self.state.plays_ours:
            self._flow.should_play = True
            stands_ahead = pending is None and self.state.pending is not None
            if before is not PlayState.PLAY or stands_ahead:
                # the mood changed while the music stood still, or an older queue came back
                self._following.catch_up(turn)
        self._flow.stopped(turn, before)
        self._flow.top_up(turn)

    def _person_acted(self, event: PersonActed, now: Moment) -> Turn:
        act, report = event.act, event.report
        song = report.song.uri if report.song is not None else None
        turn = Turn(self.state, now, "person", act=str(act), song=song)
        self._pausing.forget()
        if act in (Act.NEXT, Act.PREVIOUS) and (report.ours or not self.state.holder.ours):
            self._person_skipped(turn, report, act)
            return turn
        before, self.state.report = self.state.report, report
        self._flow.see(turn)
        self._flow.drop()
        if act in (Act.STOP, Act.PAUSE):
            self._holding.leave_stopped(turn, Rule.PERSON_STOPPED_NOW, act=str(act))
        elif act is Act.PLAY and report.ours:
            self._holding.release(turn, Rule.PERSON_STARTED_OURS)
            self._following.follow(turn)
        elif act is Act.PLAY and self.state.holder.control is Control.HELD and before.length:
            pass  # they go on with what they chose
        elif self.state.playing:
            rule = Rule.PERSON_STARTED_THEIRS if act is Act.PLAY else Rule.PERSON_CHANGED
            self._holding.hold(turn, rule, act=str(act))
        else:
            self._holding.leave_stopped(turn, Rule.PERSON_CHANGED, act=str(act))
        self._flow.top_up(turn)
        return turn

    def _person_skipped(self, turn: Turn, report: PlayerReport, act: Act) -> None:
        skipped = self._skipping.person(turn, act)
        stopped = self.state.holder.control is Control.STOPPED_BY_USER
        self._changed(turn, report)
        if skipped:
            self._skipped(turn)
        if not (stopped and self.state.playing):
            return
        if report.ours:
            self._holding.release(turn, Rule.PERSON_STARTED_OURS)
            self._following.follow(turn)
        else:
            self._holding.hold(turn, Rule.PERSON_STARTED_THEIRS, act=str(act))

    def _skipped(self, turn: Turn) -> None:
        """See whether a person wants no more of a journey."""
        if self._skipped_on_journey and self._aiming.skipped(turn):
            self._following.leave_journey(turn)

    # --- time -----------------------------------------------------------------------------------------------

    def _tick(self, tick: Tick, now: Moment) -> Turn:
        turn = Turn(self.state, now, "time")
        self._following.minute = tick.minute
        held = not self.state.holder.ours
        self._holding.countdown(turn)
        if held and self.state.holder.ours:
            self._following.follow(turn)
        self._pausing.tick(turn)
        self._standing.tick(turn)
        if self._flow.faults.take_due(turn):
            if self._pausing.owed:
                self._pausing.pause_for_person(turn)
            else:
                self._following.try_again(turn)
        if self._aiming.tick(turn, tick.sensed):
            self._following.catch_up(turn)
        self._flow.tick(turn)
        return turn

    # --- answers --------------------------------------------------------------------------------------------

    def _answered(self, event: ProgrammeReady | NoProgramme | Confirmed | Failed, now: Moment) -> Turn:
        turn = Turn(self.state, now, "player")
        match event:
            case ProgrammeReady():
                self._flow.ready(turn, event)
            case NoProgramme():
                missing = self._flow.no_music(turn, event)
                if missing is not None and self._aiming.no_songs(turn, missing.mood):
                    self._go_on_without(turn)
            case Confirmed(effect):
                self._confirmed(turn, effect)
            case Failed():
                self._failed(turn, event)
            case _:
                assert_never(event)
        return turn

    def _go_on_without(self, turn: Turn) -> None:
        """Let the mood's own music take the place of a journey that has no songs."""
        if self.state.playing:
            self._following.catch_up(turn)
        elif self._flow.should_play:
            self._following.try_again(turn)

    def _confirmed(self, turn: Turn, effect: PlayerEffect) -> None:
        outdated = not self.wants(effect)
        self._skipping.answered(effect)
        self._flow.confirmed(turn, effect)
        if isinstance(effect, PausePlaying):
            self._pausing.confirmed(effect)
        elif isinstance(effect, PlayProgramme | StartPlaying):
            self._pausing.forget()
            if self.state.holder.control is Control.STOPPED_BY_USER and self.state.playing:
                self._pausing.pause_for_person(turn)  # it was on its way when they stopped the music
        if outdated:
            self._following.catch_up(turn)
            if self.state.holder.control is Control.HELD and self._flow.coming != self._flow.current:
                self._flow.cancel(turn, None)  # it was on its way when the music was held

    def _failed(self, turn: Turn, event: Failed) -> None:
        effect = event.effect
        came_too_late = isinstance(effect, PlayProgramme | QueueProgramme) and not self.wants(effect)
        self._skipping.answered(effect)
        self._flow.failed(turn, event)
        if isinstance(effect, PausePlaying):
            self._pausing.failed(turn, effect)
        if event.superseded and isinstance(effect, PlayProgramme | QueueProgramme | StartPlaying):
            self._outdated(turn)
        elif came_too_late:
            self._following.catch_up(turn)

    def _outdated(self, turn: Turn) -> None:
        """Ask again for what a person outdated, if they only skipped meanwhile and it is still wanted."""
        if self.state.playing:
            self._following.catch_up(turn)
        elif self._flow.should_play and not self._flow.starting:
            self._flow.faults.retry_later(turn)
