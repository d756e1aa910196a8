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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG


def run(arguments: argparse.Namespace) -> int:
    """Run until a signal comes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # until the loop takes them
    gc.disable()  # a start makes many objects and no garbage; the application enables it when it is ready
    from moodspeaker import app
    from moodspeaker.config.layers import load_layers
    from moodspeaker.resources import program

    def load() -> Layers:
        return load_layers(arguments.config, arguments.set)

    options = [] if arguments.config is None else ["--config", str(arguments.config.absolute())]
    for word in arguments.set:
        options += ["--set", word]
    return app.main(load, program(), options)
