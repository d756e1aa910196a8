"""What goes over a link to a real broker: limits, forbidden topics, older brokers, commands, the will."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.bystander import (
    PREFIX,
    Bystander,
    ConfiguredMosquitto,
    knows_only_3_1_1,
    listener,
    retained,
    until,
)
from support.mqtt_adapter import connected, settings_of
from support.speaker_process import eventually

from moodspeaker.adapters.mqtt.probe import probe
from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.commands import Play

if TYPE_CHECKING:
    import socket

    from support.servers import RealMosquitto

    from moodspeaker.adapters.mqtt.client import MqttBroker
    from moodspeaker.domain.commands import Command

pytestmark = pytest.mark.usefixtures("links_end")


# --- what it takes


@pytest.mark.parametrize("limit", ["max_packet_size 400", "message_size_limit 400"])
def test_a_broker_that_limits_messages_is_named_and_takes_the_rest(
    root: Path, limit: str, caplog: pytest.LogCaptureFixture
) -> None:
    commands: list[Command] = []
    with ConfiguredMosquitto(root, limit) as server:

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.OK)
            broker.publish(PREFIX + "state", "x" * 1000, retain=True)
            broker.publish(PREFIX + "mood", "happy", retain=True)
            await until(lambda: "too large" in broker.reason and PREFIX + "state" in broker.reason)
            await until(lambda: broker.state is BrokerState.REFUSED)
            await until(lambda: retained(server.port) == {"status": "online", "mood": "happy"})
            with Bystander(server.port) as somebody:
                somebody.say(f"{PREFIX}play/set", b"on")
            await until(lambda: commands == [Play()])
            assert len([record for record in caplog.records if "too large" in record.getMessage()]) == 1
            broker.publish(PREFIX + "state", "small", retain=True)
            await until(lambda: (broker.state, broker.reason) == (BrokerState.OK, ""))
            await until(lambda: retained(server.port).get("state") == "small")

        connected(settings_of(server.port), story, commands.append)


@pytest.mark.usefixtures("soon")
def test_a_limit_of_an_older_broker_that_only_closes_the_link_is_named_too(root: Path) -> None:
    with ConfiguredMosquitto(root, "max_packet_size 400") as server, knows_only_3_1_1(server) as port:

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.OK)
            broker.publish(PREFIX + "state", "x" * 1000, retain=True)
            broker.publish(PREFIX + "mood", "happy", retain=True)
            await until(lambda: broker.state is BrokerState.REFUSED, 15)
            assert "max_packet_size" in broker.reason
            assert PREFIX + "state" in broker.reason
            await until(lambda: retained(server.port) == {"status": "online", "mood": "happy"})

        connected(settings_of(port), story)


def test_a_broker_that_forbids_publishing_is_named_and_heals(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    commands: list[Command] = []
    acl = ["user me", f"topic read {PREFIX}#", "user other", "topic readwrite #"]
    with ConfiguredMosquitto(root, acl=acl, users={"me": "right", "other": "right"}) as server:
        password = root / "password"
        password.write_text("right", encoding="utf-8")

        async def story(broker: MqttBroker) -> None:
            broker.publish(PREFIX + "mood", "happy", retain=True)
            await until(lambda: broker.state is BrokerState.REFUSED)
            await until(lambda: "and 1 more" in broker.reason)
            assert "'me'" in broker.reason
            assert f"{PREFIX}#" in broker.reason
            with Bystander(server.port, ("other", "right")) as somebody:
                somebody.say(f"{PREFIX}play/set", b"on")
            await until(lambda: commands == [Play()])
            assert len(caplog.records) == 1
            acl[1] = f"topic readwrite {PREFIX}#"
            (root / "acl").write_text("\n".join(acl), encoding="utf-8")
            server.restart()
            await until(lambda: (broker.state, broker.reason) == (BrokerState.OK, ""), 15)
            assert retained(server.port, ("other", "right"))["mood"] == "happy"

        settings = settings_of(server.port, username="me", password_file=str(password))
        connected(settings, story, commands.append)


@pytest.mark.parametrize("says_so", [True, False])
def test_a_broker_that_knows_only_mqtt_3_1_1_is_spoken_to_in_it(
    mosquitto: RealMosquitto,
    says_so: bool,  # noqa: FBT001 - pytest gives it
    caplog: pytest.LogCaptureFixture,
) -> None:
    commands: list[Command] = []
    bystander = Bystander(mosquitto.port)
    with knows_only_3_1_1(mosquitto, says_so=says_so) as port:

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.OK)
            for mood in ("happy", "sad", "angry"):
                broker.publish(PREFIX + "mood", mood, retain=True)
            bystander.say(f"{PREFIX}play/set", b"on")
            await until(lambda: commands == [Play()])
            await asyncio.sleep(1.2)
            moods = [payload for topic, payload, _ in bystander.messages if topic == f"{PREFIX}mood"]
            assert moods == [b"happy", b"sad", b"angry"]
            bystander.say(f"{PREFIX}mood", b"", retain=True)
            await until(lambda: retained(mosquitto.port).get("mood") == "angry")

        connected(settings_of(port), story, commands.append)
        assert probe(settings_of(port)) == (BrokerState.OK, "")
    bystander.close()
    assert [
        record.getMessage() for record in caplog.records if "somebody else" not in record.getMessage()
    ] == []


# --- commands, the will, the stop


def test_a_retained_command_is_dropped_with_one_line_and_clearing_it_starts_nothing(
    mosquitto: RealMosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    commands: list[Command] = []
    bystander = Bystander(mosquitto.port)
    bystander.say(f"{PREFIX}sensing/set", b"on", retain=True)

    async def story(_broker: MqttBroker) -> None:
        await until(lambda: "retained command" in caplog.text)
        bystander.say(f"{PREFIX}sensing/set", b"", retain=True)
        bystander.say(f"{PREFIX}play/set", b"on")
        await until(lambda: commands == [Play()])

    connected(settings_of(mosquitto.port), story, commands.append)
    bystander.close()
    assert len(caplog.records) == 1


def test_a_command_that_is_sent_to_be_retained_is_dropped_at_once(
    mosquitto: RealMosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    commands: list[Command] = []
    bystander = Bystander(mosquitto.port)

    async def story(broker: MqttBroker) -> None:
        await until(lambda: broker.state == "ok")
        bystander.say(f"{PREFIX}sensing/set", b"off", retain=True)
        bystander.say(f"{PREFIX}play/set", b"on")
        await until(lambda: bool(commands))
        assert commands == [Play()]

    connected(settings_of(mosquitto.port), story, commands.append)
    bystander.close()
    assert [record.getMessage() for record in caplog.records if "retained command" in record.getMessage()]


def test_the_last_will_is_offline(mosquitto: RealMosquitto) -> None:
    script = (
        "import asyncio, random, sys\n"
        "from moodspeaker.adapters.mqtt.client import MqttBroker\n"
        "from moodspeaker.config.schema import MqttSettings\n"
        "from moodspeaker.speaker.publisher import last_will\n"
        "async def main():\n"
        "    settings = MqttSettings(host='127.0.0.1', port=int(sys.argv[1]), id='test')\n"
        "    loop, chance = asyncio.get_running_loop(), random.Random()\n"
        "    will = last_will('moodspeaker/test')\n"
        "    broker = MqttBroker(settings, 'moodspeaker/test', will, print, loop=loop, chance=chance)\n"
        "    broker.publish(will.topic, 'online', retain=True)\n"
        "    broker.start()\n"
        "    while broker.state != 'ok': await asyncio.sleep(0.01)\n"
        "    print('connected', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    checkout = Path(__file__).parents[2]
    line = [sys.executable, "-c", script, str(mosquitto.port)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=checkout) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n"
        eventually(lambda: retained(mosquitto.port).get("status") == "online", 10, "online is retained")
        process.kill()
    eventually(lambda: retained(mosquitto.port).get("status") == "offline", 10, "the last will is retained")


def test_a_silent_broker_does_not_hold_up_the_stop(mosquitto: RealMosquitto) -> None:
    async def story(broker: MqttBroker) -> None:
        await until(lambda: broker.state is BrokerState.OK)
        mosquitto.freeze()
        started = time.monotonic()
        broker.stop()
        assert time.monotonic() - started < 3.0
        mosquitto.thaw()

    connected(settings_of(mosquitto.port), story)


def test_a_stop_while_it_connects_ends_the_link() -> None:
    held = threading.Event()

    def serve(_client: socket.socket) -> None:
        held.wait(10)

    with listener(serve) as port:

        async def story(broker: MqttBroker) -> None:
            await asyncio.sleep(0.2)
            broker.stop()
            await until(lambda: not any(thread.name.startswith("mqtt ") for thread in threading.enumerate()))
            held.set()

        connected(settings_of(port), story)
