"""`moodspeaker config`: check the settings, or show those in force.

Where a speaker runs, `show` asks it what it goes by, and notes what stands otherwise in the files.  Secrets
are never shown, because no setting holds one: a setting names the file.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    Tables = Mapping[str, Mapping[str, Any]]

SUMMARY: Final = "check the settings, or show those in force"


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.add_argument(
        "action",
        choices=("check", "show"),
        help="check: say what is wrong; show: the settings of the running speaker, else those of the files",
    )
    parser.add_argument("--json", action="store_true", help="as one line of JSON")


def run(arguments: Namespace) -> int:
    """Print the settings, or that they are good; return 0.  Raises ConfigError with every reason."""
    return _check(arguments) if arguments.action == "check" else _show(arguments)


def _check(arguments: Namespace) -> int:
    import time

    from moodspeaker.config.check import cautions, refusals
    from moodspeaker.config.layers import load_layers
    from moodspeaker.errors import ConfigError

    try:
        layers = load_layers(arguments.config, arguments.set)
        reasons = tuple(refusals(layers.config))
        for caution in (*cautions(layers.config, time.time()), *layers.left_out.values()):
            _note(caution)
    except ConfigError as error:
        reasons = error.reasons
    if arguments.json:
        print(json.dumps({"ok": not reasons, "reasons": reasons}))
    elif not reasons:
        print("the settings are good")
    if reasons:
        raise ConfigError(reasons)
    return 0


def _show(arguments: Namespace) -> int:
    from moodspeaker.config.explain import as_table, as_toml
    from moodspeaker.config.layers import flat, load_layers

    running = _running_speaker(arguments)
    notes: dict[str, str] = {}
    if running is None:
        layers = load_layers(arguments.config, arguments.set)
        tables: Tables = as_table(layers.config)
        below = flat(layers.written)
        page = {key: below[key] for key in layers.changed}
        for reason in layers.left_out.values():
            _note(reason)
    else:
        tables, page = running["in_force"], running["page"]
        own, refused = _given_here(arguments)
        notes = _notes(tables, running["written"] or {}, own)
        for reason in dict.fromkeys((*running["refused"], *refused)):
            _note(f"what is written would be refused: {reason}")
        if notes:
            _note(f"not in force yet: {', '.join(notes)}: systemctl reload moodspeaker, or restart it")
    if arguments.json:
        print(json.dumps(tables))
    else:
        print(as_toml(tables, _of_page(page) | notes), end="")
    return 0


def _of_page(page: Mapping[str, object]) -> dict[str, str]:
    """Return a note for each key that was changed on the page."""
    from moodspeaker.config.explain import toml_value

    return {key: f"changed on the page; without that {toml_value(value)}" for key, value in page.items()}


def _notes(in_force: Tables, written: Tables, given: Mapping[tuple[str, str], Any]) -> dict[str, str]:
    """Return, by key, what is written or given and not in force."""
    from moodspeaker.config.explain import toml_value

    other = {(section, key): value for section, table in written.items() for key, value in table.items()}
    return {
        f"{section}.{key}": f"not in force: {toml_value(value)}"
        for (section, key), value in (other | dict(given)).items()
        if in_force.get(section, {}).get(key, value) != value
    }


def _given_here(arguments: Namespace) -> tuple[dict[tuple[str, str], Any], Sequence[str]]:
    """Return what `--set` gives to this command, by section and key, or why that is refused."""
    from moodspeaker.config.explain import as_table
    from moodspeaker.config.load import load
    from moodspeaker.config.sources import from_options
    from moodspeaker.errors import ConfigError

    if not arguments.set:
        return {}, ()
    try:
        own = as_table(load(arguments.config, arguments.set))
    except ConfigError as error:
        return {}, error.reasons
    keys = [word.key[:2] for word in from_options(arguments.set)]
    return {(section, key): own[section][key] for section, key in keys}, ()


def _running_speaker(arguments: Namespace) -> Any:  # noqa: ANN401 - JSON
    """Return the settings of the running speaker, in force and written; nothing where none answers."""
    from moodspeaker.cli.client import NotAllowed, ask, find
    from moodspeaker.errors import DaemonError

    try:
        return ask(find(arguments), "/api/config")
    except NotAllowed as error:
        _note(f"these are the settings of the next start; those in force are not known: {error}")
    except DaemonError:
        _note("no speaker runs here: these are the settings of its next start")
    return None


def _note(text: str) -> None:
    print(f"moodspeaker: {text}", file=sys.stderr)
