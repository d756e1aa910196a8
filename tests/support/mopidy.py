"""A private Mopidy, with its MPD front end and its local library, playing in real time to nowhere.

It takes seconds to start, so one serves many tests: `reset` makes it as after its start.  It is not among the
servers that CI requires: Debian installs 45 packages for it, GStreamer among them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import mpd
import pytest

from support.servers import Server, free_port, write_song

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MISSING: Final = "mopidy is not installed: apt install --no-install-recommends mopidy mopidy-mpd mopidy-local"


def named(uri: str) -> str:
    """Return Mopidy's name for the song at a path in its music folder."""
    return f"local:track:{quote(uri)}"


class RealMopidy(Server):
    """A Mopidy with its own music folder, on a TCP port.

    Started on an empty root it has no songs: `add_song`, `scan`.
    """

    ready_within = 40.0

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        program = shutil.which("mopidy")
        if program is None:
            pytest.skip(MISSING)
        self.program = program
        self.port = free_port()
        self.music = root / "music"
        self.playlists = root / "playlists"
        for folder in (self.music, self.playlists):
            folder.mkdir(exist_ok=True)

    def command(self) -> Sequence[str]:
        """Write mopidy.conf and return the command line."""
        file = self.root / "mopidy.conf"
        sections = {
            "core": {f"{kind}_dir": self.root / kind for kind in ("cache", "config", "data")},
            "audio": {"output": "fakesink sync=true", "mixer": "software"},
            "mpd": {"hostname": "127.0.0.1", "port": self.port, "zeroconf": ""},
            "http": {"enabled": "false"},
            "file": {"enabled": "false"},
            "m3u": {"playlists_dir": self.playlists},
            "local": {"media_dir": self.music},
        }
        lines = [
            line
            for name, values in sections.items()
            for line in (f"[{name}]", *(f"{key} = {value}" for key, value in values.items()))
        ]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return [self.program, "--config", str(file)]

    def answers(self) -> bool:
        """Tell whether it greets a client."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as greeting:
                return greeting.recv(7) == b"OK MPD "
        except OSError:
            return False

    @contextlib.contextmanager
    def client(self) -> Iterator[mpd.MPDClient]:
        """Connect a client of somebody else: python-mpd2's blocking one."""
        client = mpd.MPDClient()
        client.timeout = 15
        client.connect("127.0.0.1", self.port)
        try:
            yield client
        finally:
            client.disconnect()

    def add_song(self, uri: str, *, seconds: float = 60, title: str = "", genre: str = "") -> str:
        """Write a silent WAV file with these tags at `uri` in the music folder and return the URI."""
        write_song(self.music / uri, seconds=seconds, title=title, genre=genre)
        return uri

    def store_playlist(self, name: str, uris: Sequence[str]) -> None:
        """Write the stored playlist `name`, which Mopidy sees at once."""
        text = "".join(f"{named(uri)}\n" for uri in uris)
        (self.playlists / f"{name}.m3u8").write_text(text, encoding="utf-8")

    def scan(self) -> None:
        """Read the music folder; before the start, for a running Mopidy is not told."""
        subprocess.run(
            [*self.command(), "local", "scan"],
            check=True,
            capture_output=True,
            env={**os.environ, "HOME": str(self.root)},
        )

    def reset(self) -> None:
        """Make it as after its start: an empty queue, nothing plays, no options; start it if it is down."""
        self.start()
        with self.client() as client:
            client.stop()
            client.clear()
            for option in (client.single, client.repeat, client.random, client.consume):
                option(0)
            client.setvol(100)
