"""`moodspeaker index classify`: valence, arousal and mood of audio files, from their sound alone."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from pathlib import Path

if TYPE_CHECKING:
    import argparse

    from moodspeaker.analysis.affect_model import AffectModel, Judgement

SUMMARY = "tell the mood of audio files from their sound alone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an audio file")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print a line a file; 1 when one could not be read."""
    return 0
