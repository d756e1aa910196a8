"""Other clients of a real Mosquitto, and Mosquittos with settings of their own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from support.servers import RealMosquitto, require
from support.speaker_process import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from paho.mqtt.client import MQTTMessage

PREFIX = "moodspeaker/test/"
QUIET = 0.3
"""Seconds in which a real broker would have passed a message on."""


class Bystander:
    """Another client of the broker, which listens to everything."""

    def __init__(self, port: int, user: tuple[str, str] | None = None) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        """Topic, payload, and whether it had been retained."""
        self.client = Client(CallbackAPIVersion.VERSION2)
        if user:
            self.client.username_pw_set(*user)
        self.client.on_connect = self._listen
        self.client.on_message = self._hear
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self, client: Client, *_: object) -> None:
        client.subscribe("#", 1)

    def _hear(self, _client: Client, _user: object, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        eventually(self.client.is_connected, 10, "the bystander is connected")
        self.client.publish(topic, payload, 1, retain=retain).wait_for_publish(5)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        self.client.on_connect = self.client.on_message = (
            None  # else only the collector frees it, in any order
        )


def retained(port: int, user: tuple[str, str] | None = None) -> dict[str, str]:
    """Return what the broker on `port` has retained of the speaker, by topic below its prefix."""
    newcomer = Bystander(port, user)
    try:
        time.sleep(QUIET)
        return {
            topic.removeprefix(PREFIX): payload.decode() for topic, payload, kept in newcomer.messages
            if kept and not topic.endswith("/set")
        }  # fmt: skip
    finally:
        newcomer.close()


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.02)


class ConfiguredMosquitto(RealMosquitto):
    """A Mosquitto with more lines in its configuration."""

    def __init__(
        self, root: Path, *lines: str, acl: Sequence[str] = (), users: dict[str, str] | None = None
    ) -> None:
        super().__init__(root, users=users)
        self.lines = list(lines)
        if acl:
            (root / "acl").write_text("\n".join(acl) + "\n", encoding="utf-8")
            self.lines.append(f"acl_file {root}/acl")

    def command(self) -> list[str]:
        line = list(super().command())
        with (self.root / "mosquitto.conf").open("a", encoding="utf-8") as file:
            file.write("".join(f"{more}\n" for more in self.lines))
        return line


class TlsMosquitto(ConfiguredMosquitto):
    """A Mosquitto that speaks TLS only, with a certificate for 127.0.0.1 that signs itself.

    With `wants_certificate` it lets only those in who show this certificate.
    """

    def __init__(self, root: Path, *lines: str, wants_certificate: bool = False) -> None:
        root.mkdir(exist_ok=True)
        self.certificate = root / "certificate.pem"
        key = root / "key.pem"
        openssl = require("openssl")
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(self.certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        self.key = key
        if wants_certificate:
            lines = (*lines, f"cafile {self.certificate}", "require_certificate true")
        super().__init__(root, f"certfile {self.certificate}", f"keyfile {key}", *lines)


@contextlib.contextmanager
def listener(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve each connection on a thread of its own; yield the port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_served, args=(serve, connection), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)


def _served(serve: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        serve(connection)


VERSION_5_CONNECT = b"\x00\x04MQTT\x05"
UNACCEPTABLE_VERSION = b"\x20\x02\x00\x01"


@contextlib.contextmanager
def knows_only_3_1_1(broker: RealMosquitto, *, says_so: bool = True) -> Iterator[int]:
    """Stand before a broker and turn away what is not MQTT 3.1.1, with or without a word; yield the port."""

    def serve(client: socket.socket) -> None:
        first = client.recv(4096)
        if VERSION_5_CONNECT in first:
            client.sendall(UNACCEPTABLE_VERSION if says_so else b"")
            return
        with socket.create_connection(("127.0.0.1", broker.port)) as server:
            server.sendall(first)
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join(5)

    with listener(serve) as port:
        yield port


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes until the source ends, then end the sink."""
    with contextlib.suppress(OSError):
        while chunk := source.recv(4096):
            sink.sendall(chunk)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
