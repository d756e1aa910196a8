"""Measure how far the shipped detector reaches: faces pasted into rooms, in a picture and in looks in a row.

    reach_face.py DATA ../../face [--faces 200] [--crop ../../emotion]

A room (`neg_rooms` and `neg_rooms2` of tune and test) is enlarged to 1280x960 and a FER2013 face of the
PublicTest is pasted into it, as large as one stands there at 4, 3, 2 and 1 m under 66 degrees (`SIDES`).
*Thorough*: `FacePipeline.search`; found is a box with IoU 0.4.  *Live*: `FacePipeline.look` every two
seconds, as in a room where nobody is seen; the face comes at any moment between two looks, and moves, turns
and grows a little from look to look.  Then ten looks more: the share of them in which it is lost.  With
``--crop`` the expression of the faces found is compared with the FER+ label, and so is that of the bare crop.
The table goes into manifest.json; what an earlier version reached stays there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

TRAINING: Final = Path(__file__).resolve().parents[1]
sys.path += [str(TRAINING / "emotion"), str(TRAINING / "common"), str(TRAINING.parents[1])]

from emotion_set import score_part
from face_set import FER_BOX, read, split
from manifest_file import write_manifest

from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.observation import Frame
from moodspeaker.vision import boxes, schedule
from moodspeaker.vision.interpreter import ExpressionNet, FaceDetector
from moodspeaker.vision.pipeline import FacePipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from moodspeaker.domain.observation import Face

    Luma = NDArray[np.uint8]

SIDES: Final = {4: 40, 3: 52, 2: 80, 1: 160}
"""Pixels of a face crop in a frame of 1280, by its distance in metres."""
WIDTH, HEIGHT = 1280, 960
MATCH: Final = 0.4
APART: Final = 0.2
"""A box with less IoU than this is another one than the face."""
PERIOD: Final = 2.0
"""Seconds between looks while nobody is seen."""
OCCUPIED: Final = 1.0
"""Seconds between looks while somebody is seen."""
LATEST: Final = 20.0
AFTER: Final = 10
"""Looks after the face was first seen."""


class NoNet(ExpressionNet):
    """Reads nothing: only boxes are wanted."""

    def __init__(self) -> None:
        """Load nothing."""

    def calibration(self, head: str) -> None:  # type: ignore[override]
        """Refuse no head."""

    def __call__(self, face: Luma, head: str = "") -> Probabilities:  # noqa: ARG002
        """Return no opinion."""
        return Probabilities.of([1 / 7] * 7)


def rooms(folder: Path) -> list[Luma]:
    """Return held-out rooms, enlarged and cut to a camera's frame."""
    sides = split(read(folder))
    result = []
    for photo in read(folder, longest=10_000):
        if photo.kind in {"neg_rooms", "neg_rooms2"} and sides[photo.name] != "train":
            height, width = photo.luma.shape
            scale = max(WIDTH / width, HEIGHT / height)
            how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            large = cv2.resize(photo.luma, None, fx=scale, fy=scale, interpolation=how)
            y, x = (large.shape[0] - HEIGHT) // 2, (large.shape[1] - WIDTH) // 2
            result.append(np.ascontiguousarray(large[y : y + HEIGHT, x : x + WIDTH]))
    return result


def paste(room: Luma, crop: Luma, x: int, y: int, side: int) -> tuple[Luma, NDArray[np.float32]]:
    """Return the room with a face in it, and its box."""
    frame = room.copy()
    how = cv2.INTER_AREA if side < len(crop) else cv2.INTER_CUBIC
    frame[y : y + side, x : x + side] = cv2.resize(crop, (side, side), interpolation=how)
    box = np.array([FER_BOX], np.float32) * side + np.array([[x, y, 0, 0]], np.float32)
    return frame, box.astype(np.float32)


NOISE: Final = 3.0
"""Luma steps of a sensor's noise, anew in each live picture."""


def noisy(frame: Luma, chance: np.random.Generator) -> Luma:
    """Return the picture with a sensor's noise."""
    noise = chance.normal(0, NOISE, frame.shape[1] + 4096).astype(np.float32)
    rows = [noise[start : start + frame.shape[1]] for start in chance.integers(0, 4096, len(frame))]
    return np.asarray(np.clip(np.rint(frame + np.array(rows)), 0, 255), np.uint8)


