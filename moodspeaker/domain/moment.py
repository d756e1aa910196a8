"""Times: inside, monotonic seconds; for people and for storage, the wall clock in one format (RFC 3339, UTC, `Z`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

Seconds = NewType("Seconds", float)
"""A duration, or a moment of the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks."""

    monotonic: float
    """Seconds of the monotonic clock: what decisions are made with."""
    wall: float
    """Seconds since the epoch: what people are shown."""

    def later(self, seconds: float) -> Moment:
        """Return the instant some seconds from this one."""
        return Moment(self.monotonic + seconds, self.wall + seconds)


def rfc3339(wall: float) -> str:
    """Return seconds since the epoch as people and programs are shown them, such as 2026-11-26T07:30:00Z."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
