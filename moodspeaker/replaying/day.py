"""A recorded day as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import numpy as np

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.look_rows import unpacked
from moodspeaker.domain.observation import CameraState
from moodspeaker.mood.smoothing import FLOOR
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from moodspeaker.domain.look_record import LookRecord

SEVEN: Final = len(EMOTIONS)
STATES: Final = tuple(CameraState)
"""What a number of `RecordedDay.camera` stands for."""


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """The looks of a day, in order of time; N of them."""

    at: NDArray[np.float64]
    """[N] Seconds since the epoch; they never fall."""
    camera: NDArray[np.int8]
    """[N] Places in STATES."""
    seen: NDArray[np.bool_]
    """[N] Whether there were faces."""
    mean: NDArray[np.float64]
    """[N, 7] The mean of the faces' probabilities; zeros where there were none."""
    likely: NDArray[np.float64]
    """[N, 7] Their geometric mean, none below FLOOR; ones where there were none."""

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[float, bytes]], oldest: float) -> Self:
        """Return the looks of rows (`domain.look_rows`); those before `oldest` are left out."""
        looks = [
            (wall + look.seconds, look)
            for wall, row in sorted(rows)  # a clock that was wrong for a while made them in another order
            for look in unpacked(row)
            if wall + look.seconds >= oldest
        ]
        raw = np.frombuffer(b"".join(look.faces for _, look in looks), dtype=np.uint8).reshape(-1, SEVEN)
        shares = raw / np.maximum(raw.sum(axis=1, keepdims=True, dtype=np.float64), 1.0)
        counts = [len(look.faces) // SEVEN for _, look in looks]
        return cls._of([at for at, _ in looks], [look.camera for _, look in looks], counts, shares)

    @classmethod
    def of_looks(cls, looks: Sequence[LookRecord]) -> Self:
        """Return these looks."""
        faces = [face for look in looks for face in look.expressions]
        return cls._of(
            [look.at.wall for look in looks],
            [look.camera for look in looks],
            [len(look.expressions) for look in looks],
            np.array(faces, dtype=np.float64).reshape(-1, SEVEN),
        )

    @classmethod
    def _of(
        cls,
        at: Sequence[float],
        camera: Sequence[CameraState],
        faces: Sequence[int],
        shares: NDArray[np.float64],
    ) -> Self:
        """Return looks; `faces` is how many there were, `shares` ([faces, 7]) has all of them in order.

        What a clock that was set back dates before others is left out: nobody knows when it was.
        """
        counts = np.array(faces, dtype=np.intp)
        seen = counts > 0
        starts = (np.cumsum(counts) - counts)[seen]
        mean, likely = np.zeros((len(at), SEVEN)), np.ones((len(at), SEVEN))
        if len(starts):
            many = counts[seen][:, None]
            mean[seen] = np.add.reduceat(shares, starts) / many
            likely[seen] = np.exp(np.add.reduceat(np.log(np.maximum(shares, FLOOR)), starts) / many)
        places = {state: place for place, state in enumerate(STATES)}
        states = np.array([places[state] for state in camera], dtype=np.int8)
        when = np.array(at, dtype=np.float64)
        later = when >= np.maximum.accumulate(when)
        return cls(when[later], states[later], seen[later], mean[later], likely[later])
