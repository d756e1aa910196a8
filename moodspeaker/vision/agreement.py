"""What windows of different scales say of the same place: a face is seen by several, most mistakes by one.

Design notes
============
1. A look at several scales weighs each box by the best box that a window of **another scale** shows over
   the same place.  In logits, the score gains ``WEIGHT * (logit(best) - logit(USUAL))``, where `best` is
   `SUPPORT` at least: what no other scale sees loses a little, what another one sees wins.
2. A face that was **known** before this look counts as such a box with the score `KNOWN`: it is not lost for
   one weak look.
3. Boxes under `boxes.SMALLEST` window pixels support others, too, before they are dropped: they are too small
   to be a face by themselves, but a hint where a finer window should look.
4. With windows of one scale alone nothing is weighed.

The numbers and the model's thresholds were chosen together on rooms and things that no detector was trained
on, with faces pasted in; the face model's card has the figures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.vision.boxes import View, iou

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from moodspeaker.vision.boxes import Boxes, Scores

SUPPORT: Final = 0.15
"""Score from which on a box supports another one."""
USUAL: Final = 0.3
"""Score of a support that changes nothing."""
WEIGHT: Final = 0.5
"""Share of the support's logit that counts."""
KNOWN: Final = 0.6
"""Score that a face known before counts as."""
APART: Final = 1.5
"""Windows are of another scale when one shows the frame this many times finer."""
SAME_PLACE: Final = 0.4
"""IoU from which on two boxes are over the same place."""
STILL_THERE: Final = 0.3
"""IoU from which on a box may be the known face, which may have moved."""
LEAST: Final = 1e-6
"""Scores are taken as this far from 0 and 1 at least."""


def agreed(views: Sequence[View], known: Boxes | None = None) -> list[View]:
    """Return the views with their scores weighed by each other and by the faces known before, XYWH."""
    result = []
    for view in views:
        others = [other for other in views if _apart(view, other)]
        if not len(view.boxes) or (not others and (known is None or not len(known))):
            result.append(view)
            continue
        best = np.full(len(view.scores), SUPPORT if others else USUAL, np.float32)
        for other in others:
            best = np.maximum(best, _best_over(view.boxes, other.boxes, other.scores, SAME_PLACE))
        if known is not None and len(known):
            certain = np.full(len(known), KNOWN, np.float32)
            best = np.maximum(best, _best_over(view.boxes, known, certain, STILL_THERE))
        gain = WEIGHT * (_logit(best) - math.log(USUAL / (1 - USUAL)))
        scores = 1 / (1 + np.exp(-_logit(view.scores) - gain))
        result.append(View(view.window, view.boxes, scores.astype(np.float32)))
    return result


def _apart(view: View, other: View) -> bool:
    finer, coarser = sorted((view.window.width, other.window.width))
    return coarser >= APART * finer


def _best_over(found: Boxes, others: Boxes, scores: Scores, limit: float) -> Scores:
    """Return the best score of the others over each box's place, 0 where there is none, ``float32 [N]``."""
    table = np.where(iou(found, others) >= limit, scores[None], np.float32(0))
    best: Scores = table.max(1, initial=0).astype(np.float32)
    return best


def _logit(scores: NDArray[np.float32] | np.float32) -> NDArray[np.float64]:
    """Return the logits, in twice the precision: a better support never ends lower by rounding."""
    safe = np.clip(np.asarray(scores, np.float64), LEAST, 1 - LEAST)
    return np.asarray(np.log(safe / (1 - safe)))
