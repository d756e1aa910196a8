"""What only a real broker, or something else on its port, can show: each fault with cause and cure."""

from __future__ import annotations

import asyncio
import gc
import random
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
    TlsMosquitto,
    knows_only_3_1_1,
    listener,
    retained,
    until,
)
from support.fake_broker import WILL
from support.servers import RealMosquitto, free_port
from support.speaker_process import eventually

from moodspeaker.adapters.mqtt import client as mqtt
from moodspeaker.adapters.mqtt.client import MqttBroker, probe
from moodspeaker.adapters.mqtt.link_faults import Retry
from moodspeaker.config.schema import MqttSettings
from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.commands import Play

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Iterator

    from moodspeaker.domain.commands import Command

BELOW = PREFIX.rstrip("/")


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """Wait for the links' threads, and let what the library leaves to the collector be collected here."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("mqtt "):
            thread.join(5)
    gc.collect()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon, whatever the fault."""
    monkeypatch.setattr(mqtt, "DELAYS", dict.fromkeys(Retry, (0.1, 0.3, 0.5)))


def settings_of(port: int, **more: str) -> MqttSettings:
    """Return the settings that reach a port."""
    return MqttSettings(host="127.0.0.1", port=port, id="test", **more)


def broker_of(
    settings: MqttSettings, on_command: Callable[[Command], None] = lambda _command: None
) -> MqttBroker:
    """Return the adapter, not yet started, on the running loop."""
    return MqttBroker(
        settings, BELOW, WILL, on_command, loop=asyncio.get_running_loop(), chance=random.Random(1)
    )


def connected(
    settings: MqttSettings,
    story: Callable[[MqttBroker], Awaitable[None]],
    on_command: Callable[[Command], None] = lambda _command: None,
) -> None:
    """Tell a story of one broker's adapter."""

    async def whole() -> None:
        broker = broker_of(settings, on_command)
        broker.publish(WILL.topic, "online", retain=True)
        broker.start()
        try:
            await story(broker)
        finally:
            broker.stop()

    asyncio.run(whole())


def expect(settings: MqttSettings, state: BrokerState, *words: str) -> None:
    """Check that the adapter and `doctor` show a state, with these words in its reason."""

    async def story(broker: MqttBroker) -> None:
        await until(lambda: broker.state is state and all(word in broker.reason for word in words), 12)
        assert "\n" not in broker.reason

    connected(settings, story)
    found, reason = probe(settings)
    assert found is state
    assert all(word in reason for word in words), reason


# --- who listens there


def test_a_broker_that_is_not_there_is_down_and_found_when_it_comes(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server = RealMosquitto(root)
    settings = settings_of(server.port)
    assert probe(settings)[0] is BrokerState.DOWN
    assert "mqtt.host" in probe(settings)[1]

    async def story(broker: MqttBroker) -> None:
        await until(lambda: "no answer" in broker.reason)
        with server:
            await until(lambda: broker.state is BrokerState.OK, 30)
            server.kill()
            await until(lambda: "no answer" in broker.reason)

    connected(settings, story)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]


