"""`moodspeaker doctor`: everything the speaker needs, one line each: ok, warn or fault, with cause and cure.

It changes nothing and opens no camera.  Where a speaker runs, what that one says of its own links and disk
counts for more than what this user may reach; and whether a file can be read is asked for the user that runs
the speaker, not for whoever runs the doctor.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.doctor.finding import Check, Verdict

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

    from moodspeaker.config.schema import Config

SUMMARY: Final = "check all that the speaker needs: cause and cure"
PARTS: Final = ("camera", "player", "sound", "broker", "disk")
"""What can be looked at alone."""
EPILOG: Final = """\
One line for each thing: ok, warn (it works, but) or fault, with cause and cure.
Exit code 1: there is a fault.
It changes nothing and opens no camera.  A password that only the service may read: ask with sudo.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="PART",
        help=f"look at this part alone: {', '.join(PARTS)}; may be repeated",
    )  # fmt: skip
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
        print(json.dumps({"ok": sound, "checks": [asdict(check) for check in checks]}))
    return 0 if sound else 1


def _examine(arguments: Namespace) -> Iterator[Check]:
    from moodspeaker.config.layers import load_layers
    from moodspeaker.errors import ConfigError

    try:
        layers = load_layers(arguments.config, arguments.set)
    except ConfigError as error:
        for reason in error.reasons:
            yield Check("config", Verdict.FAULT, reason)
        return
    config = layers.config
    snapshot, speaker = _ask_the_speaker(config)
    if arguments.only is None:
        yield from _settings(config, snapshot.get("config") or {"left_out": layers.left_out.values()})
        yield speaker
    for part in PARTS:
        if arguments.only is None or part in arguments.only:
            yield from _of_part(part, config, snapshot)


def _settings(config: Config, told: Mapping[str, Any]) -> Iterator[Check]:
    """Yield what is wrong with the settings, or that they are good, and what became of the last reload."""
    from moodspeaker.config.check import cautions, refusals

    reasons = list(refusals(config))
    for reason in reasons:
        yield Check("config", Verdict.FAULT, reason)
    if not reasons:
        yield Check("config", Verdict.OK, "the settings are good")
        for caution in cautions(config, time.time()):
            yield Check("config", Verdict.WARN, caution)
    for reason in told.get("reload_refused") or ():
        message = f"the running speaker refused them at its last reload, and keeps the old ones: {reason}"
        yield Check("config", Verdict.WARN, message)
    for reason in told.get("left_out") or ():
        yield Check("config", Verdict.WARN, reason)
    if waiting := told.get("restart_for"):
        message = f"changed, and takes effect with: systemctl restart moodspeaker: {', '.join(waiting)}"
        yield Check("config", Verdict.WARN, message)


def _ask_the_speaker(config: Config) -> tuple[Mapping[str, Any], Check]:
    """Return the snapshot of the running speaker, empty where none answers, and what is to say of that."""
    from moodspeaker.cli.client import ask
    from moodspeaker.errors import DaemonError

    try:
        snapshot = ask(config.api_socket, "/api/status")
    except DaemonError as error:
        return {}, Check("speaker", Verdict.WARN, str(error))
    return snapshot, Check("speaker", Verdict.OK, f"it runs, and answers on {config.api_socket}")


def _of_part(part: str, config: Config, snapshot: Mapping[str, Any]) -> Iterator[Check]:
    """Yield the checks of one of PARTS."""
    from moodspeaker.cli.doctor import disk, links, seeing, songs, sound

    match part:
        case "camera":
            yield seeing.runtime()
            yield from seeing.models(config)
            yield seeing.camera(config, snapshot)
            yield from seeing.picture(snapshot)
        case "player":
            yield from links.player(config, snapshot)
            if config.mpd.host:
                yield songs.decoder()
                yield songs.model(config)
                yield songs.index(config, snapshot.get("index"), time.time())
        case "sound":
            if config.mpd.host:
                yield sound.output(config)
        case "broker":
            yield links.broker(config, snapshot.get("broker") or {})
        case _:
            yield disk.state(config, snapshot.get("store"))
            if fault := (snapshot.get("web") or {}).get("fault"):
                yield Check("page", Verdict.FAULT, str(fault))
            yield disk.space(config.paths.state)
            yield disk.clock()
