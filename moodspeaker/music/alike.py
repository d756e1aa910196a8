"""What it counts that songs are alike which no session has: in mood, in sound, in the year they came out.

Each is a constant that falls with the distance like a bell, whose standard deviation is its reach.  What is
not known of a song counts nothing, but for its sound: there it counts as of any other song (`domain.timbre`),
or songs that this version has not heard yet would stand behind the others.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import distance
from moodspeaker.domain.timbre import FARTHEST, UNIT, apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.emotion import Affect
    from moodspeaker.music.collaborative import Named

PLACE: Final = 0.03
PLACE_REACH: Final = 0.3
"""Of lying on one point of the affect plane."""
TIMBRE: Final = 0.1
TIMBRE_REACH: Final = 1.0
"""Of sounding the same; the reach is in standard deviations."""
YEARS: Final = 0.03
YEARS_REACH: Final = 5.0
"""Of having come out in one year."""


def alike(song: Named, pool: Sequence[Named]) -> list[float]:
    """Return what it counts how alike each song of a pool is to one."""
    row = [0.0] * len(pool)
    if song.place is not None:
        row = [_near(song.place, other.place) for other in pool]
    if song.timbre:
        sounds = (_SOUNDS[int(apart(song.timbre, other.timbre))] for other in pool)
        row = [value + more for value, more in zip(row, sounds, strict=True)]
    if song.year is not None:
        row = [value + _of_one_time(song.year, other.year) for value, other in zip(row, pool, strict=True)]
    return row


def _bell(height: float, far: float, reach: float) -> float:
    return height * exp(-((far / reach) ** 2) / 2)


def _near(one: Affect, other: Affect | None) -> float:
    return 0.0 if other is None else _bell(PLACE, distance(one, other), PLACE_REACH)


def _of_one_time(year: int, other: int | None) -> float:
    return 0.0 if other is None else _bell(YEARS, year - other, YEARS_REACH)


_SOUNDS: Final = tuple(_bell(TIMBRE, far / UNIT, TIMBRE_REACH) for far in range(FARTHEST + 1))
"""Of the sound, by how far apart two songs are: it is asked for thousands of pairs in one choice."""
