"""A journey: from where the room is to brighter or calmer music, in small steps; pure.

Design notes
============
The iso-principle of music listening (Altshuler 1948): begin with music like the mood that is there, then
change it little by little.  The steps lie on a line of the affect plane, `LONGEST` apart at most.  It is a
closed loop: a step that the room follows (`REACHED`) is over once its song is, one that it does not follow
lasts twice as long as set.  Nobody says that it helps: it is a way to choose songs.

    a step has played for `SHORTEST`, and the room is there          next step: the room follows
    a step has lasted `target.step`, and the room is not seen        next step: its time is up
    a step has lasted twice that, and the room is elsewhere          next step: it goes on all the same
    the last step is over in one of these ways                       arrived: the music stays there
    two of its songs were skipped                                    the journey is over

It outlasts a restart: see `kept_journey`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.emotion import Affect, distance
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.decision import Details
    from moodspeaker.domain.emotion import Emotion

LONGEST: Final = 0.35
"""Length of a step in the affect plane, at most."""
REACHED: Final = 0.2
"""How near the room must be to a step to be there."""
SHORTEST: Final = 60.0
"""Seconds of music of a step before the room may be there."""
SKIPS: Final = 2
"""Skips that end a journey."""
GOALS: Final[Mapping[Aim, Affect]] = {Aim.LIFT: Affect(0.6, 0.3), Aim.CALM: Affect(0.3, -0.5)}
"""Where they lead: pleasant and awake; pleasant and at rest."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    affect: Affect
    """Where its music lies."""
    reason: Reason
    """Why it is there; once it was begun, why then."""
    song: str = ""
    """The song of it that plays, or played last; empty: none yet."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A way through the affect plane, and how far it is."""

    mood: Emotion
    """The mood that it set out from."""
    aim: Aim
    """`lift` or `calm`."""
    steps: tuple[Step, ...]
    at: int = 0
    """The step whose music is wanted."""
    playing: int = -1
    """The step whose music plays; -1: none of them."""
    played: float = 0.0
    """Seconds that the wanted step's music has played."""
    skips: int = 0
    """Songs of it that were skipped."""
    ended: Reason | None = None
    """Why it is over; None while it leads on."""

    @property
    def leads(self) -> bool:
        """Whether it says what is played: also when it has arrived."""
        return self.ended is None or self.ended.rule is Rule.JOURNEY_ARRIVED

    @property
    def point(self) -> Affect:
        """Where the music is to lie now."""
        return self.steps[self.at].affect

    def hears(self, near: Affect | None, song: str, seconds: float) -> Journey:
        """Return it after some seconds of a song that was drawn near a point."""
        playing = next((n for n, step in enumerate(self.steps) if step.affect == near), -1)
        played = self.played + (seconds if playing == self.at == self.playing else 0.0)
        if playing < 0 or self.steps[playing].song == song:
            return replace(self, playing=playing, played=played)
        steps = list(self.steps)
        steps[playing] = replace(steps[playing], song=song)
        return replace(self, steps=tuple(steps), playing=playing, played=played)

    def goes_on(self, sensed: Affect | None, lasts: float) -> Journey:
        """Return it at the next step where this one is over, else as it is.

        `sensed` is where the room is, None where it is not seen; a step `lasts` so many seconds.
        """
        rule = self._over(sensed, lasts)
        if rule is None or self.ended is not None:
            return self
        if self.at + 1 == len(self.steps):
            return replace(self, ended=Reason(Rule.JOURNEY_ARRIVED, self._details(self.at)))
        steps, at = list(self.steps), self.at + 1
        minutes = round(self.played / 60)
        steps[at] = replace(steps[at], reason=Reason(rule, {**self._details(at), "minutes": minutes}))
        return replace(self, steps=tuple(steps), at=at, played=0.0)

    def _over(self, sensed: Affect | None, lasts: float) -> Rule | None:
        if sensed is None:
            return Rule.STEP_TIME if self.played >= lasts else None
        if self.played >= SHORTEST and self._reached(sensed):
            return Rule.STEP_ANSWERED
        return Rule.STEP_LATE if self.played >= 2 * lasts else None

    def _reached(self, sensed: Affect) -> bool:
        """Tell whether the room is where the step is, or farther on the way."""
        goal = self.steps[-1].affect
        return distance(sensed, self.point) <= REACHED or distance(sensed, goal) <= distance(self.point, goal)

    def skipped(self) -> Journey:
        """Return it after one of its songs was skipped."""
        skips = self.skips + 1
        if skips < SKIPS or self.ended is not None:
            return replace(self, skips=skips)
        return replace(self, skips=skips, ended=Reason(Rule.JOURNEY_SKIPPED, self._details(self.at)))

    def without_songs(self) -> Journey:
        """Return it when there are no songs for it."""
        return replace(self, ended=Reason(Rule.JOURNEY_NO_SONGS, self._details(self.at)))

    def _details(self, at: int) -> Details:
        return details(self.mood, self.aim, at, len(self.steps))


def set_out(mood: Emotion, aim: Aim, start: Affect) -> Journey:
    """Return a journey from where the room is; `aim` is `lift` or `calm`."""
    goal = GOALS[aim]
    count = math.ceil(round(distance(start, goal) / LONGEST, 6))
    points = [_between(start, goal, n / count) for n in range(count)] if count else []
    steps = []
    for at, point in enumerate([*points, goal]):
        rule = Rule.STEP_PLANNED if at else Rule.STEP_FIRST
        steps.append(Step(point, Reason(rule, details(mood, aim, at, count + 1))))
    return Journey(mood, aim, tuple(steps))


def _between(start: Affect, goal: Affect, share: float) -> Affect:
    """Return a point on the way, rounded: it is compared, stored and shown."""
    return Affect(
        round(start.valence + share * (goal.valence - start.valence), 3),
        round(start.arousal + share * (goal.arousal - start.arousal), 3),
    )


def details(mood: Emotion, aim: Aim, at: int, steps: int) -> Details:
    """Return what is to be said of a step, whatever its rule."""
    return {"mood": str(mood), "aim": str(aim), "step": at + 1, "steps": steps}
