"""The whole daemon, `python -m moodspeaker run`, with a vision child, and what a home-automation client sees
of it.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import psutil
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paho.mqtt.client import MQTTMessage

CHECKOUT: Final = Path(__file__).resolve().parents[2]


def eventually(tell: Callable[[], object], within: float, what: str) -> float:
    """Wait until `tell` says yes; return the seconds it took, fail after `within`."""
    begun = time.monotonic()
    while not tell():
        assert time.monotonic() - begun < within, f"not within {within:g} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - begun


class SpeakerProcess:
    """`moodspeaker run` with these settings; started again on the same root it remembers."""

    def __init__(self, root: Path, settings: Sequence[str]) -> None:
        self.root = root
        self.log = root / "speaker.log"
        words = [
            f"paths.runtime={root / 'run'}",
            f"paths.state={root / 'state'}",
            "web.port=0",
            "mqtt.id=test",
            *settings,
        ]
        self.argv = [
            sys.executable,
            "-m",
            "moodspeaker",
            "run",
            *(part for word in words for part in ("--set", word)),
        ]
        self.process: subprocess.Popen[bytes] | None = None
        self._family: list[psutil.Process] = []

    def start(self) -> Self:
        """Start it and wait until its API answers."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "HOME": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self.root
            )
        eventually(self._answers, 30, "the API answers")
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.kill()
        if error is not None:
            print(self.log.read_text())

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return bool(self.status())
        except OSError:
            return False

    @property
    def vision(self) -> psutil.Process:
        """The vision child."""
        assert self.process is not None
        [child] = [p for p in psutil.Process(self.process.pid).children() if "vision" in p.cmdline()]
        return child

    def family(self) -> list[psutil.Process]:
        """The speaker and all its children."""
        assert self.process is not None
        leader = psutil.Process(self.process.pid)
        return [leader, *leader.children(recursive=True)]

    def kill(self) -> None:
        """End all of its processes at once, as a power cut does."""
        if self.process is None or self.process.poll() is not None:
            return
        for member in self.family():
            member.kill()
        self.process.wait(10)

    def terminate(self) -> tuple[int, float]:
        """Send SIGTERM; return the exit code and the seconds it took."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - begun

    def ask(self, path: str, body: object = None, *, method: str = "GET") -> Any:  # noqa: ANN401 - JSON
        """Return the API's answer."""
        connection = http.client.HTTPConnection("localhost", timeout=5)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.settimeout(5)
            connection.sock.connect(str(self.root / "run" / "api.sock"))
            if body is None:
                connection.request(method, path)
            else:
                connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def status(self) -> Any:  # noqa: ANN401 - JSON
        """Return the snapshot."""
        return self.ask("/api/status")

    def rules(self) -> list[str]:
        """Return the last decisions, newest first, as `verb: rule`."""
        return [f"{decision['verb']}: {decision['rule']}" for decision in self.ask("/api/why?count=50")]


class HomeAutomation:
    """A client of the broker that keeps what is retained and what passes by; it reconnects by itself."""

    def __init__(self, port: int) -> None:
        self.retained: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("moodspeaker/test/#", 1)
        self._client.on_message = self._message
        self._client.reconnect_delay_set(1, 1)
        self._port = port

    def _message(self, _client: Client, _user: object, message: MQTTMessage) -> None:
        thing = message.topic.removeprefix("moodspeaker/test/")
        if thing == "event":
            self.events.append(json.loads(message.payload))
        elif not thing.endswith("/set"):
            self.retained[thing] = message.payload.decode()

    @property
    def state(self) -> Any:  # noqa: ANN401 - JSON
        """The retained snapshot."""
        return json.loads(self.retained.get("state", "{}"))

    def set(self, thing: str, payload: str, *, retain: bool = False) -> None:
        """Send a command."""
        self._client.publish(f"moodspeaker/test/{thing}/set", payload, 1, retain).wait_for_publish(5)

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
