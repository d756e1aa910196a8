"""The looks of a day that were looks: the camera worked.  What of them does not hang on the mood.

This is the tracker's own reckoning of time (`mood.tracker.Tracker.look`), for all looks at once; a test holds
both to the same answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from moodspeaker.domain.observation import CameraState
from moodspeaker.replaying.day import STATES
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from moodspeaker.replaying.day import RecordedDay


@dataclass(frozen=True, slots=True)
class Looked:
    """N looks, in order of time."""

    at: NDArray[np.float64]
    """[N] Seconds."""
    first: NDArray[np.bool_]
    """[N] Whether the camera began with it."""
    step: NDArray[np.float64]
    """[N] Seconds since the look before; of a first one 0."""
    seen: NDArray[np.bool_]
    """[N] Whether there were faces."""
    absent: NDArray[np.bool_]
    """[N] Whether nobody had been seen for so long that the room counts as empty."""
    mean: NDArray[np.float64]
    """[N, 7] As `RecordedDay.mean`."""
    likely: NDArray[np.float64]
    """[N, 7] As `RecordedDay.likely`."""

    @property
    def begins_again(self) -> NDArray[np.bool_]:
        """[N] Whether what was seen before counts no more."""
        return self.first | (self.absent & ~np.concatenate(([False], self.absent[:-1])))

    @classmethod
    def of(cls, day: RecordedDay, absence: float) -> Self:
        """Return the looks of a day; after `absence` seconds without a face nobody is there."""
        ok = day.camera == STATES.index(CameraState.OK)
        other_before = np.concatenate(([True], ~ok[:-1]))
        first = other_before[ok]
        at, seen = day.at[ok], day.seen[ok]
        step = np.where(first, 0.0, np.diff(at, prepend=at[:1]))
        counted = np.maximum.accumulate(np.where(seen | first, np.arange(len(at)), 0))
        absent = ~seen & (at - at[counted] >= absence)
        return cls(at, first, step, seen, absent, day.mean[ok], day.likely[ok])
