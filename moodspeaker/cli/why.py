"""`moodspeaker why`: the last decisions of the running speaker, switches and refusals alike.

Each with its rule, in words, and the evidence; `--json` gives the structured reason, too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

SUMMARY: Final = "show the last decisions with their reasons"
MOST: Final = 500
EPILOG: Final = f"""\
A line is: time, what was decided, the mood, the rule (the evidence).
  switched, started      other music plays; music plays that did not before
  pending                other music follows at the song's end
  kept                   nothing was changed, and why
  held, resumed          the music is left alone, because a person chose or stopped something; no longer
  paused, skipped        as they say
N is 1 to {MOST}.  Decisions are kept for records.hours.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument("-n", type=_count, default=10, metavar="N", help="how many, newest last (10)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, newest first")


def run(arguments: Namespace) -> int:
    """Print the decisions; return 0."""
    from moodspeaker.cli.client import ask, find
    from moodspeaker.cli.status import shows

    decisions = ask(find(arguments), f"/api/why?count={arguments.n}")
    if arguments.json:
        for decision in decisions:
            print(json.dumps(decision, ensure_ascii=not shows("é█")))
    elif not decisions:
        print("nothing has been decided yet")
    else:
        for decision in reversed(decisions):
            print(line(decision))
    return 0


def line(decision: Mapping[str, Any]) -> str:
    """Return a decision for a person."""
    from moodspeaker.cli.status import clock

    given = (decision.get("evidence") or {}).items()
    evidence = ", ".join(f"{name} {_short(value)}" for name, value in given if value not in (None, ""))
    tail = f"  ({evidence})" if evidence else ""
    return f"{clock(decision['at'])}  {decision['verb']:9} {decision['mood']:9} {decision['rule']}{tail}"


def _short(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _count(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MOST)) or not 1 <= int(text) <= MOST:
        message = f"{text!r}: a whole number from 1 to {MOST}"
        raise ArgumentTypeError(message)
    return int(text)
