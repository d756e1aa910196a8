"""`moodspeaker config`: check the settings, or show the effective ones.

Secrets are never shown, because no setting holds one: a setting names the file.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY: Final = "check the settings, or show the effective ones"


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.add_argument(
        "action", choices=("check", "show"), help="check: say what is wrong; show: the effective settings"
    )
    parser.add_argument("--json", action="store_true", help="as one line of JSON")


def run(arguments: Namespace) -> int:
    """Print the settings, or that they are good; return 0.  Raises ConfigError with every reason."""
    from moodspeaker.config import as_table, as_toml, load
    from moodspeaker.errors import ConfigError

    try:
        config = load(arguments.config, arguments.set)
    except ConfigError as error:
        if arguments.json:
            print(json.dumps({"ok": False, "reasons": error.reasons}, ensure_ascii=False))
        raise
    if arguments.action == "check":
        print(json.dumps({"ok": True, "reasons": []}) if arguments.json else "the settings are good")
    elif arguments.json:
        print(json.dumps(as_table(config), ensure_ascii=False))
    else:
        print(as_toml(config), end="")
    return 0
