"""What Home Assistant is told, on the wire: a real Mosquitto, the whole daemon."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.bystander import Bystander, ConfiguredMosquitto, retained
from support.servers import RealMosquitto, short_folder
from support.speaker_process import CHECKOUT, SpeakerProcess, eventually

from moodspeaker.adapters.mqtt.home_assistant import BIRTH_DELAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DEVICE = "homeassistant/device/moodspeaker_test/config"


@pytest.fixture
def root() -> Iterator[Path]:
    """Return a short folder."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def broker(root: Path) -> Iterator[RealMosquitto]:
    """Return a Mosquitto."""
    with RealMosquitto(root) as server:
        yield server


def settings(broker: RealMosquitto, *more: str) -> list[str]:
    return ["camera.source=none", "mqtt.host=127.0.0.1", f"mqtt.port={broker.port}", "mpd.host=", *more]


def kept(broker: RealMosquitto) -> dict[str, str]:
    """Return everything that the broker keeps."""
    return retained(broker.port)


def told(broker: RealMosquitto, topic: str = DEVICE) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(kept(broker).get(topic, "{}"))
    return payload


def moodspeaker(*words: str, sets: Sequence[str]) -> subprocess.CompletedProcess[str]:
    options = [part for word in sets for part in ("--set", word)]
    return subprocess.run(
        [sys.executable, "-m", "moodspeaker", *words, *options],
        capture_output=True, text=True, timeout=60, check=False, cwd=CHECKOUT,
    )  # fmt: skip


def test_it_appears_by_itself_and_every_topic_it_names_is_there(root: Path, broker: RealMosquitto) -> None:
    with SpeakerProcess(root, settings(broker, "mpd.host=127.0.0.1", "mpd.port=1")):
        eventually(lambda: told(broker), 10, "the device is announced")
        topics = kept(broker)
        for key, component in told(broker)["components"].items():
            for name in ("state_topic", "json_attributes_topic"):
                topic = component.get(name, "moodspeaker/test/status").removeprefix("moodspeaker/test/")
                assert topic in topics or topic == "event", f"{key}: nothing stands on {topic}"


def test_the_birth_message_lets_everything_be_said_again(root: Path, broker: RealMosquitto) -> None:
    with SpeakerProcess(root, settings(broker)), Bystander(broker.port) as home_assistant:
        eventually(lambda: kept(broker).get("mood"), 10, "the mood is published")
        before = kept(broker)
        home_assistant.messages.clear()
        home_assistant.say("homeassistant/status", b"online")

        def said() -> list[str]:
            return [topic for topic, *_ in home_assistant.messages if topic != "homeassistant/status"]

        def everything() -> bool:
            return {topic.removeprefix("moodspeaker/test/") for topic in said()} == before.keys()

        eventually(everything, BIRTH_DELAY + 3, "everything is said again")
        order = said()
        assert order.index(DEVICE) < order.index("moodspeaker/test/mood"), "discovery stands before states"


def test_what_goes_away_is_removed(root: Path, broker: RealMosquitto) -> None:
    with SpeakerProcess(root, settings(broker, "mpd.host=127.0.0.1", "mpd.port=1")):
        eventually(lambda: "next" in told(broker).get("components", {}), 10, "a button is announced")
    with SpeakerProcess(root, settings(broker)):
        eventually(
            lambda: told(broker)["components"].get("next") == {"platform": "button"}, 10, "it is removed"
        )
        assert "unique_id" in told(broker)["components"]["mood"]
    with SpeakerProcess(root, settings(broker, "mqtt.discovery=entity")):
        eventually(lambda: DEVICE not in kept(broker), 10, "the device's topic is cleared")
        eventually(
            lambda: "homeassistant/sensor/moodspeaker_test/mood/config" in kept(broker), 10, "one each"
        )
    with SpeakerProcess(root, settings(broker, "mqtt.id=attic", "mqtt.discovery_prefix=ha")):
        eventually(lambda: "ha/device/moodspeaker_attic/config" in kept(broker), 10, "another name")
        eventually(
            lambda: all(topic.startswith(("moodspeaker/attic/", "ha/")) for topic in kept(broker)), 10,
            "nothing of the old name is left",
        )  # fmt: skip


