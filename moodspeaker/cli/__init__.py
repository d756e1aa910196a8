"""The command line: one module a command, imported when it is called.

Exit codes: 0 done; 1 it ran and the answer is no; 2 bad usage or bad input, with one line that names the
thing and the cure.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from moodspeaker import __version__
from moodspeaker.errors import ConfigError, MoodspeakerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = (
    "run",
    "status",
    "why",
    "command",
    "doctor",
    "config",
    "demo",
    "look",
    "replay",
    "models",
    "bench",
    "vision",
)
"""In the order in which people meet them."""


class CommandModule(Protocol):
    """What each module of this package offers."""

    SUMMARY: str
    """One line for the list of commands."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments; its description and epilog teach."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Carry it out and return the exit code."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    given = list(sys.argv[1:] if words is None else words)
    name = next((word for word in given if word in COMMANDS), None)
    arguments = _parser([name] if name else COMMANDS).parse_args(given)
    module: CommandModule = arguments.module
    try:
        return module.run(arguments)
    except ConfigError as error:
        for reason in error.reasons:
            print(f"moodspeaker: {reason}", file=sys.stderr)
        return 2
    except UsageError as error:
        print(f"moodspeaker: {error}", file=sys.stderr)
        return 2
    except MoodspeakerError as error:
        print(f"moodspeaker: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # whoever read our output has enough of it
        return 0
    except KeyboardInterrupt:
        return 130


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moodspeaker",
        description="A speaker that plays to the mood of the room.",
        epilog="moodspeaker COMMAND --help teaches each command.",
    )
    parser.add_argument("--version", action="version", version=f"moodspeaker {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in names:
        module: CommandModule = importlib.import_module(f"moodspeaker.cli.{name}")
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--config", type=Path, metavar="FILE", help="configuration file")
        command.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="SECTION.KEY=VALUE",
            help="a setting; may be repeated",
        )
        module.add_arguments(command)
        command.set_defaults(module=module)
    return parser
