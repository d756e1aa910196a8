"""The detector's photos: read, and split by person and source.

Design notes
============
1. Nobody is on both sides: photos of one person, one house, one picture and its near copies (difference hash,
   at most `NEAR` of 64 bits apart) share a group, and a group is wholly in `train`, `tune` or `test`.
2. The side follows from a hash of the group's name alone: the same folder gives the same split everywhere.
3. `tune` chooses thresholds, `test` reports; neither is ever drawn into a canvas.
4. Sets whose boxes are drawn in another way than most (`STYLE`) are shifted and scaled when read.
5. Of a set that no table here knows `USUALLY_HELD` is held out, and its boxes stay.

The folder
==========
`ann/SET.jsonl` lists a set's photos, a JSON object a line: `file` (relative to the folder), `boxes` [[x, y,
w, h]] of the faces in pixels of the stored photo, `ignore` [[x, y, w, h]] of places that neither teach nor
count, `src` (where the photo is from: photos of one `src` are never on both sides); where known `landmarks`
[ten numbers or null] a face (left eye, right eye, nose, corners of the mouth, x and y, as in the image) and
`attr` [a word] a face (`MASKED`: wears a mask).  JPEG, PNG or WebP, as OpenCV reads them.  Photos without a
face stand in the sets of `NEGATIVE`, with empty `boxes`: thresholds are chosen on `neg_rooms` and
`neg_objects`, and faces are pasted into the rooms.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Boxes = NDArray[np.float32]

NEAR: Final = 4
"""Difference hashes at most this many bits apart belong to one group."""
HELD: Final = {
    "ytframes": 0.10, "masksweb": 0.20, "street": 0.08, "tightfaces": 0.04, "people290": 0.25, "mixed": 0.20,
    "neg_rooms": 0.25, "neg_objects": 0.25, "neg_hard": 0.25, "neg_rooms2": 0.25, "neg_mixed": 0.25,
    "crowd": 0.12, "actions": 0.12, "osie": 0.12, "masks2": 0.15, "masks3": 0.20, "groups": 0.10,
    "press": 0.20, "press2": 0.20, "cmu": 0.20, "coco": 0.25, "sports": 0.20,
}  # fmt: skip
"""Share of each set's groups that is held out, half for `tune` and half for `test`."""
USUALLY_HELD: Final = 0.2
NEGATIVE: Final = ("neg_rooms", "neg_objects", "neg_hard", "neg_rooms2", "neg_mixed")
STYLE: Final = {
    "cmu": (0.0, -0.03, 0.69, 0.83),
    "press": (0.0, 0.065, 0.92, 0.80),
    "press2": (0.0, 0.065, 0.91, 0.80),
}
"""Shift of the centre and scale of the sides that bring a set's boxes to the others' style.

In shares of a box's sides: by the medians of where boxes stand to the eyes and the mouth of upright faces.
"""
FER_BOX: Final = (0.09, 0.02, 0.82, 0.95)
"""x, y, w, h of the face inside a FER2013 crop, as shares of its side.

Between YuNet's framing of the mean face, cut at the crop's edge (eyes at .37, mouth at .78 of the height),
and what a net trained on the other sets answers there.
"""
MASKED: Final = ("with_mask", "with_incorrect_mask")
LONGEST: Final = 480
"""Longer side in pixels to which a photo is reduced when read for training."""


@dataclasses.dataclass(frozen=True, slots=True)
class Photo:
    """One photo with its boxes (XYWH in px of `luma`)."""

    name: str
    """Set and file, as `masksweb/00012`."""
    kind: str
    """The set's name."""
    luma: NDArray[np.uint8]
    boxes: Boxes
    ignore: Boxes
    covered: NDArray[np.bool_]
    """Which faces wear a mask, rightly or wrongly (only masksweb, masks2 and masks3 say)."""
    eyes: NDArray[np.float32]
    """Where the eyes are, ``[N, 2, 2]`` (left and right, x and y in px of `luma`), NaN where unknown."""
    source: str


