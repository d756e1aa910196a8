"""The detector's photos: read, split by person and source, and mixed into canvases of 320x240.

Design notes
============
1. Nobody is on both sides: photos of one person, one house, one picture and its near copies (difference hash, at most
   `NEAR` of 64 bits apart) share a group, and a group is wholly in `train`, `tune` or `test`.
2. The side follows from a hash of the group's name alone: the same folder gives the same split everywhere.
3. `tune` chooses thresholds, `test` reports; neither is ever drawn into a canvas.
4. A canvas holds three kinds of places: faces, places to ignore (neither face nor background: the set's own ignore boxes,
   faces cut off or under `SMALLEST` px), and background.
5. A face's box is transformed with its picture; a tilt turns the picture and only moves the box's centre.
6. Sets whose boxes are drawn in another way than most (`STYLE`) are shifted and scaled when read.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Boxes = NDArray[np.float32]

HEIGHT: Final = 240
WIDTH: Final = 320
SMALLEST: Final = 8.0
"""Faces whose longer side is under this many pixels of the canvas are ignored."""
NEAR: Final = 4
"""Difference hashes at most this many bits apart belong to one group."""
HELD: Final = {
    "ytframes": 0.10, "masksweb": 0.20, "street": 0.08, "tightfaces": 0.04, "people290": 0.25, "mixed": 0.20,
    "neg_rooms": 0.25, "neg_objects": 0.25, "neg_hard": 0.25, "neg_rooms2": 0.25, "neg_mixed": 0.25,
    "crowd": 0.12, "actions": 0.12, "osie": 0.12, "masks2": 0.15, "masks3": 0.20, "groups": 0.10, "press": 0.20, "press2": 0.20,
    "cmu": 0.20, "coco": 0.25, "sports": 0.20,
}  # fmt: skip
"""Share of each set's groups that is held out, half for `tune` and half for `test`."""
NEGATIVE: Final = ("neg_rooms", "neg_objects", "neg_hard", "neg_rooms2", "neg_mixed")
NEGATIVE_SHARE: Final = (0.30, 0.30, 0.30, 0.08, 0.02)
"""How often a photo without a face comes from each of `NEGATIVE`."""
SHARE: Final = {
    "masksweb": 0.17, "actions": 0.14, "crowd": 0.13, "ytframes": 0.12, "street": 0.10, "people290": 0.07, "osie": 0.06,
    "press2": 0.05, "tightfaces": 0.05, "mixed": 0.03, "cmu": 0.03, "groups": 0.03, "masks2": 0.02, "press": 0.01, "coco": 0.01,
    "sports": 0.01, "masks3": 0.005,
}  # fmt: skip
"""How often a photo with faces comes from each set.  Turned and half hidden faces (actions, crowd) count much, masks little: of
the photos in sets with masks, those with a bare face come twice as often."""
STYLE: Final = {
    "cmu": (0.0, -0.03, 0.69, 0.83),
    "press": (0.0, 0.065, 0.92, 0.80),
    "press2": (0.0, 0.065, 0.91, 0.80),
}
"""Shift of the centre and scale of the sides that bring a set's boxes to the others' style, in shares of a box's sides: by the
medians of where boxes stand to the eyes and the mouth of upright faces."""
FER_BOX: Final = (0.09, 0.02, 0.82, 0.95)
"""x, y, w, h of the face inside a FER2013 crop, as shares of its side: between YuNet's framing of the mean face, cut at the
crop's edge (eyes at .37, mouth at .78 of the height), and what a net trained on the other sets answers there."""
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
    """Read every photo under `folder` (`ann/*.jsonl`, `images/`) as luma, reduced to `longest` px."""
    photos = []
    for listing in sorted((folder / "ann").glob("*.jsonl")):
        for line in listing.read_text().splitlines():
            row = json.loads(line)
            luma = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
            if luma is None:
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
                Photo(name, listing.stem, luma, boxes, ignore, covered, eyes * np.float32(factor), row["src"])
            )
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
    """Return 64 bits, packed into eight bytes: whether each pixel of a 9x8 thumbnail is darker than its right neighbour."""
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
        held = HELD[head.kind]
        sides[photo.name] = "train" if draw >= held else "tune" if draw < held / 2 else "test"
    return sides


