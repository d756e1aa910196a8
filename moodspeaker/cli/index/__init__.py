"""`moodspeaker index`: what songs there are and what mood each has; one module an action."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodspeaker.cli.arguments import presented

if TYPE_CHECKING:
    from moodspeaker.cli.arguments import CommandModule

SUMMARY = "find out the mood of songs"
ACTIONS: Final = ("scan", "show", "classify")
"""Each a module here, in the order in which people meet them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions; each takes the settings before or behind its name."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, title="actions")
    for name in ACTIONS:
        module: CommandModule = importlib.import_module(f"moodspeaker.cli.index.{name}")
        action = actions.add_parser(name, **presented(module))
        action.add_argument(
            "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="configuration file"
        )
        action.add_argument(
            "--set",
            dest="more",
            action="append",
            default=[],
            metavar="SECTION.KEY=VALUE",
            help="a setting; may be repeated",
        )
        module.add_arguments(action)
        action.set_defaults(action_module=module)


def run(arguments: argparse.Namespace) -> int:
    """Carry out the action; `arguments.set` holds the settings given before and behind its name."""
    arguments.set = [*arguments.set, *arguments.more]
    module: CommandModule = arguments.action_module
    return module.run(arguments)
