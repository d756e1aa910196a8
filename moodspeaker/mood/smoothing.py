"""The tracker's filter: what the looks so far say of the mood, and the smoothed expression.

Design notes
============
A forward filter (Rabiner 1989) over pairs of *mood* and *shown expression*: see `tracker`.  The belief is a
table of seven moods by seven shown expressions that sums to one.

The arithmetic (`drifted`, `weighed`, `faded`) is written entry by entry: an entry is a number, or an array
with a number for each of many stretches of a day, which `replaying` filters side by side.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.mood.sources import SHARES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.mood.sources import Opinion
    from moodspeaker.mood.tracker import MoodSettings

Entry: TypeAlias = Any
"""A number, or an array of numbers: the same arithmetic holds for both."""
Belief: TypeAlias = "list[list[Entry]]"
"""By mood, then by shown expression."""
ROOM: Final = Probabilities(0.08, 0.03, 0.05, 0.20, 0.12, 0.07, 0.45)
"""How often a room is in each mood: where the filter starts."""
NEUTRAL: Final = EMOTIONS.index(Emotion.NEUTRAL)
SEVEN: Final = range(len(EMOTIONS))
LONGEST_STEP: Final = 30.0
"""Seconds: a longer pause between looks counts as this much."""
SHORTEST_LOOK: Final = 0.1
LONGEST_LOOK: Final = 2.0
"""Seconds that a look stands for, at least and at most."""
FLOOR: Final = 1e-4
"""No probability of a look counts for less: a net is never certain."""


class Smoothing(Protocol):
    """What the tracker asks of its filter."""

    @property
    def shares(self) -> Sequence[float]:
        """Seven posteriors of the moods, which sum to one."""

    @property
    def mean(self) -> Probabilities:
        """The smoothed expression of the room."""

    def adopt(self, settings: MoodSettings) -> None:
        """Go on with other settings."""

    def restart(self) -> None:
        """Begin again: of what was seen nothing counts."""

    def drift(self, step: float) -> None:
        """Let `step` seconds pass: moods may end, expressions may end."""

    def weigh(self, faces: Sequence[Probabilities], opinions: Sequence[Opinion], seconds: float) -> None:
        """Weigh one look that stands for some seconds: at faces, and other opinions."""


class Filter:
    """The filter of a running tracker."""

    def __init__(self, settings: MoodSettings) -> None:
        """Begin with what is usual for a room."""
        self.adopt(settings)
        self.restart()

    @property
    def shares(self) -> Sequence[float]:
        """Seven posteriors of the moods, which sum to one."""
        return list(map(sum, self._belief))

    @property
    def mean(self) -> Probabilities:
        """The smoothed expression of the room."""
        return self._mean

    def adopt(self, settings: MoodSettings) -> None:
        """Go on with other settings."""
        self._settings = settings
        self._passing = shown_in(settings)

    def restart(self) -> None:
        """Begin again: of what was seen nothing counts."""
        self._mean = ROOM
        self._belief: Belief = first_belief(self._passing)

    def drift(self, step: float) -> None:
        """Let `step` seconds pass: moods may end, expressions may end."""
        if step:
            stays, held = 0.5 ** (step / self._settings.half_life), 0.5 ** (step / self._settings.held)
            self._belief = drifted(self._belief, stays, held, self._passing)

    def weigh(self, faces: Sequence[Probabilities], opinions: Sequence[Opinion], seconds: float) -> None:
        """Weigh one look that stands for some seconds: at faces, and other opinions."""
        said = [(face, 1 / len(faces)) for face in faces]
        said += [(opinion.probabilities, opinion.weight) for opinion in opinions]
        total = sum(weight for _, weight in said)
        if len(faces) == len(said) == 1:  # most looks: the same as below, for less
            mean, likely = faces[0], [max(share, FLOOR) for share in faces[0]]
        else:
            mean = Probabilities.of(sum(weight * one[e] for one, weight in said) / total for e in SEVEN)
            likely = [prod(max(one[e], FLOOR) ** (weight / total) for one, weight in said) for e in SEVEN]
        self._mean = Probabilities.of(faded(self._mean, mean, 0.5 ** (seconds / self._settings.held)))
        trust = self._settings.trust * seconds * min(1.0, total)
        self._belief = weighed(self._belief, evidence(likely, trust))


def shown_in(settings: MoodSettings) -> list[list[float]]:
    """Return, per mood, the shares of the expressions shown in it; each row sums to one."""
    passing = (1 - settings.shown - settings.resting) / (len(EMOTIONS) - 2)
    table = []
    for mood in SEVEN:
        if mood == NEUTRAL:
            others = 1 - settings.shown - settings.resting
            row = [others * ROOM[e] / (1 - ROOM[NEUTRAL]) for e in SEVEN]
            row[NEUTRAL] = settings.shown + settings.resting
        else:
            row = [passing] * len(EMOTIONS)
            row[mood], row[NEUTRAL] = settings.shown, settings.resting
        table.append(row)
    return table


def first_belief(passing: Sequence[Sequence[Entry]]) -> Belief:
    """Return the belief with which the filter starts."""
    return [[often * share for share in row] for often, row in zip(ROOM, passing, strict=True)]


def drifted(belief: Belief, stays: Entry, held: Entry, passing: Sequence[Sequence[Entry]]) -> Belief:
    """Return the belief after a while in which a mood `stays`, and an expression is `held`, that likely."""
    ended = [(1 - stays) * sum(column) for column in zip(*belief, strict=True)]
    after = []
    for before, often, shown in zip(belief, ROOM, passing, strict=True):
        row = [stays * share + often * end for share, end in zip(before, ended, strict=True)]
        total = (1 - held) * sum(row)
        after.append([held * share + total * one for share, one in zip(row, shown, strict=True)])
    return after


def evidence(likely: Sequence[Entry], trust: Entry) -> list[Entry]:
    """Return what a look says of each shown expression, tempered; `likely` in FER2013 order."""
    return [(one / often) ** trust for one, often in zip(likely, SHARES, strict=True)]


def weighed(belief: Belief, said: Sequence[Entry]) -> Belief:
    """Return the belief after a look that says so much of each shown expression."""
    after = [[share * one for share, one in zip(row, said, strict=True)] for row in belief]
    everything = sum(map(sum, after))
    return [[share / everything for share in row] for row in after]


def faded(mean: Sequence[Entry], newer: Sequence[Entry], fade: Entry) -> list[Entry]:
    """Return the smoothed expression after a newer one."""
    return [fade * old + (1 - fade) * new for old, new in zip(mean, newer, strict=True)]
