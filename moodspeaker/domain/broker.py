"""The link to the MQTT broker, as it is shown, and what is published on it."""

from __future__ import annotations

from enum import StrEnum

from moodspeaker.values import dataclass


class BrokerState(StrEnum):
    """The link to the MQTT broker."""

    OK = "ok"
    DOWN = "down"
    REFUSED = "refused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Message:
    """What is published."""

    topic: str
    """The full topic."""
    payload: str
    """Text."""
    retain: bool = True
    """Whether it is a state, which the broker keeps for those who come later; else an event."""

    @property
    def encoded(self) -> bytes:
        """The payload as it is sent; what UTF-8 cannot hold (from file names in another code) becomes `?`."""
        return self.payload.encode(errors="replace")
