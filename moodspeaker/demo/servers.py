"""Private servers for the demo: an MPD and a Mosquitto of its own, on free ports, in its folder.

Each is a child in a process group of its own: Ctrl-C reaches the demo alone, which then ends them in its
order.  Where the demo is killed they end by themselves.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import MoodspeakerError
from moodspeaker.tied import tied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

HOST: Final = "127.0.0.1"
SEARCH: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
"""Debian keeps mosquitto in /usr/sbin, which is not on everybody's PATH."""
PATIENCE: Final = 15.0
"""Seconds that a server may take to listen, and a child to end."""
POLL: Final = 0.05
"""Seconds between two tries."""


def program(name: str) -> str:
    """Return the path of a program; raise MoodspeakerError with the cure."""
    found = shutil.which(name, path=SEARCH)
    if found is None:
        message = f"{name} is not installed: run ./install.sh --demo, or apt install {name}"
        raise MoodspeakerError(message)
    return found


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def child(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with its output in `log`; end it, by force if it must be, on the way out."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the demo's own words, no shell
            tied(command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def mpd(folder: Path, music: Path, port: int, stream: int, *, sound: bool) -> Iterator[None]:
    """Run an MPD that plays the music over HTTP at the port `stream`, and with `sound` here.

    Without, it plays into the void beside it, at the pace of a sound card.
    """
    folder.mkdir()
    playlists = folder / "playlists"
    playlists.mkdir()
    for mood in sorted(music.iterdir()):
        songs = [f"{mood.name}/{song.name}\n" for song in sorted(mood.iterdir())]
        if len(songs) > 1:  # a mood's only piece is found by its genre
            (playlists / f"mood-{mood.name}.m3u").write_text("".join(songs), encoding="utf-8")
    lines = [
        f'music_directory "{music}"',
        f'playlist_directory "{playlists}"',
        f'db_file "{folder / "database"}"',
        f'state_file "{folder / "state"}"',
        f'bind_to_address "{HOST}"',
        f'port "{port}"',
        'zeroconf_enabled "no"',
    ]
    lines.append(
        f'audio_output {{\n  type "httpd"\n  name "page"\n  bind_to_address "{HOST}"\n  port "{stream}"\n'
        '  encoder "lame"\n  bitrate "128"\n  format "44100:16:2"\n  always_on "yes"\n  mixer_type "none"\n}'
    )
    if not sound:
        lines.append('audio_output {\n  type "null"\n  name "nothing"\n  mixer_type "null"\n}')
    config = folder / "mpd.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    log = folder / "log"
    with child([program("mpd"), "--no-daemon", "--stderr", str(config)], log) as process:
        _await("mpd", process, port, log)
        yield


@contextmanager
def mosquitto(folder: Path, port: int) -> Iterator[None]:
    """Run a Mosquitto that keeps nothing."""
    folder.mkdir()
    lines = [f"listener {port} {HOST}", "allow_anonymous true", "persistence false"]
    if os.geteuid() == 0:
        lines.append("user root")  # else it becomes a user who cannot read this folder
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    log = folder / "log"
    with child([program("mosquitto"), "-c", str(config)], log) as process:
        _await("mosquitto", process, port, log)
        yield


def _await(name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the port answers; raise MoodspeakerError with the server's last words."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(POLL)
    message = f"{name} does not listen on port {port}: {last_words(log)}"
    raise MoodspeakerError(message)


def last_words(log: Path) -> str:
    """Return the last line of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
