"""The broker port's contract, on the fake and on a real Mosquitto; and what only a real one can show."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from support.fake_broker import FakeBroker
from support.servers import RealMosquitto, free_port, require
from support.speaker_process import eventually

from moodspeaker.adapters import mqtt
from moodspeaker.adapters.mqtt import MqttBroker, NoBroker, probe
from moodspeaker.config.schema import MqttSettings
from moodspeaker.domain.broker import BrokerState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from paho.mqtt.client import MQTTMessage

    from moodspeaker.ports import Broker

PREFIX = "moodspeaker/test/"
RECOVERY = 30.0
"""Seconds within which everything is back after the broker is."""
QUIET = 0.3
"""Seconds in which a real broker would have passed a message on."""


class World(Protocol):
    """A broker, what others see on it, and what they say."""

    commands: list[tuple[str, str]]

    @property
    def broker(self) -> Broker:
        """The port."""

    def topics(self) -> dict[str, str]:
        """Return the retained payloads, by thing."""

    def heard(self) -> list[tuple[str, str]]:
        """Return what others heard, in order."""

    def say(self, thing: str, payload: bytes, *, retain: bool = False) -> None:
        """Let somebody publish a command."""

    def lose(self) -> None:
        """Kill the broker."""

    def come_back(self) -> None:
        """Start it again, empty."""


class FakeWorld:
    """The fake."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str]] = []
        self.broker = FakeBroker(lambda thing, payload: self.commands.append((thing, payload)))
        self.say = self.broker.receive
        self.lose = self.broker.lose
        self.come_back = self.broker.come_back

    def topics(self) -> dict[str, str]:
        return self.broker.topics

    def heard(self) -> list[tuple[str, str]]:
        return self.broker.heard


