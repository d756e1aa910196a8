"""Score a face detector on photos it never saw.

    evaluate_face.py DATA MODEL [MODEL ...] [--threshold T] [--json FILE] [--curves FILE]

MODEL is `models/face` (what ships, through its manifest), a `.tflite` file, or checkpoints (several are
averaged).  A photo is scaled so that its longer side is the frame's 320 px, covered with windows and merged,
by `moodspeaker.vision.boxes` and `.preprocess`.

Rules: IoU 0.4; faces under 24 px high in the frame, ignore boxes and, for *unmasked*, masked faces are
neither wanted nor counted against; average precision over all recall points (`ap_coco`: unmatched boxes under
24 px do not count either).  False alarms are boxes per 100 photos without a face, at the threshold.  Without
``--threshold`` it is chosen on `tune`: the lowest with at most `ALARMS` per 100 in each of rooms and objects
there, plus `MARGIN`; `test` only reports.  ``--curves`` writes what `plots.py` draws beyond the figures:
precision and recall by set, and how many of the boxes of a score are faces, both on `test`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from curves import precision_recall, reliability
from face_look import detector, merged, views_of
from face_set import FER_BOX, NEGATIVE, read, read_crops, split
from manifest_file import write_manifest

from moodspeaker.vision import boxes, preprocess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from face_look import Detector
    from face_set import Photo
    from numpy.typing import NDArray

FLOOR: Final = 0.05
SMALL: Final = 24.0
MATCH: Final = 0.4
ALARMS: Final = 1.5
MARGIN: Final = 0.03
"""Added to the threshold that `tune` asks for: on photos of other houses and things false alarms were seen to
double.
"""
FEWEST: Final = 20
"""Faces of a set of which a curve is drawn, at least."""
CALM: Final = ("neg_rooms", "neg_objects")
"""Sets without a face on which a threshold is chosen."""
GRID: Final = np.round(np.arange(0.2, 0.81, 0.01), 2)


class Seen:
    """The views of one photo, to be merged at any threshold."""

    def __init__(self, see: Detector, photo: Photo, longest: int) -> None:
        self.photo = photo
        self.views, self.size = views_of(see, photo.luma, longest, FLOOR)
        self.factor = longest / max(photo.luma.shape)

    def at(self, threshold: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the merged boxes (frame px) and scores."""
        return merged(self.views, self.size, threshold)

    def match(
        self, threshold: float, *, unmasked: bool = False, coco: bool = False
    ) -> tuple[list[tuple[float, bool]], int]:
        """Return (score, right) of every box that counts, and the number of wanted faces.

        With `coco` an unmatched box under `SMALL` does not count either, as in COCO's size ranges.
        """
        found, scores = self.at(threshold)
        real = self.photo.boxes * np.float32(self.factor)
        wanted = real[:, 3] >= SMALL
        if unmasked:
            wanted &= ~self.photo.covered
        spare = np.concatenate([self.photo.ignore * np.float32(self.factor), real[~wanted]])
        real = real[wanted]
        table, free = boxes.iou(found, real), np.ones(len(real), bool)
        matched = []
        for i in range(len(found)):
            options = np.where(free, table[i], 0)
            best = int(options.argmax()) if len(real) else -1
            if best >= 0 and options[best] >= MATCH:
                free[best] = False
                matched.append((float(scores[i]), True))
                continue
            if coco and found[i, 3] < SMALL:
                continue
            area = found[i, 2] * found[i, 3]
            here = found[i : i + 1]
            if len(spare) and (
                boxes.overlap(here, spare).max() >= 0.5 * area or boxes.iou(here, spare).max() >= MATCH
            ):
                continue
            matched.append((float(scores[i]), False))
        return matched, len(real)


def precision(seen: Sequence[Seen], *, unmasked: bool = False, coco: bool = False) -> tuple[float, int]:
    """Return average precision and the number of faces."""
    matched, faces = [], 0
    for one in seen:
        rows, count = one.match(FLOOR, unmasked=unmasked, coco=coco)
        matched += rows
        faces += count
    if not faces:
        return float("nan"), 0
    right = np.array([good for _, good in sorted(matched, key=lambda row: -row[0])], float)
    recall = np.cumsum(right) / faces
    exact = np.cumsum(right) / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(exact[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0], recall])) * envelope)), faces


