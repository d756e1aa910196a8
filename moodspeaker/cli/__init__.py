"""The command line: one module a command, imported when it is called.

Exit codes: 0 done; 1 it ran and the answer is no; 2 bad usage or bad input, with one line that names the
thing and the cure.  No command at all lists them and exits with 2: a script whose variable is empty must not
look as if it had done something.
"""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final, cast

from moodspeaker.errors import ConfigError, MoodspeakerError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from types import ModuleType

    from moodspeaker.cli.arguments import CommandModule

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
PLAIN: Final = frozenset({"run", "suggest", "vision"})
"""Those that are read without argparse where their words are `plain`: time is short, or they live long."""
QUICK: Final = "suggest"
"""The one that is over before garbage counts."""
UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What an output says that can take nothing more."""


NO_PLUGINS: Final = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Without it pydantic searches every package of the environment, those of Debian too, for plugins."""
PLUGINS: Final = "pydantic.plugin._loader"
"""What would search them; it loads 30 modules first, of packages and archives: half a megabyte."""

ZONES: Final = ("PYTHONTZPATH", "/usr/share/zoneinfo")
"""Where time zones are, of which we use none: without it pydantic's `zoneinfo` loads how Python was built."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    _show_every_character()
    os.environ.setdefault(*NO_PLUGINS)
    os.environ.setdefault(*ZONES)
    if os.environ[NO_PLUGINS[0]] == NO_PLUGINS[1]:
        sys.modules.setdefault(PLUGINS, cast("ModuleType", SimpleNamespace(get_plugins=tuple)))
    given = list(sys.argv[1:] if words is None else words)
    quick = words is None and given[:1] == [QUICK]
    if quick:
        gc.disable()
    code = _carried_out(given)
    if quick:
        os._exit(code)  # all is written: taking the modules apart would be a twentieth of the time
    return code


def _carried_out(given: Sequence[str]) -> int:
    """Carry out a command and return the exit code, with all that it says written."""
    arguments = _plainly(given) or _parsed(given)
    if arguments is None:
        return 2
    module: CommandModule = arguments.module
    try:
        return _run(module, arguments)
    except BrokenPipeError:  # whoever read our output has enough of it
        _stop_writing()
        return 0
    except KeyboardInterrupt:
        return 130


def _plainly(given: Sequence[str]) -> Namespace | None:
    """Return the arguments of one of `PLAIN`; None where argparse is to read them."""
    if not given or given[0] not in PLAIN:
        return None
    from moodspeaker.cli.plain import PlainWords, add_common

    module: CommandModule = importlib.import_module(f"moodspeaker.cli.{given[0]}")
    words = PlainWords()
    add_common(words)
    module.add_arguments(cast("ArgumentParser", words))
    found = words.read(given[1:])
    return None if found is None else cast("Namespace", SimpleNamespace(module=module, **vars(found)))


def _parsed(given: Sequence[str]) -> Namespace | None:
    """Return the arguments as argparse reads them, which ends the program at a mistake; None for no words."""
    from moodspeaker.cli.arguments import parser

    if not given:
        parser(COMMANDS).print_help(sys.stderr)
        return None
    name = next((word for word in given if word in COMMANDS), None)
    return parser([name] if name else COMMANDS).parse_args(given)


def _run(module: CommandModule, arguments: Namespace) -> int:
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
