"""The examples for home automation name topics, commands and entities that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from moodspeaker.domain.commands import NAMES, from_payload
from moodspeaker.domain.entities import ENTITIES, Component, Need, announced

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
FILES = sorted(
    file
    for folder in ("home-assistant", "node-red", "openhab", "mosquitto")
    for file in (EXAMPLES / folder).iterdir()
)
TOPICS = {entity.topic for entity in ENTITIES}
NAMED = re.compile(r"moodspeaker/(?:kitchen|\{\{ speaker \}\})/([a-z_]+)(/set)?")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_topic_is_one_of_ours(file: Path) -> None:
    for level, command in NAMED.findall(file.read_text(encoding="utf-8")):
        assert level in (NAMES if command else TOPICS)


def test_the_examples_name_topics_at_all() -> None:
    named = {level for file in FILES for level, _ in NAMED.findall(file.read_text(encoding="utf-8"))}
    assert named >= {"mood", "event", "sensing", "hold", "evidence", "status"}


def test_the_dashboard_names_entities_that_are_shown_unasked() -> None:
    names = {"moodspeaker_kitchen"} | {
        f"moodspeaker_kitchen_{entity.name.lower().replace(' ', '_').replace('-', '_')}"
        for entity in announced(ENTITIES, frozenset({Need.PLAYER}))
        if entity.on_by_default
    }
    named = re.findall(
        r"[a-z_]+\.(moodspeaker_\w+)", (EXAMPLES / "home-assistant" / "dashboard.yaml").read_text()
    )
    assert len(named) > 10
    assert set(named) <= names


def test_the_flow_is_wired_and_its_payloads_are_commands() -> None:
    nodes = {node["id"]: node for node in json.loads((EXAMPLES / "node-red" / "flow.json").read_text())}
    for node in nodes.values():
        assert all(target in nodes for output in node.get("wires", ()) for target in output)
        assert node.get("broker", "ms-broker") in nodes or node["type"] == "mqtt-broker"
        if node["type"] == "switch":
            assert node["outputs"] == len(node["wires"]) == len(node["rules"])
        if node["type"] == "inject":
            out = nodes[node["wires"][0][0]]
            from_payload(out["topic"].split("/")[-2], node["payload"])


# --- openHAB: the forms of its files are those of openHAB 5 (its grammars, the MQTT binding's descriptions)

OPENHAB = EXAMPLES / "openhab"
NAME = r"[A-Za-z0-9_-]+"
TEXT = r'"(?:[^"\\]|\\.)*"'
PROPERTY = rf"{NAME}\s*=\s*(?:{TEXT}|true|false|[0-9]+)"
PROPERTIES = rf"\[\s*(?P<properties>{PROPERTY}(?:\s*,\s*{PROPERTY})*)\s*\]"
CHANNEL = re.compile(rf"Type\s+(?P<type>{NAME})\s*:\s*(?P<id>{NAME})\s+{TEXT}\s+{PROPERTIES}\s*")
THINGS = re.compile(
    rf"\s*Bridge mqtt:broker:(?P<bridge>{NAME}) {TEXT} {PROPERTIES.replace('?P<properties>', '?:')}\s*{{\s*"
    rf"Thing topic (?P<thing>{NAME}) {TEXT} {PROPERTIES}\s*{{\s*Channels:\s*(?P<channels>.*?)}}\s*}}\s*",
    re.DOTALL,
)
ITEM = re.compile(
    rf"(?P<type>[A-Z][a-z]+)\s+(?P<name>[A-Za-z_]\w*)\s+{TEXT}\s+(?:<{NAME}>\s*)?(?:\(\w+\))?\s*"
    rf'(?:{{ channel="(?P<channel>{NAME}(?::{NAME})+)"(?:, autoupdate="(?:true|false)")? }})?'
)
ANY = {"stateTopic", "commandTopic", "transformationPattern", "qos"}
TAKEN = {
    "string": ANY | {"allowedStates"},
    "number": ANY | {"min", "max", "step", "unit"},
    "dimmer": ANY | {"min", "max", "step", "on", "off"},
    "switch": ANY | {"on", "off"},
}
"""What the generic MQTT thing takes of each type of channel, as far as it is used here."""


def openhab(name: str) -> str:
    """Return a file of openHAB's without its comments."""
    return re.sub(r"^//.*\n", "", (OPENHAB / name).read_text(encoding="utf-8"), flags=re.MULTILINE)


def channels() -> dict[str, tuple[str, dict[str, str]]]:
    """Return the type and the properties of each channel by its name; fail where they cannot be read."""
    whole = THINGS.fullmatch(openhab("moodspeaker.things"))
    assert whole is not None
    text, found, at = whole["channels"], {}, 0
    while at < len(text):
        one = CHANNEL.match(text, at)
        assert one is not None, text[at : at + 80]
        pairs = re.findall(rf"({NAME})\s*=\s*({TEXT}|[^,\s]+)", one["properties"])
        found[one["id"]] = (one["type"], {key: value.strip('"') for key, value in pairs})
        at = one.end()
    return found


def test_openhab_can_read_the_things_and_what_it_sends_is_a_command() -> None:
    for name, (kind, properties) in channels().items():
        assert properties.keys() <= TAKEN[kind], name
        command = properties.get("commandTopic", "").split("/")[-2:-1]
        sent = properties.get("allowedStates", "").split(",") if kind == "string" else []
        sent += [properties[word] for word in ("on", "off", "min", "max") if word in properties]
        for word in sent if command else ():
            from_payload(command[0], word)
        states = {entity.topic: entity for entity in ENTITIES}
        topic = properties.get("stateTopic", "").rpartition("/")[2]
        if kind == "switch":
            assert states[topic].component in {Component.BINARY_SENSOR, Component.SWITCH}


def test_every_item_has_its_channel_and_openhab_can_read_it() -> None:
    linked = set()
    for line in openhab("moodspeaker.items").splitlines():
        item = ITEM.fullmatch(line.strip())
        assert item is not None, line
        if item["channel"]:
            *thing, channel = item["channel"].split(":")
            assert thing == ["mqtt", "topic", "home", "moodspeaker"]
            assert item["type"].lower() == channels()[channel][0], line
            linked.add(channel)
    assert linked == set(channels())
