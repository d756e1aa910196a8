"""`moodspeaker index classify`: valence, arousal and mood of audio files, from their sound alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from moodspeaker.analysis.affect_model import Judgement
    from moodspeaker.analysis.listen import Heard

SUMMARY = "tell the mood of audio files from their sound alone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an audio file")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print a line a file; 1 when one could not be read."""
    from moodspeaker import resources
    from moodspeaker.analysis.affect_model import AffectModel
    from moodspeaker.analysis.decode import tags
    from moodspeaker.analysis.listen import listen
    from moodspeaker.config.load import load

    folder = resources.models_folder(load(arguments.config, arguments.set).models.path)
    model = AffectModel(folder / "music")
    code = 0
    for path in arguments.files:
        heard = listen(path, model)
        named = tags(path) if heard.seconds is not None else {}
        row = _row(path, heard, named)
        print(json.dumps(row) if arguments.json else _words(row), flush=True)
        code = max(code, heard.seconds is None)
    return code


def _row(path: Path, heard: Heard, named: dict[str, str]) -> dict[str, object]:
    """Return what there is to say of a file, as in the index."""
    judged = heard.judgement
    row: dict[str, object] = {
        "file": str(path),
        "title": named.get("title", path.stem),
        "artist": named.get("artist", ""),
        "album": named.get("album", ""),
        "genre": named.get("genre", ""),
        "seconds": None if heard.seconds is None else round(heard.seconds, 2),
        "valence": None if judged is None else round(judged.valence, 4),
        "arousal": None if judged is None else round(judged.arousal, 4),
        "confidence": 0.0 if judged is None else round(judged.confidence, 4),
        "mood": None if judged is None else _mood(judged),
        "source": "sound",
    }
    if heard.reason:
        row["reason"] = heard.reason
    if heard.damaged:
        row["damaged"] = True
    return row


def _mood(judged: Judgement) -> str:
    """Return the emotion whose point is nearest."""
    import math

    from moodspeaker.mood.affect import POINTS

    here = (judged.valence, judged.arousal)
    return str(
        min(POINTS, key=lambda emotion: math.dist(here, (POINTS[emotion].valence, POINTS[emotion].arousal)))
    )


def _words(row: dict[str, object]) -> str:
    """Return a line for a person."""
    name = f"{row['title']} ({row['file']})"
    notes = ", damaged: it holds less than it states" if row.get("damaged") else ""
    if row["mood"] is None:
        return f"{name}: not judged: {row['reason']}{notes}"
    place = f"valence {row['valence']:+.2f}, arousal {row['arousal']:+.2f}"
    return f"{name}: {row['mood']}, {place}, confidence {row['confidence']:.2f}{notes}"