def read(folder: Path, longest: int = LONGEST) -> list[Photo]:
    """Read every photo under `folder` (`ann/*.jsonl`, `images/`) as luma, reduced to `longest` px.

    Says on standard error how many cannot be read; exits where there is none.
    """
    photos, unread = [], []
    for listing in sorted((folder / "ann").glob("*.jsonl")):
        for line in listing.read_text().splitlines():
            row = json.loads(line)
            luma = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
            if luma is None:
                unread.append(row["file"])
                continue
            factor = min(1.0, longest / max(luma.shape))
            if factor < 1:
                size = (round(luma.shape[1] * factor), round(luma.shape[0] * factor))
                luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
            boxes, ignore = (
                np.array(row[key], np.float32).reshape(-1, 4) * np.float32(factor)
                for key in ("boxes", "ignore")
            )
            boxes = _restyled(boxes, listing.stem)
            covered = np.array([word in MASKED for word in row.get("attr", [""] * len(boxes))], bool)
            marks = row.get("landmarks") or [None] * len(boxes)
            eyes = np.array([mark[:4] if mark else [np.nan] * 4 for mark in marks], np.float32).reshape(
                -1, 2, 2
            )
            name = f"{listing.stem}/{Path(row['file']).stem}"
            photos.append(
                Photo(
                    name,
                    listing.stem,
                    luma,
                    boxes,
                    ignore,
                    covered,
                    eyes * np.float32(factor),
                    row.get("src", name),
                )
            )
    if unread:
        print(f"{folder}: {len(unread)} photos cannot be read, as {unread[0]}", file=sys.stderr)
    if not photos:
        sys.exit(f"{folder}: no photos: it should hold ann/SET.jsonl and images/ (see face_set.py)")
    return photos


def _restyled(boxes: Boxes, kind: str) -> Boxes:
    """Return a set's boxes in the style of the others."""
    if kind not in STYLE:
        return boxes
    shift, scale = np.array(STYLE[kind][:2], np.float32), np.array(STYLE[kind][2:], np.float32)
    centres = boxes[:, :2] + boxes[:, 2:] * (0.5 + shift)
    return np.concatenate([centres - boxes[:, 2:] * scale / 2, boxes[:, 2:] * scale], 1)


def person(photo: Photo) -> str:
    """Return who or what a photo shows, as far as its source's file name tells."""
    file = photo.source.rsplit("/", 1)[-1]
    if photo.kind in {"ytframes", "tightfaces"}:
        return re.sub(r"[_\d]+(\.\w+)*$", "", file.rsplit(".", 1)[0]).lower()
    if "Houses" in photo.source:
        return "house " + file.split("_")[0]
    return photo.source


def difference_hash(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 64 bits in eight bytes: whether each pixel of a 9x8 thumbnail is darker than its right one."""
    small = cv2.resize(luma, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.packbits((small[:, 1:] > small[:, :-1]).reshape(-1))


def split(photos: Sequence[Photo]) -> dict[str, str]:
    """Return the side (`train`, `tune`, `test`) of each photo by its name."""
    parent = list(range(len(photos)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, photo in enumerate(photos):
        parent[root(i)] = root(first.setdefault(person(photo), i))
    bits = np.array([difference_hash(photo.luma) for photo in photos]).view(np.uint64).reshape(-1)
    for i in range(len(photos) - 1):
        for j in np.flatnonzero(np.bitwise_count(bits[i + 1 :] ^ bits[i]) <= NEAR):
            parent[root(i)] = root(i + 1 + int(j))
    sides = {}
    for i, photo in enumerate(photos):
        head = photos[root(i)]
        draw = int.from_bytes(hashlib.sha256(person(head).encode()).digest()[:6], "big") / 2**48
        held = HELD.get(head.kind, USUALLY_HELD)
        sides[photo.name] = "train" if draw >= held else "tune" if draw < held / 2 else "test"
    return sides


def read_crops(file: Path) -> NDArray[np.uint8]:
    """Return FER2013's faces ``[N, 48, 48]`` without blanks and what the FER+ voters called no face."""
    with np.load(file) as stored:
        images, votes = stored["images"], stored["votes"]
    wanted = (images.reshape(len(images), -1).std(1) > 8) & (votes[:, 9] < 2) & (votes[:, 8] < 4)
    return images[wanted]
