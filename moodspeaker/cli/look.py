"""`moodspeaker look`: faces and expressions in pictures."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.observation import Face
    from moodspeaker.vision.images import Picture
    from moodspeaker.vision.pipeline import FacePipeline

SUMMARY = "find faces and read their expressions in pictures"
LONGEST_FRAME = 4096
"""Pixels of `--frame`, at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a picture, a folder, or an .npz with images [N,H,W]",
    )
    parser.add_argument("--crop", action="store_true", help="each picture is one face already")
    parser.add_argument("--json", action="store_true", help="one JSON object a picture")
    parser.add_argument(
        "--frame",
        type=_frame,
        metavar="N",
        help="look once, the longer side scaled to N pixels; default: every scale up to 1280",
    )
    parser.add_argument(
        "--min-score", type=_score, metavar="S", help="the detector's threshold, 0 to 1; default: the model's"
    )
    parser.add_argument(
        "--labels", choices=("ferplus", "fer2013"), default="ferplus", help="the labelling; default: ferplus"
    )


def _frame(word: str) -> int:
    """Return the pixels of `--frame`."""
    if not (word.isdecimal() and 1 <= int(word) <= LONGEST_FRAME):
        message = f"{word!r}: pixels, 1 to {LONGEST_FRAME}"
        raise argparse.ArgumentTypeError(message)
    return int(word)


def _score(word: str) -> float:
    """Return the score of `--min-score`."""
    try:
        score = float(word)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        message = f"{word!r}: a score, 0 to 1"
        raise argparse.ArgumentTypeError(message)
    return score


def run(arguments: argparse.Namespace) -> int:
    """Print what is seen in every picture; 2 when one could not be read."""
    from moodspeaker.config.load import load
    from moodspeaker.errors import ImageError
    from moodspeaker.vision import images
    from moodspeaker.vision.pipeline import FacePipeline

    pipeline = FacePipeline.from_config(load(arguments.config, arguments.set), arguments.labels)
    code = 0
    for picture in images.pictures(arguments.paths):
        if isinstance(picture, ImageError):
            print(f"moodspeaker: {picture}", file=sys.stderr)
            code = 2
            continue
        faces = (
            (pipeline.read(picture.luma),)
            if arguments.crop
            else _find(pipeline, picture, arguments.frame, arguments.min_score)
        )
        _print(picture, faces, as_json=arguments.json)
    return code


def _find(
    pipeline: FacePipeline, picture: Picture, side: int | None, threshold: float | None
) -> Sequence[Face]:
    from moodspeaker.vision import schedule

    if side is None:
        return pipeline.search(picture.luma, threshold)
    height, width = picture.luma.shape
    return pipeline.find(picture.luma, schedule.at_frame(width, height, side), threshold)


def _print(picture: Picture, faces: Sequence[Face], *, as_json: bool) -> None:
    from moodspeaker.domain.emotion import EMOTIONS

    height, width = picture.luma.shape
    if as_json:
        found = [
            {
                # + 0.0: what rounds to -0.0 is 0.0
                "box": [
                    round(side, 2) + 0.0 for side in (face.box.x, face.box.y, face.box.width, face.box.height)
                ],
                "score": round(face.score, 4),
                "probabilities": face.probabilities.by_name(6),
            }
            for face in faces
        ]
        print(
            json.dumps({"image": picture.name, "width": width, "height": height, "faces": found}), flush=True
        )
        return
    print(f"{picture.name}  {width}x{height}  {len(faces) or 'no'} face{'s' if len(faces) != 1 else ''}")
    for face in faces:
        box = face.box
        best = sorted(zip(face.probabilities, EMOTIONS, strict=True), reverse=True)[:2]
        shares = ", ".join(f"{emotion} {share:.0%}" for share, emotion in best)
        x, y, width, height = map(round, (box.x, box.y, box.width, box.height))  # whole: none is -0
        print(f"  {width:4}x{height:<4} at {x:4},{y:<4}  score {face.score:.2f}  {shares}")
