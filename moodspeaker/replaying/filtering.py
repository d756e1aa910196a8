"""The tracker's filter over a whole day at once: many stretches of it side by side.

Theory of operation
===================
The filter goes from look to look, so a day cannot be filtered in one step.  But it forgets where it began
within minutes.  So the day is cut into stretches of equal length, which are filtered side by side with the
tracker's own arithmetic (`mood.smoothing`), an array of one number a stretch in the place of each number.
First each begins as if the day began there.  Then each begins again where the one before it really ended, and
goes on until its belief is what it was before (`SAME`): from there on all is known.  A stretch that comes to
its end without that lets the next one begin again; when none is left, every look is as if the day had been
filtered from its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.mood.smoothing import (
    LONGEST_LOOK,
    LONGEST_STEP,
    ROOM,
    SHORTEST_LOOK,
    drifted,
    evidence,
    faded,
    first_belief,
    shown_in,
    weighed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from moodspeaker.mood.smoothing import Belief, Entry
    from moodspeaker.mood.sources import Opinion
    from moodspeaker.mood.tracker import MoodSettings
    from moodspeaker.replaying.looked import Looked

STRETCHES: Final = 256
SHORTEST: Final = 64
"""Looks of a stretch, at least."""
CHECKED: Final = 16
"""Looks after which beliefs are compared."""
SAME: Final = 1e-7
"""Difference of probabilities that makes none."""


class Filtered(NamedTuple):
    """What the filter says of N looks."""

    shares: NDArray[np.float64]
    """[7, N] The posteriors of the moods."""
    means: NDArray[np.float64]
    """[7, N] The smoothed expressions."""


class KnownFilter:
    """A filter (`mood.smoothing.Smoothing`) whose answers for each look are known beforehand."""

    def __init__(self, settings: MoodSettings, known: Filtered) -> None:
        """Take what it says of each look."""
        self.known = known
        self.place: int | None = None
        """The look that was taken last; None: none since the filter began again."""
        self._first = [sum(row) for row in first_belief(shown_in(settings))]

    @property
    def shares(self) -> Sequence[float]:
        """Seven posteriors of the moods."""
        return self._first if self.place is None else self.known.shares[:, self.place].tolist()

    @property
    def mean(self) -> Probabilities:
        """The smoothed expression of the room."""
        return ROOM if self.place is None else Probabilities.of(self.known.means[:, self.place].tolist())

    def adopt(self, settings: MoodSettings) -> None:
        """Do nothing: a day is filtered with one set of settings."""

    def restart(self) -> None:
        """Begin again."""
        self.place = None

    def drift(self, step: float) -> None:
        """Do nothing: it is known."""

    def weigh(self, faces: Sequence[Probabilities], opinions: Sequence[Opinion], seconds: float) -> None:
        """Do nothing: it is known."""


def filtered(days: Sequence[tuple[Looked, MoodSettings]]) -> list[Filtered]:
    """Filter a day with several settings side by side; each has as many looks."""
    looks = len(days[0][0].at)
    many = max(1, min(STRETCHES, looks // SHORTEST))
    length = max(1, -(-looks // many))
    stretches = _Stretches([_Cut.of(*day, many, length) for day in days])
    stretches.filter()
    found = []
    for place in range(len(days)):
        which = slice(place * many, (place + 1) * many)
        shares, means = (
            one[:, :, which].transpose(0, 2, 1).reshape(len(EMOTIONS), -1)[:, :looks]
            for one in (stretches.shares, stretches.means)
        )
        found.append(Filtered(shares, means))
    return found


class _Cut(NamedTuple):
    """A day with one set of settings, cut into K stretches of L looks."""

    passing: NDArray[np.float64]
    """[7, 7, K]"""
    numbers: NDArray[np.float64]
    """[L, 17, K] How likely a mood stays and an expression is held, how far the mean fades; what the look
    says of each shown expression; the mean of its faces.
    """
    begins: NDArray[np.bool_]
    """[L, K] Whether what was seen before counts no more."""

    @classmethod
    def of(cls, looked: Looked, settings: MoodSettings, many: int, length: int) -> Self:
        seconds = np.where(looked.first, 1.0, np.clip(looked.step, SHORTEST_LOOK, LONGEST_LOOK))
        step, seen = np.minimum(looked.step, LONGEST_STEP), looked.seen
        said = evidence(list(looked.likely.T), settings.trust * seconds)
        numbers = [
            0.5 ** (step / settings.half_life),
            0.5 ** (step / settings.held),
            np.where(seen, 0.5 ** (seconds / settings.held), 1.0),
            *(np.where(seen, one, 1.0) for one in said),
            *looked.mean.T,
        ]
        # looks that are not there, behind the last, change nothing
        padded = np.ones((len(numbers), many * length))
        padded[:, : len(step)] = numbers
        begins = np.zeros(many * length, dtype=np.bool_)
        begins[: len(step)] = looked.begins_again
        passing = np.repeat(np.array(shown_in(settings))[:, :, None], many, axis=2)
        cut = padded.reshape(-1, many, length).transpose(2, 0, 1)
        return cls(passing, cut, begins.reshape(many, length).T)


class _Stretches:
    """Stretches of days, filtered side by side."""

    def __init__(self, cuts: Sequence[_Cut]) -> None:
        self._passing = np.concatenate([cut.passing for cut in cuts], axis=2)
        self._numbers = np.concatenate([cut.numbers for cut in cuts], axis=2)
        self._begins = np.concatenate([cut.begins for cut in cuts], axis=1)
        self._firsts = np.cumsum([0, *(cut.begins.shape[1] for cut in cuts)])
        """The first stretch of each day, and the number of all."""
        self._length, _, self._many = self._numbers.shape
        self.shares = np.empty((len(EMOTIONS), self._length, self._many))
        self.means = np.empty_like(self.shares)
        checks = -(-self._length // CHECKED)
        self._kept = np.full((checks, len(EMOTIONS) + 1, len(EMOTIONS), self._many), np.nan)
        """What was compared last: a belief and a mean."""

    def filter(self) -> None:
        """Filter all of them."""
        which = np.arange(self._many)
        room = np.repeat(np.array(ROOM)[None, :, None], self._many, axis=2)
        state = np.concatenate([np.array(first_belief(list(self._passing))), room])
        while len(which):
            ended = self._run(which, state)
            which = ended[~np.isin(ended + 1, self._firsts)] + 1
            state = self._kept[-1][:, :, which - 1]

    def _run(self, which: NDArray[np.intp], state: NDArray[np.float64]) -> NDArray[np.intp]:
        """Filter some stretches from these states on; return those whose end is another than before."""
        belief: Belief = [list(row) for row in state[:-1]]
        mean: list[Entry] = list(state[-1])
        passing, numbers, all_begin = self._of(which)
        first = first_belief(passing)
        for place in range(self._length):
            stays, held, fade, *others = numbers[place]
            belief = drifted(belief, stays, held, passing)
            if (begins := all_begin[place]).any():
                belief = [_where(begins, *rows) for rows in zip(first, belief, strict=True)]
                mean = _where(begins, ROOM, mean)
            belief = weighed(belief, others[:7])
            mean = faded(mean, others[7:], fade)
            self.shares[:, place, which] = [sum(row) for row in belief]
            self.means[:, place, which] = mean
            if (place + 1) % CHECKED and place + 1 < self._length:
                continue
            now, kept = np.array([*belief, mean]), self._kept[place // CHECKED]
            other = ~(np.abs(now - kept[:, :, which]).max(axis=(0, 1)) <= SAME)
            kept[:, :, which] = now
            if other.all():
                continue
            which = which[other]
            if not len(which):
                break
            belief = [[one[other] for one in row] for row in belief]
            mean = [one[other] for one in mean]
            passing, numbers, all_begin = self._of(which)
            first = first_belief(passing)
        return which

    def _of(
        self, which: NDArray[np.intp]
    ) -> tuple[list[list[Entry]], NDArray[np.float64], NDArray[np.bool_]]:
        """Return what some stretches go by."""
        if len(which) == self._many:
            return [list(row) for row in self._passing], self._numbers, self._begins
        passing = [list(row) for row in self._passing[:, :, which]]
        return passing, self._numbers[:, :, which], self._begins[:, which]


def _where(begins: NDArray[np.bool_], new: Sequence[Entry], old: Sequence[Entry]) -> list[Entry]:
    return [np.where(begins, one, other) for one, other in zip(new, old, strict=True)]
