"""The link to the MQTT broker, as it is shown."""

from __future__ import annotations

from enum import StrEnum


class BrokerState(StrEnum):
    """The link to the MQTT broker."""

    OK = "ok"
    DOWN = "down"
    REFUSED = "refused"
    OFF = "off"
