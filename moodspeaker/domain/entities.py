"""One table of what the speaker shows and takes in home automation: MQTT topics, and what is built on them.

To add one: a row in `ENTITIES`.  `speaker.publisher` then publishes it, with the rates of all others, and
`adapters.mqtt.home_assistant` announces it.  A command joins by a row with its name in `command`.

A value (`entity_values`) is made from the snapshot as JSON (`speaker.snapshot`), so that every surface takes
it from the same place.  Times in it are moments, never ages: an unchanged state is an unchanged message.
What every look changes has no topic of its own: it is read from `state` (`path`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain import entity_values as values
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.commands import LONGEST_DWELL, LONGEST_HOLD, SURENESS
from moodspeaker.domain.decision import Verb
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.household import HOUSEHOLDS
from moodspeaker.domain.listener import GUEST, HOUSEHOLD
from moodspeaker.domain.mood import RoomState
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from moodspeaker.domain.entity_values import SnapshotJson

ROOT: Final = "moodspeaker"
"""First level of every topic."""
ONLINE: Final = "online"
OFFLINE: Final = "offline"
"""The payloads of availability; `offline` is the last will."""
ATTRIBUTES: Final = "attributes"
"""The level below an entity's topic that holds its attributes as JSON."""


class Component(StrEnum):
    """What it is in Home Assistant: the platforms of its MQTT integration that are used."""

    SENSOR = "sensor"
    BINARY_SENSOR = "binary_sensor"
    SWITCH = "switch"
    SELECT = "select"
    NUMBER = "number"
    TEXT = "text"
    BUTTON = "button"
    EVENT = "event"


class Category(StrEnum):
    """Where Home Assistant shows what is not among the main entities."""

    CONFIG = "config"
    DIAGNOSTIC = "diagnostic"


class Need(StrEnum):
    """What a speaker must have for an entity to make sense."""

    PLAYER = "player"
    LOCK = "lock"
    BROWSER = "browser"
    """Takes the pictures of a browser's camera."""
    PREVIEW = "preview"
    """May show the camera's picture, to aim it."""
    THERMOMETER = "thermometer"
    POWER_MONITOR = "power monitor"
    """Says whether the voltage and the temperature are right, as a Raspberry Pi does."""
    SERVICE = "service"
    """Is started again when it ends."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One row."""

    name: str
    """What a person calls it, without the speaker's name."""
    topic: str
    """Level below `moodspeaker/<id>/`: its identity, which never changes, as its component never does."""
    value: Callable[[SnapshotJson], str] | None = None
    """The payload from the snapshot; None where it is published as it happens, never, or has a `path`."""
    component: Component | None = None
    """None where it is no entity of its own: others are built on it."""
    path: tuple[str, ...] = ()
    """Where its value stands in the snapshot: it has no topic of its own and is read from `state`."""
    factor: int = 1
    """What a number there is multiplied by to be in its unit."""
    unit: str = ""
    """Unit of measurement, such as `%`; empty: none."""
    device_class: str = ""
    """Home Assistant's word for what it measures, such as `occupancy`; empty: none."""
    icon: str = ""
    """Home Assistant's name of its icon; empty: that of its device class."""
    options: tuple[str, ...] = ()
    """All values of an enumeration, a select or an event's type."""
    limits: tuple[int, int] | None = None
    """The least and the greatest value of a number that can be set."""
    category: Category | None = None
    """None: one of the main entities."""
    on_by_default: bool = True
    """Whether Home Assistant shows it unasked."""
    is_main: bool = False
    """Whether it bears the speaker's own name."""
    retained: bool = True
    """Whether the broker keeps it for those who come later: a state, not an event."""
    command: str = ""
    """The command that sets it, on the topic `<command>/set`; empty: it only shows."""
    inverted: bool = False
    """Whether it is on while its topic says `OFF`, and its command says the opposite."""
    attributes: Callable[[SnapshotJson], Mapping[str, Any]] | None = None
    """What stands beside its value; None: nothing."""
    attributes_lag: float = 0.0
    """Seconds by which attributes may lag while the value is the same: Home Assistant records each change."""
    may_be_unknown: bool = False
    """Whether `none` is not a value but says that there is none."""
    needs: Need | None = None
    """What a speaker must have for it to be announced."""
    lists_profiles: bool = False
    """Whether its options are the profiles that are known."""