def found_share(seen: Sequence[Seen], threshold: float, *, unmasked: bool = False) -> float:
    """Return the share of wanted faces found at the threshold."""
    hits = faces = 0
    for one in seen:
        rows, count = one.match(threshold, unmasked=unmasked)
        hits += sum(good for _, good in rows)
        faces += count
    return hits / max(1, faces)


def alarms(seen: Sequence[Seen], threshold: float) -> float:
    """Return false boxes per 100 photos."""
    return 100 * sum(sum(not good for _, good in one.match(threshold)[0]) for one in seen) / max(1, len(seen))


def choose(tune: dict[str, list[Seen]]) -> float:
    """Return the lowest threshold with few enough false alarms on `tune`, plus the margin.

    Exits where there are no photos to count them on.
    """
    missing = [kind for kind in CALM if not tune.get(kind)]
    if missing:
        sys.exit(f"no photos of {' and '.join(missing)} among those held out: add some, or give --threshold")
    for threshold in GRID:
        if all(alarms(tune[kind], threshold) <= ALARMS for kind in CALM):
            return round(float(threshold) + MARGIN, 2)
    return float(GRID[-1])


def pasted(
    see: Detector, crops: NDArray[np.uint8], rooms: Sequence[Photo], threshold: float, seed: int = 5
) -> dict[str, object]:
    """Paste FER2013 faces into room frames and return, by size, the share found and how boxes stand to crops.

    The relation: the crop's centre less the box's, and the crop's side, as medians in units of the box's
    width and height.
    """
    chance = np.random.default_rng(seed)
    result: dict[str, object] = {}
    for side in (24, 32, 48, 80, 110, 130, 150):
        hits = 0
        rows: list[tuple[float, ...]] = []
        picks = chance.choice(len(crops), min(200, len(crops)), replace=False)
        for i in picks:
            room = rooms[int(chance.integers(len(rooms)))].luma
            frame, _ = preprocess.fit(room, 240, 320)
            frame = frame.copy()
            x, y = int(chance.integers(0, 320 - side)), int(chance.integers(0, 240 - side))
            how = cv2.INTER_AREA if side < 48 else cv2.INTER_CUBIC
            frame[y : y + side, x : x + side] = cv2.resize(crops[i], (side, side), interpolation=how)
            found, _ = see(frame, threshold)
            real = (np.array([FER_BOX], np.float32) * side + np.array([x, y, 0, 0])).astype(np.float32)
            table = boxes.iou(found, real)
            if len(found) and table.max() >= MATCH:
                hits += 1
                a, b, w, h = (float(v) for v in found[int(table[:, 0].argmax())])
                off_x, off_y = (x + side / 2 - a - w / 2) / w, (y + side / 2 - b - h / 2) / h
                rows.append((off_x, off_y, side / w, side / h, side / (w * h) ** 0.5))
        row: dict[str, object] = {"found": round(hits / len(picks), 3)}
        if rows:
            names = ("dx_of_width", "dy_of_height", "side_of_width", "side_of_height", "side_of_root_area")
            median = np.median(np.array(rows), 0).round(3).tolist()
            row["crop"] = dict(zip(names, median, strict=True))
        result[str(side)] = row
    return result


def looked_at(
    see: Detector, photos: Sequence[Photo], sides: dict[str, str], longest: int
) -> dict[str, dict[str, list[Seen]]]:
    """Return the views of the photos that are held out, by side and set."""
    groups: dict[str, dict[str, list[Seen]]] = {"tune": {}, "test": {}}
    for photo in photos:
        side = sides[photo.name]
        if side != "train":
            groups[side].setdefault(photo.kind, []).append(Seen(see, photo, longest))
    return groups


def drawn(test: dict[str, list[Seen]]) -> dict[str, object]:
    """Return recall and precision by falling score, by set and of all, and the share of faces by score."""
    photos = {kind: seen for kind, seen in test.items() if kind not in NEGATIVE}
    photos["all"] = [one for seen in photos.values() for one in seen]
    lines: dict[str, list[list[float]]] = {}
    for kind, seen in photos.items():
        for unmasked in (False, True) if kind == "masksweb" else (False,):
            matched = [one.match(FLOOR, unmasked=unmasked) for one in seen]
            faces = sum(count for _, count in matched)
            if faces >= (1 if kind == "all" else FEWEST):
                scores, right = _columns([row for rows, _ in matched for row in rows])
                lines[kind + "_unmasked" * unmasked] = precision_recall(scores, right, faces)
    scores, right = _columns([row for seen in test.values() for one in seen for row in one.match(FLOOR)[0]])
    return {"precision_recall": lines, "reliability": reliability(scores, right)}


