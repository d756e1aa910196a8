"""How the computer under the speaker is."""

from __future__ import annotations

from enum import IntFlag

from moodspeaker.values import dataclass


class Throttled(IntFlag):
    """What slows a Raspberry Pi down now; the firmware's bits (`vcgencmd get_throttled`)."""

    UNDER_VOLTAGE = 1 << 0
    FREQUENCY_CAPPED = 1 << 1
    THROTTLED = 1 << 2
    SOFT_TEMPERATURE_LIMIT = 1 << 3

    @property
    def words(self) -> tuple[str, ...]:
        """What it is, for a person: `under-voltage`, `throttled`, …; empty where nothing is."""
        return tuple((flag.name or "").lower().replace("_", " ") for flag in self)


EVER: int = 16
"""The bits of what has happened since the start of the machine stand so much higher."""


@dataclass(frozen=True, slots=True)
class MachineHealth:
    """How the machine is; None where it does not tell."""

    memory: float = 0.0
    """Megabytes that the speaker process has in memory."""
    temperature: float | None = None
    """Of the processor, in degrees Celsius."""
    throttled: Throttled | None = None
    """What slows it down now."""
    throttled_ever: Throttled | None = None
    """What has slowed it down since its start."""
