"""`moodspeaker demo`: the whole speaker at work on a drawn face, with servers and music of its own.

It makes a folder with music, a replay for the camera and a configuration, starts a private MPD and a private
Mosquitto, then runs the `moodspeaker run --config …` that it prints and tells what that shows.  Nothing else
in the program knows of it. Ctrl-C, SIGTERM or a closed terminal ends it all: no process, port or folder
stays; where it is killed its folder does.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    from moodspeaker.config.schema import Config

SUMMARY: Final = "see and hear the speaker at work: a drawn face, music and servers of its own"
LONGEST: Final = 4 * 3600.0
"""Seconds of replay that are made: then the camera is lost."""
LOOK_EVERY: Final = 0.5
"""Seconds between two looks at the running speaker."""
AT_REST: Final = 5.0
"""Seconds between two prints of the living line where it cannot be written over."""
BAR: Final = "-" * 78
OWN: Final = (
    "mpd.host", "mpd.port", "mpd.stream_port", "mqtt.host", "mqtt.port", "mqtt.transport", "index.music_dir",
    "paths.state", "paths.runtime",
)  # fmt: skip
"""Settings that say where the demo's own servers and folders are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.add_argument("--seconds", type=_positive, metavar="N", help="end by itself after N seconds")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="make everything in DIR, which must not exist, and keep it"
    )
    parser.add_argument(
        "--browser",
        action="store_true",
        help="look through the camera of the browser that opens the page, not at a drawn face",
    )
    parser.add_argument(
        "--sound", action="store_true", help="play through MPD's default output, not silently"
    )


def _positive(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        message = f"{text!r}: seconds, more than 0"
        raise argparse.ArgumentTypeError(message)
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Show the speaker until a person ends it; return 1 when a part of it died before."""
    _leave_what_is_own(arguments.set)
    stopping = _Stopping()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(arguments.keep))
        stack.enter_context(stopping)
        return _show(arguments, folder, stopping, stack)


def _leave_what_is_own(sets: Sequence[str]) -> None:
    """Raise UsageError where a setting would send the speaker away from what the demo starts."""
    from moodspeaker.config.sources import from_options
    from moodspeaker.errors import UsageError

    given = [".".join(word.key) for word in from_options(sets)]
    if own := list(dict.fromkeys(key for key in given if key in OWN)):
        message = f"--set {', '.join(own)}: the demo has servers and folders of its own: leave that out"
        raise UsageError(message)


class _Stopping:
    """Turns the signals that end a program into a wish that is looked at."""

    SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.wished = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> None:
        for number in self.SIGNALS:
            self._before[number] = signal.signal(number, self._wish)

    def __exit__(self, *_: object) -> None:
        for number in self.SIGNALS:
            signal.signal(number, self._before[number])  # type: ignore[arg-type]  # what signal() itself returned

    def _wish(self, *_: object) -> None:
        self.wished = True


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Make the demo's folder: the one to keep, or one that goes when the demo ends."""
    from moodspeaker.errors import UsageError

    if keep is None:
        with tempfile.TemporaryDirectory(prefix="moodspeaker-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(parents=True)
    except OSError as error:
        message = f"--keep {keep}: {error.strerror}: name a folder that does not exist yet"
        raise UsageError(message) from None
    yield keep.resolve()


def _show(arguments: argparse.Namespace, folder: Path, stopping: _Stopping, stack: ExitStack) -> int:
    from moodspeaker.config.load import load
    from moodspeaker.config.sources import ENVIRONMENT_PREFIX
    from moodspeaker.demo import servers
    from moodspeaker.demo.music import write_music
    from moodspeaker.demo.scene import write_replay
    from moodspeaker.resources import program

    for name in ("mpd", "mosquitto"):
        servers.program(name)
    for part in ("music", "replay", "state", "run"):
        (folder / part).mkdir(mode=0o700)
    ports = {name: servers.free_port() for name in ("mpd", "stream", "mqtt", "web")}
    file = folder / "config.toml"
    file.write_text(configuration(folder, ports, browser=arguments.browser), encoding="utf-8")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)
    }
    config = load(file, arguments.set, environment)
    doing = "composing the music" if arguments.browser else "drawing the face, composing the music"
    print(f"{doing} ...", file=sys.stderr, flush=True)
    write_music(folder / "music")
    if not arguments.browser:
        write_replay(folder / "replay", LONGEST)

    music = (folder / "mpd", folder / "music", ports["mpd"], ports["stream"])
    stack.enter_context(servers.mpd(*music, sound=arguments.sound))
    stack.enter_context(servers.mosquitto(folder / "mosquitto", ports["mqtt"]))
    settings_given = [word for setting in arguments.set for word in ("--set", setting)]
    command = [*program(), "run", "--config", str(file), *settings_given]
    print(_announcement(command, folder, config), flush=True)
    if stopping.wished:
        return 0
    scan = [*program(), "index", "scan", "--config", str(file), *settings_given]
    stack.enter_context(servers.child(scan, folder / "scan.log", environment))
    log = folder / "moodspeaker.log"
    speaker = stack.enter_context(servers.child(command, log, environment))
    return _follow(speaker, config, log, stopping, arguments.seconds)


