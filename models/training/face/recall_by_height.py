"""Tell how many faces a detector finds by their height.

    recall_by_height.py DATA MODEL [MODEL ...] [--side test ...]

MODEL as in `evaluate_face.py`. Every face with a box by people counts, masked or not, in rows by its height
in the frame; a find is a box that overlaps it by IoU 0.4. For each threshold one line: the share found in
each row, and the false boxes in a hundred photos (IoU under 0.4 with every face and not half within a place
to ignore). `--smallest` sets the size in window pixels under which `moodspeaker.vision.boxes` drops a box: at
its usual value no face of fewer pixels can be found by any net.
"""

from __future__ import annotations

import argparse
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
from face_look import detector, merged, views_of
from face_set import read, split

from moodspeaker.vision import boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from face_look import Detector
    from face_set import Photo
    from numpy.typing import NDArray

BY_PEOPLE: Final = ("masksweb", "masks2", "masks3", "press", "press2", "cmu", "crowd")
"""Sets whose boxes were drawn or marked by people."""
EDGES: Final = (8, 12, 16, 20, 24, 32, 48, 80, 10_000)
"""Heights in frame pixels at which the rows begin and end."""
THRESHOLDS: Final = (0.2, 0.3, 0.4, 0.5)
FLOOR: Final = 0.1
MATCH: Final = 0.4


def found_by_height(
    see: Detector, photos: Sequence[Photo], longest: int, *, bare: bool
) -> tuple[NDArray[np.float64], ...]:
    """Return found faces ``[thresholds, rows]``, all faces ``[rows]`` and false boxes ``[thresholds]``."""
    hits, faces = np.zeros((len(THRESHOLDS), len(EDGES) - 1)), np.zeros(len(EDGES) - 1)
    wrong = np.zeros(len(THRESHOLDS))
    for photo in photos:
        views, size = views_of(see, photo.luma, longest, FLOOR)
        factor = np.float32(longest / max(photo.luma.shape))
        real, spare = photo.boxes * factor, photo.ignore * factor
        counts = ~photo.covered if bare else np.ones(len(real), bool)
        rows = np.searchsorted(EDGES, real[:, 3], "right") - 1
        counts &= rows >= 0
        np.add.at(faces, rows[counts], 1)
        for k, threshold in enumerate(THRESHOLDS):
            found, _ = merged(views, size, threshold)
            table, taken, lost = boxes.iou(found, real), np.zeros(len(real), bool), 0
            for row in range(len(found)):
                options = np.where(taken, 0, table[row])
                if len(real) and options.max() >= MATCH:
                    taken[options.argmax()] = True
                elif (
                    not len(spare)
                    or boxes.overlap(found[row : row + 1], spare).max() < 0.5 * found[row, 2:].prod()
                ):
                    lost += 1
            np.add.at(hits[k], rows[counts & taken], 1)
            wrong[k] += lost
    return hits, faces, wrong


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path, nargs="+")
    parser.add_argument("--side", nargs="+", default=["tune", "test"], choices=("train", "tune", "test"))
    parser.add_argument(
        "--photos", type=Path, help="only the photos named in this file, a line each, as masksweb/00012"
    )
    parser.add_argument("--set", nargs="+", default=BY_PEOPLE)
    parser.add_argument("--longest", type=int, default=320)
    parser.add_argument("--smallest", type=float, default=boxes.SMALLEST)
    parser.add_argument("--bare", action="store_true", help="only faces without a mask")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    vars(boxes)["SMALLEST"] = args.smallest
    sides = split(read(args.data / "faces"))
    named = set(args.photos.read_text().split()) if args.photos else None
    photos = [
        photo
        for photo in read(args.data / "faces", longest=10_000)
        if photo.kind in args.set
        and (photo.name in named if named is not None else sides[photo.name] in args.side)
    ]
    hits, faces, wrong = found_by_height(detector(args.model), photos, args.longest, bare=args.bare)
    names = [f"{low}-{high}" if high < EDGES[-1] else f"{low}+" for low, high in itertools.pairwise(EDGES)]
    print(f"{len(photos)} photos, frame {args.longest}, boxes of {args.smallest} px or more")
    print("height    " + "".join(f"{name:>8}" for name in names) + "   false per 100")
    print("faces     " + "".join(f"{int(count):>8}" for count in faces))
    for k, threshold in enumerate(THRESHOLDS):
        shares = "".join(f"{share:8.3f}" for share in hits[k] / np.maximum(faces, 1))
        print(f"at {threshold:<7}{shares}   {100 * wrong[k] / max(1, len(photos)):.1f}")


if __name__ == "__main__":
    main()
