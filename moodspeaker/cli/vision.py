"""`moodspeaker vision`: the process that owns the camera."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

SUMMARY = "run the vision process: camera and models, no network"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--child", action="store_true", help="end with standard input: for a process that starts this one"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    from moodspeaker.adapters import systemd
    from moodspeaker.config.load import load
    from moodspeaker.vision import server

    logging.basicConfig(level=logging.INFO, format="vision: %(message)s")
    return server.serve(lambda: load(arguments.config, arguments.set), systemd.notify, child=arguments.child)
