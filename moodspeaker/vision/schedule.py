"""Where to look next: which windows of the frame the detector is given.

Design notes
============
1. The detector sees 320x240 pixels.  A face of s frame pixels is s / k pixels in a window that shrinks the
   frame by k, so near faces are seen in the whole frame fitted into them, and far ones only in windows of
   finer **grids**: the frame scaled until its longer side is 640, then 1280 (`sides`).  No grid is finer than
   the frame.
2. A live look goes through at most `BUDGET` windows: the whole frame; one around each of at most `FOLLOWED`
   known faces that the whole frame shows too small; in one look of two one over what moved (`change`);
   windows of the grids of `SEARCHED` by turns, two of the coarse grid (people at three metres) for one of the
   fine grid; and last one around the best **suspect**: a place where the windows so far show a hint of a
   face, too small to be sure.  Without one, the search goes on.
3. While the faces it knows were all found in the last look, only one look in `SEARCH_EVERY` is like that, and
   `AWAKE` looks after the picture changed elsewhere (`change`): somebody may have come.  The others are
   **short**: they go through the windows that show the known faces large enough, mostly one, and end there
   when these show them all again.  When one is missing the same look goes on as a searching one.
4. A window around a face shows it `CLOSE` pixels large, enlarged by `MOST_ENLARGED` at most: the detector is
   surest there.  (Of 50 to 80 pixels it is less sure, for two of its grids share a face.)
5. A face that is not found again is followed for `PATIENCE` more looks; a suspect that turns out to be none
   is left alone for `RECHECK` looks, so that a lamp does not keep the search from going on.
6. `thorough` and `at_frame` list all windows at once: for pictures, where time does not count.
7. The grids of the search are those that few windows cover: 2x2 and 4x4 for a frame of 4:3, where 640 and
   1280 pixels take 3x3 and 5x5.

Windows are in pixels of the frame.  Everything here is a function of its arguments: the same looks give the
same windows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass
from moodspeaker.vision.boxes import OVERLAP, WINDOW_HEIGHT, WINDOW_WIDTH, Window, cover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from moodspeaker.domain.observation import Box

COARSEST: Final = 320
"""Longer side, in pixels, of the scaled frame that one window sees whole."""
FINER: Final = (640, 1280)
"""Longer sides of the finer grids of a thorough look."""
SEARCHED: Final = (600, 1160)
"""Longer sides of the grids that live looks search: coarse and fine."""
SHARED: Final = 30
"""Pixels that neighbouring windows of these grids share, at least."""
WORTH: Final = 1.25
"""A grid must be this much finer than the one before."""
BUDGET: Final = 4
"""Windows of one live look."""
FOLLOWED: Final = 2
"""Windows of a live look that may follow known faces."""
SEARCH_EVERY: Final = 3
"""One look in so many searches the room while the known faces are seen."""
COARSE: Final = 2.0
"""Frame pixels for one of the window that is laid over what moved, at most."""
AWAKE: Final = 10
"""Looks that search after something moved elsewhere."""
WELL_SEEN: Final = 48.0
"""A face of this many window pixels or more needs no closer window."""
CLOSE: Final = 100.0
"""Window pixels of a face in the window around it."""
MOST_ENLARGED: Final = 3.0
"""Window pixels for one of the frame, at most."""
PATIENCE: Final = 5
"""Looks for which a lost face is still followed."""
RECHECK: Final = 3
"""Looks for which a suspect that was none is left alone."""


def whole(width: int, height: int) -> Window:
    """Return the window that shows a frame of this size whole; what it shows beyond the frame is padding."""
    factor = 1 / min(WINDOW_HEIGHT / height, WINDOW_WIDTH / width)
    return Window(0, 0).scaled(factor)


def sides(width: int, height: int) -> tuple[int, ...]:
    """Return the longer sides to which a thorough look scales a frame of this size, coarsest first."""
    return (COARSEST, *_finer(FINER, width, height))


def _finer(wanted: Iterable[int], width: int, height: int) -> tuple[int, ...]:
    """Return those of the wanted sides that show more of a frame of this size than the one before."""
    longer = max(width, height)
    chosen = [COARSEST]
    for side in wanted:
        finer = min(side, longer)
        if finer >= chosen[-1] * WORTH:
            chosen.append(finer)
    return tuple(chosen[1:])


def is_fine(window: Window, width: int, height: int) -> bool:
    """Tell whether a window shows a frame of this size at a finer scale than `COARSEST`."""
    return window.width * WORTH < max(width, height)


def at_frame(width: int, height: int, side: int, shared: int = OVERLAP) -> tuple[Window, ...]:
    """Return the windows that cover a frame of this size once its longer side is scaled to `side`."""
    longer = max(width, height)
    scaled = cover(
        -(-width * side // longer), -(-height * side // longer), shared
    )  # rounded up: no row of the frame is left out
    return tuple(window.scaled(longer / side) for window in scaled)


def thorough(width: int, height: int) -> tuple[Window, ...]:
    """Return every window of every scale, the whole frame first."""
    windows = [whole(width, height)]
    for side in sides(width, height):
        windows += [window for window in at_frame(width, height, side) if window not in windows]
    return tuple(windows)


def around(box: Box, width: int, height: int) -> Window:
    """Return a window that shows a face `CLOSE` pixels large, kept within the frame."""
    factor = max(1 / MOST_ENLARGED, max(box.width, box.height) / CLOSE)
    y = box.y + box.height / 2 - WINDOW_HEIGHT * factor / 2
    return _within(box.x + box.width / 2, y, factor, width, height)


def at_the_top(box: Box, width: int, height: int) -> Window:
    """Return a window over the upper end of what moved, where a person's head is, kept within the frame."""
    factor = max(1.0, min((box.width + 2 * SHARED) / WINDOW_WIDTH, COARSE))
    factor = min(factor, whole(width, height).width / WINDOW_WIDTH)
    return _within(box.x + box.width / 2, box.y - 2 * SHARED, factor, width, height)


