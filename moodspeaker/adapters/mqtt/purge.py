"""Everything that a broker keeps of a speaker, removed: its topics, and what announced it."""

from __future__ import annotations

import json
import queue
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mqtt.acceptance import FIRST_REFUSAL
from moodspeaker.adapters.mqtt.connection import Answered, Connected, Ended, Link, Listening, Received
from moodspeaker.adapters.mqtt.link_faults import Unanswered, address, fault_of
from moodspeaker.domain.broker import Message
from moodspeaker.domain.entities import ROOT, household_topic, prefix
from moodspeaker.domain.household import HOUSEHOLDS
from moodspeaker.errors import BrokerError

if TYPE_CHECKING:
    from moodspeaker.adapters.mqtt.connection import LinkEvent
    from moodspeaker.config.schema import MqttSettings

PATIENCE: Final = 12.0
"""Seconds that the broker may take for one answer."""
QUIET: Final = 0.5
"""Seconds without another retained message after which all have come."""
JOIN: Final = 0.5
"""Seconds to wait for the link's thread at the end."""


def purge(settings: MqttSettings) -> list[str]:
    """Clear every retained topic of the speaker with this `mqtt.id`; return them in order.

    It blocks for some seconds.  Raises BrokerError with cause and cure.
    """
    return _Purge(settings).run()


class _Purge:
    def __init__(self, settings: MqttSettings) -> None:
        self._settings = settings
        self._events: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()
        self._link = Link(settings, f"{ROOT}-{settings.id}-purge", self._events.put)
        self._found: set[str] = set()

    def run(self) -> list[str]:
        self._link.start()
        try:
            self._wait_for(Connected)
            node, below = f"{ROOT}_{self._settings.id}", self._settings.discovery_prefix
            for topic in (
                f"{prefix(self._settings.id)}/#",
                f"{below}/device/{node}/config",
                f"{below}/+/{node}/+/config",
                f"{household_topic('+')}/+/+",
            ):
                self._link.listen(topic)
                self._wait_for(Listening)
            self._hear_the_rest()
            return [self._clear(topic) for topic in sorted(self._found)]
        finally:
            self._link.close()
            self._link.join(JOIN)

    def _wait_for(self, kind: type[Connected | Listening | Answered]) -> LinkEvent:
        deadline = time.monotonic() + PATIENCE
        while True:
            event = self._next(deadline - time.monotonic())
            if event is None:
                raise BrokerError(fault_of(Unanswered(closed=False), self._settings).reason)
            if isinstance(event, kind):
                return event

    def _hear_the_rest(self) -> None:
        while self._next(QUIET) is not None:
            pass

    def _next(self, seconds: float) -> LinkEvent | None:
        """Return what happens next, None where nothing does for so long."""
        try:
            event = self._events.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        match event:
            case Received(topic, payload, retained):
                if retained and payload and self._is_ours(topic, payload):
                    self._found.add(topic)
            case Ended(failure):
                raise BrokerError(fault_of(failure, self._settings).reason)
            case _:
                pass
        return event

    def _is_ours(self, topic: str, payload: bytes) -> bool:
        """Tell whether a retained message is of this speaker; the households' say by whom they are."""
        if not topic.startswith(f"{ROOT}/{HOUSEHOLDS}/"):
            return True
        try:
            return bool(json.loads(payload)["speaker"] == self._settings.id)
        except (ValueError, LookupError, TypeError, RecursionError):
            return False

    def _clear(self, topic: str) -> str:
        self._link.publish(Message(topic, ""))
        answer = self._wait_for(Answered)
        if isinstance(answer, Answered) and answer.code >= FIRST_REFUSAL:
            message = (
                f"the MQTT broker at {address(self._settings)} does not let us clear {topic} ({answer.name})"
            )
            raise BrokerError(message)
        return topic