class Bystander:
    """Another client of the broker."""

    def __init__(self, port: int, user: tuple[str, str] | None = None) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self.client = Client(CallbackAPIVersion.VERSION2)
        if user:
            self.client.username_pw_set(*user)
        self.client.on_connect = self._listen
        self.client.on_message = self._hear
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _listen(self, client: Client, *_: object) -> None:
        client.subscribe("#", 1)

    def _hear(self, _client: Client, _user: object, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class RealWorld:
    """A private Mosquitto."""

    def __init__(self, server: RealMosquitto) -> None:
        self.server = server
        self.commands: list[tuple[str, str]] = []
        self.bystander = Bystander(server.port)
        settings = MqttSettings(host="127.0.0.1", port=server.port, id="test")
        loop = asyncio.get_running_loop()
        self.broker = MqttBroker(
            settings, lambda thing, payload: self.commands.append((thing, payload)), loop
        )
        self.lose = server.kill
        self.come_back = server.start

    def topics(self) -> dict[str, str]:
        return retained(self.server.port)

    def heard(self) -> list[tuple[str, str]]:
        return [
            (topic.removeprefix(PREFIX), payload.decode())
            for topic, payload, _ in self.bystander.messages
            if not topic.endswith("/set")
        ]

    def say(self, thing: str, payload: bytes, *, retain: bool = False) -> None:
        self.bystander.client.publish(f"{PREFIX}{thing}/set", payload, 1, retain=retain).wait_for_publish(5)


def retained(port: int, user: tuple[str, str] | None = None) -> dict[str, str]:
    """Return what the broker on `port` has retained of the speaker, by thing."""
    newcomer = Bystander(port, user)
    try:
        time.sleep(QUIET)
        return {
            topic.removeprefix(PREFIX): payload.decode() for topic, payload, kept in newcomer.messages
            if kept and not topic.endswith("/set")
        }  # fmt: skip
    finally:
        newcomer.close()


@pytest.fixture(params=["fake", "real"])
def play(request: pytest.FixtureRequest) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Return a function that tells a story in a world whose broker is connected."""

    def tell(story: Callable[[World], Awaitable[None]]) -> None:
        async def whole() -> None:
            if request.param == "fake":
                world: World = FakeWorld()
            else:
                world = RealWorld(request.getfixturevalue("mosquitto"))
            world.broker.start()
            try:
                await until(lambda: world.broker.state is BrokerState.OK)
                await story(world)
            finally:
                world.broker.stop()
                if isinstance(world, RealWorld):
                    world.bystander.close()

        asyncio.run(whole())

    return tell


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.02)


# --- the contract
# -------------------------------------------------------------------------------------------------------


def test_it_says_online_and_offline(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await until(lambda: world.topics().get("status") == "online")
        assert world.broker.reason == ""
        world.broker.stop()
        await until(lambda: world.topics().get("status") == "offline")
        assert ("status", "offline") in world.heard()

    play(story)


def test_levels_are_retained_and_moments_are_not(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.broker.publish("mood", "happy")
        world.broker.publish("event", "{}", retain=False)
        await until(lambda: world.heard()[-2:] == [("mood", "happy"), ("event", "{}")])
        await until(lambda: world.topics() == {"status": "online", "mood": "happy"})

    play(story)


def test_an_unchanged_level_is_not_said_twice_but_a_moment_is(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        for _ in range(2):
            world.broker.publish("mood", "sad")
            world.broker.publish("event", "{}", retain=False)
        await until(lambda: world.heard().count(("event", "{}")) == 2)
        assert world.heard().count(("mood", "sad")) == 1

    play(story)


def test_commands_arrive(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.say("sensing", b"OFF")
        world.say("override", b"sad")
        world.say("hold", b"30")
        world.say("next", b"PRESS")
        await until(lambda: len(world.commands) == 4)
        assert world.commands == [("sensing", "OFF"), ("override", "sad"), ("hold", "30"), ("next", "PRESS")]

    play(story)


def test_what_is_no_command_is_dropped(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.say("sensing", b"\xff\xfe")
        world.say("sensing", b"maybe")
        world.say("volume", b"11")
        world.say("sensing", b"o" * 5000)
        world.say("hold", b"nan")
        world.say("play", b"on")
        await until(lambda: ("play", "on") in world.commands)
        assert world.commands == [("play", "on")]

    play(story)


def test_a_broker_that_comes_back_empty_is_told_everything_again(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.broker.publish("mood", "happy")
        world.broker.publish("playlist", "mood-happy")
        await until(lambda: ("playlist", "mood-happy") in world.heard())
        world.lose()
        await until(lambda: world.broker.state is BrokerState.DOWN)
        assert world.broker.reason
        world.broker.publish("mood", "sad")
        world.broker.publish("event", "lost", retain=False)
        await asyncio.sleep(0)
        world.come_back()
        await until(lambda: world.broker.state is BrokerState.OK, RECOVERY)
        await until(lambda: world.topics() == {"status": "online", "mood": "sad", "playlist": "mood-happy"})
        assert ("event", "lost") not in world.heard()
        assert world.broker.reason == ""
        world.say("play", b"on")
        await until(lambda: world.commands == [("play", "on")])

    play(story)


# --- the real one alone
# -------------------------------------------------------------------------------------------------


def connected(
    settings: MqttSettings,
    story: Callable[[MqttBroker], Awaitable[None]],
    on_command: Callable[[str, str], None] = lambda *_: None,
) -> None:
    """Tell a story of one broker's adapter."""

    async def whole() -> None:
        broker = MqttBroker(settings, on_command, asyncio.get_running_loop())
        broker.start()
        try:
            await story(broker)
        finally:
            broker.stop()

    asyncio.run(whole())


def test_a_retained_command_is_dropped_with_one_line(
    mosquitto: RealMosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    commands: list[tuple[str, str]] = []
    bystander = Bystander(mosquitto.port)
    bystander.client.publish(f"{PREFIX}sensing/set", b"on", 1, retain=True).wait_for_publish(5)

    async def story(broker: MqttBroker) -> None:
        await until(lambda: "retained command" in caplog.text)
        bystander.client.publish(f"{PREFIX}play/set", b"on", 1).wait_for_publish(5)
        await until(lambda: commands == [("play", "on")])

    connected(settings_of(mosquitto), story, lambda *words: commands.append(words))
    bystander.close()
    assert len([r for r in caplog.records if "command" in r.getMessage()]) == 1


def settings_of(server: RealMosquitto, **more: str) -> MqttSettings:
    """Return the settings that reach a server."""
    return MqttSettings(host="127.0.0.1", port=server.port, id="test", **more)


def test_the_last_will_is_offline(mosquitto: RealMosquitto) -> None:
    script = (
        "import asyncio, sys\n"
        "from moodspeaker.adapters.mqtt import MqttBroker\n"
        "from moodspeaker.config.schema import MqttSettings\n"
        "async def main():\n"
        "    settings = MqttSettings(host='127.0.0.1', port=int(sys.argv[1]), id='test')\n"
        "    broker = MqttBroker(settings, print, asyncio.get_running_loop())\n"
        "    broker.start()\n"
        "    while broker.state != 'ok': await asyncio.sleep(0.01)\n"
        "    print('connected', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    checkout = Path(__file__).parents[2]
    words = [sys.executable, "-c", script, str(mosquitto.port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=checkout) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n"
        eventually(lambda: retained(mosquitto.port).get("status") == "online", 10, "online is retained")
        process.kill()
    eventually(lambda: retained(mosquitto.port).get("status") == "offline", 10, "the last will is retained")


def test_a_refused_password_is_a_state_and_heals_with_its_file(
    root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "DELAY_REFUSED", (1, 1))
    password = root / "password"
    password.write_text("wrong\n", encoding="utf-8")
    with RealMosquitto(root, users={"me": "right"}) as server:
        settings = settings_of(server, username="me", password_file=str(password))
        assert probe(settings)[0] is BrokerState.REFUSED

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.REFUSED)
            assert "mqtt.username" in broker.reason
            assert "mqtt.password_file" in broker.reason
            await asyncio.sleep(2.5)
            assert len(caplog.records) == 1
            password.write_text("right\n", encoding="utf-8")
            await until(lambda: broker.state is BrokerState.OK, 10)
            await until(lambda: retained(server.port, ("me", "right")).get("status") == "online")

        with caplog.at_level("INFO"):
            connected(settings, story)
        assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
        assert "right" not in caplog.text
        assert probe(settings) == (BrokerState.OK, "")


def test_a_missing_password_names_its_file(root: Path) -> None:
    with RealMosquitto(root, users={"me": "right"}) as server:
        missing = str(root / "no-such-file")
        settings = settings_of(server, username="me", password_file=missing)

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.REFUSED)
            assert missing in broker.reason

        connected(settings, story)
        assert missing in probe(settings)[1]
        assert probe(settings_of(server))[0] is BrokerState.REFUSED


def test_a_broker_that_is_not_there_is_down_and_found_when_it_comes(root: Path) -> None:
    server = RealMosquitto(root)
    settings = settings_of(server)
    assert probe(settings)[0] is BrokerState.DOWN
    assert "mqtt.host" in probe(settings)[1]

    async def story(broker: MqttBroker) -> None:
        await until(lambda: "no answer" in broker.reason)
        with server:
            await until(lambda: broker.state is BrokerState.OK, RECOVERY)

    connected(settings, story)


def test_a_silent_broker_does_not_hold_up_the_stop(mosquitto: RealMosquitto) -> None:
    async def story(broker: MqttBroker) -> None:
        await until(lambda: broker.state is BrokerState.OK)
        mosquitto.freeze()
        started = time.monotonic()
        broker.stop()
        assert time.monotonic() - started < 3.0
        mosquitto.thaw()

    connected(settings_of(mosquitto), story)


def test_settings_that_nothing_can_be_done_with_are_refused_by_name(root: Path) -> None:
    for settings, name in (
        (MqttSettings(host="127.0.0.1", port=0, id="test"), "mqtt.port"),
        (
            MqttSettings(host="127.0.0.1", port=free_port(), id="test", ca_file=str(root / "none.pem")),
            "mqtt.ca_file",
        ),
    ):

        async def story(broker: MqttBroker, name: str = name) -> None:
            assert broker.state is BrokerState.REFUSED
            assert name in broker.reason

        connected(settings, story)
        assert name in probe(settings)[1]


class TlsMosquitto(RealMosquitto):
    """A Mosquitto that speaks TLS only, with a certificate for 127.0.0.1 that signs itself."""

    def command(self) -> list[str]:
        certificate, key = self.root / "certificate.pem", self.root / "key.pem"
        if not certificate.exists():
            subprocess.run(
                [require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                 "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
                check=True, capture_output=True,
            )  # fmt: skip
        line = list(super().command())
        with (self.root / "mosquitto.conf").open("a", encoding="utf-8") as file:
            file.write(f"certfile {certificate}\nkeyfile {key}\n")
        return line


@pytest.mark.filterwarnings(
    "ignore:unclosed <ssl:ResourceWarning"
)  # paho leaves a failed handshake's socket to the collector
def test_tls_trusts_the_named_authority_and_nobody_else(root: Path) -> None:
    (root / "ours").mkdir()
    (root / "other").mkdir()
    with TlsMosquitto(root / "ours") as server, TlsMosquitto(root / "other"):
        right = settings_of(server, ca_file=str(root / "ours" / "certificate.pem"))
        wrong = settings_of(server, ca_file=str(root / "other" / "certificate.pem"))
        assert probe(right) == (BrokerState.OK, "")
        assert probe(wrong)[0] is BrokerState.DOWN
        assert "mqtt.ca_file" in probe(wrong)[1]

        async def trusted(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.OK)

        async def mistrusted(broker: MqttBroker) -> None:
            await until(lambda: "mqtt.ca_file" in broker.reason)

        connected(right, trusted)
        connected(wrong, mistrusted)
    for thread in threading.enumerate():
        if thread.name.startswith("paho"):
            thread.join(5)
    gc.collect()


def test_no_broker_is_a_state() -> None:
    broker: Broker = NoBroker()
    broker.start()
    broker.publish("mood", "happy")
    broker.stop()
    assert (broker.state, broker.reason) == (BrokerState.OFF, "")
