"""`moodspeaker index`: what songs there are and what mood each has; one module an action."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Final, Protocol

SUMMARY = "find out the mood of songs"
ACTIONS: Final = ("scan", "show", "classify")
"""Each a module here, in the order in which people meet them."""


class ActionModule(Protocol):
    """What each module of this package offers."""

    SUMMARY: str
    """One line for the list of actions."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the action's own arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Carry it out and return the exit code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions; each takes the settings before or behind its name."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, title="actions")
    for name in ACTIONS:
        module: ActionModule = importlib.import_module(f"moodspeaker.cli.index.{name}")
        action = actions.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
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
    module: ActionModule = arguments.action_module
    return module.run(arguments)
