"""What the music is to do with the mood: match, lift, calm or nothing, and how far a journey is.

The rules stand in `music.target` and `music.journey`.  What a person chose (`target`) is for the present
mood, and over with it; so is a journey.  While no mood is known, or the music is not ours, a journey waits.
Both outlast a restart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from moodspeaker.director.effects import SaveSetting
from moodspeaker.director.state import Chosen
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.song import BY_INDEX
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.journey import set_out
from moodspeaker.music.kept_journey import stage, to_text
from moodspeaker.music.target import MINUTE, Asked, lead

if TYPE_CHECKING:
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.decision import Reason
    from moodspeaker.domain.emotion import Affect, Emotion
    from moodspeaker.domain.moment import Moment
    from moodspeaker.music.journey import Journey
    from moodspeaker.music.target import Lead, TargetSettings

TARGET: Final = "target"
"""The setting under which a person's choice is kept."""
JOURNEY: Final = "journey"
"""The same of a journey."""


class Aiming:
    """Knows what the music is to do with the mood."""

    def __init__(self, state: State, settings: TargetSettings) -> None:
        """Begin with the journey of before a restart, or without one."""
        self.settings = settings
        self._state = state
        self._kept = stage(state.journey)
        self._ticked_at: float | None = None

    def choose(self, turn: Turn, aim: Aim | None) -> None:
        """Let the music do something else with this mood, until it changes; None: what is set."""
        state = self._state
        state.chosen = None if aim is None else Chosen(aim, state.target)
        state.journey = None
        chosen = "auto" if state.chosen is None else state.chosen.to_text()
        turn.add(SaveSetting(TARGET, chosen, asked=True))

    def lead(self, turn: Turn) -> Lead | None:
        """Return what the music is to do now; None while no mood is known.

        What was chosen for another mood, and a journey from another one, are over.
        """
        state, mood = self._state, self._state.target
        if mood is None:
            return None
        if state.chosen is not None and state.chosen.mood is not mood:
            state.chosen = Chosen(state.chosen.aim, mood) if state.chosen.mood is None else None
            turn.add(SaveSetting(TARGET, "auto" if state.chosen is None else state.chosen.to_text()))
        if state.journey is not None and state.journey.mood is not mood:
            self._leave(turn, state.journey)
        source = state.music.get(mood)
        asked = Asked(
            mood,
            self._lasted(turn.now),
            state.chosen.aim if state.chosen is not None else None,
            state.override is not None,
            source is not None and source.kind != BY_INDEX,
            _failed(state.journey),
        )
        state.lead = lead(asked, self.settings)
        return state.lead

    def _lasted(self, now: Moment) -> float:
        """Return the seconds that the mood has lasted: enough while it is lifted, whenever this began."""
        journey = self._state.journey
        if journey is not None and journey.aim is Aim.LIFT:
            return math.inf
        return now.monotonic - self._state.since.monotonic

    def keep(self, turn: Turn) -> None:
        """Keep how far the journey is, where that has changed: it goes on there after a restart."""
        now = stage(self._state.journey)
        if now != self._kept:
            self._kept = now
            turn.add(SaveSetting(JOURNEY, to_text(self._state.journey, turn.now.wall)))

    def set_out(self, turn: Turn, wanted: Lead) -> None:
        """Begin the journey that is wanted, or leave one that is not wanted any more."""
        state, journey = self._state, self._state.journey
        if wanted.aim not in {Aim.LIFT, Aim.CALM}:
            if journey is not None and journey.leads:
                self._leave(turn, journey)
        elif journey is None or journey.aim is not wanted.aim:
            start = state.sensed if state.sensed is not None and state.override is None else None
            state.journey = set_out(wanted.mood, wanted.aim, start or POINTS[wanted.mood])

    def _leave(self, turn: Turn, journey: Journey) -> None:
        self._state.journey = None
        if journey.leads and journey.playing >= 0:
            turn.record(Verb.RESUMED, Rule.JOURNEY_LEFT, aim=str(journey.aim))

    def tick(self, turn: Turn, sensed: Affect | None) -> bool:
        """Let time pass; return whether other music may be wanted now."""
        state = self._state
        state.sensed = sensed
        seconds = 0.0 if self._ticked_at is None else turn.now.monotonic - self._ticked_at
        self._ticked_at = turn.now.monotonic
        if not state.plays_ours or state.target is None:
            return False
        before = state.lead.aim if state.lead is not None else None
        wanted = self.lead(turn)
        journey = state.journey
        if wanted is None or journey is None or wanted.aim is not journey.aim:
            return wanted is not None and wanted.aim is not before
        song, programme = state.report.song, state.playing_programme
        near = programme.near if programme is not None else None
        heard = journey.hears(near, song.name if song is not None else "", seconds)
        state.journey = further = heard.goes_on(
            sensed if state.override is None else None, self.settings.step * MINUTE
        )
        if further.ended is not None and heard.ended is None:
            turn.record_reason(Verb.KEPT, further.ended)
        return further.at != heard.at

    def skipped(self, turn: Turn) -> bool:
        """Note that a person skipped a song of the journey; return whether a journey is over by it."""
        state, journey = self._state, self._state.journey
        if journey is None or not journey.leads:
            return False
        state.journey = further = journey.skipped()
        if further.leads or further.ended is None:
            return False
        turn.record_reason(Verb.RESUMED, further.ended)
        return True

    def no_songs(self, turn: Turn, mood: Emotion) -> bool:
        """Note that no song lies near the step that is wanted; return whether a journey is over by it."""
        state, journey = self._state, self._state.journey
        if journey is None or not journey.leads or journey.mood is not mood:
            return False
        state.journey = further = journey.without_songs()
        if further.ended is not None:
            turn.record_reason(Verb.KEPT, further.ended)
        return True


def _failed(journey: Journey | None) -> Reason | None:
    """Return why a journey is over before its goal."""
    return None if journey is None or journey.leads else journey.ended