def prefix(identity: str) -> str:
    """Return what stands before every topic of the speaker with this `mqtt.id`."""
    return f"{ROOT}/{identity}"


def household_topic(name: str) -> str:
    """Return what stands before every topic of the household with this name (`mqtt.household`)."""
    return f"{ROOT}/{HOUSEHOLDS}/{name}"


def announced(
    entities: Iterable[Entity], have: frozenset[Need], profiles: Sequence[str] = (HOUSEHOLD, GUEST)
) -> list[Entity]:
    """Return the entities that a speaker with these parts, which knows these profiles, shows."""
    return [
        replace(entity, options=tuple(profiles)) if entity.lists_profiles else entity
        for entity in entities
        if entity.component is not None and (entity.needs is None or entity.needs in have)
    ]


def retained_topics(below: str, entities: Iterable[Entity]) -> list[str]:
    """Return every full topic below a prefix that the broker is to keep."""
    topics = []
    for entity in entities:
        if entity.value is not None and entity.retained:
            topics.append(f"{below}/{entity.topic}")
        if entity.attributes is not None:
            topics.append(f"{below}/{entity.topic}/{ATTRIBUTES}")
    return topics


MOODS: Final = (*map(str, EMOTIONS), *map(str, RoomState))
"""Everything that the mood can be."""
STATUS: Final = Entity("Status", "status", lambda _: ONLINE, category=Category.DIAGNOSTIC)
"""Availability: the first that is published, and the topic of the last will."""
STATE: Final = Entity("State", "state", lambda snapshot: json.dumps(dict(snapshot), ensure_ascii=False))
"""The whole snapshot."""
EVENT: Final = Entity(
    "Decisions", "event", component=Component.EVENT, icon="mdi:music-note-plus", retained=False,
    options=("mood_changed", *map(str, Verb)), on_by_default=False,
)  # fmt: skip

_SHOWN: Final = (
    Entity(
        "Mood", "mood", lambda snapshot: str(snapshot["mood"]), Component.SENSOR, device_class="enum",
        icon="mdi:emoticon-outline", options=MOODS, is_main=True, attributes=values.mood_attributes,
        attributes_lag=600.0,
    ),
    Entity(
        "Sensing", "sensing", lambda snapshot: values.on_off(snapshot["sensing"]), Component.SWITCH,
        icon="mdi:eye", command="sensing",
    ),
    Entity(
        "Occupancy", "occupancy", values.occupancy, Component.BINARY_SENSOR, device_class="occupancy",
        may_be_unknown=True,
    ),
    Entity(
        "Playlist", "playlist", lambda snapshot: values.short(snapshot["selection"]["name"] or values.NONE),
        Component.SENSOR, icon="mdi:playlist-music", needs=Need.PLAYER,
        attributes=lambda snapshot: snapshot["selection"],
    ),
    Entity(
        "Automatic switching", "hold", lambda snapshot: values.on_off(snapshot["hold"]["active"]),
        Component.SWITCH, icon="mdi:autorenew", command="hold", inverted=True, needs=Need.PLAYER,
    ),
    Entity(
        "Held until", "held_until", lambda snapshot: snapshot["hold"]["until"] or values.NONE,
        Component.SENSOR, device_class="timestamp", on_by_default=False, may_be_unknown=True,
        needs=Need.PLAYER,
    ),
    Entity(
        "Hold for", "hold_minutes", values.hold_minutes, Component.NUMBER,
        unit="min", device_class="duration", icon="mdi:timer-pause-outline",
        limits=(1, int(LONGEST_HOLD)), command="hold", on_by_default=False, may_be_unknown=True,
        needs=Need.PLAYER,
    ),
    Entity(
        "Mood override", "override", lambda snapshot: snapshot["override"] or "auto", Component.SELECT,
        icon="mdi:emoticon-cool-outline", options=("auto", *map(str, EMOTIONS)), command="override",
        needs=Need.PLAYER,
    ),
    Entity(
        "Target", "target", lambda snapshot: snapshot["target"]["chosen"] or "auto", Component.SELECT,
        icon="mdi:map-marker-path", options=("auto", *map(str, Aim)), command="target",
        on_by_default=False, needs=Need.PLAYER, attributes=lambda snapshot: snapshot["target"],
    ),
    Entity(
        "Last decision", "decision",
        lambda snapshot: values.short(snapshot["decision"]["rule"]) if snapshot["decision"] else values.NONE,
        Component.SENSOR, icon="mdi:head-question-outline", needs=Need.PLAYER,
        attributes=lambda snapshot: snapshot["decision"] or {},
    ),
    Entity(
        "Volume", "volume", lambda snapshot: values.known(snapshot["player"]["volume"]), Component.NUMBER,
        unit="%", icon="mdi:volume-high", limits=(0, 100), command="volume", on_by_default=False,
        may_be_unknown=True, needs=Need.PLAYER,
    ),
    Entity(
        "Listener", "listener", lambda snapshot: str(snapshot["profile"]), Component.SELECT,
        icon="mdi:account-music", command="profile", on_by_default=False, needs=Need.PLAYER,
        lists_profiles=True,
    ),
    Entity(
        "Listener name", "profile", lambda snapshot: str(snapshot["profile"]), Component.TEXT,
        icon="mdi:account-edit", command="profile", category=Category.CONFIG, on_by_default=False,
        needs=Need.PLAYER, attributes=lambda snapshot: {"profiles": list(snapshot["profiles"])},
    ),
    Entity("Confidence", "confidence", None, Component.SENSOR, ("confidence",), 100, "%",
           icon="mdi:percent", on_by_default=False),
    Entity("Valence", "valence", None, Component.SENSOR, ("valence",),
           icon="mdi:emoticon-happy-outline", on_by_default=False),
    Entity("Arousal", "arousal", None, Component.SENSOR, ("arousal",),
           icon="mdi:lightning-bolt-outline", on_by_default=False),
    Entity("Faces", "faces", None, Component.SENSOR, ("faces",),
           icon="mdi:face-recognition", on_by_default=False),
)  # fmt: skip

