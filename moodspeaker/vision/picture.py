"""What is wrong with the picture itself: hints for whoever put up the camera.

Design notes
============
1. Every `EVERY` looks one picture is measured; a hint is given when `AGREED` measurements in a row have it,
   and taken back as soon as one has not.
2. *dim*: the mean of the picture is low, but it is not dark.  *blurred*: shrunk to the detector's window, no
   edge is steep for the picture's contrast; noise has averaged out by then, so that is dirt or focus, not
   lack of light.
3. *turned*: with nobody seen upright, the whole picture is also shown to the detector turned by a quarter, a
   half and three quarters, one of them a measurement; a face there counts for that turn.
4. *far*: the faces that were seen are smaller than `SMALL_FACE` pixels: their expressions are guesses.

Only the names of hints leave this process, no picture.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.domain.observation import SMALL_FACE, PictureHint
from moodspeaker.vision import preprocess
from moodspeaker.vision.boxes import WINDOW_HEIGHT, WINDOW_WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from moodspeaker.domain.observation import Face

EVERY: Final = 10
"""Looks from one measurement to the next."""
AGREED: Final = 3
"""Measurements in a row that have a hint before it is given."""
DIM: Final = 35.0
"""Mean luma of a dim picture, at most."""
STEEP: Final = 99.5
"""Percentile of the steps between neighbouring pixels that counts as the steepest edges."""
BLURRED: Final = 0.14
"""Steepest edges of a blurred picture, as a share of its contrast, at most.

Of 200 sharp photos none is under .167; blurred by a deviation of two pixels of the window none is over .143.
"""
FLOOR: Final = 12.0
"""Luma added to the contrast, so that a blank wall is not measured by its noise."""
LEAST_CONTRAST: Final = 40.0
"""Luma from the 1st to the 99th percentile that a picture needs to tell whether it is blurred."""
TURNS: Final = {1: PictureHint.TURNED_90, 2: PictureHint.TURNED_180, 3: PictureHint.TURNED_270}
"""Quarter turns, counted as `camera.rotation` counts, that would set the picture upright."""


def is_dim(luma: NDArray[np.uint8]) -> bool:
    """Tell whether a picture is lit too weakly to read faces well."""
    return float(luma[::4, ::4].mean()) <= DIM


def sharpness(luma: NDArray[np.uint8]) -> float | None:
    """Return how steep the steepest edges are as a share of the contrast, 0 to 1.

    None: there is too little contrast to tell.
    """
    small = preprocess.fit(luma, WINDOW_HEIGHT, WINDOW_WIDTH)[0].astype(np.float32)
    rows, columns = _shown(luma.shape)
    small = small[:rows, :columns]
    low, high = percentile(small.ravel(), 1), percentile(small.ravel(), 99)
    if high - low < LEAST_CONTRAST:
        return None
    steps = np.concatenate([np.abs(np.diff(small, axis=0)).ravel(), np.abs(np.diff(small, axis=1)).ravel()])
    return percentile(steps, STEEP) / (high - low + FLOOR)


def percentile(values: NDArray[np.float32], share: float) -> float:
    """Return a percentile of a row of numbers, between two of them in proportion.

    NumPy's own loads its masked arrays, for which this process has no other use: seven megabytes.
    """
    place = share / 100 * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def _shown(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the rows and columns that a picture of this shape takes in the detector's window."""
    scale = min(WINDOW_HEIGHT / shape[0], WINDOW_WIDTH / shape[1])
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


class PictureCheck:
    """Measures a picture now and then and tells what is wrong with it."""

    def __init__(self) -> None:
        self._looks = 0
        self._turn = 0
        self._counts = dict.fromkeys(PictureHint, 0)

    @property
    def hints(self) -> tuple[PictureHint, ...]:
        """What is wrong with the pictures of late."""
        return tuple(hint for hint, count in self._counts.items() if count >= AGREED)

    def see(
        self, luma: NDArray[np.uint8], faces: Sequence[Face], shows_face: Callable[[NDArray[np.uint8]], bool]
    ) -> None:
        """Take one more picture and the faces seen in it.

        `shows_face` tells whether the whole of a picture shows a face; it is asked once a measurement, and
        only with nobody seen.
        """
        self._looks += 1
        if self._looks % EVERY:
            return
        self._count(PictureHint.DIM, found=is_dim(luma))
        sharp = sharpness(luma)
        self._count(PictureHint.BLURRED, found=sharp is not None and sharp <= BLURRED)
        if faces:
            sides = [math.sqrt(face.box.width * face.box.height) for face in faces]
            self._count(PictureHint.FAR, found=max(sides) < SMALL_FACE)
            for hint in TURNS.values():
                self._count(hint, found=False)
            return
        self._turn = self._turn % len(TURNS) + 1
        # rot90 turns anticlockwise, camera.rotation clockwise
        self._count(TURNS[self._turn], found=shows_face(np.ascontiguousarray(np.rot90(luma, -self._turn))))

    def _count(self, hint: PictureHint, *, found: bool) -> None:
        self._counts[hint] = self._counts[hint] + 1 if found else 0
