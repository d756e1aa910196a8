"""What keeps the broker's adapter from a link, each fault with cause and cure, on real brokers and others."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from support.bystander import (
    ConfiguredMosquitto,
    TlsMosquitto,
    listener,
    retained,
    until,
)
from support.mqtt_adapter import broker_of, connected, expect, settings_of
from support.servers import RealMosquitto, free_port

from moodspeaker.adapters.mqtt import client as mqtt
from moodspeaker.adapters.mqtt.probe import probe
from moodspeaker.config.schema import MqttSettings
from moodspeaker.domain.broker import BrokerState

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from moodspeaker.adapters.mqtt.client import MqttBroker


pytestmark = pytest.mark.usefixtures("links_end")


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


# --- other ways to a broker


def test_a_broker_that_wants_our_certificate_gets_it(root: Path) -> None:
    with TlsMosquitto(root, wants_certificate=True) as server:
        files = {"ca_file": str(server.certificate), "cert_file": str(server.certificate)}
        expect(settings_of(server.port, **files, key_file=str(server.key)), BrokerState.OK)
        both = root / "both.pem"
        both.write_text(server.certificate.read_text() + server.key.read_text())
        expect(settings_of(server.port, **files | {"cert_file": str(both)}), BrokerState.OK)
        expect(settings_of(server.port, **files), BrokerState.REFUSED, "mqtt.cert_file", "key")
        expect(settings_of(server.port, ca_file=files["ca_file"]), BrokerState.DOWN, "mqtt.cert_file")
        expect(settings_of(server.port, cert_file=files["cert_file"]), BrokerState.REFUSED, "mqtt.ca_file")


def test_a_broker_behind_a_websocket(root: Path) -> None:
    plain, secure = free_port(), free_port()
    lines = [f"listener {plain} 127.0.0.1", "protocol websockets"]
    with TlsMosquitto(root, *lines) as server:
        expect(settings_of(plain, transport="websockets"), BrokerState.OK)
    files = [f"certfile {server.certificate}", f"keyfile {server.key}"]
    lines = [f"listener {secure} 127.0.0.1", "protocol websockets", *files]
    with ConfiguredMosquitto(root, *lines):
        right = settings_of(secure, transport="websockets", ca_file=str(server.certificate))
        expect(right, BrokerState.OK)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # paho leaks what cannot connect
def test_a_broker_on_a_unix_socket(root: Path) -> None:
    place = root / "broker.sock"
    expect(settings_of(1883, host=str(place)), BrokerState.DOWN, str(place), "No such file")
    with ConfiguredMosquitto(root, f"listener 0 {place}"):
        settings = settings_of(1883, host=str(place))
        expect(settings, BrokerState.OK)

        async def story(broker: MqttBroker) -> None:
            await until(lambda: broker.state is BrokerState.OK)

        connected(settings, story)


def test_a_broker_that_wants_a_user_name_alone(root: Path) -> None:
    acl = ["user moodspeaker", "topic readwrite moodspeaker/#"]
    with ConfiguredMosquitto(root, acl=acl) as server:

        async def story(broker: MqttBroker) -> None:
            broker.publish("moodspeaker/test/mood", "happy", retain=True)
            await until(lambda: broker.state is BrokerState.OK)
            await until(lambda: retained(server.port, ("moodspeaker", "")).get("mood") == "happy")
            assert broker.state is BrokerState.OK

        connected(settings_of(server.port, username="moodspeaker"), story)


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


def test_an_empty_password_file_is_named_where_the_broker_wants_a_password(root: Path) -> None:
    empty = root / "empty"
    empty.touch()
    with RealMosquitto(root, users={"me": "right"}) as server:
        settings = settings_of(server.port, username="me", password_file=str(empty))
        expect(
            settings,
            BrokerState.REFUSED,
            f"mqtt.password_file: {empty} is empty: write the broker's password",
        )


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