_SET: Final = (
    Entity(
        "Dwell", "dwell", lambda snapshot: values.known(snapshot["config"]["dwell"]), Component.NUMBER,
        unit="s", device_class="duration", icon="mdi:timer-sand", limits=(0, LONGEST_DWELL), command="dwell",
        category=Category.CONFIG, on_by_default=False,
    ),
    Entity(
        "Minimum confidence", "minimum_confidence", values.minimum_confidence, Component.NUMBER, unit="%",
        icon="mdi:percent-outline", limits=(SURENESS[0] + 1, SURENESS[1] - 1), command="minimum_confidence",
        category=Category.CONFIG, on_by_default=False,
    ),
    Entity(
        "Length of a hold", "hold_length", values.hold_length, Component.NUMBER, unit="min",
        device_class="duration", icon="mdi:timer-cog-outline", limits=(1, int(LONGEST_HOLD)),
        command="hold_length", category=Category.CONFIG, on_by_default=False,
        needs=Need.PLAYER,
    ),
)  # fmt: skip

_PRESSED: Final = (
    Entity("Next song", "next", component=Component.BUTTON, icon="mdi:skip-next", command="next",
           needs=Need.PLAYER),
    Entity("Like", "like", component=Component.BUTTON, icon="mdi:thumb-up", command="like",
           needs=Need.PLAYER),
    Entity("Dislike", "dislike", component=Component.BUTTON, icon="mdi:thumb-down", command="dislike",
           on_by_default=False, needs=Need.PLAYER),
    Entity("Wrong mood", "wrong_mood", component=Component.BUTTON, icon="mdi:emoticon-confused",
           command="wrong_mood", on_by_default=False, needs=Need.PLAYER),
    Entity("Previous song", "previous", component=Component.BUTTON, icon="mdi:skip-previous",
           command="previous", on_by_default=False, needs=Need.PLAYER),
    Entity("Play", "play", component=Component.BUTTON, icon="mdi:play", command="play",
           on_by_default=False, needs=Need.PLAYER),
    Entity("Pause", "pause", component=Component.BUTTON, icon="mdi:pause", command="pause",
           on_by_default=False, needs=Need.PLAYER),
    Entity("Calibrate", "calibrate", component=Component.BUTTON, icon="mdi:face-recognition",
           command="calibrate", category=Category.CONFIG, on_by_default=False),
    Entity("Hold", "hold_now", component=Component.BUTTON, icon="mdi:timer-pause", command="hold",
           on_by_default=False, needs=Need.PLAYER),
    Entity("Resume", "resume", component=Component.BUTTON, icon="mdi:autorenew", command="resume",
           on_by_default=False, needs=Need.PLAYER),
    Entity("Restart", "restart", component=Component.BUTTON, device_class="restart", command="restart",
           category=Category.CONFIG, on_by_default=False, needs=Need.SERVICE),
)  # fmt: skip