def read_crops(file: Path) -> NDArray[np.uint8]:
    """Return FER2013's training faces ``[N, 48, 48]`` without blanks and without what the FER+ voters called no face."""
    with np.load(file) as stored:
        images, votes = stored["images"], stored["votes"]
    wanted = (images.reshape(len(images), -1).std(1) > 8) & (votes[:, 9] < 2) & (votes[:, 8] < 4)
    return images[wanted]


class Canvases:
    """Draws training canvases from photos, crops and chance."""

    def __init__(self, photos: Sequence[Photo], crops: NDArray[np.uint8], seed: int) -> None:
        """Prepare thumbnails (levels of half size) of all photos."""
        self.chance = np.random.default_rng(seed)
        self.crops = crops
        self.levels = [_pyramid(photo.luma) for photo in photos]
        self.photos = list(photos)
        self.faces: dict[str, list[int]] = {kind: [] for kind in SHARE}
        for i, photo in enumerate(photos):
            if photo.kind in SHARE and len(photo.boxes):
                self.faces[photo.kind] += [i] if photo.covered.all() else [i, i]
        self.empty = {kind: [i for i, p in enumerate(photos) if p.kind == kind] for kind in NEGATIVE}
        calm = ("neg_rooms", "neg_rooms2", "neg_objects")
        self.calm = [i for kind in calm for i in self.empty[kind] if not len(photos[i].ignore)]
        share = {kind: share for kind, share in SHARE.items() if self.faces[kind]}
        self.kinds, self.kind_ends = list(share), np.cumsum(list(share.values())) / sum(share.values())
        self.empty_ends = np.cumsum(NEGATIVE_SHARE) / sum(NEGATIVE_SHARE)
        self.hard: list[tuple[int, float, float, float]] = []
        """Mined places: photo, scale, x and y of the window's corner in the scaled photo."""
        self.natural = 0.35
        """Share of single photos shown as an evaluation frame would show them."""
        self.share_empty, self.share_two, self.share_many = 0.24, 0.28, 0.14
        self.share_pasted = 0.42
        """Share of the canvases without a photographed face that get pasted ones."""
        noise = self.chance.normal(0, 1, (16, HEIGHT + 64, WIDTH + 64)).astype(np.float32)
        self.noise = np.concatenate([noise[:8], [cv2.GaussianBlur(n, (3, 3), 0.8) * 1.6 for n in noise[8:]]])
        side = np.linspace(-1, 1, 64, dtype=np.float32)
        radius = np.sqrt(side[None] ** 2 + side[:, None] ** 2 * 0.8)
        self.oval = np.clip((1.0 - radius) / 0.22, 0, 1).astype(np.float32)
        square = np.maximum(np.abs(side[None]), np.abs(side[:, None]))
        self.frame = np.clip((1.0 - square) / 0.12, 0, 1).astype(np.float32)

    def batch(self, size: int) -> tuple[NDArray[np.uint8], list[Boxes], list[Boxes]]:
        """Return `size` canvases ``uint8 [size, 240, 320]``, their faces and the places to ignore (XYWH px)."""
        out = np.empty((size, HEIGHT, WIDTH), np.uint8)
        faces, ignores = [], []
        for i in range(size):
            out[i], face, ignore = self.one()
            faces.append(face)
            ignores.append(ignore)
        return out, faces, ignores

    def one(self) -> tuple[NDArray[np.uint8], Boxes, Boxes]:
        """Return one canvas."""
        kind = self.chance.random()
        self.found: list[list[float]] = []
        self.skipped: list[list[float]] = []
        canvas = np.full((HEIGHT, WIDTH), 128, np.uint8)
        if kind < self.share_empty:
            self._draw_empty(canvas)
            if self.chance.random() < self.share_pasted:
                self._paste(canvas)
        elif kind < self.share_empty + self.share_two:
            self._mosaic(canvas, 2, 2, (12.0, 110.0))
        elif kind < self.share_empty + self.share_two + self.share_many:
            rows, columns = (int(n) for n in self.chance.integers(3, 5, 2))
            self._mosaic(canvas, rows, columns, (10.0, 48.0))
        else:
            self._single(canvas)
        canvas = self._light(canvas)
        return (
            canvas,
            np.array(self.found, np.float32).reshape(-1, 4),
            np.array(self.skipped, np.float32).reshape(-1, 4),
        )

    # ---- placing photos

    def _pick(self) -> int:
        kind = self.kinds[int(np.searchsorted(self.kind_ends, self.chance.random()))]
        rows = self.faces[kind]
        return rows[int(self.chance.integers(len(rows)))]

    def _pick_empty(self) -> int:
        kind = NEGATIVE[int(np.searchsorted(self.empty_ends, self.chance.random()))]
        rows = self.empty[kind]
        return rows[int(self.chance.integers(len(rows)))]

    def _span(self, low: float, high: float) -> float:
        """Draw log-uniformly."""
        return low * (high / low) ** self.chance.random()

    def _place(self, canvas: NDArray[np.uint8], cell: tuple[int, int, int, int], index: int, scale: float,  # noqa: PLR0917
               anchor: tuple[float, float], at: tuple[float, float], border: int) -> None:  # fmt: skip
        """Draw a photo into a cell (x, y, w, h) so that its point `anchor` lands on `at` (in the cell).

        `border`: -1 repeats the photo's edge, -2 keeps what the canvas has, else the grey to fill with.
        """
        chance, photo = self.chance, self.photos[index]
        left, top, width, height = cell
        flip = chance.random() < 0.5
        stretch = math.exp(chance.normal(0, 0.05))
        across, down = scale * stretch, scale / stretch
        draw = chance.random()
        tilt = math.radians(
            chance.normal(0, 9) if draw < 0.35 else chance.uniform(-45, 45) if draw < 0.43 else 0.0
        )
        cos, sin = math.cos(tilt), math.sin(tilt)
        sign = -1.0 if flip else 1.0
        turn = np.array([[cos * across * sign, -sin * down], [sin * across * sign, cos * down]])
        shift = np.array(at) - turn @ np.array(anchor)
        level = min(len(self.levels[index]) - 1, max(0, math.floor(-math.log2(max(scale, 1e-3)) + 0.35)))
        factor = 2.0**level
        matrix = np.empty((2, 3))
        matrix[:, :2] = turn * factor
        # pixel centres: level pixel u stands for photo coordinate (u + .5) * factor - .5 + .5
        matrix[:, 2] = shift + turn @ np.array([factor / 2, factor / 2]) - 0.5
        source = self.levels[index][level]
        view = canvas[top : top + height, left : left + width]
        flags = cv2.INTER_CUBIC if scale > 1.6 and chance.random() < 0.5 else cv2.INTER_LINEAR
        if border == -2:
            drawn = np.ascontiguousarray(view)
            cv2.warpAffine(source, matrix, (width, height), drawn, flags, cv2.BORDER_TRANSPARENT)
            view[:] = drawn
        elif border == -1:
            view[:] = cv2.warpAffine(source, matrix, (width, height), None, flags, cv2.BORDER_REPLICATE)
        else:
            view[:] = cv2.warpAffine(
                source, matrix, (width, height), None, flags, cv2.BORDER_CONSTANT, (border,)
            )
        for boxes, real in ((photo.boxes, True), (photo.ignore, False)):
            if not len(boxes):
                continue
            centres = (boxes[:, :2] + boxes[:, 2:] / 2) @ turn.T + shift
            sizes = boxes[:, 2:] * np.array([across, down])
            if not real and tilt:
                sizes = sizes * (1 + abs(sin) * 0.5)
            for k in range(len(boxes)):
                eyes = photo.eyes[k] @ turn.T + shift + np.array([left, top]) if real else None
                covered = real and bool(photo.covered[k])
                self._note(centres[k], sizes[k], cell, real=real, canvas=canvas, covered=covered, eyes=eyes)

    def _note(self, centre: NDArray[np.float64], size: NDArray[np.float64], cell: tuple[int, int, int, int], *,
              real: bool, canvas: NDArray[np.uint8], covered: bool,
              eyes: NDArray[np.float64] | None = None) -> None:  # fmt: skip
        """Book a box (in the cell) as a face or as a place to ignore, by how much of it is seen."""
        left, top, width, height = cell
        x, y = max(0.0, centre[0] - size[0] / 2), max(0.0, centre[1] - size[1] / 2)
        right, bottom = (
            min(float(width), centre[0] + size[0] / 2),
            min(float(height), centre[1] + size[1] / 2),
        )
        if right - x <= 1 or bottom - y <= 1:
            return
        seen = (right - x) * (bottom - y) / max(1e-6, size[0] * size[1])
        box = [x + left, y + top, right - x, bottom - y]
        if not real or seen < 0.62 or max(box[2:]) < SMALLEST:
            self.skipped.append(box)
            return
        self.found.append(box)
        if not covered and min(box[2:]) > 12:
            draw = self.chance.random()
            if draw < 0.06:
                self._cover(canvas, box)
            elif draw < 0.14 and eyes is not None and np.isfinite(eyes).all():
                self._put_on_glasses(canvas, eyes)

    def _cover(self, canvas: NDArray[np.uint8], box: list[float]) -> None:
        """Hide the lower half of a face as a mask, a scarf or a hand would."""
        chance = self.chance
        x, y, w, h = box
        top = y + h * chance.uniform(0.48, 0.66)
        bottom = y + h * chance.uniform(0.92, 1.06)
        tone = int(chance.integers(20, 250))
        inset = chance.uniform(0.0, 0.14)
        corners = [[x + w * inset, top + h * 0.04], [x + w / 2, top - h * chance.uniform(0, 0.1)],
                   [x + w * (1 - inset), top + h * 0.04], [x + w * 0.9, bottom - h * 0.15],
                   [x + w * 0.6, bottom], [x + w * 0.4, bottom], [x + w * 0.1, bottom - h * 0.15]]  # fmt: skip
        cv2.fillPoly(canvas, [np.array(corners, np.int32)], (tone,))
        if chance.random() < 0.5:
            fold = max(0, min(255, tone + int(chance.integers(-40, 40))))
            for share in (0.35, 0.6):
                at = round(top + (bottom - top) * share)
                cv2.line(canvas, (round(x + w * 0.15), at), (round(x + w * 0.85), at), (fold,), 1)

    def _put_on_glasses(self, canvas: NDArray[np.uint8], eyes: NDArray[np.float64]) -> None:
        """Draw sunglasses or a frame over the eyes (canvas px)."""
        chance = self.chance
        across = eyes[1] - eyes[0]
        apart = float(np.hypot(*across))
        if apart < 5 or apart > WIDTH / 2:
            return
        tilt = math.degrees(math.atan2(across[1], across[0]))
        lens = (
            max(1, round(apart * chance.uniform(0.30, 0.42))),
            max(1, round(apart * chance.uniform(0.20, 0.34))),
        )
        dark = chance.random() < 0.6
        tone, width = (
            int(chance.integers(0, 70 if dark else 200)),
            max(1, round(apart * chance.uniform(0.03, 0.09))),
        )
        ears = (eyes[0] - across * 0.55, eyes[1] + across * 0.55)
        ends = [(round(float(x)), round(float(y))) for x, y in (*eyes, *ears)]
        for eye in ends[:2]:
            cv2.ellipse(canvas, eye, lens, tilt, 0, 360, (tone,), -1 if dark else width)
        for start, end in ((ends[0], ends[2]), (ends[1], ends[3])) if not dark else ((ends[0], ends[1]),):
            cv2.line(canvas, start, end, (tone,), width)

    def _border(self) -> int:
        draw = self.chance.random()
        return (
            128
            if draw < 0.4
            else int(self.chance.integers(0, 256))
            if draw < 0.55
            else -1
            if draw < 0.75
            else -2
        )

    def _single(self, canvas: NDArray[np.uint8]) -> None:
        chance, index = self.chance, self._pick()
        photo = self.photos[index]
        rows, columns = photo.luma.shape
        cell = (0, 0, WIDTH, HEIGHT)
        if chance.random() < self.natural:
            scale = WIDTH / max(rows, columns) * math.exp(chance.normal(-0.03, 0.13))
            free_x, free_y = WIDTH - columns * scale, HEIGHT - rows * scale
            x = (
                0.0
                if free_x > 0 and chance.random() < 0.6
                else chance.uniform(min(0.0, free_x), max(0.0, free_x))
            )
            y = (
                0.0
                if free_y > 0 and chance.random() < 0.6
                else chance.uniform(min(0.0, free_y), max(0.0, free_y))
            )
            self._place(canvas, cell, index, scale, (columns / 2, rows / 2), (x + columns * scale / 2, y + rows * scale / 2),
                        128 if chance.random() < 0.7 else self._border_plain())  # fmt: skip
            return
        border = self._border()
        if border == -2:
            self._draw_room(canvas)
        box = photo.boxes[int(chance.integers(len(photo.boxes)))]
        goal = self._span(14, 230)
        scale = min(4.0, goal / max(4.0, float(box[3])))
        w, h = box[2] * scale, box[3] * scale
        at = (chance.uniform(min(w * 0.4, WIDTH / 2), max(WIDTH - w * 0.4, WIDTH / 2)),
              chance.uniform(min(h * 0.4, HEIGHT / 2), max(HEIGHT - h * 0.4, HEIGHT / 2)))  # fmt: skip
        self._place(
            canvas, cell, index, scale, (float(box[0] + box[2] / 2), float(box[1] + box[3] / 2)), at, border
        )

    def _border_plain(self) -> int:
        return -1 if self.chance.random() < 0.5 else int(self.chance.integers(0, 256))

    def _mosaic(
        self, canvas: NDArray[np.uint8], rows: int, columns: int, heights: tuple[float, float]
    ) -> None:
        chance = self.chance
        jitter = 0.3 / max(rows, columns)
        ys = [
            0,
            *[round(HEIGHT * (i / rows + chance.uniform(-jitter, jitter))) for i in range(1, rows)],
            HEIGHT,
        ]
        xs = [
            0,
            *[round(WIDTH * (i / columns + chance.uniform(-jitter, jitter))) for i in range(1, columns)],
            WIDTH,
        ]
        for top, bottom in itertools.pairwise(ys):
            for left, right in itertools.pairwise(xs):
                cell = (left, top, right - left, bottom - top)
                if chance.random() < 0.14:
                    self._fill(canvas, cell, self._pick_empty())
                    continue
                index = self._pick()
                photo = self.photos[index]
                box = photo.boxes[int(chance.integers(len(photo.boxes)))]
                goal = self._span(heights[0], min(heights[1], cell[3] * 0.95))
                scale = min(3.0, goal / max(4.0, float(box[3])))
                w, h = float(box[2]) * scale, float(box[3]) * scale
                at = (chance.uniform(min(w / 2, cell[2] / 2), max(cell[2] - w / 2, cell[2] / 2)),
                      chance.uniform(min(h / 2, cell[3] / 2), max(cell[3] - h / 2, cell[3] / 2)))  # fmt: skip
                anchor = (float(box[0] + box[2] / 2), float(box[1] + box[3] / 2))
                self._place(
                    canvas,
                    cell,
                    index,
                    scale,
                    anchor,
                    at,
                    128 if chance.random() < 0.5 else self._border_plain(),
                )

    def _fill(
        self, canvas: NDArray[np.uint8], cell: tuple[int, int, int, int], index: int, zoom: float = 0.0
    ) -> None:
        """Cover a cell with a photo, zoomed in at random."""
        chance = self.chance
        rows, columns = self.photos[index].luma.shape
        scale = max(cell[2] / columns, cell[3] / rows) * (zoom or self._span(1.0, 2.2))
        spare_x, spare_y = cell[2] - columns * scale, cell[3] - rows * scale
        at = (chance.uniform(spare_x, 0) + columns * scale / 2, chance.uniform(spare_y, 0) + rows * scale / 2)
        self._place(canvas, cell, index, scale, (columns / 2, rows / 2), at, -1)

    def _draw_room(self, canvas: NDArray[np.uint8]) -> None:
        rows = self.calm
        self._fill(canvas, (0, 0, WIDTH, HEIGHT), rows[int(self.chance.integers(len(rows)))])

    def _draw_empty(self, canvas: NDArray[np.uint8]) -> None:
        chance, draw = self.chance, self.chance.random()
        whole = (0, 0, WIDTH, HEIGHT)
        if self.hard and chance.random() < 0.55:
            index, scale, x, y = self.hard[int(chance.integers(len(self.hard)))]
            middle = ((x + WIDTH / 2) / scale, (y + HEIGHT / 2) / scale)
            at = (WIDTH / 2 + chance.normal(0, 8), HEIGHT / 2 + chance.normal(0, 8))
            self._place(canvas, whole, index, scale * math.exp(chance.normal(0, 0.06)), middle, at, 128)
            return
        index = self._pick_empty()
        rows, columns = self.photos[index].luma.shape
        if draw < 0.4:
            scale = WIDTH / max(rows, columns) * math.exp(chance.normal(-0.03, 0.13))
            free_x, free_y = WIDTH - columns * scale, HEIGHT - rows * scale
            x = (
                0.0
                if free_x > 0 and chance.random() < 0.6
                else chance.uniform(min(0.0, free_x), max(0.0, free_x))
            )
            y = (
                0.0
                if free_y > 0 and chance.random() < 0.6
                else chance.uniform(min(0.0, free_y), max(0.0, free_y))
            )
            at = (x + columns * scale / 2, y + rows * scale / 2)
            self._place(canvas, whole, index, scale, (columns / 2, rows / 2), at, 128)
        elif draw < 0.75:
            self._fill(canvas, whole, index)
        else:
            for top, left in ((0, 0), (0, WIDTH // 2), (HEIGHT // 2, 0), (HEIGHT // 2, WIDTH // 2)):
                self._fill(canvas, (left, top, WIDTH // 2, HEIGHT // 2), self._pick_empty())

    # ---- pasting faces

    def _paste(self, canvas: NDArray[np.uint8]) -> None:
        """Put one to four cut-out faces on the canvas, apart from each other."""
        chance = self.chance
        taken: list[tuple[float, float, float, float]] = []
        for _ in range(int(chance.integers(1, 5))):
            patch, box = self._cutting()
            near = not taken and chance.random() < 0.5
            height = (chance.uniform(70, 190) if near else self._span(14, 90 if taken else 205)) / max(
                0.4, box[3]
            )
            factor = height / patch.shape[0]
            w, h = max(6, round(patch.shape[1] * factor)), max(6, round(height))
            if w >= WIDTH or h >= HEIGHT:
                w, h = min(w, WIDTH), min(h, HEIGHT)
            x, y = int(chance.integers(0, WIDTH - w + 1)), int(chance.integers(0, HEIGHT - h + 1))
            if any(x < a + c and a < x + w and y < b + d and b < y + h for a, b, c, d in taken):
                continue
            taken.append((x, y, w, h))
            how = (
                cv2.INTER_AREA
                if factor < 0.7
                else cv2.INTER_CUBIC
                if chance.random() < 0.4
                else cv2.INTER_LINEAR
            )
            face = cv2.resize(patch, (w, h), interpolation=how)
            if chance.random() < 0.5:
                face, box = face[:, ::-1], (1 - box[0] - box[2], box[1], box[2], box[3])
            view = canvas[y : y + h, x : x + w]
            draw = chance.random()
            if draw < 0.5:
                view[:] = face
            else:
                mask = cv2.resize(self.oval if draw < 0.75 else self.frame, (w, h))
                view[:] = (face * mask + view * (1 - mask)).astype(np.uint8)
            where = (box[0] * w, box[1] * h, box[2] * w, box[3] * h)
            centre = np.array([where[0] + where[2] / 2, where[1] + where[3] / 2])
            self._note(centre, np.array(where[2:]), (x, y, w, h), real=True, canvas=canvas, covered=False)

    def _cutting(self) -> tuple[NDArray[np.uint8], tuple[float, float, float, float]]:
        """Return a picture with one face and the face's place in it, as shares of its sides."""
        chance = self.chance
        if chance.random() < 0.6:
            return self.crops[int(chance.integers(len(self.crops)))], FER_BOX
        for _ in range(4):
            index = self._pick()
            photo = self.photos[index]
            k = int(chance.integers(len(photo.boxes)))
            x, y, w, h = (float(v) for v in photo.boxes[k])
            if h < 24 or len(photo.boxes) + len(photo.ignore) > 1:
                continue
            wide, above, below = (chance.uniform(0.05, 0.6) for _ in range(3))
            rows, columns = photo.luma.shape
            left, right = max(0, int(x - w * wide)), min(columns, math.ceil(x + w * (1 + wide)))
            top, bottom = max(0, int(y - h * above)), min(rows, math.ceil(y + h * (1 + below)))
            wide_px, high_px = right - left, bottom - top
            patch = photo.luma[top:bottom, left:right]
            return patch, ((x - left) / wide_px, (y - top) / high_px, w / wide_px, h / high_px)
        return self.crops[int(chance.integers(len(self.crops)))], FER_BOX

    # ---- light and sensor

    def _light(self, canvas: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Change light, sharpness and noise as cameras and rooms do."""
        chance = self.chance
        if chance.random() < 0.14:
            sigma = self._span(0.4, 1.6)
            canvas = cv2.GaussianBlur(canvas, (0, 0) if sigma > 1 else (3, 3), sigma)
        elif chance.random() < 0.06:
            length = int(chance.integers(3, 8))
            kernel = np.zeros((length, length), np.float32)
            if chance.random() < 0.6:
                kernel[length // 2] = 1 / length
            else:
                kernel[:, length // 2] = 1 / length
            canvas = cv2.filter2D(canvas, -1, kernel)
        if chance.random() < 0.75:
            tones = np.linspace(0, 1, 256) ** math.exp(chance.normal(0, 0.35))
            contrast = math.exp(chance.normal(-0.08, 0.25))
            tones = (tones - 0.5) * contrast + 0.5 + chance.normal(0, 0.07)
            if chance.random() < 0.16:
                tones = tones * self._span(0.1, 0.7)
            canvas = cv2.LUT(canvas, np.clip(tones * 255, 0, 255).astype(np.uint8))
        light = chance.random() < 0.12
        noisy = chance.random() < 0.28
        if light or noisy:
            work = canvas.astype(np.float32)
            if light:
                ramp = np.linspace(
                    chance.uniform(0.35, 1), chance.uniform(0.8, 1.25), WIDTH, dtype=np.float32
                )
                ramp = ramp[:: (1 if chance.random() < 0.5 else -1)]
                work *= ramp
            if noisy:
                y, x = (int(v) for v in chance.integers(0, 64, 2))
                sheet = self.noise[int(chance.integers(len(self.noise)))]
                work += sheet[y : y + HEIGHT, x : x + WIDTH] * np.float32(self._span(1.5, 16))
            canvas = np.clip(work, 0, 255).astype(np.uint8)
        if chance.random() < 0.12:
            quality = int(chance.integers(20, 85))
            _, coded = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, quality])
            canvas = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
        return canvas


def _pyramid(luma: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return the photo and its halves down to about 24 px."""
    levels = [luma]
    while min(levels[-1].shape) > 48 and len(levels) < 5:
        rows, columns = levels[-1].shape
        even = levels[-1][: rows // 2 * 2, : columns // 2 * 2]
        levels.append(cv2.resize(even, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA))
    return levels
