"""`moodspeaker setup`: a short dialogue in the terminal until sound is heard and the page is open.

Design notes
============
1. Nothing is changed without a yes, no file has to be edited, and it may be run again at any time: what is
   set already is only shown.
2. A speaker that runs is asked over its socket (its music goes on, and no act of ours is taken for a
   person's); else MPD is asked itself.
3. What only root may write is left out for others, with the line that does it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY: Final = "a dialogue: sound card, chime, volume, page and code"
EPILOG: Final = """\
It asks, and changes nothing without a yes; run it again whenever you like.

  sudo moodspeaker setup      all of it; over ssh too: ssh -t speaker sudo moodspeaker setup
  moodspeaker setup           what needs no rights: chime, volume, the page's address and code

Sound card   where there are several, the one that you choose becomes ALSA's own default (/etc/asound.conf),
             by its name, which stays the same when another one is plugged in; MPD is started again.
Chime        two notes through MPD's own output; the queue goes on as it was.
Volume       it begins low, goes up or down as you say, and back to what it was where you say nothing.
Page         for phones: a token is made, and conf.d/50-setup.toml beside config.toml says the rest.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG


def run(arguments: Namespace) -> int:
    """Hold the dialogue; return 0, or 1 where no sound was heard or it was broken off."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = "setup asks questions: run it in a terminal (over ssh: ssh -t)"
        raise UsageError(message)
    from moodspeaker.cli.setup import page, sound
    from moodspeaker.cli.setup.places import Places
    from moodspeaker.cli.setup.questions import Questions
    from moodspeaker.config.load import load

    config, questions = load(arguments.config, arguments.set), Questions(input, print)
    places = Places.of(arguments.config)
    try:
        heard = sound.dialogue(config, questions, places)
        page.dialogue(config, questions, places)
    except EOFError:  # the terminal is closed: what was not asked stays as it is
        return 1
    questions.say("\nThat is all. What else it needs, with the cure: moodspeaker doctor")
    return 0 if heard else 1
