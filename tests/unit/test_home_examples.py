"""The examples for home automation name topics, commands and entities that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from moodspeaker.domain.commands import NAMES, from_payload
from moodspeaker.domain.entities import ENTITIES, Need, announced

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


def test_every_item_has_its_channel() -> None:
    things = (EXAMPLES / "openhab" / "moodspeaker.things").read_text(encoding="utf-8")
    items = (EXAMPLES / "openhab" / "moodspeaker.items").read_text(encoding="utf-8")
    channels = set(re.findall(r"Type \w+\s*: (\w+)", things))
    assert set(re.findall(r"mqtt:topic:home:moodspeaker:(\w+)", items)) == channels