def test_a_new_listener_can_be_selected(root: Path, broker: RealMosquitto) -> None:
    def options() -> list[str]:
        return list(told(broker).get("components", {}).get("listener", {}).get("options", ()))

    with SpeakerProcess(root, settings(broker, "mpd.host=127.0.0.1", "mpd.port=1")) as speaker:
        eventually(lambda: options() == ["guest", "household"], 10, "two are known")
        speaker.ask("/api/command", {"profile": "Ännä"})
        eventually(lambda: options() == ["guest", "household", "Ännä"], 5, "one more is")
        eventually(lambda: kept(broker)["listener"] == "Ännä", 5, "and listens")
    with SpeakerProcess(root, settings(broker, "mpd.host=127.0.0.1", "mpd.port=1")):
        assert options() == ["guest", "household", "Ännä"]


def test_purge_clears_everything_of_ours_and_nothing_else(root: Path, broker: RealMosquitto) -> None:
    words = settings(broker)
    with SpeakerProcess(root, words) as speaker:
        eventually(lambda: told(broker), 10, "the device is announced")
        mine = [*words, "mqtt.id=test", f"paths.runtime={root / 'run'}"]
        refused = moodspeaker("mqtt", "purge", sets=mine)
        assert (refused.returncode, "systemctl stop moodspeaker" in refused.stderr) == (1, True)
        speaker.terminate()
    with Bystander(broker.port) as somebody:
        somebody.say("moodspeaker/other/mood", b"sad", retain=True)
        somebody.say("homeassistant/sensor/lamp/config", b"{}", retain=True)
        somebody.say("moodspeaker/household/home/a/1", b'{"speaker": "test"}', retain=True)
        somebody.say("moodspeaker/household/home/b/1", b'{"speaker": "other"}', retain=True)
        somebody.say("moodspeaker/household/home/c/1", b"nonsense", retain=True)
        done = moodspeaker("mqtt", "purge", sets=mine)
        assert done.returncode == 0, done.stderr
        assert "the other speakers of the household keep what they have learned" in done.stdout
        assert set(kept(broker)) == {
            "moodspeaker/other/mood", "homeassistant/sensor/lamp/config", "moodspeaker/household/home/b/1",
            "moodspeaker/household/home/c/1",
        }  # fmt: skip


def test_uninstalling_clears_what_the_broker_keeps(root: Path, broker: RealMosquitto) -> None:
    with SpeakerProcess(root, settings(broker)) as speaker:
        eventually(lambda: told(broker), 10, "the device is announced")
        speaker.terminate()
    assert {"dwell", "hold_length", "listener", "minimum_confidence"} <= kept(broker).keys()
    program = root / "bin" / "moodspeaker"
    program.parent.mkdir()
    words = [*settings(broker), "mqtt.id=test", f"paths.runtime={root / 'run'}"]
    options = " ".join(f"--set {word}" for word in words)
    program.write_text(f'#!/bin/sh\ncd {CHECKOUT} && exec {sys.executable} -m moodspeaker "$@" {options}\n')
    program.chmod(0o755)
    lines = f". {CHECKOUT / 'install.sh'}\nHOME_FOLDER={root}\nclear_topics"
    done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, kept(broker)) == (0, {}), done.stderr


def test_the_access_list_of_the_examples_lets_everything_through(root: Path) -> None:
    acl = (CHECKOUT / "config" / "examples" / "mosquitto" / "acl").read_text(encoding="utf-8").splitlines()
    users = {"moodspeaker": "one", "homeassistant": "two", "guest": "three"}
    (root / "password").write_text("one\n", encoding="ascii")
    with ConfiguredMosquitto(root, acl=acl, users=users) as server:
        words = [f"mqtt.password_file={root / 'password'}", "mqtt.username=moodspeaker", "mqtt.id=kitchen"]
        with (
            SpeakerProcess(root, settings(server, *words)) as speaker,
            Bystander(server.port, ("homeassistant", "two")) as home_assistant,
            Bystander(server.port, ("guest", "three")) as guest,
        ):
            eventually(lambda: speaker.status()["broker"]["state"] == "ok", 10, "it is let in")
            device = "homeassistant/device/moodspeaker_kitchen/config"
            eventually(lambda: device in {topic for topic, *_ in home_assistant.messages}, 10, "it is told")
            home_assistant.say("moodspeaker/kitchen/sensing/set", b"off")
            eventually(lambda: not speaker.status()["sensing"], 10, "the command arrives")
            assert speaker.status()["broker"] == {"state": "ok", "reason": ""}
            assert not guest.messages


def test_purge_names_a_broker_that_is_away(root: Path) -> None:
    answer = moodspeaker(
        "mqtt", "purge", sets=["mqtt.host=127.0.0.1", "mqtt.port=1", f"paths.runtime={root}", "mqtt.id=test"]
    )
    assert answer.returncode == 1
    assert "127.0.0.1:1" in answer.stderr
