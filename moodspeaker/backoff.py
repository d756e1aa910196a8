"""How long to wait before the next attempt: exponential, with full jitter and a cap.

Source: Brooker, *Exponential Backoff And Jitter*, AWS Architecture Blog, 2015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class Backoff:
    """Delays that double from attempt to attempt, each drawn between `shortest` and the doubled `first`."""

    def __init__(self, chance: Random, *, first: float, longest: float, shortest: float = 0.1) -> None:
        """Prepare; all three are seconds, and no delay is longer than `longest`."""
        self._chance = chance
        self._first, self._longest, self._shortest = first, longest, shortest
        self._attempts = 0

    @property
    def attempts(self) -> int:
        """How many delays were drawn since the last success."""
        return self._attempts

    def delay(self) -> float:
        """Return the seconds to wait before the next attempt."""
        most = min(self._longest, self._first * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        return self._chance.uniform(min(self._shortest, most), most)

    def reset(self) -> None:
        """Begin again with the first delay: the last attempt succeeded."""
        self._attempts = 0
