"""`moodspeaker command`: give the running speaker a command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY: Final = "give the running speaker a command"
VOCABULARY: Final = """commands:
  {"sensing": "on"|"off"}   open or close the camera; survives a restart
  {"override": EMOTION}     play to this mood whatever the faces say; "auto" follows them again
  {"hold": MINUTES}         leave the music alone; "on" takes hold.minutes, "off" resumes
  {"resume": "on"}          end a hold, or go on after a person's stop
  {"play": "on"}            start music
  {"next": "on"}            skip the song
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = VOCABULARY
    parser.add_argument("json", metavar="COMMAND", help="""a JSON object, such as '{"sensing": "off"}'""")


def run(arguments: Namespace) -> int:
    """Print the new snapshot as one line of JSON; return 0."""
    from moodspeaker.cli.client import tell
    from moodspeaker.config import load
    from moodspeaker.domain.commands import parse

    parse(arguments.json)
    print(json.dumps(tell(load(arguments.config, arguments.set), arguments.json), ensure_ascii=False))
    return 0
