"""Whether the broker lets us in: asked once, by the doctor and the page's Setup."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mqtt.connection import Ended, Link
from moodspeaker.adapters.mqtt.link_faults import Unanswered, fault_of
from moodspeaker.domain.broker import BrokerState

if TYPE_CHECKING:
    from moodspeaker.adapters.mqtt.connection import LinkEvent
    from moodspeaker.config.schema import MqttSettings

JOIN_SECONDS: Final = 0.5
"""How long the end of the link's thread is waited for."""


def probe(settings: MqttSettings, seconds: float = 12.0) -> tuple[BrokerState, str]:
    """Connect once and say goodbye; return the state and, where it is not `ok`, cause and cure.

    It blocks at most so many seconds, has a client id of its own, so that the running speaker is not thrown
    out, and publishes nothing.
    """
    events: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()
    link = Link(settings, f"moodspeaker-{settings.id}-doctor", events.put)
    link.start()
    try:
        match events.get(timeout=seconds):
            case Ended(failure):
                fault = fault_of(failure, settings)
                return fault.state, fault.reason
            case _:
                return BrokerState.OK, ""
    except queue.Empty:
        fault = fault_of(Unanswered(closed=False), settings)
        return fault.state, fault.reason
    finally:
        link.close()
        link.join(JOIN_SECONDS)