def test_a_port_that_wants_tls_is_named(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with TlsMosquitto(root) as server:
        expect(settings_of(server.port), BrokerState.DOWN, "wants TLS", "mqtt.ca_file")
    assert len(caplog.records) == 1


@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
def test_a_port_that_does_not_speak_tls_is_named(mosquitto: RealMosquitto, root: Path) -> None:
    certificate = TlsMosquitto(root / "other").certificate
    settings = settings_of(mosquitto.port, ca_file=str(certificate))
    expect(settings, BrokerState.DOWN, "does not speak TLS", "mqtt.port", "mqtt.ca_file")


@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
def test_tls_trusts_the_named_authority_and_nobody_else(root: Path) -> None:
    with TlsMosquitto(root / "ours") as server:
        right = settings_of(server.port, ca_file=str(server.certificate))
        wrong = settings_of(server.port, ca_file=str(TlsMosquitto(root / "other").certificate))
        expect(right, BrokerState.OK)
        expect(wrong, BrokerState.DOWN, "no trust", "self-signed", "mqtt.ca_file")


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", ("no MQTT broker", "SSH-2.0", "mqtt.port")),
        (b"OK MPD 0.23.5\n", ("no MQTT broker", "OK MPD", "mqtt.port")),
        (b"", ("no MQTT broker", "closes the connection", "mqtt.port")),
    ],
)
def test_another_service_on_the_port_is_named(
    greeting: bytes, words: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    def serve(client: socket.socket) -> None:
        client.sendall(greeting)
        client.settimeout(0.5)
        client.recv(100)

    with listener(serve) as port:
        expect(settings_of(port), BrokerState.DOWN, *words)
    assert len(caplog.records) == 1


def test_a_service_that_says_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moodspeaker.adapters.mqtt.connection.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("moodspeaker.adapters.mqtt.peer.SECONDS", 0.5)
    over = threading.Event()
    with listener(lambda _client: over.wait(20)) as port:
        expect(settings_of(port), BrokerState.DOWN, "without an MQTT answer", "mqtt.port")
    over.set()


@pytest.mark.parametrize(
    "answer", [b"\x20\x02\x00", bytes(range(256)), b"\x20\x03\x00\x00\xff", b"\x90\x01\x00"]
)
def test_bytes_that_are_no_mqtt_are_a_fault_like_any_other(answer: bytes) -> None:
    def serve(client: socket.socket) -> None:
        client.recv(100)
        client.sendall(answer)

    with listener(serve) as port:

        async def story(broker: MqttBroker) -> None:
            await until(lambda: "127.0.0.1" in broker.reason and "not answered yet" not in broker.reason)
            assert broker.state is BrokerState.DOWN

        connected(settings_of(port), story)


def test_settings_that_nothing_can_be_done_with_are_refused_by_name(root: Path) -> None:
    missing = str(root / "none.pem")
    expect(settings_of(0), BrokerState.REFUSED, "mqtt.port")
    expect(settings_of(free_port(), ca_file=missing), BrokerState.REFUSED, "mqtt.ca_file", missing)
    expect(MqttSettings(host="a..b", id="test"), BrokerState.REFUSED, "mqtt.host", "a..b")


def test_a_secret_in_the_host_is_not_shown() -> None:
    settings = MqttSettings(host="me:secret@127.0.0.1", port=free_port(), id="test")

    async def story(broker: MqttBroker) -> None:
        assert "secret" not in broker.reason
        await until(lambda: "no answer" in broker.reason)
        assert "secret" not in broker.reason

    connected(settings, story)
    assert "secret" not in probe(settings)[1]


# --- who we are


@pytest.mark.usefixtures("soon")
def test_a_refused_password_is_a_state_and_heals_with_its_file(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    password = root / "password"
    password.write_text("wrong\n", encoding="utf-8")
    with RealMosquitto(root, users={"me": "right"}) as server:
        settings = settings_of(server.port, username="me", password_file=str(password))
        assert probe(settings)[0] is BrokerState.REFUSED

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.REFUSED)
            assert "mqtt.username" in broker.reason
            assert "mqtt.password_file" in broker.reason
            await until(lambda: server.log.count("not authorised") >= 4)
            assert len(caplog.records) == 1
            password.write_text("right\n", encoding="utf-8")
            await until(lambda: broker.state is BrokerState.OK)
            await until(lambda: retained(server.port, ("me", "right")).get("status") == "online")

        with caplog.at_level("INFO"):
            connected(settings, story)
        assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
        assert "right" not in caplog.text
        assert probe(settings) == (BrokerState.OK, "")


def test_a_missing_password_names_its_file(root: Path) -> None:
    missing = str(root / "no-such-file")
    with RealMosquitto(root, users={"me": "right"}) as server:
        settings = settings_of(server.port, username="me", password_file=missing)
        expect(settings, BrokerState.REFUSED, missing)
        assert probe(settings_of(server.port))[0] is BrokerState.REFUSED


@pytest.mark.usefixtures("soon")
def test_two_speakers_with_one_id_are_named_once(
    mosquitto: RealMosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(broker: MqttBroker) -> None:
        await until(lambda: broker.state is BrokerState.OK)
        twin = broker_of(settings_of(mosquitto.port))
        twin.start()
        try:
            for one in (broker, twin):
                await until(lambda one=one: "mqtt.id" in one.reason and "moodspeaker-test" in one.reason, 15)
            lines = len(caplog.records)
            await asyncio.sleep(1.5)
            assert len(caplog.records) == lines
        finally:
            twin.stop()

    connected(settings_of(mosquitto.port), story)
    assert len([record for record in caplog.records if "mqtt.id" in record.getMessage()]) == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x8E, "again: another client has our client id"),
        (0x8B, "Server shutting down"),
        (0x97, "Quota exceeded"),
    ],
)
def test_the_reason_that_a_broker_gives_is_shown(code: int, words: str) -> None:
    def serve(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(b"\x20\x03\x00\x00\x00")
        subscribe = client.recv(4096)
        client.sendall(b"\x90\x04" + subscribe[2:4] + b"\x00\x01")
        client.sendall(bytes((0xE0, 6, code)) + b"\x04\x1f\x00\x01?")

    with listener(serve) as port:

        async def story(broker: MqttBroker) -> None:
            await until(lambda: words in broker.reason)

        connected(settings_of(port), story)


@pytest.mark.usefixtures("soon")
def test_a_contest_is_over_when_the_link_stands(
    mosquitto: RealMosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "STEADY", 1.5)

    async def story(broker: MqttBroker) -> None:
        twin = broker_of(settings_of(mosquitto.port))
        twin.start()
        await until(lambda: "mqtt.id" in broker.reason, 15)
        twin.stop()
        await until(lambda: (broker.state, broker.reason) == (BrokerState.OK, ""), 15)

    connected(settings_of(mosquitto.port), story)


def test_the_restarts_of_a_broker_are_no_contest(mosquitto: RealMosquitto) -> None:
    async def story(broker: MqttBroker) -> None:
        for _ in range(5):
            await until(lambda: broker.state is BrokerState.OK)
            mosquitto.kill()
            mosquitto.start()
            await until(lambda: broker.state is not BrokerState.OK)
            assert "mqtt.id" not in broker.reason

    connected(settings_of(mosquitto.port), story)


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
            Bystander(server.port).say(f"{PREFIX}play/set", b"on")
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
            Bystander(server.port, ("other", "right")).say(f"{PREFIX}play/set", b"on")
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
