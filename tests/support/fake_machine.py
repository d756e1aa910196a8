"""A machine that tells what a test wants."""

from __future__ import annotations

from moodspeaker.domain.machine import MachineHealth


class FakeMachine:
    """`ports.Machine`."""

    def __init__(self) -> None:
        self.health = MachineHealth(memory=60.0)

    def read(self) -> MachineHealth:
        """Return what is set."""
        return self.health
