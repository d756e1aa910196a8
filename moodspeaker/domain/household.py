"""The speakers of a household that learn from each other."""

from __future__ import annotations

from typing import Final

from moodspeaker.values import dataclass

HOUSEHOLDS: Final = "household"
"""The level of topics that is no speaker: there speakers tell their households what they know of songs."""


@dataclass(frozen=True, slots=True)
class Member:
    """Another speaker, or what one of them was before it lost its database."""

    replica: str
    """The random name under which it counts."""
    speaker: str
    """Its `mqtt.id`."""
    heard: float | None
    """When something new was last learned from it, in seconds since the epoch."""
    withdrawn: bool
    """Whether its owner took back what it had published."""
