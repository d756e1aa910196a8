"""Find where a trained detector sees faces in training photos without one, and which faces it overlooks.

    mine_face.py DATA MODEL OUT.json

MODEL is a checkpoint or, much faster, its `.tflite` file.  `mistaken`: a row ``[photo, scale, x, y, score]``
for each window (corner x, y in the photo scaled by `scale`) in which a box of at least `SCORE` stood, at
frames of 320, 448 and 640 px; the `MOST` worst are kept.  `overlooked`: photos with a bare face of at least
`WANTED` px in a frame of 320 px whose box was found, but with a score in `UNSURE` (under it a label is more
often wrong than the net).  Only photos of the `train` side are looked at.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from evaluate_face import FLOOR, MATCH, Seen
from face_look import detector, views_of
from face_set import NEGATIVE, read, split

from moodspeaker.vision import boxes

if TYPE_CHECKING:
    from face_look import Detector
    from face_set import Photo

SCORE: Final = 0.2
MOST: Final = 1500
"""The worst of the finds that are kept."""
FRAMES: Final = (320, 448, 640)
WANTED: Final = 20.0
UNSURE: Final = (0.08, 0.48)


def mistaken(see: Detector, photo: Photo) -> list[list[Any]]:
    """Return the windows of a photo without a face in which one was seen."""
    rows = []
    for longest in FRAMES:
        scale = longest / max(photo.luma.shape)
        views, _ = views_of(see, photo.luma, longest, SCORE)
        for view in views:
            for box, score in zip(view.boxes, view.scores, strict=True):
                spare = photo.ignore * np.float32(scale)
                if len(spare) and boxes.overlap(box[None], spare).max() > 0.3 * box[2] * box[3]:
                    continue
                rows.append([photo.name, scale, view.window.x, view.window.y, round(float(score), 3)])
                break
    return rows


def is_overlooked(see: Detector, photo: Photo) -> bool:
    """Say whether the detector is unsure of a face of this photo."""
    seen = Seen(see, photo, FRAMES[0])
    found, scores = seen.at(FLOOR)
    real = photo.boxes * np.float32(seen.factor)
    if not len(found):
        return False
    best = (scores[:, None] * (boxes.iou(found, real) >= MATCH)).max(0)
    wanted = (real[:, 3] >= WANTED) & ~photo.covered
    return bool((wanted & (best > UNSURE[0]) & (best < UNSURE[1])).any())


def main() -> None:
    """Look, and write what was mistaken or overlooked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    photos = read(args.data / "faces")
    sides = split(photos)
    learnt = [photo for photo in photos if sides[photo.name] == "train"]
    see = detector([args.model])
    rows, overlooked = list[list[Any]](), list[str]()
    for photo in learnt:
        if photo.kind in NEGATIVE:
            rows += mistaken(see, photo)
        elif is_overlooked(see, photo):
            overlooked.append(photo.name)
    rows.sort(key=lambda row: -float(row[-1]))
    rows = rows[:MOST]
    args.out.write_text(json.dumps({"mistaken": rows, "overlooked": overlooked}))
    scores = f", scores {rows[-1][-1]} to {rows[0][-1]}" if rows else ""
    print(
        f"{len(rows)} mistaken windows in {len({row[0] for row in rows})} photos{scores}; "
        f"faces overlooked in {len(overlooked)} photos"
    )


if __name__ == "__main__":
    main()
