"""Letting the music follow the mood: switch, start, try again, or say why not.

control, player                     a new target mood leads to
the player is down                  kept: no player
stopped by a person, held           kept
the mood has no music               kept
ours, something is starting         it starts with the new mood's music instead
ours, nothing plays                 started on arrival, where `listen` allows it; else kept
ours, its music plays or is coming  kept
ours, its music plays, another's is coming   kept: the switch is cancelled
ours, other music plays             pending at the song's end, or switched at once (`music.switch`)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.director.control import Control
from moodspeaker.director.effects import StartPlaying
from moodspeaker.director.settings import quiet_hours
from moodspeaker.domain.decision import Rule, Verb

if TYPE_CHECKING:
    from moodspeaker.director.flow import MusicFlow
    from moodspeaker.director.settings import ListenSettings
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.emotion import Emotion


class Following:
    """Asks the flow for the music that the mood calls for."""

    def __init__(self, state: State, flow: MusicFlow, settings: ListenSettings) -> None:
        """Begin at midnight, until the first tick tells the time."""
        self.settings = settings
        self.minute = 0
        """The local minute of the day."""
        self._state, self._flow = state, flow

    @property
    def quiet(self) -> bool:
        """Whether nothing starts by itself now (`listen.quiet`)."""
        hours = quiet_hours(self.settings.quiet)
        if hours is None:
            return False
        begin, end = hours
        if begin <= end:
            return begin <= self.minute < end
        return self.minute >= begin or self.minute < end

    def follow(self, turn: Turn, *, arrival: bool = False) -> None:
        """Let the music follow the target mood, or record why not; `arrival`: someone may have come in."""
        target, flow = self._state.target, self._flow
        if target is None or self._refuses(turn, target):
            return
        if not self._state.playing:
            self._start(turn, target, arrival=arrival)
        elif flow.coming is target:
            if flow.current is target and self._state.pending is None:
                turn.record(Verb.KEPT, Rule.PLAYS_ALREADY, mood=target)
        elif flow.current is target:
            flow.cancel(turn, turn.why(Verb.KEPT, Rule.MOOD_CAME_BACK))
        elif flow.at_song_end:
            flow.queue(turn, target)
        else:
            flow.play(turn, target, Verb.SWITCHED, Rule.AT_ONCE)

    def catch_up(self, turn: Turn) -> None:
        """Let what plays follow the target mood where it does not yet; else say nothing."""
        state, target = self._state, self._state.target
        if state.playing and state.holder.ours and target in state.music and self._flow.coming is not target:
            self.follow(turn)

    def start_something(self, turn: Turn) -> None:
        """Start music because a person wants some: for the mood, else for a calm one, else any."""
        mood = self._state.with_music(self._state.target)
        if mood is not None:
            self._flow.play(turn, mood, Verb.STARTED, Rule.ASKED_FOR_MUSIC)
        elif self._state.report.length:
            turn.add(StartPlaying(None))
        else:
            turn.record(Verb.KEPT, Rule.NO_MUSIC_AT_ALL)

    def restore(self, turn: Turn) -> None:
        """Let our music play again, in a player that was lost and is back without it."""
        state, target, programme = self._state, self._state.target, self._state.programme
        if programme is None or (target in state.music and target is not programme.mood):
            self._play_some(turn, Verb.RESUMED, Rule.PLAYER_BACK)
        elif state.report.ours:
            turn.add(StartPlaying(turn.why(Verb.RESUMED, Rule.PLAYER_BACK)))
        else:
            self._flow.restore(turn, programme)

    def try_again(self, turn: Turn) -> None:
        """Try again what the player refused or did not play."""
        if self._state.playing:
            self.catch_up(turn)
        elif self._flow.should_play:
            self._play_some(turn, Verb.STARTED, Rule.AFTER_FAULT)

    def _play_some(self, turn: Turn, verb: Verb, rule: Rule) -> None:
        """Play to the mood, else what played last, else any; where there is no music now, try again later."""
        mood = self._state.with_music(self._state.target, self._state.last_mood)
        if mood is not None:
            self._flow.play(turn, mood, verb, rule)
        else:
            self._flow.faults.retry_later(turn)

    def _refuses(self, turn: Turn, target: Emotion) -> bool:
        """Record why the music may not follow; return whether there is a reason."""
        state = self._state
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

    def _start(self, turn: Turn, target: Emotion, *, arrival: bool) -> None:
        """Start the mood's music where nothing plays, if that may be."""
        if self._flow.starting:
            if self._flow.coming is not target:
                self._flow.play_instead(turn, target)
        elif self._flow.faults.retrying and self._flow.should_play:
            self._flow.play(turn, target, Verb.STARTED, Rule.AFTER_FAULT)
        elif self.settings.start != "arrival":
            turn.record(Verb.KEPT, Rule.PERSON_STARTS)
        elif not arrival:
            turn.record(Verb.KEPT, Rule.WAITS_FOR_ARRIVAL)
        elif self.quiet:
            turn.record(Verb.KEPT, Rule.QUIET_HOURS, hours=self.settings.quiet)
        else:
            self._flow.play(turn, target, Verb.STARTED, Rule.ARRIVAL)
