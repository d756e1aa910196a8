"""How a song sounds, apart from its mood: a few numbers, small enough to be kept and compared for each song.

Design notes
============
1. `NUMBERS` bytes a song, one a direction in which songs differ (`analysis.affect_model`): `MIDDLE` is the
   middle of the songs that the model was trained on, `DEVIATION` their standard deviation.  No bytes: it is
   not known.
2. What is not known is no worse than any other: two songs of which it is not known of one are as far apart as
   songs are by chance.
"""

from __future__ import annotations

from math import dist, sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBERS: Final = 8
MIDDLE: Final = 128
DEVIATION: Final = 32
UNIT: Final = DEVIATION * sqrt(NUMBERS)
"""The distance of two songs that are one standard deviation apart in each number."""
BY_CHANCE: Final = sqrt(2) * UNIT
"""The distance of two songs of which nothing else is known."""
FARTHEST: Final = int(255 * sqrt(NUMBERS)) + 1
"""More than any distance."""


def timbre(values: Iterable[float]) -> bytes:
    """Return it for `NUMBERS` values in standard deviations from the middle."""
    return bytes(max(0, min(round(MIDDLE + DEVIATION * value), 255)) for value in values)


def apart(one: bytes, other: bytes) -> float:
    """Return how far apart two songs are, 0 to `FARTHEST`."""
    return dist(one, other) if one and other else BY_CHANCE
