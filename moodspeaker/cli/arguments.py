"""The words of all commands: each command's own module adds its arguments."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING, Any, Final, Protocol

from moodspeaker import __version__
from moodspeaker.cli import COMMANDS, MODULES
from moodspeaker.cli.plain import add_common

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG: Final = """\
First: moodspeaker demo shows it at work; then doctor, run and status.
Settings: ~/.config/moodspeaker/config.toml, else /etc/moodspeaker/config.toml.
Exit codes: 0 done, 1 the answer is no, 2 bad usage or bad input.
moodspeaker COMMAND --help teaches each command.
"""


class CommandModule(Protocol):
    """What each module of this package offers, and each one of an action of `index`."""

    SUMMARY: str
    """One line for the list of commands, or of actions."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its own arguments; its description and epilog teach."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Carry it out and return the exit code."""


class _OneLineEach(argparse.RawDescriptionHelpFormatter):
    """Gives the longest command its summary on the same line: argparse forgets that the list is indented."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 4 + max(map(len, COMMANDS))


def presented(module: CommandModule) -> dict[str, Any]:
    """Return how argparse is to present a command or an action."""
    formatter = argparse.RawDescriptionHelpFormatter
    return {"help": module.SUMMARY, "description": module.SUMMARY, "formatter_class": formatter}


def parser(names: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of these commands; each one's own is imported."""
    whole = argparse.ArgumentParser(
        prog="moodspeaker",
        description="A speaker that plays to the mood of the room.",
        epilog=EPILOG,
        formatter_class=_OneLineEach,
    )
    whole.add_argument("--version", action="version", version=f"moodspeaker {__version__}")
    commands = whole.add_subparsers(
        metavar="COMMAND", required=True, title="commands", prog=whole.prog
    )  # named: else argparse lays out a usage to find it
    for name in names:
        module: CommandModule = importlib.import_module(f"moodspeaker.cli.{MODULES.get(name, name)}")
        command = commands.add_parser(name, **presented(module))
        add_common(command)
        module.add_arguments(command)
        command.set_defaults(module=module)
    return whole