_HEALTH: Final = (
    Entity(
        "Camera open", "camera_open", lambda snapshot: values.on_off(snapshot["camera"]["open"]),
        Component.BINARY_SENSOR, icon="mdi:webcam", category=Category.DIAGNOSTIC,
    ),
    Entity(
        "Browser camera", "browser_camera", values.browser_camera,
        Component.BINARY_SENSOR, icon="mdi:cellphone-screenshot", category=Category.DIAGNOSTIC,
        needs=Need.BROWSER,
    ),
    Entity(
        "Camera preview", "preview", values.preview, Component.BINARY_SENSOR, icon="mdi:monitor-eye",
        category=Category.DIAGNOSTIC, needs=Need.PREVIEW,
    ),
    Entity(
        "Privacy lock", "lock", values.locked, Component.BINARY_SENSOR, icon="mdi:lock",
        category=Category.DIAGNOSTIC, may_be_unknown=True, needs=Need.LOCK,
    ),
    Entity(
        "Last picture", "last_frame", values.last_frame, Component.SENSOR, device_class="timestamp",
        category=Category.DIAGNOSTIC, on_by_default=False, may_be_unknown=True,
    ),
    Entity(
        "Pictures written", "frames_written", lambda snapshot: str(snapshot["camera"]["frames_written"]),
        Component.SENSOR, icon="mdi:image-off-outline", category=Category.DIAGNOSTIC, on_by_default=False,
    ),
    Entity(
        "Camera", "camera", values.camera, Component.BINARY_SENSOR, device_class="connectivity",
        category=Category.DIAGNOSTIC, on_by_default=False, may_be_unknown=True,
        attributes=lambda snapshot: snapshot["camera"],
    ),
    Entity(
        "Music server", "player", lambda snapshot: values.on_off(snapshot["player"]["state"] != "down"),
        Component.BINARY_SENSOR, device_class="connectivity", category=Category.DIAGNOSTIC,
        on_by_default=False, needs=Need.PLAYER,
        attributes=lambda snapshot: {"reason": snapshot["player"]["reason"]},
    ),
    Entity(
        "Problem", "problem", lambda snapshot: values.on_off(values.problems(snapshot)),
        Component.BINARY_SENSOR, device_class="problem", category=Category.DIAGNOSTIC,
        attributes=lambda snapshot: {"problems": values.problems(snapshot)},
    ),
    Entity("Time of a look", "inference_ms", None, Component.SENSOR, ("vision", "inference_ms"),
           unit="ms", device_class="duration", category=Category.DIAGNOSTIC, on_by_default=False),
    Entity("Time spent looking", "duty", None, Component.SENSOR, ("vision", "duty"), 100, "%",
           icon="mdi:gauge", category=Category.DIAGNOSTIC, on_by_default=False),
    Entity(
        "Under-voltage", "under_voltage", values.under_voltage, Component.BINARY_SENSOR,
        device_class="problem", icon="mdi:flash-alert", category=Category.DIAGNOSTIC, may_be_unknown=True,
        needs=Need.POWER_MONITOR,
    ),
    Entity(
        "Throttled", "throttled", values.throttled, Component.BINARY_SENSOR, device_class="problem",
        icon="mdi:speedometer-slow", category=Category.DIAGNOSTIC, on_by_default=False, may_be_unknown=True,
        needs=Need.POWER_MONITOR, attributes=lambda snapshot: {
            "now": snapshot["machine"]["throttled"], "since_start": snapshot["machine"]["throttled_ever"],
        },
    ),
    Entity("Processor temperature", "temperature", None, Component.SENSOR, ("machine", "temperature"),
           unit="°C", device_class="temperature", category=Category.DIAGNOSTIC, on_by_default=False,
           needs=Need.THERMOMETER),
    Entity("Memory", "memory", None, Component.SENSOR, ("machine", "memory"), unit="MB",
           device_class="data_size", category=Category.DIAGNOSTIC, on_by_default=False),
    Entity("Started", "started", None, Component.SENSOR, ("started",), device_class="timestamp",
           category=Category.DIAGNOSTIC, on_by_default=False),
)  # fmt: skip

ENTITIES: Final[tuple[Entity, ...]] = (STATUS, STATE, *_SHOWN, *_SET, EVENT, *_PRESSED, *_HEALTH)