def moved(
    room: Luma, crop: Luma, place: tuple[int, int], side: int, chance: np.random.Generator
) -> tuple[Luma, NDArray[np.float32]]:
    """Return the room with a face that has moved, turned and grown a little."""
    turn = cv2.getRotationMatrix2D((24, 24), chance.normal(0, 3), 1)
    turned = cv2.warpAffine(crop, turn, (48, 48), borderMode=cv2.BORDER_REPLICATE)
    size = round(side * (1 + chance.normal(0, 0.02)))
    x = int(np.clip(place[0] + chance.normal(0, 2), 0, WIDTH - size))
    y = int(np.clip(place[1] + chance.normal(0, 2), 0, HEIGHT - size))
    return paste(room, turned, x, y, size)


def matched(faces: Sequence[Face], real: NDArray[np.float32]) -> tuple[Face | None, int]:
    """Return the face found at the real place, and the number of other boxes."""
    found = [(face.box.x, face.box.y, face.box.width, face.box.height) for face in faces]
    table = boxes.iou(np.array(found, np.float32).reshape(-1, 4), real)[:, 0]
    best = int(table.argmax()) if len(table) else -1
    return (faces[best] if best >= 0 and table[best] >= MATCH else None), int((table < APART).sum())


def thorough(
    pipeline: FacePipeline,
    places: Sequence[Luma],
    labelled: tuple[Luma, NDArray[np.int_]],
    side: int,
    chance: np.random.Generator,
) -> dict[str, float]:
    """Return the share of faces found in a picture, and how often their expressions are read right."""
    hits = right = bare = others = 0
    for crop, label in zip(*labelled, strict=True):
        room = places[int(chance.integers(len(places)))]
        x, y = int(chance.integers(0, WIDTH - side)), int(chance.integers(0, HEIGHT - side))
        frame, real = paste(room, crop, x, y, side)
        face, wrong = matched(pipeline.search(frame), real)
        others += wrong
        if face is not None:
            hits += 1
            right += int(np.argmax(face.probabilities) == label)
            bare += int(np.argmax(pipeline.net(crop)) == label)
    result = {
        "found": round(hits / len(labelled[0]), 3),
        "other_boxes_per_100": round(100 * others / len(labelled[0]), 1),
    }
    if not isinstance(pipeline.net, NoNet):
        result["expression_right"] = round(right / max(1, hits), 3)
        result["of_the_bare_crop"] = round(bare / max(1, hits), 3)
    return result


def live(
    detector: FaceDetector, places: Sequence[Luma], crops: Luma, side: int, chance: np.random.Generator
) -> dict[str, float]:
    """Return when a face that comes is first seen, and how often it is lost afterwards."""
    first, lost, looks = [], 0, 0
    for crop in crops:
        pipeline = FacePipeline(detector, NoNet())
        room = places[int(chance.integers(len(places)))]
        place = (int(chance.integers(0, WIDTH - side)), int(chance.integers(100, HEIGHT - side - 100)))
        for _ in range(int(chance.integers(1, 8))):
            pipeline.look(Frame(noisy(room, chance), 0.0))
        after, seen = chance.uniform(0, PERIOD), False
        while not seen and after < LATEST:
            frame, real = moved(room, crop, place, side, chance)
            seen = matched(pipeline.look(Frame(noisy(frame, chance), after)).faces, real)[0] is not None
            after += 0 if seen else PERIOD
        first.append(after)
        for _ in range(AFTER if seen else 0):
            frame, real = moved(room, crop, place, side, chance)
            lost += matched(pipeline.look(Frame(noisy(frame, chance), after)).faces, real)[0] is None
            looks += 1
    shares = {f"seen_within_{t}_s": round(float((np.array(first) <= t).mean()), 3) for t in (2, 5, 10)}
    return shares | {"lost_of_later_looks": round(lost / max(1, looks), 3)}


class Counted(FaceDetector):
    """Counts the windows that it looks through."""

    def __init__(self, folder: Path) -> None:
        """Load the model."""
        super().__init__(folder)
        self.windows = 0

    def __call__(self, window: Luma, threshold: float | None = None) -> tuple[boxes.Boxes, boxes.Scores]:
        """Return the faces of a window."""
        self.windows += 1
        return super().__call__(window, threshold)


