"""Boxes around faces: what they overlap, which to keep, and through which windows a frame is looked at.

Design notes
============
1. A box is **XYWH**: left, top, width, height in pixels, ``float32 [N, 4]``; scores are ``float32 [N]`` in
   (0, 1). Pixels are those of the picture that the function's docstring names, and only `to_frame` changes
   pictures.
2. The net answers for **anchors**, row by row through the grids of its strides.  A box has its centre at
   ``(column + .5 + tx, row + .5 + ty) * stride`` and the size ``prior * exp(tw), prior * exp(th)``.
3. A box whose area is under that of a square of `SMALLEST` window pixels is no face, only a hint: `merge`
   drops it, when it has told where to look closer.  Under `LEAST` it is nothing.  Of boxes that overlap by
   more than a limit, the best stays (greedy non-maximum suppression).
4. The net sees one `Window` of fixed size.  `cover` lays windows over a scaled frame: evenly,
   overlapping, the outer ones flush with the frame's edges; a frame smaller than a window gets one that
   reaches beyond it.
5. A window's border inside the frame cuts faces.  A box that such a border cuts is dropped when another
   window of the same scale holds the whole place and a half more beyond the border: the better view decides,
   whether it found something or not.  It is also dropped when any other window found an uncut box over it.
6. What is left of all windows goes through one suppression in frame pixels.

Everything here is arithmetic on its arguments: no clock, no file, no thread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Boxes = NDArray[np.float32]
    Scores = NDArray[np.float32]

WINDOW_WIDTH: Final = 320
"""Width of the detector's input in pixels."""
WINDOW_HEIGHT: Final = 240
"""Height of the detector's input in pixels."""
OVERLAP: Final = 40
"""Pixels that neighbouring windows of a grid share at least: the size of the faces that a finer grid is
for.
"""
AT_THE_BORDER: Final = 3.0
"""A box that ends this many window pixels or fewer from a border is cut by it."""
BEYOND: Final = 0.5
"""How much of a cut box's size another window must see beyond the border to decide in its place."""
COVERED: Final = 0.5
"""Share of a cut box that an uncut one must overlap to replace it."""
MOST_CANDIDATES: Final = 400
"""Anchors above the threshold that are decoded, best first: a picture full of noise stays cheap."""
SMALLEST: Final = 16.0
"""Root of a face's area in window pixels, at least."""
LEAST: Final = 8.0
"""Root of a box's area in window pixels, at least."""
ROUNDING: Final = 0.01
"""How far a logit in single precision is off at most."""
LARGEST_POWER: Final = 4.0
"""Limit of ``tw, th``, so that no weight or noise overflows the exponential."""


def no_boxes() -> Boxes:
    """Return an empty list of boxes, ``float32 [0, 4]``."""
    return np.zeros((0, 4), np.float32)


def overlap(boxes: Boxes, others: Boxes) -> NDArray[np.float32]:
    """Return the common area of each pair in square pixels, ``float32 [N, M]``."""
    start = np.maximum(boxes[:, None, :2], others[None, :, :2])
    end = np.minimum(boxes[:, None, :2] + boxes[:, None, 2:], others[None, :, :2] + others[None, :, 2:])
    sides: NDArray[np.float32] = np.clip(end - start, 0, None)
    area: NDArray[np.float32] = sides[..., 0] * sides[..., 1]
    return area


def iou(boxes: Boxes, others: Boxes) -> NDArray[np.float32]:
    """Return intersection over union of each pair, ``float32 [N, M]`` in [0, 1]; 0 where both are empty."""
    common = overlap(boxes, others)
    union = (boxes[:, 2] * boxes[:, 3])[:, None] + (others[:, 2] * others[:, 3])[None] - common
    return np.asarray(np.minimum(common / np.maximum(union, np.float32(1e-6)), 1), np.float32)


