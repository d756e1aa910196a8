"""The command line: one module a command, imported when it is called.

Exit codes: 0 done; 1 it ran and the answer is no; 2 bad usage or bad input, with one line that names the
thing and the cure.  No command at all lists them and exits with 2: a script whose variable is empty must not
look as if it had done something.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import sys
from typing import TYPE_CHECKING, Final, Protocol

from moodspeaker import __version__
from moodspeaker.errors import ConfigError, MoodspeakerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMMANDS: Final = (
    "run",
    "status",
    "why",
    "command",
    "doctor",
    "setup",
    "pair",
    "config",
    "import",
    "demo",
    "look",
    "index",
    "suggest",
    "replay",
    "rank",
    "tune",
    "forget",
    "models",
    "mqtt",
    "bench",
    "completion",
    "vision",
)
"""In the order in which people meet them."""
MODULES: Final = {"import": "import_"}
"""The modules of commands whose names Python keeps for itself."""
UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What an output says that can take nothing more."""


NO_PLUGINS: Final = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Without it pydantic searches every package of the environment, those of Debian too, for plugins."""


EPILOG: Final = """\
First: moodspeaker demo shows it at work; then doctor, run and status.
Settings: ~/.config/moodspeaker/config.toml, else /etc/moodspeaker/config.toml.
Exit codes: 0 done, 1 the answer is no, 2 bad usage or bad input.
moodspeaker COMMAND --help teaches each command.
"""


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
    _show_every_character()
    os.environ.setdefault(*NO_PLUGINS)
    given = list(sys.argv[1:] if words is None else words)
    if not given:
        parser().print_help(sys.stderr)
        return 2
    name = next((word for word in given if word in COMMANDS), None)
    arguments = parser([name] if name else COMMANDS).parse_args(given)
    module: CommandModule = arguments.module
    try:
        return _run(module, arguments)
    except BrokenPipeError:  # whoever read our output has enough of it
        _stop_writing()
        return 0
    except KeyboardInterrupt:
        return 130


def _run(module: CommandModule, arguments: argparse.Namespace) -> int:
    """Run a command, say what went wrong, and return the exit code; raises BrokenPipeError."""
    try:
        code = module.run(arguments)
        if sys.stdout is not None:  # it is None where the caller closed it
            sys.stdout.flush()
    except ConfigError as error:
        return _fail(2, *error.reasons)
    except UsageError as error:
        return _fail(2, str(error))
    except MoodspeakerError as error:
        return _fail(1, str(error))
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        _stop_writing()
        return _fail(1, f"the output cannot be written: {error.strerror}")
    return code


def _fail(code: int, *reasons: str) -> int:
    for reason in reasons:
        print(f"moodspeaker: {reason}", file=sys.stderr)
    return code


def _show_every_character() -> None:
    """Write what a terminal does not have, and names that are no UTF-8, as their code points."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _stop_writing() -> None:
    """Let nothing more go to an output that takes nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _OneLineEach(argparse.RawDescriptionHelpFormatter):
    """Gives the longest command its summary on the same line: argparse forgets that the list is indented."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 4 + max(map(len, COMMANDS))


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
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
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument(
            "--config", type=_file, metavar="FILE", help="configuration file in place of the usual"
        )
        command.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="SECTION.KEY=VALUE",
            help="a setting for this call, as mpd.host=localhost; may be repeated",
        )
        module.add_arguments(command)
        command.set_defaults(module=module)
    return whole


def _file(word: str) -> Path:
    """Return the path of `--config`; `~` is the home folder, also where no shell has replaced it."""
    from pathlib import Path

    return Path(os.path.expanduser(word))
