"""Home Assistant's MQTT discovery: the table of entities in its words; pure.

    device    one message tells the whole device (Home Assistant 2024.11 and later)
    entity    one message an entity, for older ones and for openHAB
    off       none

Design notes
============
1. A unique id is `moodspeaker_<id>_<level of the topic>`: it never changes, so what a person renamed or moved
   to a room stays.
2. A component that was announced once and is no more is named by its platform alone, which removes it, for
   ever: Home Assistant may have been away when it was told first.
3. States are plain payloads on topics of their own.  What every look changes is read from the snapshot on
   `state`.  `none` becomes Home Assistant's unknown.
4. Nothing is optimistic: every component that takes a command, a button aside, has a state topic.

Sources: home-assistant.io/integrations/mqtt (discovery, birth message) and the pages of the platforms.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from moodspeaker import __version__
from moodspeaker.domain.broker import Message
from moodspeaker.domain.commands import LONGEST_NAME
from moodspeaker.domain.entities import ATTRIBUTES, ROOT, STATE, STATUS, Component
from moodspeaker.domain.entity_values import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.config.schema import Discovery
    from moodspeaker.domain.entities import Entity

Payload: TypeAlias = "dict[str, Any]"
"""A JSON object."""

QOS: Final = 1
BIRTH: Final = "online"
"""What Home Assistant publishes on `<prefix>/status` once it listens."""
BIRTH_DELAY: Final = 5.0
"""Seconds within which we answer that, so that not all devices answer at once."""
UNKNOWN: Final = f"{{{{ None if value == '{NONE}' else value }}}}"
"""A template that makes Home Assistant's unknown of `none`."""
FINEST_SLIDER: Final = 100
"""Steps of a number that a finger can still find on a slider."""
NAMELESS: Final = re.compile(r"[0-9a-f]{12}")
"""An `mqtt.id` that nobody chose: the hash of the machine's."""


def birth_topic(discovery_prefix: str) -> str:
    """Return the topic on which Home Assistant says that it listens from now on."""
    return f"{discovery_prefix}/status"


def announcement(
    entities: Sequence[Entity],
    identity: str,
    style: Discovery,
    discovery_prefix: str,
    gone: Mapping[str, str],
) -> list[Message]:
    """Return the retained messages that announce a speaker with this `mqtt.id`.

    `gone` are components that were announced on the device's topic before: level of the topic, platform.
    """
    match style:
        case "off":
            return []
        case "device":
            components: Payload = {
                entity.topic: {"platform": str(entity.component)} | component(entity, identity)
                for entity in entities
            }
            components |= {key: {"platform": platform} for key, platform in gone.items()}
            topic = device_topic(identity, discovery_prefix)
            return [_message(topic, _root(identity) | {"components": components})]
        case "entity":
            return [
                _message(
                    entity_topic(entity, identity, discovery_prefix),
                    _root(identity) | component(entity, identity),
                )
                for entity in entities
            ]
        case _:
            assert_never(style)


def device_topic(identity: str, discovery_prefix: str) -> str:
    """Return the topic that announces the whole device."""
    return f"{discovery_prefix}/device/{ROOT}_{identity}/config"


def entity_topic(entity: Entity, identity: str, discovery_prefix: str) -> str:
    """Return the topic that announces one entity."""
    return f"{discovery_prefix}/{entity.component}/{ROOT}_{identity}/{entity.topic}/config"


def _message(topic: str, payload: Payload) -> Message:
    return Message(topic, json.dumps(payload, ensure_ascii=False))


def _root(identity: str) -> Payload:
    """Return what stands once for a device: who it is, who tells it, whether it is there."""
    return {
        "device": {
            "identifiers": [f"{ROOT}_{identity}"],
            "name": "Moodspeaker" if NAMELESS.fullmatch(identity) else f"Moodspeaker {identity}",
            "manufacturer": ROOT,
            "model": "A speaker that plays to the mood of the room",
            "sw_version": __version__,
        },
        "origin": {"name": ROOT, "sw_version": __version__},
        "availability": [{"topic": f"{ROOT}/{identity}/{STATUS.topic}"}],
        "qos": QOS,
    }


def component(entity: Entity, identity: str) -> Payload:
    """Return one component as its platform wants it, without the platform's name."""
    below = f"{ROOT}/{identity}"
    payload: Payload = {
        "unique_id": f"{ROOT}_{identity}_{entity.topic}",
        "name": None if entity.is_main else entity.name,
    }
    if entity.icon:
        payload["icon"] = entity.icon
    if entity.device_class:
        payload["device_class"] = entity.device_class
    if entity.category is not None:
        payload["entity_category"] = str(entity.category)
    if not entity.on_by_default:
        payload["enabled_by_default"] = False
    if entity.attributes is not None:
        payload["json_attributes_topic"] = f"{below}/{entity.topic}/{ATTRIBUTES}"
    return payload | _reading(entity, below) | _platform(entity, below)


def _reading(entity: Entity, below: str) -> Payload:
    """Return where the state stands and how it is read."""
    if entity.path:
        where = ".".join(("value_json", *entity.path))
        read = f"({where} * {entity.factor}) | round if {where} is number else None"
        template = f"{{{{ {read if entity.factor != 1 else where} }}}}"
        return {"state_topic": f"{below}/{STATE.topic}", "value_template": template}
    if entity.component is Component.BUTTON:
        return {}
    reading: Payload = {"state_topic": f"{below}/{entity.topic}"}
    if entity.may_be_unknown:
        reading["value_template"] = UNKNOWN
    return reading


def _platform(entity: Entity, below: str) -> Payload:
    """Return what one platform alone knows."""
    command = {"command_topic": f"{below}/{entity.command}/set"} if entity.command else {}
    match entity.component:
        case Component.SENSOR:
            words = _sensor(entity)
        case Component.BINARY_SENSOR:
            words = {"payload_on": "ON", "payload_off": "OFF"}
        case Component.SWITCH:
            on, off = ("OFF", "ON") if entity.inverted else ("ON", "OFF")
            words = {"payload_on": on, "payload_off": off, "state_on": on, "state_off": off}
        case Component.SELECT:
            words = {"options": list(entity.options)}
        case Component.NUMBER:
            words = _number(entity)
        case Component.TEXT:
            words = {"max": LONGEST_NAME}
        case Component.BUTTON:
            words = {"payload_press": "on"}
        case Component.EVENT:
            words = {"event_types": list(entity.options)}
        case None:
            message = f"{entity.topic} is no entity of its own"
            raise ValueError(message)
        case _:
            assert_never(entity.component)
    return command | words


def _number(entity: Entity) -> Payload:
    low, high = entity.limits or (0, 1)
    mode = "slider" if high - low <= FINEST_SLIDER else "box"
    return {"min": low, "max": high, "step": 1, "mode": mode, "unit_of_measurement": entity.unit}


def _sensor(entity: Entity) -> Payload:
    payload: Payload = {}
    if entity.options:
        payload["options"] = list(entity.options)
    if entity.unit:
        payload["unit_of_measurement"] = entity.unit
    if entity.path and entity.device_class != "timestamp":
        payload["state_class"] = "measurement"
    return payload
