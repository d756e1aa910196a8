"""Find where a trained detector still sees faces in training photos without one.

    mine_face.py DATA MODEL OUT.json

MODEL is a checkpoint or, much faster, its `.tflite` file.  Each find becomes a row ``[photo, scale, x, y,
score]``: the window (corner x, y in the photo scaled by `scale`) in which a box of at least `SCORE` stood;
the `MOST` worst are kept.  Only photos of the `train` side are looked at, at frames of 320, 448 and 640 px.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from face_look import detector, views_of
from face_set import NEGATIVE, read, split

from moodspeaker.vision import boxes

SCORE: Final = 0.2
MOST: Final = 1500
"""The worst of the finds that are kept."""
FRAMES: Final = (320, 448, 640)


def main() -> None:
    """Look, and write what was mistaken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    photos = read(args.data / "faces")
    sides = split(photos)
    see, rows = detector([args.model]), []
    for photo in photos:
        if photo.kind not in NEGATIVE or sides[photo.name] != "train":
            continue
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
    rows.sort(key=lambda row: -float(row[-1]))
    rows = rows[:MOST]
    args.out.write_text(json.dumps(rows))
    print(
        f"{len(rows)} mistaken windows in {len({row[0] for row in rows})} photos, "
        f"scores {rows[-1][-1]} to {rows[0][-1]}"
    )


if __name__ == "__main__":
    main()
