"""Private MPD and Mosquitto servers, each with its own root, that tests start, stop, kill and start again.

A server is restarted on the same root: what it had written before is there again, as on a real machine.
Roots are short (`short_folder`), for a UNIX socket's path is limited to 108 bytes.
Where a program is missing the test is skipped with the reason; with MOODSPEAKER_REQUIRE_SERVERS=1 that is a
failure.

    with short_folder() as root, RealMpd(root) as mpd:      started on entry, stopped on exit
        mpd.add_song("happy/one.wav", genre="happy")
        mpd.update()
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Self

import mpd
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READY_WITHIN = 10.0
"""Seconds in which a server must answer."""
READ_WITHIN = 100.0
"""Seconds in which MPD must have read its music folder, which it does when nobody else wants the CPU."""
STOPPED_WITHIN = 10.0
"""Seconds in which a server must end after SIGTERM."""


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder whose path leaves room for a socket's name; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="ms", dir="/tmp", ignore_cleanup_errors=True) as name:
        yield Path(name)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def require(program: str) -> str:
    """Return the path of a program; skip the test where it is missing, or fail it with
    MOODSPEAKER_REQUIRE_SERVERS=1.
    """
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is not None:
        return path
    reason = f"{program} is not installed: apt install {program}"
    if os.environ.get("MOODSPEAKER_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


class Server:
    """A process that can be stopped, killed and started again on the same root."""

    ready_within = READY_WITHIN
    """Seconds in which it must answer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, "the server was not started"
        return self._process.pid

    @property
    def log(self) -> str:
        """What it wrote to stdout and stderr since its first start."""
        path = self.root / "server.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def command(self) -> Sequence[str]:
        """Write the configuration and return the command line."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Tell whether it serves clients."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it serves clients; a running one is left alone."""
        if self._process is not None and self._process.poll() is None:
            return
        with (self.root / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + self.ready_within
        while not self.answers():
            assert self._process.poll() is None, f"{self._process.args!r} ended at its start:\n{self.log}"
            assert time.monotonic() < deadline, f"{self._process.args!r} does not answer:\n{self.log}"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it with SIGTERM and wait for its end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with SIGKILL: a crash, or the power cut."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """End it with SIGTERM and start it on the same root."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.send_signal(signal.SIGCONT)
        self._process.wait(STOPPED_WITHIN)
        self._process = None


class RealMpd(Server):
    """An MPD with its own music folder, on a UNIX socket and on a TCP port, playing in real time to nowhere.

    `password` is needed for everything that changes something; without it a client may read.
    Started on an empty root it has no songs: `add_song`, `update`.  `output` is the type of its first output
    and what else stands there, `lacks` are lines of mpd.conf to leave out, by their first words, `extra` are
    further ones.
    """

    def __init__(
        self,
        root: Path,
        *,
        password: str = "",
        auto_update: bool = False,
        output: str = 'type "null"\n mixer_type "software"',
        lacks: Sequence[str] = (),
        extra: str = "",
    ) -> None:
        super().__init__(root)
        self.program = require("mpd")
        self.password = password
        self.auto_update = auto_update
        self.output = output
        self.lacks = tuple(lacks)
        self.extra = extra
        self.port = free_port()
        self.socket = root / "mpd.sock"
        self.music = root / "music"
        self.playlists = root / "playlists"
        for folder in (self.music, self.playlists):
            folder.mkdir(exist_ok=True)

    def command(self) -> Sequence[str]:
        """Write mpd.conf and return the command line."""
        file = self.root / "mpd.conf"
        lines = [
            f'music_directory "{self.music}"',
            f'playlist_directory "{self.playlists}"',
            f'db_file "{self.root}/database"',
            f'state_file "{self.root}/state"',
            f'sticker_file "{self.root}/stickers.sql"',
            f'bind_to_address "{self.socket}"',
            'bind_to_address "127.0.0.1"',
            f'port "{self.port}"',
            'log_level "default"',
            'zeroconf_enabled "no"',
            f'auto_update "{"yes" if self.auto_update else "no"}"',
            f'audio_output {{\n {self.output}\n name "nowhere"\n}}',
            'audio_output {\n type "null"\n name "elsewhere"\n enabled "no"\n}',
        ]
        if self.password:
            lines += [
                f'password "{self.password}@read,add,control,admin"',
                'default_permissions "read"',
                'local_permissions "read"',
            ]
        lines = [line for line in lines if line.split()[0] not in self.lacks]
        file.write_text("\n".join([*lines, self.extra]) + "\n", encoding="utf-8")
        return [self.program, "--no-daemon", "--stderr", str(file)]

    def answers(self) -> bool:
        """Tell whether it greets a client and has read its music folder."""
        try:
            with socket.socket(
                socket.AF_UNIX
            ) as greeting:  # the library's client leaks its socket where nobody listens
                greeting.settimeout(READY_WITHIN)
                greeting.connect(str(self.socket))
                if not greeting.recv(7):
                    return False
            with self.client() as client:
                return "updating_db" not in client.status()
        except OSError:
            return False

    @contextlib.contextmanager
    def client(self) -> Iterator[mpd.MPDClient]:
        """Connect a client of somebody else: python-mpd2's blocking one, with the password."""
        client = mpd.MPDClient()
        client.timeout = 60  # on a busy machine MPD may take its time
        client.connect(str(self.socket))
        try:
            if self.password:
                client.password(self.password)
            yield client
        finally:
            client.disconnect()

    def add_song(
        self,
        uri: str,
        *,
        seconds: float = 60,
        title: str = "",
        artist: str = "",
        genre: str = "",
        hertz: int = 0,
    ) -> str:
        """Write a WAV file with these tags at `uri` in the music folder and return the URI (`write_song`)."""
        write_song(self.music / uri, seconds=seconds, title=title, artist=artist, genre=genre, hertz=hertz)
        return uri

    def store_playlist(self, name: str, uris: Sequence[str]) -> None:
        """Write the stored playlist `name` into the playlist folder: a running MPD is not told (use a client
        for that).
        """
        (self.playlists / f"{name}.m3u").write_text("".join(f"{uri}\n" for uri in uris), encoding="utf-8")

    def add_mood(self, mood: str) -> None:
        """Write three long songs of a mood and its stored playlist, before the server runs."""
        songs = [self.add_song(f"{mood}{n}.wav", seconds=300, title=f"{mood} {n}") for n in range(3)]
        self.store_playlist(f"mood-{mood}", songs)

    def update(self) -> None:
        """Let the running MPD read its music folder and wait until it has."""
        with self.client() as client:
            client.update()
        deadline = time.monotonic() + READ_WITHIN
        while not self.answers():
            assert time.monotonic() < deadline, f"MPD still reads its music folder:\n{self.log}"
            time.sleep(0.01)


class RealMosquitto(Server):
    """A Mosquitto on a TCP port of 127.0.0.1.

    With `users` (name: password) nobody else is let in.  Nothing is persistent: killed, it comes back empty.
    """

    def __init__(self, root: Path, *, users: dict[str, str] | None = None) -> None:
        super().__init__(root)
        self.program = require("mosquitto")
        self.users = dict(users or {})
        self.port = free_port()
        if self.users:
            maker = require("mosquitto_passwd")
            passwords = root / "passwords"
            passwords.touch(mode=0o600)
            for name, password in self.users.items():
                subprocess.run([maker, "-b", str(passwords), name, password], check=True, capture_output=True)

    def command(self) -> Sequence[str]:
        """Write mosquitto.conf and return the command line."""
        file = self.root / "mosquitto.conf"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "persistence false",
            f"allow_anonymous {'false' if self.users else 'true'}",
        ]
        if self.users:
            lines.append(f"password_file {self.root}/passwords")
        if os.getuid() == 0:
            lines.append("user root")  # else it drops its privileges and cannot read a 0700 folder
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return [self.program, "-c", str(file)]

    def answers(self) -> bool:
        """Tell whether it accepts connections."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


class _Silence(BaseHTTPRequestHandler):
    """Sends silent 16-bit PCM until the listener goes."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "audio/L16;rate=8000;channels=1")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(bytes(16000))

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextlib.contextmanager
def radio() -> Iterator[str]:
    """Serve a stream of silence without an end; yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Silence) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/stream"
        finally:
            server.shutdown()


def write_song(
    path: Path, *, seconds: float = 60, title: str = "", artist: str = "", genre: str = "", hertz: int = 0
) -> None:
    """Write a WAV file, 8 bit, 8 kHz, with its tags in a LIST INFO chunk (which MPD reads through
    libsndfile): silent, or a beating tone of so many Hz.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(_second(hertz) * int(seconds) + b"\x80" * (2 * round(4000 * (seconds % 1))))
    texts = ((b"INAM", title), (b"IART", artist), (b"IGNR", genre))
    tags = b"".join(_chunk(name, text.encode() + b"\0") for name, text in texts if text)
    if tags:
        with path.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(_chunk(b"LIST", b"INFO" + tags))
            size = file.tell() - 8
            file.seek(4)
            file.write(struct.pack("<I", size))


def _second(hertz: int) -> bytes:
    """Return a second of sound: a tone of so many Hz that beats, or silence for 0."""
    return bytes(
        0x80 + round(90 * math.sin(2 * math.pi * hertz * n / 8000) * math.cos(2 * math.pi * 3 * n / 8000))
        for n in range(8000)
    )


def write_mp3(path: Path, *, seconds: float, stated: float) -> None:
    """Write a silent MP3 file whose header states another length than it has.

    MPEG-1 Layer III, 128 kbit/s, 44.1 kHz, stereo: frames of 417 bytes, 1152 samples each, the first with a
    Xing header.
    """
    header = bytes.fromhex("fffb9000")
    frame = header + bytes(413)
    count = round(stated * 44100 / 1152)
    xing = (header + bytes(32) + b"Xing" + struct.pack(">II", 1, count)).ljust(417, b"\0")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(xing + frame * round(seconds * 44100 / 1152))


def _chunk(name: bytes, content: bytes) -> bytes:
    """Return a RIFF chunk, padded to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
