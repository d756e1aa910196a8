"""What stands in for the broker where `mqtt.host` is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.broker import BrokerState

if TYPE_CHECKING:
    from collections.abc import Callable


class NoBroker:
    """`ports.Broker` of a speaker without one: a state, not a fault."""

    state: Final = BrokerState.OFF
    reason: Final = ""

    def start(self) -> None:
        """Do nothing."""

    def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Do nothing."""

    def clear(self, topic: str, done: Callable[[], None]) -> None:
        """Do nothing: what was published elsewhere still stands there."""

    def leave(self, topic: str) -> None:
        """Do nothing."""

    def follow(self, below: str, take: Callable[[str, bytes, bool], None]) -> None:
        """Do nothing: nobody publishes anything."""

    def stop(self) -> None:
        """Do nothing."""