def _within(middle: float, top: float, factor: float, width: int, height: int) -> Window:
    """Return a window of this scale by the middle of its upper border, moved into the frame."""
    across, down = WINDOW_WIDTH * factor, WINDOW_HEIGHT * factor
    x, y = round(middle - across / 2), round(top)
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
    checked: tuple[Known, ...] = ()
    """Suspects that were looked at and are no known face."""
    looks: int = 0
    """Looks since the search went on, that one included."""
    awake: int = 0
    """Looks that search, because something moved."""
    place: Box | None = None
    """Where it did, if a window of the next look goes there."""
    aimed: bool = False
    """Whether one of the last look went there."""

    def short(self, width: int, height: int) -> tuple[Window, ...]:
        """Return the windows of a short look at a frame of this size; none when the next look searches."""
        if self.awake or self.looks >= SEARCH_EVERY or any(face.missed for face in self.known):
            return ()
        chosen: list[Window] = []
        for face in self.known:
            if not well_seen(face.box, chosen):
                fitted = whole(width, height)
                near = well_seen(face.box, [fitted])
                chosen.append(fitted if near else around(face.box, width, height))
        return tuple(chosen) if len(chosen) <= FOLLOWED else ()

    def moved(self, place: Box) -> Plan:
        """Return the plan after something moved where no known face is: the next `AWAKE` looks search.

        One look in two goes there first, lest a curtain in the wind keep the search from going on.
        """
        return replace(self, awake=AWAKE, place=None if self.aimed else place)

    def finds(self, boxes: Iterable[Box]) -> bool:
        """Tell whether there are known faces and these boxes are all of them."""
        found = tuple(boxes)
        return bool(self.known) and all(
            any(_centre_within(face.box, box) for box in found) for face in self.known
        )

    def look(self, width: int, height: int) -> tuple[tuple[Window, ...], Plan]:
        """Return the first windows of the next look at a frame of this size, and the plan after them."""
        chosen = [whole(width, height)]
        for face in self.known:
            if len(chosen) <= FOLLOWED and not well_seen(face.box, chosen):
                chosen.append(around(face.box, width, height))
        if self.place is not None and len(chosen) < BUDGET - 1:
            chosen.append(at_the_top(self.place, width, height))
        windows, after = self._with_search(chosen, BUDGET - 1, width, height)
        aimed = self.place is not None
        return windows, replace(after, awake=max(0, self.awake - 1), place=None, aimed=aimed)

    def closer(
        self, seen: Sequence[Window], suspects: Iterable[Box], width: int, height: int
    ) -> tuple[tuple[Window, ...], Plan]:
        """Return the windows that end a look, and the plan after it.

        `seen` are the first ones, `suspects` where they hint at a face, best first.
        """
        for box in suspects:
            known = any(_centre_within(box, one.box) for one in (*self.checked, *self.known))
            if not known and not well_seen(box, seen):
                after = replace(self, checked=(*self.checked, Known(box)))
                return (around(box, width, height),), after
        windows, after = self._with_search(list(seen), BUDGET, width, height)
        return windows[len(seen) :], after

    def _with_search(
        self, chosen: list[Window], count: int, width: int, height: int
    ) -> tuple[tuple[Window, ...], Plan]:
        """Return `count` windows: the chosen ones and the next of the search."""
        search = tuple(_search(width, height))
        wanted = max(0, min(count - len(chosen), len(search)))
        chosen += [search[(self.turn + step) % len(search)] for step in range(wanted)]
        return tuple(chosen), replace(self, turn=self.turn + wanted, looks=0)

    def saw(self, boxes: Iterable[Box]) -> Plan:
        """Return the plan after a look that found these faces."""
        found = tuple(boxes)
        known = sorted(
            (*map(Known, found), *_again(self.known, found, PATIENCE)),
            key=lambda face: -face.box.width * face.box.height,
        )
        checked = tuple(_again(self.checked, found, RECHECK))
        return replace(self, known=tuple(known), checked=checked, looks=self.looks + 1)


def _again(faces: Iterable[Known], found: Iterable[Box], looks: int) -> Iterator[Known]:
    """Yield the faces that were not found, as long as they are younger than so many looks."""
    for face in faces:
        if face.missed < looks and not any(_centre_within(face.box, box) for box in found):
            yield Known(face.box, face.missed + 1)


def _search(width: int, height: int) -> Iterator[Window]:
    """Yield the windows of one round of the search: two of the coarsest grid for one of each finer one."""
    grids = [at_frame(width, height, side, SHARED) for side in _finer(SEARCHED, width, height)]
    first = at_frame(width, height, COARSEST)
    if len(first) > 1:
        grids.insert(0, first)
    for turn in range(max(map(len, grids), default=0)):
        yield grids[0][2 * turn % len(grids[0])]
        yield grids[0][(2 * turn + 1) % len(grids[0])]
        for grid in grids[1:]:
            yield grid[turn % len(grid)]


def well_seen(box: Box, windows: Iterable[Window]) -> bool:
    """Tell whether one of the windows shows the whole face large enough."""
    return any(
        box.x >= window.x
        and box.y >= window.y
        and box.x + box.width <= window.x + window.width
        and box.y + box.height <= window.y + window.height
        and max(box.width, box.height) >= WELL_SEEN * window.width / WINDOW_WIDTH
        for window in windows
    )


def _centre_within(box: Box, other: Box) -> bool:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return other.x <= x <= other.x + other.width and other.y <= y <= other.y + other.height
