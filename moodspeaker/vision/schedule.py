"""Where to look next: which windows of the frame the detector is given.

Design notes
============
1. The detector sees 320x240 pixels.  A face of s frame pixels is s / k pixels in a window that shrinks the
   frame by k, so near faces are seen in the whole frame fitted into them, and far ones only in windows of
   finer **grids**: the frame scaled until its longer side is 640, then 1280 (`sides`).  No grid is finer than
   the frame.
2. A live look goes through at most `BUDGET` windows: first the whole frame; then, for at most `FOLLOWED`
   faces that the windows so far show too small, a window around each at its native scale; the rest searches
   the grids by turns, one window of each grid after the other, so that the coarse grid (people at two metres)
   comes round sooner than the fine one.
3. A face that is not found again is followed for `PATIENCE` more looks.
4. `thorough` and `at_frame` list all windows at once: for pictures, where time does not count.

Windows are in pixels of the frame.  Everything here is a function of its arguments: the same looks give the
same windows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from moodspeaker.vision.boxes import WINDOW_HEIGHT, WINDOW_WIDTH, Window, cover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moodspeaker.domain.observation import Box

COARSEST: Final = 320
"""Longer side, in pixels, of the scaled frame that one window sees whole."""
FINER: Final = (640, 1280)
"""Longer sides of the finer grids."""
WORTH: Final = 1.25
"""A grid must be this much finer than the one before."""
BUDGET: Final = 4
"""Windows of one live look."""
FOLLOWED: Final = 2
"""Windows of a live look that may follow known faces."""
WELL_SEEN: Final = 48.0
"""A face of this many window pixels or more needs no closer window."""
FOLLOWED_SIZE: Final = 64.0
"""Window pixels that a followed face is given, where the frame has them."""
PATIENCE: Final = 5
"""Looks for which a lost face is still followed."""


def whole(width: int, height: int) -> Window:
    """Return the window that shows a frame of this size whole; what it shows beyond the frame is padding."""
    factor = 1 / min(WINDOW_HEIGHT / height, WINDOW_WIDTH / width)
    return Window(0, 0).scaled(factor)


def sides(width: int, height: int) -> tuple[int, ...]:
    """Return the longer sides to which a thorough look scales a frame of this size, coarsest first."""
    longer = max(width, height)
    chosen = [COARSEST]
    for side in FINER:
        finer = min(side, longer)
        if finer >= chosen[-1] * WORTH:
            chosen.append(finer)
    return tuple(chosen)


def is_fine(window: Window, width: int, height: int) -> bool:
    """Tell whether a window shows a frame of this size at a finer scale than `COARSEST`."""
    return window.width * WORTH < max(width, height)


def at_frame(width: int, height: int, side: int) -> tuple[Window, ...]:
    """Return the windows that cover a frame of this size once its longer side is scaled to `side`."""
    longer = max(width, height)
    scaled = cover(
        -(-width * side // longer), -(-height * side // longer)
    )  # rounded up: no row of the frame is left out
    return tuple(window.scaled(longer / side) for window in scaled)


def thorough(width: int, height: int) -> tuple[Window, ...]:
    """Return every window of every scale, the whole frame first."""
    windows = [whole(width, height)]
    for side in sides(width, height):
        windows += [window for window in at_frame(width, height, side) if window not in windows]
    return tuple(windows)


def around(box: Box, width: int, height: int) -> Window:
    """Return a window around a face at its native scale, kept within the frame, which it never enlarges."""
    factor = max(1.0, max(box.width, box.height) / FOLLOWED_SIZE)
    across, down = WINDOW_WIDTH * factor, WINDOW_HEIGHT * factor
    x = round(box.x + box.width / 2 - across / 2)
    y = round(box.y + box.height / 2 - down / 2)
    return Window(max(0, min(x, round(width - across))), max(0, min(y, round(height - down))), across, down)


@dataclass(frozen=True, slots=True)
class Known:
    """A face that was found."""

    box: Box
    """Where it was last, in frame pixels."""
    missed: int = 0
    """Looks since then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the live looks so far leave for the next one."""

    turn: int = 0
    """Search windows looked through so far."""
    known: tuple[Known, ...] = ()
    """The faces to follow, largest first."""

    def look(self, width: int, height: int) -> tuple[tuple[Window, ...], Plan]:
        """Return the windows of the next look at a frame of this size, and the plan after it."""
        chosen = [whole(width, height)]
        for face in self.known:
            if len(chosen) <= FOLLOWED and not any(_well_seen(face.box, window) for window in chosen):
                chosen.append(around(face.box, width, height))
        search = tuple(_interleaved(width, height))
        wanted = min(BUDGET - len(chosen), len(search))
        chosen += [search[(self.turn + step) % len(search)] for step in range(wanted)]
        return tuple(chosen), replace(self, turn=self.turn + wanted)

    def saw(self, boxes: Iterable[Box]) -> Plan:
        """Return the plan after a look that found these faces."""
        found = tuple(boxes)
        lost = (
            Known(face.box, face.missed + 1)
            for face in self.known
            if face.missed < PATIENCE and not any(_centre_within(face.box, box) for box in found)
        )
        known = sorted((*map(Known, found), *lost), key=lambda face: -face.box.width * face.box.height)
        return replace(self, known=tuple(known))


def _interleaved(width: int, height: int) -> Iterator[Window]:
    """Yield the windows of one round of the search: one of each finer grid in turn, until all came up."""
    grids = [at_frame(width, height, side) for side in sides(width, height)[1:]]
    first = at_frame(width, height, COARSEST)
    if len(first) > 1:
        grids.insert(0, first)
    for turn in range(max(map(len, grids), default=0)):
        for grid in grids:
            yield grid[turn % len(grid)]


def _well_seen(box: Box, window: Window) -> bool:
    """Tell whether a window shows the whole face large enough."""
    inside = (
        box.x >= window.x
        and box.y >= window.y
        and box.x + box.width <= window.x + window.width
        and box.y + box.height <= window.y + window.height
    )
    return inside and max(box.width, box.height) >= WELL_SEEN * window.width / WINDOW_WIDTH


def _centre_within(box: Box, other: Box) -> bool:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return other.x <= x <= other.x + other.width and other.y <= y <= other.y + other.height