def configuration(folder: Path, ports: dict[str, int], *, browser: bool = False) -> str:
    """Return the demo's config.toml: where things are and when music may play, no more."""
    source = 'source = "browser"\nbrowser = true' if browser else f'source = "replay:{folder / "replay"}"'
    return f"""\
# Made by `moodspeaker demo`.  All else is the default.
[camera]
{source}
[mood]
absence = 8           # seconds; an evening here takes two minutes
[listen]
start = "arrival"
quiet = ""
[music]
switch = "now"
[index]
music_dir = "{folder / "music"}"
[mpd]
host = "127.0.0.1"
port = {ports["mpd"]}
stream_port = {ports["stream"]}
[mqtt]
host = "127.0.0.1"
port = {ports["mqtt"]}
id = "demo"
[web]
host = "127.0.0.1"
port = {ports["web"]}
[paths]
state = "{folder / "state"}"
runtime = "{folder / "run"}"
"""


def _announcement(command: list[str], folder: Path, config: Config) -> str:
    from moodspeaker.config.hosts import page_url

    web = config.web
    page = page_url(web.host, web.port, secure=bool(web.cert_file)) if web.port else "none: web.port = 0"
    browser = config.camera.source == "browser" and web.port
    camera = ["  the camera  on the page: Start the camera; the music is heard there, too: Listen here"]
    return "\n".join(
        [
            BAR,
            f"  runs      {shlex.join(command)}",
            f"  the page  {page}",
            *(camera if browser else ()),
            f"  music     mpc -p {config.mpd.port} -h 127.0.0.1 status",
            f"  messages  mosquitto_sub -p {config.mqtt.port} -h 127.0.0.1 -v -t 'moodspeaker/#'",
            f"  the log   tail -f {folder / 'moodspeaker.log'}",
            "  Ctrl-C ends it, and nothing runs on.",
            BAR,
        ]
    )


def _follow(
    speaker: subprocess.Popen[bytes], config: Config, log: Path, stopping: _Stopping, limit: float | None
) -> int:
    """Tell what the speaker shows until it is to end; return the exit code."""
    from moodspeaker.cli.client import ask
    from moodspeaker.demo import servers, story
    from moodspeaker.errors import DaemonError

    screen = _Screen()
    shown = story.Shown()
    begin = time.monotonic()
    while not stopping.wished and (limit is None or time.monotonic() - begin < limit):
        if speaker.poll() is not None:
            print(
                f"\nmoodspeaker ended by itself ({speaker.returncode}): {servers.last_words(log)}",
                file=sys.stderr,
            )
            return 1
        seconds = time.monotonic() - begin
        try:
            snapshot = ask(config.api_socket, "/api/status")
        except DaemonError:
            time.sleep(LOOK_EVERY)  # it is starting
            continue
        shown, lines = story.tell(shown, snapshot, seconds)
        screen.show(lines, story.live(snapshot, seconds), seconds)
        time.sleep(LOOK_EVERY)
    print(f"\nending; music switches shown: {shown.switches}", flush=True)
    return 0


class _Screen:
    """Standard output: one line that lives below those that stay.

    Where no terminal is, it is printed now and then.
    """

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._shown_at = -AT_REST

    def show(self, lines: Sequence[str], live: str, seconds: float) -> None:
        """Print the lines that stay, then the one that lives."""
        if self._terminal:
            for line in lines:
                print(f"\r\x1b[K{line}")
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
            print(f"\r\x1b[K{live[: columns - 1]}", end="", flush=True)
            return
        due = seconds - self._shown_at >= AT_REST
        if due:
            self._shown_at = seconds
        print(*lines, *([live] if due else []), sep="\n", end="\n" if lines or due else "", flush=True)