def nms(
    boxes: Boxes, scores: Scores, limit: float, kinds: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """Return the rows to keep, best first: no two of them overlap by an IoU above `limit`.

    Boxes of different `kinds` ``[N]`` do not suppress each other.  Equal scores keep their order.
    """
    order = np.argsort(-scores, kind="stable")
    if len(order) <= 1:
        return order
    rivals = iou(boxes, boxes) > limit
    if kinds is not None:
        rivals &= kinds[:, None] == kinds
    kept: list[int] = []
    free = np.ones(len(boxes), bool)
    for row in order:
        if free[row]:
            kept.append(int(row))
            free &= ~rivals[row]
    return np.array(kept, np.intp)


def suppressed(boxes: Boxes, scores: Scores, limit: float) -> tuple[Boxes, Scores]:
    """Return what is kept of one window's boxes, best first; hints and faces do not suppress each other."""
    if len(boxes) <= 1:
        return boxes, scores
    kept = nms(boxes, scores, limit, boxes[:, 2:].prod(1) >= SMALLEST**2)
    return boxes[kept], scores[kept]


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where the net's answers stand in its window, one row an answer."""

    centres: NDArray[np.float32]
    """``[N, 2]``: x and y of each cell's middle in window pixels."""
    strides: NDArray[np.float32]
    """``[N]``: pixels from cell to cell."""
    priors: NDArray[np.float32]
    """``[N]``: the size in pixels that ``exp(0)`` means."""

    @classmethod
    def of(cls, height: int, width: int, strides: Sequence[int], priors: Sequence[float]) -> Anchors:
        """Lay the grids of `strides` over a window.

        A stride that does not divide a side gets one more cell there.
        """
        if len(strides) != len(priors):
            message = f"{len(strides)} strides and {len(priors)} priors: each stride has one prior"
            raise ValueError(message)
        centres, steps, sizes = [], [], []
        for stride, prior in zip(strides, priors, strict=True):
            rows, columns = math.ceil(height / stride), math.ceil(width / stride)
            y, x = np.divmod(np.arange(rows * columns), columns)
            centres.append((np.stack([x, y], 1) + 0.5) * stride)
            steps.append(np.full(rows * columns, stride))
            sizes.append(np.full(rows * columns, prior))
        return cls(*(np.concatenate(part).astype(np.float32) for part in (centres, steps, sizes)))

    def __len__(self) -> int:
        return len(self.strides)


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``1 / (1 + exp(-x))``; far logits saturate instead of overflowing."""
    return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def _surely_below(threshold: float) -> np.float32:
    """Return a logit under which no score reaches `threshold`, rounding and all."""
    if not 0 < threshold < 1:
        return np.float32(-np.inf)
    return np.float32(math.log(threshold / (1 - threshold)) - ROUNDING)


def decode(
    logits: NDArray[np.float32],
    regressions: NDArray[np.float32],
    anchors: Anchors,
    threshold: float,
) -> tuple[Boxes, Scores]:
    """Return the boxes (window pixels) and scores of the anchors that reach `threshold`, best first.

    Boxes are `LEAST` or larger.  `logits` is ``[N]``, `regressions` ``[N, 4]`` with rows
    ``tx, ty, tw, th``; nothing is suppressed yet.
    """
    rows = np.flatnonzero(logits >= _surely_below(threshold))  # few: in an empty room mostly none
    scores = sigmoid(logits[rows])
    rows, scores = rows[scores >= threshold], scores[scores >= threshold]
    if not len(rows):
        return no_boxes(), scores
    best = np.argsort(-scores, kind="stable")[:MOST_CANDIDATES]
    rows, scores = rows[best], scores[best]
    shifts, powers = regressions[rows, :2], np.clip(regressions[rows, 2:], -LARGEST_POWER, LARGEST_POWER)
    centres = anchors.centres[rows] + shifts * anchors.strides[rows, None]
    sizes = anchors.priors[rows, None] * np.exp(powers)
    boxes = np.concatenate([centres - sizes / 2, sizes], 1).astype(np.float32)
    large = sizes.prod(1) >= LEAST**2
    return boxes[large], scores[large]


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of the frame that the detector looks at, in pixels of the frame it is laid over."""

    x: float
    y: float
    width: float = WINDOW_WIDTH
    height: float = WINDOW_HEIGHT

    def scaled(self, factor: float) -> Window:
        """Return the same piece in pixels `factor` times as fine: from a scaled frame to the full one."""
        return Window(self.x * factor, self.y * factor, self.width * factor, self.height * factor)


def starts(length: int, window: int, shared: int) -> tuple[int, ...]:
    """Return where windows along one axis of `length` begin, spread evenly.

    They are as few as share at least `shared` pixels.
    """
    if length <= window:
        return (0,)
    steps = math.ceil((length - window) / (window - shared))
    return tuple(round(step * (length - window) / steps) for step in range(steps + 1))


def cover(width: int, height: int, shared: int = OVERLAP) -> tuple[Window, ...]:
    """Return the windows, row by row, that together see a (scaled) frame of this size, in its pixels."""
    if not 0 <= shared < min(WINDOW_WIDTH, WINDOW_HEIGHT):
        message = f"windows cannot share {shared} pixels"
        raise ValueError(message)
    across, down = starts(width, WINDOW_WIDTH, shared), starts(height, WINDOW_HEIGHT, shared)
    return tuple(Window(x, y) for y in down for x in across)


def to_frame(boxes: Boxes, window: Window) -> Boxes:
    """Return boxes of the detector's input in the pixels that `window` is given in."""
    factor = np.float32(window.width / WINDOW_WIDTH)
    placed = boxes * factor
    placed[:, :2] += np.array([window.x, window.y], np.float32)
    return placed


@dataclass(frozen=True, slots=True)
class View:
    """What one window showed."""

    window: Window
    boxes: Boxes
    """In frame pixels, as `to_frame` returns them."""
    scores: Scores


def merge(views: Sequence[View], width: float, height: float, limit: float) -> tuple[Boxes, Scores]:
    """Return the faces that several windows of one frame (`width` x `height` px) show together, best first.

    `limit` is the IoU above which two boxes are one face.
    """
    views = [_large(view) for view in views]
    if not any(len(view.boxes) for view in views):
        return no_boxes(), np.zeros(0, np.float32)
    cuts = [_cut(view, width, height) for view in views]
    if any(cut.any() for cut in cuts):
        views = _without_cut(views, cuts, width, height)
    boxes = np.concatenate([no_boxes(), *(view.boxes for view in views)])
    scores = np.concatenate([np.zeros(0, np.float32), *(view.scores for view in views)])
    kept = nms(boxes, scores, limit)
    return boxes[kept], scores[kept]


def _without_cut(
    views: Sequence[View], cuts: Sequence[NDArray[np.bool_]], width: float, height: float
) -> list[View]:
    """Return the views without the cut boxes (`_cut`) that another window shows better."""
    whole = [view.boxes[~cut.any(1)] for view, cut in zip(views, cuts, strict=True)]
    result = []
    for i, (view, cut) in enumerate(zip(views, cuts, strict=True)):
        others = [other.window for j, other in enumerate(views) if j != i]
        elsewhere = [found for j, found in enumerate(whole) if j != i]
        keep = np.array(
            [
                not borders.any()
                or not (
                    _seen_whole(box, borders, view.window, others, (width, height))
                    or _under_another(box, elsewhere)
                )
                for box, borders in zip(view.boxes, cut, strict=True)
            ],
            bool,
        )
        result.append(View(view.window, view.boxes[keep], view.scores[keep]))
    return result


def _large(view: View) -> View:
    """Return what is large enough in its window to be a face."""
    least = SMALLEST * view.window.width / WINDOW_WIDTH
    large = view.boxes[:, 2:].prod(1) >= least**2
    return View(view.window, view.boxes[large], view.scores[large])


def _cut(view: View, width: float, height: float) -> NDArray[np.bool_]:
    """Return which borders (left, top, right, bottom) inside the frame cut each box, ``bool [N, 4]``."""
    window, boxes = view.window, view.boxes
    near = AT_THE_BORDER * window.width / WINDOW_WIDTH
    right, bottom = window.x + window.width, window.y + window.height
    inner = np.array([window.x > 0, window.y > 0, right < width, bottom < height])
    touching = np.stack(
        [
            boxes[:, 0] <= window.x + near,
            boxes[:, 1] <= window.y + near,
            boxes[:, 0] + boxes[:, 2] >= right - near,
            boxes[:, 1] + boxes[:, 3] >= bottom - near,
        ],
        1,
    )
    result: NDArray[np.bool_] = touching & inner
    return result


def _seen_whole(
    box: NDArray[np.float32],
    cut: NDArray[np.bool_],
    window: Window,
    others: Sequence[Window],
    frame: tuple[float, float],
) -> bool:
    """Tell whether another window of the same scale holds the box and some of what is beyond.

    That is `BEYOND` of its size past each border that cut it.
    """
    x, y, w, h = (float(side) for side in box)
    left = max(0.0, x - (w * BEYOND if cut[0] else 0))
    top = max(0.0, y - (h * BEYOND if cut[1] else 0))
    right = min(frame[0], x + w + (w * BEYOND if cut[2] else 0))
    bottom = min(frame[1], y + h + (h * BEYOND if cut[3] else 0))
    return any(
        math.isclose(other.width, window.width, rel_tol=0.02)
        and other.x <= left
        and other.y <= top
        and other.x + other.width >= right
        and other.y + other.height >= bottom
        for other in others
    )


def _under_another(box: NDArray[np.float32], elsewhere: Sequence[Boxes]) -> bool:
    """Tell whether an uncut box of another window lies over at least `COVERED` of this one."""
    area = float(box[2] * box[3])
    return any(
        len(boxes) > 0 and float(overlap(box[None], boxes).max()) >= COVERED * area for boxes in elsewhere
    )
