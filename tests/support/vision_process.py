"""A real vision process and a client of its socket, for tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from moodspeaker import wire
from moodspeaker.wire import FromVision, Hello, Look, Sense, Status
from moodspeaker.wire.pictures import PictureRefused, PreviewPicture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 15.0
"""Seconds within which the process must do what is waited for."""


def write_replay(
    folder: Path, images: Sequence[np.ndarray], lines: Sequence[dict[str, Any]], *, crop: bool = False
) -> Path:
    """Make a `replay:` folder and return it."""
    folder.mkdir()
    np.savez(folder / "frames.npz", images=np.stack(images))
    (folder / "trace.jsonl").write_text("".join(json.dumps(line) + "\n" for line in ({"crop": crop}, *lines)))
    return folder


class VisionProcess:
    """`python -m moodspeaker vision` with these settings; its log is in `log`."""

    def __init__(
        self, root: Path, *settings: str, child: bool = False, environment: dict[str, str] | None = None
    ) -> None:
        self.root = root
        self.socket = root / "run" / "vision.sock"
        self.log = root / "vision.log"
        words = [
            f"paths.runtime={root / 'run'}",
            f"paths.state={root / 'state'}",
            "vision.interval=0.1",
            *settings,
        ]
        self.argv = [
            sys.executable,
            "-m",
            "moodspeaker",
            "vision",
            *(part for word in words for part in ("--set", word)),
        ]
        self.argv += ["--child"] if child else []
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "HOME": str(root),
            **(environment or {}),
        }
        self.process: subprocess.Popen[bytes]

    def start(self) -> Self:
        """Start it and wait until there is a socket, or the process has ended."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.PIPE, stderr=log, env=self._environment, cwd=self.root
            )
        until = time.monotonic() + PATIENCE
        while not self.socket.exists() and self.process.poll() is None:
            assert time.monotonic() < until, "vision does not listen"
            time.sleep(0.02)
        return self

    def ended(self) -> int:
        """Wait for its end and return the exit code."""
        return self.process.wait(PATIENCE)

    def maps(self) -> str:
        """Return the files that it has mapped, as the kernel lists them."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    def terminate(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        if self.process.stdin is not None:
            self.process.stdin.close()


class VisionListener:
    """A client of the vision socket."""

    def __init__(self, path: Path) -> None:
        self._socket = _connected(path)
        self._lines = self._socket.makefile("rb")
        self.shown: list[bytes] = []
        """What a preview showed."""

    def say(self, message: wire.ToVision, payload: bytes = b"") -> None:
        """Send a message, and the bytes that follow it."""
        self._socket.sendall(wire.encode(message) + payload)

    def say_raw(self, line: bytes) -> None:
        """Send these bytes."""
        self._socket.sendall(line)

    def sense(self, *, on: bool) -> None:
        """Open or close the camera."""
        self.say(Sense(on))

    def hear(self) -> FromVision | None:
        """Return the next message, None at the end of file; what a preview shows goes to `shown`."""
        while line := self._lines.readline():
            message = wire.decode_from_vision(line)
            if not isinstance(message, PreviewPicture):
                return message
            self.shown.append(self._lines.read(message.size))
        return None

    def hello(self) -> Hello:
        """Return the first message."""
        message = self.hear()
        assert isinstance(message, Hello)
        return message

    def status(self, wanted: Callable[[Status], bool]) -> Status:
        """Return the first status that is wanted."""
        until = time.monotonic() + PATIENCE
        last: Status | None = None
        while time.monotonic() < until:
            message = self.hear()
            assert message is not None, "vision went away"
            if isinstance(message, Status):
                last = message
                if wanted(message):
                    return message
        raise AssertionError(last)

    def look(self) -> Look:
        """Return the next look."""
        while True:
            message = self.hear()
            assert message is not None, "vision went away"
            if isinstance(message, Look):
                return message

    def refused(self) -> PictureRefused:
        """Return the next refusal of a picture."""
        while True:
            message = self.hear()
            assert message is not None, "vision went away"
            if isinstance(message, PictureRefused):
                return message

    def quiet(self, seconds: float) -> bool:
        """Tell whether no look comes for this long."""
        self._socket.settimeout(seconds)
        try:
            while (message := self.hear()) is not None:
                if isinstance(message, Look):
                    return False
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(PATIENCE)
            self._lines = self._socket.makefile("rb")
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()


def _connected(path: Path) -> socket.socket:
    """Return a connection; a socket left by a dead process gets time to be replaced."""
    until = time.monotonic() + PATIENCE
    while True:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(PATIENCE)
        try:
            link.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            link.close()
            assert time.monotonic() < until, "vision does not listen"
            time.sleep(0.05)
        else:
            return link
