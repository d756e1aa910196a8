"""`moodspeaker run`: the daemon."""

from __future__ import annotations

import gc
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from moodspeaker.config.layers import Layers

SUMMARY = "run the speaker in the foreground"
EPILOG = """\
It starts the vision process as a child, unless vision.spawn is false because a service runs it.
SIGTERM or Ctrl-C ends it within ten seconds; SIGHUP reads the configuration again.

  moodspeaker run --set camera.source=none --set mqtt.host=localhost
  moodspeaker run --config ~/speaker.toml
"""


YOUNG, OLD = 40_000, 1_000
"""New objects, and collections of these alone, after which garbage is collected while it starts.

A start makes many objects that stay, and little garbage: at the usual 700 it takes an eighth longer, with no
collection at all the process stays half a megabyte larger.  When it is ready it is as usual.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG


def run(arguments: argparse.Namespace) -> int:
    """Run until a signal comes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # until the loop takes them
    usual = gc.get_threshold()
    gc.set_threshold(YOUNG, OLD)
    from moodspeaker import app
    from moodspeaker.config.layers import load_layers
    from moodspeaker.resources import program

    def load() -> Layers:
        return load_layers(arguments.config, arguments.set)

    options = [] if arguments.config is None else ["--config", str(arguments.config.absolute())]
    for word in arguments.set:
        options += ["--set", word]
    return app.main(load, program(), options, lambda: gc.set_threshold(*usual))
