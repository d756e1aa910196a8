"""What it counts that songs are alike which no session has: in sound or mood, and in the year they came out.

Each is a constant that falls with the distance like a bell, whose standard deviation is its reach.  Where its
sound is known, a song's place on the affect plane counts nothing beside it (docs/recommender.md).  Beside a
song whose sound is known, one of which it is not counts as much as any does by chance (`domain.timbre`), or
songs that this version has not heard yet would stand behind the others.
"""

from __future__ import annotations

from functools import cache, cached_property
from math import dist, exp
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import distance
from moodspeaker.domain.timbre import BY_CHANCE, FARTHEST, UNIT

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
YEARS: Final = 0.1
YEARS_REACH: Final = 5.0
"""Of having come out in one year."""


class Alike:
    """How alike each song of a pool is to others."""

    def __init__(self, pool: Sequence[Named]) -> None:
        self._pool = pool

    def row(self, song: Named) -> list[float]:
        """Return what it counts how alike each song is to one."""
        row = [0.0] * len(self._pool)
        if song.timbre:
            mine, sounds = tuple(song.timbre), _sounds()
            row = [sounds[int(dist(mine, timbre) if timbre else BY_CHANCE)] for timbre in self._timbres]
        elif song.place is not None:
            row = [_near(song.place, other.place) for other in self._pool]
        if song.year is not None:
            row = [v + _of_one_time(song.year, other.year) for v, other in zip(row, self._pool, strict=True)]
        return row

    @cached_property
    def _timbres(self) -> Sequence[tuple[int, ...]]:
        """Of each song, as what is compared quickest: thousands of pairs are in one choice."""
        return [tuple(song.timbre) for song in self._pool]


def _bell(height: float, far: float, reach: float) -> float:
    return height * exp(-((far / reach) ** 2) / 2)


def _near(one: Affect, other: Affect | None) -> float:
    return 0.0 if other is None else _bell(PLACE, distance(one, other), PLACE_REACH)


def _of_one_time(year: int, other: int | None) -> float:
    return 0.0 if other is None else _bell(YEARS, year - other, YEARS_REACH)


@cache
def _sounds() -> Sequence[float]:
    """Return it of the sound, by how far apart two songs are."""
    return [_bell(TIMBRE, far / UNIT, TIMBRE_REACH) for far in range(FARTHEST + 1)]