def _columns(rows: Sequence[tuple[float, bool]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.array([score for score, _ in rows], float), np.array([good for _, good in rows], bool)


def evaluate(
    groups: dict[str, dict[str, list[Seen]]], fixed: float | None, longest: int = 320
) -> dict[str, Any]:
    """Return the metrics of one detector."""
    threshold = fixed if fixed is not None else choose(groups["tune"])
    result: dict[str, Any] = {"frame": longest, "threshold": threshold}
    for side, kinds in groups.items():
        table: dict[str, object] = {}
        for kind, seen in sorted(kinds.items()):
            if kind in NEGATIVE:
                table[kind] = {"photos": len(seen), "false_per_100": round(alarms(seen, threshold), 2)}
                continue
            for unmasked in (False, True) if kind == "masksweb" else (False,):
                value, faces = precision(seen, unmasked=unmasked)
                if not faces:
                    continue
                share = found_share(seen, threshold, unmasked=unmasked)
                other = precision(seen, unmasked=unmasked, coco=True)[0]
                row = {"photos": len(seen), "faces": faces, "ap": round(value, 4), "ap_coco": round(other, 4)}
                table[kind + "_unmasked" * unmasked] = row | {"recall": round(share, 4)}
        result[side] = table
    return result


def curve(see: Detector, photos: Sequence[Photo], longest: int) -> None:
    """Print false alarms and recall over thresholds, tune and test together."""
    kinds = {
        kind: [Seen(see, p, longest) for p in photos if p.kind == kind]
        for kind in (*NEGATIVE, "masksweb", "ytframes")
    }
    for threshold in GRID[::2]:
        wrong = " ".join(f"{kind} {alarms(kinds[kind], threshold):.2f}" for kind in NEGATIVE)
        right = " ".join(
            f"{kind} {found_share(kinds[kind], threshold):.3f}" for kind in ("masksweb", "ytframes")
        )
        print(f"  {threshold:.2f}  per 100: {wrong}  found: {right}")


def main() -> None:
    """Print a table; write JSON if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path, nargs="+")
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--longest", type=int, default=320)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--curves", type=Path)
    parser.add_argument("--write", action="store_true", help="write the figures into the folder's manifest")
    parser.add_argument("--curve", action="store_true", help="false alarms and recall over thresholds")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    photos = read(args.data / "faces", longest=10_000)
    sides = split(read(args.data / "faces"))
    see = detector(args.model)
    groups = looked_at(see, photos, sides, args.longest)
    result = evaluate(groups, args.threshold, args.longest)
    threshold = float(result["threshold"])
    rooms = [photo for photo in photos if photo.kind == "neg_rooms" and sides[photo.name] == "test"]
    for k, part in enumerate(("valid", "train")):
        crops = read_crops(args.data / "fer2013" / f"{part}.npz")
        if rooms:
            result[f"fer2013_{part}_pasted"] = pasted(see, crops, rooms, threshold, seed=5 + k)
    print(f"{args.model[0].name}  frame {args.longest}  threshold {threshold}")
    for side in ("tune", "test"):
        for kind, row in result[side].items():
            print(f"  {side}  {kind:18s} " + "  ".join(f"{key} {value}" for key, value in row.items()))
    for name in ("fer2013_valid_pasted", "fer2013_train_pasted"):
        for side, row in result.get(name, {}).items():
            print(f"  {name} {side} px: {row}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n")
    if args.curves:
        about = {"frame": args.longest, "threshold": threshold}
        if args.model[0].is_dir():
            about["sha256"] = json.loads((args.model[0] / "manifest.json").read_text())["sha256"]
        args.curves.write_text(json.dumps(about | drawn(groups["test"]), allow_nan=False) + "\n")
    if args.write:
        path = args.model[0] / "manifest.json"
        manifest = json.loads(path.read_text())
        manifest["metrics"]["int8"] = result
        write_manifest(path, manifest)
    if args.curve:
        curve(see, [photo for photo in photos if sides[photo.name] != "train"], args.longest)


if __name__ == "__main__":
    main()
