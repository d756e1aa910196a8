"""Measure what the detector loses on worse pictures, and what enhancement gives.

    robustness_face.py DATA ../../face [--photos 400]

The share of faces found in a seeded draw of held-out photos at a 320 px frame, and the false boxes per 100
rooms and things without one, at the shipped threshold, by `evaluate_face`'s rules; for each degradation of
`degraded.FRAMES` and each enhancement.  The table goes into manifest.json; what a person decided on it
(`decided`) stays there.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from degraded import ENHANCED, FRAMES
from evaluate_face import Seen, alarms, found_share
from face_look import detector
from face_set import NEGATIVE, read, split
from manifest_file import write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from degraded import Degrade, Enhance
    from face_look import Detector
    from face_set import Photo

FRAME: Final = 320


def worse(photos: Sequence[Photo], degrade: Degrade, enhance: Enhance) -> list[Photo]:
    """Return the photos degraded, then enhanced."""
    chance = np.random.default_rng(2)
    return [dataclasses.replace(photo, luma=enhance(degrade(photo.luma, chance))) for photo in photos]


def table(
    see: Detector, photos: Sequence[Photo], calm: Sequence[Photo], threshold: float
) -> dict[str, dict[str, str]]:
    """Return "found / false boxes per 100" by degradation and enhancement."""
    rows: dict[str, dict[str, str]] = {}
    for name, degrade in FRAMES.items():
        rows[name] = {}
        for how, enhance in ENHANCED.items():
            found, empty = (
                [Seen(see, photo, FRAME) for photo in worse(some, degrade, enhance)]
                for some in (photos, calm)
            )
            rows[name][how] = f"{found_share(found, threshold):.3f} / {alarms(empty, threshold):.1f}"
        print(f"{name:24s}" + "  ".join(f"{how} {cell}" for how, cell in rows[name].items()), flush=True)
    return rows


def drawn(photos: Sequence[Photo], count: int) -> list[Photo]:
    """Return a seeded draw of photos."""
    rows = np.sort(np.random.default_rng(1).choice(len(photos), min(count, len(photos)), replace=False))
    return [photos[row] for row in rows]


def main() -> None:
    """Measure, print, and write the table down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=400)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    sides = split(read(given.data / "faces"))
    photos = [photo for photo in read(given.data / "faces", longest=10_000) if sides[photo.name] != "train"]
    faces = drawn([photo for photo in photos if photo.kind not in NEGATIVE], given.photos)
    calm = [photo for photo in photos if photo.kind in {"neg_rooms", "neg_rooms2", "neg_objects"}]
    path = given.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    rows = table(
        detector([given.folder]), faces, drawn(calm, given.photos // 2), float(manifest["threshold"])
    )
    manifest["robustness"] = {
        "on": f"Share of faces found in {len(faces)} held-out photos / false boxes per 100 without one",
        "table": rows,
        "decided": manifest.get("robustness", {}).get("decided", []),
    }
    write_manifest(path, manifest)


if __name__ == "__main__":
    main()
