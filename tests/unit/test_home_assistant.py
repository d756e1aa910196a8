"""Discovery for Home Assistant: golden files, and what holds for every row of the table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from moodspeaker import __version__
from moodspeaker.adapters.mqtt.home_assistant import announcement, birth_topic, component
from moodspeaker.config.describe import describe
from moodspeaker.domain.commands import NAMES, ChangeSetting, from_payload
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.entities import ENTITIES, Category, Component, Entity, Need, announced
from moodspeaker.domain.mood import RoomState

GOLDEN = Path(__file__).parents[1] / "data" / "discovery"
HAVE = frozenset(Need)
SHOWN = announced(ENTITIES, HAVE)
WRITABLE = {Component.SWITCH, Component.SELECT, Component.NUMBER, Component.TEXT, Component.BUTTON}


def device(have: frozenset[Need] = HAVE, gone: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the payload of device discovery."""
    [message] = announcement(announced(ENTITIES, have), "kitchen", "device", "homeassistant", gone or {})
    assert message.topic == "homeassistant/device/moodspeaker_kitchen/config"
    assert message.retain
    payload: dict[str, Any] = json.loads(message.payload)
    return payload


def check(name: str, payload: object) -> None:
    """Compare with a golden file; where the change is meant, delete the file and run again."""
    file = GOLDEN / name
    text = json.dumps(payload, indent=1, ensure_ascii=False).replace(__version__, "VERSION") + "\n"
    if not file.exists():
        file.write_text(text, encoding="utf-8")
        pytest.fail(f"{file} was written: look at it, then run again")
    assert text == file.read_text(encoding="utf-8")


def test_the_device_is_as_in_the_golden_file() -> None:
    check("device.json", device())


def test_a_speaker_without_a_music_server_is_as_in_the_golden_file() -> None:
    payload = device(frozenset())
    assert not {"next", "hold", "playlist", "override"} & payload["components"].keys()
    check("mood-sensor.json", sorted(payload["components"]))


def test_entity_discovery_tells_the_same_in_a_message_each() -> None:
    messages = announcement(SHOWN, "kitchen", "entity", "ha", {})
    assert [message.topic for message in messages] == [
        f"ha/{entity.component}/moodspeaker_kitchen/{entity.topic}/config" for entity in SHOWN
    ]
    whole = device()
    for entity, message in zip(SHOWN, messages, strict=True):
        payload = json.loads(message.payload)
        one = whole["components"][entity.topic] | {k: v for k, v in whole.items() if k != "components"}
        assert payload | {"platform": str(entity.component)} == one


def test_off_announces_nothing() -> None:
    assert announcement(SHOWN, "kitchen", "off", "homeassistant", {}) == []


def test_a_component_that_is_gone_is_named_by_its_platform_alone() -> None:
    assert device(gone={"old": "sensor"})["components"]["old"] == {"platform": "sensor"}


def test_the_birth_message_stands_below_the_prefix() -> None:
    assert birth_topic("homeassistant") == "homeassistant/status"


def test_about_ten_entities_are_shown_unasked() -> None:
    unasked = [e for e in announced(ENTITIES, frozenset({Need.PLAYER})) if e.on_by_default]
    assert 8 <= len(unasked) <= 12


@pytest.mark.parametrize("entity", SHOWN, ids=lambda entity: entity.topic)
def test_every_component_is_one_that_home_assistant_takes(entity: Entity) -> None:
    payload = component(entity, "kitchen")
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", entity.topic)
    assert payload["unique_id"] == f"moodspeaker_kitchen_{entity.topic}"
    assert not {"object_id", "optimistic"} & payload.keys()
    if entity.category is Category.CONFIG:
        assert entity.component in WRITABLE
    if entity.category is Category.DIAGNOSTIC:
        assert entity.component not in WRITABLE
    assert ("options" in payload and entity.component is Component.SENSOR) == (entity.device_class == "enum")
    assert ("state_topic" in payload) == (entity.component is not Component.BUTTON)


@pytest.mark.parametrize("entity", [e for e in SHOWN if e.command], ids=lambda entity: entity.topic)
def test_every_payload_that_home_assistant_sends_is_a_command(entity: Entity) -> None:
    payload = component(entity, "kitchen")
    assert entity.command in NAMES
    assert payload["command_topic"] == f"moodspeaker/kitchen/{entity.command}/set"
    for key in ("payload_on", "payload_off", "payload_press"):
        if key in payload:
            from_payload(entity.command, payload[key])
    for limit in entity.limits or ():
        from_payload(entity.command, str(limit))
        from_payload(entity.command, f"{limit}.0")
    for option in payload.get("options", ()):
        from_payload(entity.command, option)


@pytest.mark.parametrize(
    ("topic", "key", "factor"),
    [
        ("dwell", "mood.dwell", 1),
        ("minimum_confidence", "mood.margin", 100),
        ("hold_length", "hold.minutes", 1),
    ],
)
def test_a_number_that_is_a_setting_has_its_limits(topic: str, key: str, factor: int) -> None:
    [entity], setting = [entity for entity in ENTITIES if entity.topic == topic], describe()[key]
    assert entity.limits is not None
    assert setting.least is not None
    assert setting.most is not None
    least = factor * setting.least + setting.least_excluded
    most = factor * setting.most - setting.most_excluded
    assert entity.limits == (least, most)
    command = from_payload(entity.command, str(entity.limits[0]))
    assert command == ChangeSetting(key, entity.limits[0] / factor)


def test_a_number_that_no_finger_finds_on_a_slider_is_typed() -> None:
    modes = {topic: one["mode"] for topic, one in device()["components"].items() if "mode" in one}
    assert modes == {
        "volume": "slider", "minimum_confidence": "slider", "hold_minutes": "box", "dwell": "box",
        "hold_length": "box",
    }  # fmt: skip


def test_what_can_be_written_can_be_and_nothing_else() -> None:
    assert {e.component for e in SHOWN if e.command} <= WRITABLE
    assert all(entity.command for entity in SHOWN if entity.component in WRITABLE)


def test_the_mood_has_exactly_the_moods_and_room_states() -> None:
    mood = device()["components"]["mood"]
    assert mood["options"] == [*map(str, EMOTIONS), *map(str, RoomState)]
    assert mood["name"] is None
    assert [entity.topic for entity in SHOWN if entity.is_main] == ["mood"]


def test_the_listener_is_one_of_the_profiles_that_are_known() -> None:
    entities = announced(ENTITIES, HAVE, ("Ann", "guest", "household"))
    [listener] = [component(entity, "kitchen") for entity in entities if entity.lists_profiles]
    assert listener["options"] == ["Ann", "guest", "household"]
    assert listener["command_topic"] == "moodspeaker/kitchen/profile/set"


def test_automatic_switching_is_on_where_nobody_holds_the_music() -> None:
    switch = device()["components"]["hold"]
    assert (switch["state_on"], switch["payload_on"]) == ("OFF", "OFF")
    assert (switch["state_off"], switch["payload_off"]) == ("ON", "ON")


def test_a_speaker_that_nobody_named_has_no_number_for_a_name() -> None:
    [message] = announcement(SHOWN, "0123456789ab", "device", "homeassistant", {})
    assert json.loads(message.payload)["device"]["name"] == "Moodspeaker"
    assert device()["device"]["name"] == "Moodspeaker kitchen"
