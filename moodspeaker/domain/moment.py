"""Times: inside, monotonic seconds; for people and for storage, the wall clock in one format.

The format is RFC 3339 in UTC, to the second, with a `Z`.  A small computer has no clock of its own: it boots
with a wall clock that is wrong by hours or by decades, and sets it when the network is there.  `WallClock`
says what the clock shows for a moment, also for one that was noted before it was set.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple, NewType

Seconds = NewType("Seconds", float)
"""A duration, or a moment of the monotonic clock."""
JUMP: Final = 2.0
"""Seconds by which the wall clock must move against the monotonic one to have been set."""


class Moment(NamedTuple):
    """One instant on both clocks."""

    monotonic: float
    """Seconds of the monotonic clock: what decisions are made with."""
    wall: float
    """Seconds since the epoch: what people are shown."""

    def later(self, seconds: float) -> Moment:
        """Return the instant some seconds from this one."""
        return Moment(self.monotonic + seconds, self.wall + seconds)


@lru_cache(maxsize=32)  # a snapshot shows the same few moments every second
def rfc3339(wall: float) -> str:
    """Return seconds since the epoch as people and programs are shown them, such as 2026-11-26T07:30:00Z."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class WallClock:
    """What the wall clock shows for moments that were noted before or after it was set.

    Invariants:

    - While the clock is not set, a moment is shown as it was noted.
    - After it was set, every moment is shown at its true distance from now: the monotonic clock measures it.
    - What is shown for a moment changes with a jump of the clock and with nothing else, so an unchanged state
      is an unchanged message.
    """

    def __init__(self, now: Moment) -> None:
        self._offset = now.wall - now.monotonic

    def read(self, now: Moment) -> float:
        """Look at both clocks before moments are shown.

        Returns the seconds by which the wall clock was set forward since the last look, negative for back,
        or 0.
        """
        jump = now.wall - now.monotonic - self._offset
        if abs(jump) < JUMP:
            return 0.0
        self._offset += jump
        return jump

    def moment(self, monotonic: float) -> Moment:
        """Return the moment of which the monotonic seconds alone are known."""
        return Moment(monotonic, monotonic + self._offset)

    def wall(self, at: Moment) -> float:
        """Return a moment in seconds since the epoch."""
        due = at.monotonic + self._offset
        return at.wall if abs(due - at.wall) < JUMP else due

    def text(self, at: Moment) -> str:
        """Return a moment as people and programs are shown it."""
        return rfc3339(self.wall(at))
