"""Where a picture has changed since an earlier one: somebody came in, a door opened, the sun came out.

Design notes
============
1. Pictures are compared as means of blocks, in which a sensor's noise averages out.
2. That all of it grows brighter or darker by the same amount is no change: the median is taken off.
3. What happens around a face that is known (`surroundings`: a person with arms and body) is no change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.domain.observation import Box
from moodspeaker.vision import preprocess

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Thumbnail = NDArray[np.uint8]

BLOCKS: Final = 20
"""Blocks along a frame's longer side."""
ROWS: Final = 8
"""Rows of pixels of a block that are looked at, at least: noise averages out long before all are."""
CHANGED: Final = 3
"""Luma steps by which a block's mean differs that has changed."""
BESIDE: Final = 1.5
"""How many widths of a face belong to its surroundings on each side."""
ABOVE: Final = 1.0
"""How many heights of a face belong to its surroundings above it; below it is the body, to the bottom."""


def thumbnail(luma: NDArray[np.uint8]) -> Thumbnail:
    """Return the mean luma of each block of a frame, row by row."""
    height, width = luma.shape
    block = max(1, max(height, width) // BLOCKS)
    return preprocess.resize(luma[:: max(1, block // ROWS)], -(-height // block), -(-width // block))


def elsewhere(before: Thumbnail, now: Thumbnail, known: Iterable[Box], width: int, height: int) -> Box | None:
    """Return what holds all that changed but around the faces that are known, in pixels of the frame.

    `before` and `now` are the thumbnails of frames of this size.
    """
    down, across = height / before.shape[0], width / before.shape[1]
    difference = now.astype(np.int16) - before
    median = np.partition(difference, difference.size // 2, axis=None)[difference.size // 2]
    changed = np.abs(difference - median) >= CHANGED
    for box in known:
        left, right = box.x - BESIDE * box.width, box.x + (1 + BESIDE) * box.width
        top = box.y - ABOVE * box.height
        changed[max(0, int(top / down)) :, max(0, int(left / across)) : max(0, int(right / across) + 1)] = (
            False
        )
    if not changed.any():
        return None
    rows, columns = (np.flatnonzero(changed.any(axis)) for axis in (1, 0))
    x, y, right, bottom = (float(line) for line in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    return Box(x * across, y * down, (right - x) * across, (bottom - y) * down)