def beside(
    detector: Counted, places: Sequence[Luma], crops: Luma, side: int, chance: np.random.Generator
) -> dict[str, float]:
    """Return when a face that comes is first seen while another one is near, and how often that is lost."""
    first, lost, later, looks, near = [], 0, 0, 0, SIDES[1]
    detector.windows = 0
    for row, crop in enumerate(crops):
        pipeline = FacePipeline(detector, NoNet())
        room = places[int(chance.integers(len(places)))]
        there = (int(chance.integers(0, WIDTH - near)), int(chance.integers(100, HEIGHT - near - 100)))
        place = there
        while abs(place[0] - there[0]) < near and abs(place[1] - there[1]) < near:
            place = (int(chance.integers(0, WIDTH - side)), int(chance.integers(100, HEIGHT - side - 100)))
        after, seen = chance.uniform(0, OCCUPIED) - OCCUPIED * int(chance.integers(4, 10)), False
        followed = False
        while not seen and after < LATEST:
            frame, sitting = moved(room, crops[row - 1], there, near, chance)
            if after >= 0:
                frame, real = moved(frame, crop, place, side, chance)
            faces = pipeline.look(Frame(noisy(frame, chance), after)).faces
            seen = after >= 0 and matched(faces, real)[0] is not None
            there_still = matched(faces, sitting)[0] is not None
            lost, later = lost + (followed and not there_still), later + followed
            followed, looks = followed or there_still, looks + 1
            after += 0 if seen else OCCUPIED
        first.append(after)
    shares = {f"seen_within_{t}_s": round(float((np.array(first) <= t).mean()), 3) for t in (2, 5, 10)}
    return shares | {
        "near_one_lost": round(lost / max(1, later), 3),
        "windows_a_look": round(detector.windows / max(1, looks), 2),
    }


def empty(pipeline: FacePipeline, places: Sequence[Luma]) -> dict[str, float]:
    """Return the false boxes in empty rooms, in pictures and in live looks."""
    pictures = sum(len(pipeline.search(room)) for room in places)
    looks = 0
    for room in places:
        watching = FacePipeline(pipeline.detector, NoNet())
        looks += sum(bool(watching.look(Frame(room, 0.0)).faces) for _ in range(AFTER))
    return {
        "rooms": len(places),
        "thorough_boxes_per_100": round(100 * pictures / len(places), 1),
        "live_looks_with_a_box_per_100": round(100 * looks / (AFTER * len(places)), 2),
    }


def main() -> None:
    """Measure, print, and write the table into the manifest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--crop", type=Path, help="folder of the expression net")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    detector = Counted(given.folder)
    net = ExpressionNet(given.crop) if given.crop else NoNet()
    pipeline = FacePipeline(detector, net)
    faces = score_part(given.data / "fer2013")
    chance = np.random.default_rng(3)
    clear = np.flatnonzero(faces.ferplus >= 0)
    drawn = chance.choice(clear, given.faces, replace=False)
    crops, labels = faces.images[drawn], faces.ferplus[drawn]
    places = rooms(given.data / "faces")
    result: dict[str, object] = {
        "windows_a_live_look": schedule.BUDGET,
        "faces_a_distance": given.faces,
        "empty": empty(pipeline, places),
    }
    print(result, flush=True)
    beside_another: dict[str, dict[str, float]] = {}
    for metres, side in SIDES.items():
        row = thorough(pipeline, places, (crops, labels), side, np.random.default_rng([metres, 0]))
        row |= live(detector, places, crops, side, np.random.default_rng([metres, 1]))
        with_another = beside(detector, places, crops, side, np.random.default_rng([metres, 2]))
        beside_another[f"{metres} m"] = with_another
        print(f"{metres} m, somebody else at 1 m", with_another, flush=True)
        result[f"{metres} m"] = row
        print(f"{metres} m", row, flush=True)
    result["beside"] = beside_another
    path = given.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    before = {key: row for key, row in manifest.get("reach", {}).items() if "before" in key}
    manifest["reach"] = result | before
    write_manifest(path, manifest)


if __name__ == "__main__":
    main()
