"""`moodspeaker doctor`: everything the speaker needs, one line each: ok, warn or fault, with cause and cure.

It changes nothing and opens no camera.  Where a speaker runs, what that one says of its own links and disk
counts for more than what this user may reach.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from moodspeaker.config import Config
    from moodspeaker.domain.player import PlayerEvent

SUMMARY: Final = "check everything the speaker needs; exit 1 where something is at fault"
ANSWER_SECONDS: Final = 8.0
"""How long a music server may take to greet."""
MEBIBYTE: Final = 2**20
SCARCE: Final = 200
"""MiB of free disk below which is a warning."""
FULL: Final = 20
"""MiB of free disk below which is a fault."""


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One line."""

    name: str
    verdict: Verdict
    message: str
    """What was found: cause and cure unless it is ok."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.add_argument(
        "--json", action="store_true", help='{"ok", "checks": [{"name", "verdict", "message"}]} as one line'
    )


def run(arguments: Namespace) -> int:
    """Print the checks; return 1 where one of them is a fault."""
    checks = []
    for check in _examine(arguments):
        checks.append(check)
        if not arguments.json:
            print(f"{check.verdict:6} {check.name:8} {check.message}", flush=True)
    sound = all(check.verdict is not Verdict.FAULT for check in checks)
    if arguments.json:
        print(json.dumps({"ok": sound, "checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    return 0 if sound else 1


def _examine(arguments: Namespace) -> Iterator[Check]:
    from moodspeaker.cli.client import ask
    from moodspeaker.config import load
    from moodspeaker.errors import ConfigError, DaemonError

    try:
        config = load(arguments.config, arguments.set)
    except ConfigError as error:
        for reason in error.reasons:
            yield Check("config", Verdict.FAULT, reason)
        return
    yield Check("config", Verdict.OK, "the settings are good")
    snapshot: Mapping[str, Any] = {}
    try:
        snapshot = ask(config, "/api/status")
    except DaemonError as error:
        yield Check("speaker", Verdict.WARN, str(error))
    else:
        yield Check("speaker", Verdict.OK, f"it runs, and answers on {config.api_socket}")
    yield _runtime()
    yield from _models(config)
    yield _camera(config, snapshot.get("camera") or {})
    yield _told_or(_player(config), snapshot.get("player") or {}, ("play", "pause", "stop"))
    yield _told_or(_broker(config), snapshot.get("broker") or {}, ("ok",))
    yield _state(config, snapshot.get("store"))
    if fault := (snapshot.get("web") or {}).get("fault"):
        yield Check("page", Verdict.FAULT, str(fault))
    yield _disk(config.state_folder)
    yield _clock()


def _told_or(found: Check, told: Mapping[str, Any], well: tuple[str, ...]) -> Check:
    """Return what was found, unless the running speaker, whose rights may be others, has what we do not
    reach, or lacks it.
    """
    if found.verdict is Verdict.FAULT and told.get("state") in well:
        return Check(found.name, Verdict.OK, "the running speaker is connected")
    if found.verdict is Verdict.OK and told.get("reason") and told.get("state") != "off":
        return Check(found.name, Verdict.WARN, f"it answers, but the running speaker says: {told['reason']}")
    return found


def _runtime() -> Check:
    from importlib.util import find_spec

    for name in ("ai_edge_litert", "tflite_runtime"):
        if find_spec(name) is not None:
            return Check("runtime", Verdict.OK, name)
    return Check(
        "runtime",
        Verdict.FAULT,
        "no runtime for the models: pip install ai-edge-litert (32-bit ARM: tflite-runtime)",
    )


def _models(config: Config) -> Iterator[Check]:
    from moodspeaker.errors import ModelError
    from moodspeaker.resources import models_folder
    from moodspeaker.vision.interpreter import ExpressionNet, FaceDetector

    for task, net in (("face", FaceDetector), ("emotion", ExpressionNet)):
        try:
            manifest = net(models_folder(config.models.path) / task).manifest
        except ModelError as error:
            yield Check("models", Verdict.FAULT, str(error))
        else:
            yield Check("models", Verdict.OK, f"{task}: {manifest.name} {manifest.version} is sound")


def _camera(config: Config, told: Mapping[str, Any]) -> Check:
    from moodspeaker.errors import UsageError
    from moodspeaker.vision.cameras import camera

    try:
        camera(config.camera)
    except UsageError as error:
        return Check("camera", Verdict.FAULT, str(error))
    kind, _, rest = config.camera.source.partition(":")
    if kind == "none":
        return Check("camera", Verdict.OK, "none is wanted: moods come by command alone")
    if told.get("reason"):
        return Check("camera", Verdict.FAULT, str(told["reason"]))
    lack = _lack(kind, rest)
    if lack:
        return Check("camera", Verdict.FAULT, f"camera.source = {config.camera.source!r}: {lack}")
    return Check(
        "camera", Verdict.OK, f"{config.camera.source} is there" + (f": {told['state']}" if told else "")
    )


def _lack(kind: str, rest: str) -> str:
    """Return what a source lacks, without opening it; nothing where it is there."""
    from importlib.util import find_spec
    from pathlib import Path

    from moodspeaker.vision.cameras import v4l2_devices

    path = Path(rest).expanduser()
    if kind in {"file", "replay"}:
        return "" if os.access(path, os.R_OK) else "there is nothing that you may read: check the path"
    if kind == "v4l2":
        if not os.path.exists(path):  # noqa: PTH110 - a folder without access has none
            return "there is no such device: plug the camera in, or choose another source"
        return "" if os.access(path, os.R_OK | os.W_OK) else "not yours to open: join the group video"
    libcamera = find_spec("picamera2") is not None
    if kind == "picamera2":
        return (
            "" if libcamera else "picamera2 is missing: apt install --no-install-recommends python3-picamera2"
        )
    return (
        ""
        if libcamera or v4l2_devices()
        else 'no camera is found: plug one in, or set camera.source = "none"'
    )


def _player(config: Config) -> Check:
    import asyncio

    from moodspeaker.domain.player import PlayerLost
    from moodspeaker.errors import ConfigError

    if not config.mpd.host:
        return Check("player", Verdict.OK, "off: mpd.host is empty")
    try:
        event = asyncio.run(_first_word(config))
    except TimeoutError:
        return Check(
            "player",
            Verdict.FAULT,
            f"MPD does not answer within {ANSWER_SECONDS:g} s: check mpd.host and mpd.port",
        )
    except ConfigError as error:
        return Check("player", Verdict.FAULT, f"mpd.password_file: {error}")
    if isinstance(event, PlayerLost):
        return Check("player", Verdict.FAULT, event.reason)
    return Check("player", Verdict.OK, "MPD answers")


async def _first_word(config: Config) -> PlayerEvent:
    """Return the first event of the music server's adapter."""
    import asyncio
    import logging

    from moodspeaker.adapters.mpd import MpdPlayer

    logging.getLogger("moodspeaker.adapters.mpd").addHandler(logging.NullHandler())  # its news is our line
    events: asyncio.Queue[PlayerEvent] = asyncio.Queue()
    player = asyncio.create_task(MpdPlayer(config.mpd).run(events.put_nowait))
    first = asyncio.create_task(events.get())
    try:
        await asyncio.wait({player, first}, timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if first.done():
            return first.result()
        if player.done():
            player.result()
        raise TimeoutError
    finally:
        first.cancel()
        player.cancel()
        await asyncio.gather(player, first, return_exceptions=True)


def _broker(config: Config) -> Check:
    from moodspeaker.adapters.mqtt.client import probe
    from moodspeaker.domain.broker import BrokerState

    if not config.mqtt.host:
        return Check("broker", Verdict.OK, "off: mqtt.host is empty")
    state, reason = probe(config.mqtt)
    if state is BrokerState.OK:
        return Check("broker", Verdict.OK, f"{config.mqtt.host}:{config.mqtt.port} lets us in")
    return Check("broker", Verdict.FAULT, reason)


def _state(config: Config, told: Mapping[str, Any] | None) -> Check:
    folder = config.state_folder
    if told is not None:
        fault = told.get("fault")
        return Check(
            "state",
            Verdict.FAULT if fault else Verdict.OK,
            str(fault or f"the running speaker writes to {folder}"),
        )
    try:
        with tempfile.TemporaryFile(dir=_present(folder)):  # never has a name: nothing is left
            pass
    except OSError as error:
        why = error.strerror or error
        return Check(
            "state",
            Verdict.FAULT,
            f"{folder} cannot be written ({why}): choose another folder with paths.state",
        )
    return Check("state", Verdict.OK, str(folder))


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_present(folder)).free // MEBIBYTE
    if free < SCARCE:
        verdict = Verdict.FAULT if free < FULL else Verdict.WARN
        return Check("disk", verdict, f"{free} MiB are free for {folder}: free some space")
    return Check("disk", Verdict.OK, f"{free} MiB are free")


def _present(folder: Path) -> Path:
    """Return the folder, or the nearest above it that stands."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _clock() -> Check:
    """Compare the clock with this file: a Pi has none of its own, and until a network gives the time it is
    behind.
    """
    from pathlib import Path

    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    if time.time() < Path(__file__).stat().st_mtime:
        return Check(
            "clock",
            Verdict.WARN,
            f"{now} is before this program was installed: connect to a network, or set the time",
        )
    return Check("clock", Verdict.OK, now)
