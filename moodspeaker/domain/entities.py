"""One table of what the speaker shows and takes in home automation: MQTT topics, and what is built on them.

To add one: a row in `ENTITIES`.  `speaker.publisher` then publishes it, with the rates of all others.

A value is made from the snapshot as JSON (`speaker.snapshot`), so that every surface takes it from the
same place.  Times in it are moments, never ages: an unchanged state is an unchanged message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SnapshotJson: TypeAlias = "Mapping[str, Any]"
"""The snapshot as JSON values."""

ROOT: Final = "moodspeaker"
"""First level of every topic."""
ONLINE: Final = "online"
OFFLINE: Final = "offline"
"""The payloads of availability; `offline` is the last will."""


class Component(StrEnum):
    """What it is in Home Assistant: the platforms of its MQTT integration that are used."""

    SENSOR = "sensor"
    SWITCH = "switch"
    EVENT = "event"


class Category(StrEnum):
    """Where Home Assistant shows what is not among the main entities."""

    CONFIG = "config"
    DIAGNOSTIC = "diagnostic"


@dataclass(frozen=True, slots=True)
class Entity:
    """One row."""

    name: str
    """What a person calls it, without the speaker's name."""
    topic: str
    """Level below `moodspeaker/<id>/`: its identity, which never changes."""
    value: Callable[[SnapshotJson], str] | None
    """The payload from the snapshot; None where it is published as it happens."""
    component: Component | None = None
    """None where it is no entity of its own: others are built on it."""
    unit: str = ""
    """Unit of measurement, such as `%`; empty: none."""
    category: Category | None = None
    """None: one of the main entities."""
    on_by_default: bool = True
    """Whether Home Assistant shows it unasked."""
    retained: bool = True
    """Whether the broker keeps it for those who come later: a state, not an event."""


def prefix(identity: str) -> str:
    """Return what stands before every topic of the speaker with this `mqtt.id`."""
    return f"{ROOT}/{identity}"


def _on_off(on: object) -> str:
    return "ON" if on else "OFF"


STATUS: Final = Entity("Status", "status", lambda _: ONLINE, category=Category.DIAGNOSTIC)
"""Availability: the first that is published, and the topic of the last will."""
EVENT: Final = Entity("Decisions", "event", None, Component.EVENT, retained=False)

ENTITIES: Final[tuple[Entity, ...]] = (
    STATUS,
    Entity("State", "state", lambda snapshot: json.dumps(dict(snapshot), ensure_ascii=False)),
    Entity("Mood", "mood", lambda snapshot: str(snapshot["mood"]), Component.SENSOR),
    Entity("Sensing", "sensing", lambda snapshot: _on_off(snapshot["sensing"]), Component.SWITCH),
    Entity(
        "Playlist", "playlist", lambda snapshot: snapshot["selection"]["name"] or "none", Component.SENSOR
    ),
    Entity("Hold", "hold", lambda snapshot: _on_off(snapshot["hold"]["active"]), Component.SWITCH),
    Entity("Listener", "profile", lambda snapshot: str(snapshot["profile"]), Component.SENSOR),
    EVENT,
)
