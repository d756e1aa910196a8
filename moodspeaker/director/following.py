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
ours, the target is off             kept; on arrival the listener's own mix

What the music is to do with the mood, and which step of a journey is its turn: see `aiming`.  A later step
waits for the song's end whatever `music.switch` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.director.control import Control
from moodspeaker.director.effects import StartPlaying
from moodspeaker.director.settings import quiet_hours
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Rule, Verb

if TYPE_CHECKING:
    from moodspeaker.director.aiming import Aiming
    from moodspeaker.director.flow import MusicFlow
    from moodspeaker.director.settings import ListenSettings
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.song import MusicFor
    from moodspeaker.music.target import Lead


class Following:
    """Asks the flow for the music that the mood calls for."""

    def __init__(self, state: State, flow: MusicFlow, aiming: Aiming, settings: ListenSettings) -> None:
        """Begin at midnight, until the first tick tells the time."""
        self.settings = settings
        self.minute = 0
        """The local minute of the day."""
        self._state, self._flow, self._aiming = state, flow, aiming

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
        wanted = self._aiming.lead(turn)
        if wanted is None or self._refuses(turn, wanted):
            return
        if not self._state.playing:
            self._start(turn, wanted, arrival=arrival)
        elif wanted.aim is Aim.OFF:
            turn.record(Verb.KEPT, Rule.TARGET_OFF, mood=wanted.mood)
        else:
            self._aiming.set_out(turn, wanted)
            self._change(turn, wanted.mood)

    def _change(self, turn: Turn, target: Emotion) -> None:
        """Let other music follow what plays, if it is other music."""
        flow, music = self._flow, self._state.music_for(target)
        if flow.coming == music:
            if flow.current == music and self._state.pending is None:
                turn.record(Verb.KEPT, Rule.PLAYS_ALREADY, mood=target)
        elif flow.current == music:
            flow.cancel(turn, turn.why(Verb.KEPT, Rule.MOOD_CAME_BACK))
        elif flow.at_song_end or self._is_step(music):
            flow.queue(turn, target)
        else:
            flow.play(turn, target, Verb.SWITCHED, Rule.AT_ONCE)

    def _is_step(self, music: MusicFor) -> bool:
        """Tell whether music is a later step of the journey that plays, behind a song with an end."""
        current, song = self._flow.current, self._state.report.song
        steps = current is not None and current.near is not None and current.mood is music.mood
        return steps and music.near is not None and song is not None and song.seconds is not None

    def catch_up(self, turn: Turn) -> None:
        """Let what plays follow the target mood where it does not yet; else say nothing."""
        state = self._state
        if not state.playing or not state.holder.ours or state.target not in state.music:
            return
        wanted = self._aiming.lead(turn)
        if wanted is None or wanted.aim is Aim.OFF:
            return
        self._aiming.set_out(turn, wanted)
        if self._flow.coming != state.music_for(wanted.mood):
            self.follow(turn)

    def leave_journey(self, turn: Turn) -> None:
        """Let the mood's own music follow at once: a person skipped what the journey plays."""
        wanted = self._aiming.lead(turn)
        if wanted is not None and self._state.plays_ours and wanted.mood in self._state.music:
            self._flow.play(turn, wanted.mood, Verb.SWITCHED, Rule.AT_ONCE)

    def start_something(self, turn: Turn) -> bool:
        """Start music because a person wants some: for the mood, else for a calm one, else any.

        Returns whether there is any.
        """
        mood = self._state.with_music(self._led_to(turn))
        if mood is not None:
            self._flow.play(turn, mood, Verb.STARTED, Rule.ASKED_FOR_MUSIC)
        elif self._state.report.length:
            turn.add(StartPlaying(None))
        else:
            return False
        return True

    def restore(self, turn: Turn) -> None:
        """Let our music play again, in a player that was lost and is back without it."""
        state, target, programme = self._state, self._led_to(turn), self._state.programme
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
        mood = self._state.with_music(self._led_to(turn), self._state.last_mood)
        if mood is not None:
            self._flow.play(turn, mood, verb, rule)
        else:
            self._flow.faults.retry_later(turn)

    def _led_to(self, turn: Turn) -> Emotion | None:
        """Return the mood that music is to start for, its journey begun; None where the mood says nothing."""
        wanted = self._aiming.lead(turn)
        if wanted is None or wanted.aim is Aim.OFF:
            return None
        if wanted.mood in self._state.music:
            self._aiming.set_out(turn, wanted)
        return wanted.mood

    def _refuses(self, turn: Turn, wanted: Lead) -> bool:
        """Record why the music may not follow; return whether there is a reason."""
        state = self._state
        if not state.connected:
            turn.record(Verb.KEPT, Rule.NO_PLAYER, reason=state.lost)
        elif state.holder.control is Control.STOPPED_BY_USER:
            turn.record(Verb.KEPT, Rule.PERSON_STOPPED)
        elif state.holder.control is Control.HELD:
            turn.record(Verb.KEPT, Rule.PERSON_CHOSE)
        elif wanted.aim is not Aim.OFF and wanted.mood not in state.music:
            turn.record(Verb.KEPT, Rule.NO_MUSIC, mood=wanted.mood)
        else:
            return False
        return True

    def _start(self, turn: Turn, wanted: Lead, *, arrival: bool) -> None:
        """Start the mood's music where nothing plays, if that may be; the own mix where the target is off."""
        if self._flow.starting:
            self._start_instead(turn, wanted)
        elif self._flow.faults.retrying and self._flow.should_play:
            self._play_some(turn, Verb.STARTED, Rule.AFTER_FAULT)
        elif self.settings.start != "arrival":
            turn.record(Verb.KEPT, Rule.PERSON_STARTS)
        elif not arrival:
            turn.record(Verb.KEPT, Rule.WAITS_FOR_ARRIVAL)
        elif self.quiet:
            turn.record(Verb.KEPT, Rule.QUIET_HOURS, hours=self.settings.quiet)
        else:
            self._play_some(turn, Verb.STARTED, Rule.ARRIVAL)

    def _start_instead(self, turn: Turn, wanted: Lead) -> None:
        """Let what is starting be the mood's music."""
        if wanted.aim is not Aim.OFF:
            self._aiming.set_out(turn, wanted)
            if self._flow.coming != self._state.music_for(wanted.mood):
                self._flow.play_instead(turn, wanted.mood)
