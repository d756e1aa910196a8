"""Both clocks of a machine, moved by a test."""

from __future__ import annotations

from typing import Final

from moodspeaker.domain.moment import Moment

NOON: Final = 1_772_366_400.0
"""2026-03-01T12:00:00Z, in seconds since the epoch."""


class Clock:
    """Stands still unless a test moves it."""

    def __init__(self, monotonic: float = 0.0, wall: float = NOON) -> None:
        self.monotonic, self.wall = monotonic, wall

    def __call__(self) -> Moment:
        """Return this instant."""
        return Moment(self.monotonic, self.wall)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.monotonic, self.wall = self.monotonic + seconds, self.wall + seconds

    def set(self, wall: float) -> None:
        """Set the wall clock."""
        self.wall = wall
