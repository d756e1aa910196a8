"""Write moodspeaker.1 beside this file, from the parsers of the commands and the schema of the settings.

    python docs/man/make_man.py

A test compares what it would write with what stands there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from moodspeaker.cli.completion import actions, parsers
from moodspeaker.config.explain import as_table, known_keys, toml_value
from moodspeaker.config.schema import Config

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

PAGE = Path(__file__).with_name("moodspeaker.1")
OF_EVERY_COMMAND = ("--help", "--config", "--set")
HEAD = """\
.\\" Made by docs/man/make_man.py: change the parsers, not this file.
.TH MOODSPEAKER 1 "" "moodspeaker" "User Commands"
.SH NAME
moodspeaker \\- a speaker that plays to the mood of the room
.SH SYNOPSIS
.B moodspeaker
.I COMMAND
[\\fB\\-\\-config\\fR \\fIFILE\\fR] [\\fB\\-\\-set\\fR \\fISECTION.KEY=VALUE\\fR ...] [\\fIARGUMENT\\fR ...]
.SH DESCRIPTION
A small camera looks at the faces in front of it, two networks read their expressions on the machine itself,
and when the mood of the room settles into another one, the music of MPD follows. Home automation hears of it
over MQTT.
.PP
Every command takes \\fB\\-\\-config\\fR \\fIFILE\\fR and, as often as wanted,
\\fB\\-\\-set\\fR \\fISECTION.KEY=VALUE\\fR.
.SH COMMANDS
"""
TAIL = """\
.SH EXIT STATUS
0: done. 1: it ran, and the answer is no. 2: bad usage or bad input, with one line that names the cure.
.SH FILES
.TP
.I /etc/moodspeaker/config.toml
The settings, each explained; \\fIconf.d/*.toml\\fR beside it comes later and wins.
.TP
.I $XDG_CONFIG_HOME/moodspeaker/config.toml
The settings of a user, in place of those.
.TP
.I settings.json
In the state folder: what was changed while it runs; wins over the files.
.SH ENVIRONMENT
.TP
.B MOODSPEAKER_SECTION__KEY
A setting; wins over the files, and \\fB\\-\\-set\\fR wins over it.
.TP
.B MOODSPEAKER_RESTART_STATUS
The exit status after which a service starts the daemon again; without it the command restart is refused.
.SH SEE ALSO
.BR mpd (1),
.BR mpc (1),
.BR mosquitto_sub (1)
"""


def page() -> str:
    """Return the man page."""
    commands = "".join(part for name, parser in parsers().items() for part in _command(name, parser))
    return HEAD + commands + "".join(_settings()) + TAIL


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SS {name}\n{_text(parser.description or '')}\n"
    for action in actions(parser):
        if isinstance(action.choices, dict):  # the command's own actions, each with a parser
            for word, own in action.choices.items():
                yield f".TP\n\\fB{_text(f'{name} {word}')}\\fR\n{_text(own.description or '')}\n"
                yield from _arguments(own)
    yield from _arguments(parser)
    if parser.epilog:
        yield f".PP\n.nf\n{_text(parser.epilog.rstrip())}\n.fi\n"


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in actions(parser):
        if not isinstance(action.choices, dict) and not set(OF_EVERY_COMMAND) & set(action.option_strings):
            yield f".TP\n{_spelled(action)}\n{_text(action.help or '')}\n"


def _spelled(action: argparse.Action) -> str:
    """Return an argument as it is written."""
    choices = "|".join(map(str, action.choices or ()))
    value = action.metavar or choices or action.dest
    if not action.option_strings:
        return f"\\fI{_text(str(value))}\\fR"
    takes = "" if action.nargs == 0 else f" \\fI{_text(str(value))}\\fR"
    return f"\\fB{_text(', '.join(action.option_strings))}\\fR{takes}"


def _settings() -> Iterator[str]:
    """Yield every key with its default; config.toml says what each one means."""
    tables = as_table(Config())
    yield ".SH SETTINGS\nEvery key, with its default; \\fIconfig.toml\\fR says what each one means.\n"
    yield ".PP\n.nf\n"
    for section in known_keys(()):
        for key in known_keys((section,)):
            yield f"{_text(key)} = {_text(toml_value(tables[section][key.partition('.')[2]]))}\n"
    yield ".fi\n"


def _text(text: str) -> str:
    """Return a text that troff takes as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("%%", "%")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.split("\n"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
