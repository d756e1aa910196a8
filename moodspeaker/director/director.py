"""The director: events in, effects out.  It knows no clock, loop, thread or library.

Design notes
============
The speaker changes **what** plays, not **whether** it plays.

*Whose it is*: see `control`.  *What plays*: see `flow`.  Here stands when it changes and when it starts:

*Change.*  Ours and playing, a new mood with music: at the song's end (the switch is *pending*), or at once with
`music.switch = "now"`.  Room states and moods without music keep what plays.

*Start.*  A person starts music; with `listen.start = "arrival"` a mood read from a face does too, when the music
is ours, nothing plays, and outside `listen.quiet`.  What `listen.absence_pause` paused goes on when someone is
back, outside `listen.quiet` too.  After a lost music server the state last seen is restored: ours was playing, so
it plays again.

Every decision and every refusal is a `Decision`: its rule, and the evidence of the event that led to it.

    event                      what it may lead to
    MoodChange                 switch, start on arrival, play on after an absence
    PlayerConnected            whose it is at first contact; restore what was lost
    PlayerChanged, TrackEnded  a pending switch has happened; more songs; another try
    PersonActed                hold, stop, release; skipping tells nothing but itself
    MusicChanged               switch to a mood that has music now
    commands                   as their names say
    Tick                       end of a hold, pause when nobody is there, another try
    ProgrammeReady, NoProgramme, Confirmed, Failed   the next step of a wish
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, assert_never

from moodspeaker.director.control import Control
from moodspeaker.director.effects import (
    Confirmed,
    Effect,
    Event,
    Failed,
    GoToNext,
    GoToPrevious,
    NoProgramme,
    PausePlaying,
    ProgrammeReady,
    SaveSetting,
    StartPlaying,
    Tick,
)
from moodspeaker.director.flow import MINUTE, MusicFlow
from moodspeaker.director.settings import quiet_hours
from moodspeaker.director.state import NO_REPORT, State, Turn
from moodspeaker.domain.commands import Hold, Next, Override, Pause, Play, Previous, Resume
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.mood import MoodChange, RoomState
from moodspeaker.domain.player import (
    Act,
    EndReason,
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

    from moodspeaker.director.settings import HoldSettings, ListenSettings, MusicSettings
    from moodspeaker.domain.moment import Moment
    from moodspeaker.music.recent import RecentProgrammes


class Director:
    """Takes events one after another and answers each with effects."""

    def __init__(
        self,
        listen: ListenSettings,
        hold: HoldSettings,
        music: MusicSettings,
        recent: RecentProgrammes,
        chance: Random,
        *,
        override: Emotion | None = None,
    ) -> None:
        """Begin unsure and without a player; `recent` holds the programmes of before a restart."""
        self.state = State(override=override, programme=next(reversed(list(recent)), None))
        self._listen, self._hold_settings = listen, hold
        self._flow = MusicFlow(self.state, music, recent, chance)
        self._contacted = False
        self._paused_by_us = False
        self._open: PausePlaying | StartPlaying | None = None
        """What the player is told of playing and pausing, until it answers."""
        self._song_before_loss = ""
        self._skip_commanded = False
        self._minute = 0
        self._attended_at = -math.inf
        """When a person last acted or commanded: somebody was there."""

    def adopt(self, listen: ListenSettings, hold: HoldSettings, music: MusicSettings) -> None:
        """Go on with other settings."""
        self._listen, self._hold_settings, self._flow.settings = listen, hold, music

    def handle(self, event: Event, now: Moment) -> list[Effect]:
        """Take one event; return what is asked for, in order."""
        match event:
            case MoodChange():
                turn = self._mood_changed(event, now)
            case Override() | Hold() | Resume() | Play() | Pause() | Next() | Previous():
                self._attended_at = now.monotonic
                turn = self._command(event, now)
            case PersonActed():
                self._attended_at = now.monotonic
                turn = self._person_acted(event, now)
            case PlayerConnected(report):
                turn = self._connected(report, now)
            case PlayerLost() | PlayerChanged() | TrackEnded() | MusicChanged():
                turn = self._player_event(event, now)
            case Tick() | ProgrammeReady() | NoProgramme() | Confirmed() | Failed():
                turn = self._own_event(event, now)
            case _:
                assert_never(event)
        return turn.effects

    def _own_event(
        self, event: Tick | ProgrammeReady | NoProgramme | Confirmed | Failed, now: Moment
    ) -> Turn:
        turn = Turn(self.state, now, "time" if isinstance(event, Tick) else "player")
        match event:
            case Tick(minute):
                self._minute = minute
                self._tick(turn)
            case ProgrammeReady():
                self._flow.ready(turn, event)
            case NoProgramme():
                self._flow.none(turn, event)
            case Confirmed(effect):
                self._close(effect)
                if isinstance(effect, PausePlaying):
                    self._paused_by_us = effect.why.rule is Rule.NOBODY
                self._flow.confirmed(turn, event)
            case Failed(effect):
                self._close(effect)
                if isinstance(effect, PausePlaying):
                    self._attended_at = now.monotonic  # the absence counts from here again
                self._skip_commanded = False
                self._flow.failed(turn, event)
            case _:
                assert_never(event)
        return turn

    def _close(self, effect: Effect) -> None:
        if effect is self._open:
            self._open = None

    # --- the room ---------------------------------------------------------------------------------------------

    def _mood_changed(self, change: MoodChange, now: Moment) -> Turn:
        confidence = round(change.confidence, 2)
        turn = Turn(self.state, now, change.cause, confidence=confidence, previous=str(change.previous))
        self.state.mood, self.state.since = change.current, now
        if not isinstance(change.current, Emotion):
            if self.state.playing:
                turn.record(Verb.KEPT, Rule.ROOM_STATE, state=str(change.current))
            return turn
        if self._paused_by_us and self.state.report.state is PlayState.PAUSE and self._may_start():
            self._paused_by_us = False
            self._start_playing(turn, Verb.RESUMED, Rule.SOMEONE_BACK)
        else:
            self._follow(turn, arrival=change.cause == "face")
        return turn

    # --- the player -------------------------------------------------------------------------------------------

    def _connected(self, report: PlayerReport, now: Moment) -> Turn:
        first, self._contacted = not self._contacted, True
        turn = Turn(self.state, now, "first contact" if first else "contact again")
        self.state.report, self.state.lost = report, ""
        self._flow.see(turn)
        self._end_of_their_stream(turn)
        playing = report.state is PlayState.PLAY
        if first:
            if playing and not report.ours:
                self._hold(turn, self._hold_settings.minutes, Rule.PLAYED_ALREADY)
            elif not playing and report.length:
                self._stop(turn, Rule.STANDS_STILL)
            self._flow.wanted = playing and report.ours
        elif self.state.holder.ours and report.length and not report.ours:
            if playing:
                self._hold(turn, self._hold_settings.minutes, Rule.OTHER_MUSIC)
            else:
                self._stop(turn, Rule.CAME_BACK_OTHER)
        elif self.state.holder.ours and self._flow.wanted and not (playing and report.ours):
            self._restore(turn)
            return turn
        self._follow(turn)
        return turn

    def _restore(self, turn: Turn) -> None:
        """Let our music play again, in a player that was lost and is back without it."""
        target, programme = self.state.target, self.state.programme
        other = target is not None and (programme is None or programme.mood is not target)
        if other and target in self.state.music:
            self._flow.play(turn, target, Verb.RESUMED, Rule.PLAYER_BACK)
        elif self.state.report.ours:
            self._start_playing(turn, Verb.RESUMED, Rule.PLAYER_BACK)
        else:
            self._flow.restore(turn, self._song_before_loss)

    def _player_event(
        self, event: PlayerLost | PlayerChanged | TrackEnded | MusicChanged, now: Moment
    ) -> Turn:
        turn = Turn(self.state, now, "the library" if isinstance(event, MusicChanged) else "player")
        match event:
            case PlayerLost(reason):
                song = self.state.report.song
                self._song_before_loss = song.uri if song is not None else self._song_before_loss
                self.state.report, self.state.lost, self.state.pending = NO_REPORT, reason, None
                self._flow.drop()
                self._open = None
            case PlayerChanged(report):
                self._changed(turn, report)
            case TrackEnded():
                self._ended(turn, event)
            case MusicChanged(music):
                self.state.music = music
                self._flow.retry_soon()
                target = self.state.target
                if self.state.connected and target in music and self._flow.coming is not target:
                    self._follow(turn)
            case _:
                assert_never(event)
        return turn

    def _changed(self, turn: Turn, report: PlayerReport) -> None:
        before, self.state.report = self.state.report, report
        self._flow.see(turn)
        self._end_of_their_stream(turn)
        began = before.state is not PlayState.PLAY and report.state is PlayState.PLAY
        target = self.state.target
        if began and self.state.plays_ours and target in self.state.music and self._flow.coming is not target:
            self._follow(turn)  # the mood changed while the music stood still
        self._flow.stopped(turn, before.state)
        self._flow.top_up(turn)

    def _ended(self, turn: Turn, event: TrackEnded) -> None:
        self._flow.ended(event)
        commanded, self._skip_commanded = self._skip_commanded, False
        if event.why is EndReason.SKIPPED and (commanded or event.programme is not None):
            rule = Rule.SKIPPED_BY_COMMAND if commanded else Rule.SKIPPED_BY_PERSON
            turn.record(Verb.SKIPPED, rule, song=event.song.name)

    def _person_acted(self, event: PersonActed, now: Moment) -> Turn:
        act, report = event.act, event.report
        song = report.song.uri if report.song is not None else None
        turn = Turn(self.state, now, "person", act=str(act), song=song)
        before, self.state.report = self.state.report, report
        self._paused_by_us = False
        if act in (Act.NEXT, Act.PREVIOUS):
            stopped = self.state.holder.control is Control.STOPPED_BY_USER
            self._changed(turn, report)
            if stopped and self.state.playing and report.ours:
                self._release(turn, Rule.PERSON_STARTED_OURS)
                self._follow(turn)
            return turn
        self._flow.see(turn)
        self._flow.drop()
        if act in (Act.STOP, Act.PAUSE):
            self._stop(turn, Rule.PERSON_STOPPED_NOW, act=str(act))
        elif act is Act.PLAY and report.ours:
            self._flow.wanted = True
            self._release(turn, Rule.PERSON_STARTED_OURS)
            self._follow(turn)
        elif act is Act.PLAY and self.state.holder.control is Control.HELD and before.length:
            pass  # they go on with what they chose
        elif self.state.playing:
            rule = Rule.PERSON_STARTED_THEIRS if act is Act.PLAY else Rule.PERSON_CHANGED
            self._hold(turn, self._hold_settings.minutes, rule, act=str(act))
        else:
            self._stop(turn, Rule.PERSON_CHANGED, act=str(act))
        self._flow.top_up(turn)
        return turn

    # --- commands ---------------------------------------------------------------------------------------------

    def _command(
        self, command: Override | Hold | Resume | Play | Pause | Next | Previous, now: Moment
    ) -> Turn:
        turn = Turn(self.state, now, "override" if isinstance(command, Override) else "command")
        match command:
            case Override(mood):
                self.state.override = mood
                turn.add(SaveSetting("override", str(mood) if mood else "auto"))
                if mood is None:
                    turn.record(Verb.RESUMED, Rule.FACES_LEAD)
                self._follow(turn)
            case Hold(minutes):
                self._command_hold(turn, minutes or self._hold_settings.minutes)
            case Resume():
                self._command_resume(turn)
            case Play():
                self._command_play(turn)
            case Pause():
                self._command_pause(turn)
            case Next() | Previous():
                self._command_skip(turn, GoToNext() if isinstance(command, Next) else GoToPrevious())
            case _:
                assert_never(command)
        return turn

    def _command_hold(self, turn: Turn, minutes: float) -> None:
        if self.state.holder.control is Control.STOPPED_BY_USER:
            turn.record(Verb.HELD, Rule.HOLD_ASKED_WHILE_STOPPED)
            return
        self._hold(turn, minutes, Rule.HOLD_ASKED)
        self._flow.go_on(turn, None)

    def _command_resume(self, turn: Turn) -> None:
        self._release(turn, Rule.RESUME_ASKED)
        if self.state.playing or not self.state.connected:
            self._follow(turn)
        elif self.state.report.ours:
            self._start_playing(turn)
        else:
            self._start_something(turn)

    def _command_play(self, turn: Turn) -> None:
        report = self.state.report
        theirs = report.length > 0 and not report.ours
        if not self.state.connected:
            turn.record(Verb.KEPT, Rule.NO_PLAYER, reason=self.state.lost)
        elif self.state.playing:
            self._follow(turn)
        elif theirs and (report.state is PlayState.PAUSE or self.state.holder.control is Control.HELD):
            if self.state.holder.control is Control.STOPPED_BY_USER:
                self._hold(turn, self._hold_settings.minutes, Rule.PERSON_STARTED_THEIRS)
            self._start_playing(turn)
        elif report.state is PlayState.PAUSE:
            self._release(turn, Rule.ASKED_FOR_MUSIC)
            self._start_playing(turn)
        else:
            self._release(turn, Rule.ASKED_FOR_MUSIC)
            self._start_something(turn)

    def _command_pause(self, turn: Turn) -> None:
        if not self.state.connected:
            turn.record(Verb.KEPT, Rule.NO_PLAYER, reason=self.state.lost)
            return
        self._flow.drop()
        self._stop(turn, Rule.PERSON_STOPPED_NOW, act="pause")
        if self.state.playing:
            self._pause_playing(turn, Rule.PAUSE_ASKED)

    def _command_skip(self, turn: Turn, effect: GoToNext | GoToPrevious) -> None:
        if self.state.playing:
            self._skip_commanded = True
            turn.add(effect)
        else:
            turn.record(Verb.KEPT, Rule.NOTHING_TO_SKIP)

    # --- time -------------------------------------------------------------------------------------------------

    def _tick(self, turn: Turn) -> None:
        if self.state.holder.over(turn.now):
            self._hold_over(turn)
        pause_after = self._listen.absence_pause * MINUTE
        absent_since = max(self.state.since.monotonic, self._attended_at)
        if (
            pause_after > 0
            and self.state.mood is RoomState.NOBODY
            and self.state.override is None
            and turn.now.monotonic - absent_since >= pause_after
            and self.state.plays_ours
            and self._open is None
        ):
            self._pause_playing(turn, Rule.NOBODY)
        self._flow.tick(turn)

    def _hold_over(self, turn: Turn) -> None:
        report = self.state.report
        if self.state.endless_theirs:
            self.state.holder = self.state.holder.held(None)
            turn.record(Verb.HELD, Rule.ENDLESS_STREAM)
        elif not self.state.playing and report.length and not report.ours:
            self._stop(turn, Rule.HOLD_ENDED_STILL)
        else:
            self._release(turn, Rule.HOLD_ENDED)
            self._follow(turn)

    def _end_of_their_stream(self, turn: Turn) -> None:
        holder = self.state.holder
        if holder.control is Control.HELD and holder.until is None and not self.state.endless_theirs:
            self._hold(turn, self._hold_settings.minutes, Rule.STREAM_ENDED)

    # --- whose it is ------------------------------------------------------------------------------------------

    def _hold(self, turn: Turn, minutes: float, rule: Rule, **details: str) -> None:
        self.state.holder = self.state.holder.held(turn.now.later(minutes * MINUTE))
        turn.record(Verb.HELD, rule, minutes=minutes, **details)

    def _stop(self, turn: Turn, rule: Rule, **details: str) -> None:
        self.state.holder, self._flow.wanted = self.state.holder.stopped(), False
        turn.record(Verb.HELD, rule, **details)

    def _release(self, turn: Turn, rule: Rule) -> None:
        if not self.state.holder.ours:
            turn.record(Verb.RESUMED, rule)
        self.state.holder = self.state.holder.released()
        self._flow.wanted = self._flow.wanted or self.state.plays_ours

    # --- what is asked of the player --------------------------------------------------------------------------

    def _start_playing(self, turn: Turn, verb: Verb | None = None, rule: Rule = Rule.RESUME_ASKED) -> None:
        self._flow.wanted = self._flow.wanted or self.state.report.ours
        self._open = StartPlaying(turn.why(verb, rule) if verb is not None else None)
        turn.add(self._open)

    def _pause_playing(self, turn: Turn, rule: Rule) -> None:
        self._open = PausePlaying(turn.why(Verb.PAUSED, rule))
        turn.add(self._open)

    def _follow(self, turn: Turn, *, arrival: bool = False) -> None:
        """Let the music follow the target mood, or say why not."""
        target = self.state.target
        if target is None:
            return
        if self._refuses(turn, target):
            return
        if not self.state.playing:
            self._arrive(turn, target, arrival=arrival)
        elif self._flow.coming is target:
            if self._flow.current is target and self.state.pending is None:
                turn.record(Verb.KEPT, Rule.PLAYS_ALREADY, mood=target)
        elif self._flow.current is target and not self._flow.starting:
            self._flow.go_on(turn, turn.why(Verb.KEPT, Rule.MOOD_CAME_BACK))
        elif self._flow.at_song_end:
            self._flow.queue(turn, target)
        else:
            self._flow.play(turn, target, Verb.SWITCHED, Rule.AT_ONCE)

    def _refuses(self, turn: Turn, target: Emotion) -> bool:
        """Record why the music may not follow; return whether there is a reason."""
        state = self.state
        if not state.connected:
            turn.record(Verb.KEPT, Rule.NO_PLAYER, reason=state.lost)
        elif state.holder.control is Control.STOPPED_BY_USER:
            turn.record(Verb.KEPT, Rule.PERSON_STOPPED)
        elif state.holder.control is Control.HELD:
            turn.record(Verb.KEPT, Rule.PERSON_CHOSE)
        elif target not in state.music:
            turn.record(Verb.KEPT, Rule.NO_MUSIC, mood=target)
        else:
            return False
        return True

    def _arrive(self, turn: Turn, target: Emotion, *, arrival: bool) -> None:
        if self._flow.asked is target:
            return
        if self._listen.start != "arrival":
            turn.record(Verb.KEPT, Rule.PERSON_STARTS)
        elif not arrival:
            turn.record(Verb.KEPT, Rule.WAITS_FOR_ARRIVAL)
        elif self._is_quiet():
            turn.record(Verb.KEPT, Rule.QUIET_HOURS, hours=self._listen.quiet)
        else:
            self._flow.play(turn, target, Verb.STARTED, Rule.ARRIVAL)

    def _start_something(self, turn: Turn) -> None:
        """Start music because a person wants some: for the mood, else for a calm one, else any."""
        order = [self.state.target, Emotion.NEUTRAL, *EMOTIONS]
        mood = next((each for each in order if each is not None and each in self.state.music), None)
        if mood is not None:
            self._flow.play(turn, mood, Verb.STARTED, Rule.ASKED_FOR_MUSIC)
        elif self.state.report.length:
            self._start_playing(turn)
        else:
            turn.record(Verb.KEPT, Rule.NO_MUSIC_AT_ALL)

    def _may_start(self) -> bool:
        return self.state.holder.ours and not self._is_quiet()

    def _is_quiet(self) -> bool:
        hours = quiet_hours(self._listen.quiet)
        if hours is None:
            return False
        begin, end = hours
        if begin <= end:
            return begin <= self._minute < end
        return self._minute >= begin or self._minute < end
