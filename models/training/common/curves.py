"""Points of the curves that `plots.py` draws: what scores are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS: Final = 15
"""Bins of scores in a reliability curve (Guo et al. 2017)."""
POINTS: Final = 40
"""Points of a precision-recall curve, at most."""


def reliability(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> list[list[float]]:
    """Return mean score, share right and count of each bin that is not empty; both arrays are ``[N]``."""
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    rows = []
    for place in np.unique(places):
        here = places == place
        rows.append(
            [round(float(scores[here].mean()), 4), round(float(right[here].mean()), 4), int(here.sum())]
        )
    return rows


def precision_recall(
    scores: NDArray[np.floating], right: NDArray[np.bool_], wanted: int
) -> list[list[float]]:
    """Return recall, precision and score by falling score, where `wanted` is all that could be found."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    if not len(hits) or not hits[-1]:
        return []
    ends = np.searchsorted(hits, np.unique(np.linspace(1, hits[-1], POINTS, dtype=int)))
    return [
        [
            round(float(hits[end]) / wanted, 4),
            round(float(hits[end]) / (int(end) + 1), 4),
            round(float(scores[order[end]]), 3),
        ]
        for end in ends
    ]
