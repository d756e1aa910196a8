"""`moodspeaker index classify`: valence, arousal and mood of audio files, from their sound alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from moodspeaker.analysis.listen import Heard
    from moodspeaker.library.songs import FileTags

SUMMARY = "tell the mood of audio files from their sound alone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an audio file")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print a line a file; 1 when one could not be read."""
    from moodspeaker import resources
    from moodspeaker.analysis.affect_model import AffectModel
    from moodspeaker.analysis.listen import listen
    from moodspeaker.config.load import load
    from moodspeaker.library.songs import FileTags
    from moodspeaker.scan.file_tags import read_tags

    model = AffectModel(resources.music_model_folder(load(arguments.config, arguments.set).models.path))
    code = 0
    for path in arguments.files:
        heard = listen(path, model)
        row = _row(path, heard, FileTags() if heard.seconds is None else read_tags(path))
        print(json.dumps(row) if arguments.json else _words(row), flush=True)
        code = max(code, heard.seconds is None)
    return code


def _row(path: Path, heard: Heard, tags: FileTags) -> dict[str, object]:
    """Return what there is to say of a file, as in the index."""
    from moodspeaker.domain.emotion import Affect
    from moodspeaker.library.fusion import nearest

    judged = heard.judgement
    row: dict[str, object] = {
        "file": str(path),
        "title": tags.title or path.stem,
        "artist": tags.artist,
        "album": tags.album,
        "genre": tags.genre,
        "seconds": None if heard.seconds is None else round(heard.seconds, 2),
        "valence": None if judged is None else round(judged.valence, 4),
        "arousal": None if judged is None else round(judged.arousal, 4),
        "confidence": 0.0 if judged is None else round(judged.confidence, 4),
        "mood": None if judged is None else str(nearest(Affect(judged.valence, judged.arousal))[0]),
        "source": "sound",
    }
    if heard.reason:
        row["reason"] = heard.reason
    if heard.damaged:
        row["damaged"] = True
    if tags.bpm is not None:
        row["bpm"] = tags.bpm
    if tags.key:
        row["key"] = tags.key
    return row


def _words(row: dict[str, object]) -> str:
    """Return a line for a person."""
    name = f"{row['title']} ({row['file']})"
    notes = ", damaged: it holds less than it states" if row.get("damaged") else ""
    if row["mood"] is None:
        return f"{name}: not judged: {row['reason']}{notes}"
    place = f"valence {row['valence']:+.2f}, arousal {row['arousal']:+.2f}"
    return f"{name}: {row['mood']}, {place}, confidence {row['confidence']:.2f}{notes}"
