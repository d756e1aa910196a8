"""Training canvases of 320x240 for the detector: photos and cut-out faces, mixed by chance.

Design notes
============
1. A canvas holds three kinds of places: faces, places to ignore (neither face nor background: the set's own
   ignore boxes, faces cut off or under `SMALLEST` px), and background.
2. A face's box is transformed with its picture; a tilt turns the picture and only moves the box's centre.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import sys
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from face_effects import as_a_camera_sees, cover_mouth, noise_sheets, put_on_glasses, span
from face_set import FER_BOX, NEGATIVE, read, read_crops, split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from face_set import Boxes, Photo
    from numpy.typing import NDArray

HEIGHT: Final = 240
WIDTH: Final = 320
SMALLEST: Final = 8.0
"""Faces whose longer side is under this many pixels of the canvas are ignored."""
NEARBY: Final = (96.0, 330.0)
"""Height in pixels of the canvas of a face close by."""
SHARP: Final = 70.0
"""Height in pixels of a photo's largest face from which it is fit to be shown close by."""
NEGATIVE_SHARE: Final = (0.30, 0.30, 0.30, 0.08, 0.02)
"""How often a photo without a face comes from each of `NEGATIVE`."""
SHARE: Final = {
    "masksweb": 0.17, "actions": 0.14, "crowd": 0.13, "ytframes": 0.12, "street": 0.10, "people290": 0.07,
    "osie": 0.06, "press2": 0.05, "tightfaces": 0.05, "mixed": 0.03, "cmu": 0.03, "groups": 0.03,
    "masks2": 0.02, "press": 0.01, "coco": 0.01, "sports": 0.01, "masks3": 0.005,
}  # fmt: skip
"""How often a photo with faces comes from each set.

Turned and half hidden faces (actions, crowd) count much, masks little: of the photos in sets with masks,
those with a bare face come twice as often.
"""
OTHER_SHARE: Final = 0.05
"""The same of a set that is not in that table."""


def training_canvases(data: Path, seed: int) -> Canvases:
    """Return what draws canvases from the training photos and crops of a data folder."""
    photos = read(data / "faces")
    sides = split(photos)
    learnt = [photo for photo in photos if sides[photo.name] == "train"]
    return Canvases(learnt, read_crops(data / "fer2013" / "train.npz"), seed)


@dataclasses.dataclass(frozen=True, slots=True)
class Shares:
    """How often what is drawn."""

    natural: float = 0.35
    """Of the single photos, those shown whole, as an evaluation frame would show them."""
    untouched: float = 0.0
    """Of the canvases, those without a camera's light, blur and noise."""
    empty: float = 0.24
    """Of the canvases, those without a photographed face."""
    two: float = 0.28
    """Two by two photos."""
    many: float = 0.14
    """Three or four by three or four photos."""
    close: float = 0.0
    """One face close by, so large that the window's edge often cuts it.  The rest are single photos."""
    pasted: float = 0.42
    """Of the empty canvases, those that get pasted faces."""
    overlooked: float = 0.0
    """Of the photos with faces, those drawn from `Canvases.overlooked`."""


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
            self.faces.setdefault(photo.kind, [])
            if photo.kind not in NEGATIVE and len(photo.boxes):
                self.faces[photo.kind] += [i] if photo.covered.all() else [i, i]
        self.empty = {kind: [i for i, p in enumerate(photos) if p.kind == kind] for kind in NEGATIVE}
        calm = ("neg_rooms", "neg_rooms2", "neg_objects")
        self.calm = [i for kind in calm for i in self.empty[kind] if not len(photos[i].ignore)]
        share = {kind: SHARE.get(kind, OTHER_SHARE) for kind, rows in self.faces.items() if rows}
        self.kinds, self.kind_ends = list(share), np.cumsum(list(share.values())) / sum(share.values())
        share = {k: share for k, share in zip(NEGATIVE, NEGATIVE_SHARE, strict=True) if self.empty[k]}
        self.empty_kinds, self.empty_ends = list(share), np.cumsum(list(share.values())) / sum(share.values())
        if not self.kinds or not self.calm:
            sys.exit(
                "photos with faces and photos of rooms and things are wanted: face_set.py says how they stand"
            )
        self.hard: list[tuple[int, float, float, float]] = []
        """Mined places: photo, scale, x and y of the window's corner in the scaled photo."""
        self.overlooked: list[int] = []
        """Photos with a face that a trained net is not sure of."""
        self.shares = Shares()
        self.noise = noise_sheets(self.chance, HEIGHT, WIDTH)
        side = np.linspace(-1, 1, 64, dtype=np.float32)
        radius = np.sqrt(side[None] ** 2 + side[:, None] ** 2 * 0.8)
        self.oval = np.clip((1.0 - radius) / 0.22, 0, 1).astype(np.float32)
        square = np.maximum(np.abs(side[None]), np.abs(side[:, None]))
        self.frame = np.clip((1.0 - square) / 0.12, 0, 1).astype(np.float32)

    def batch(self, size: int) -> tuple[NDArray[np.uint8], list[Boxes], list[Boxes]]:
        """Return `size` canvases ``uint8 [size, 240, 320]``, their faces and the places to ignore (XYWH)."""
        out = np.empty((size, HEIGHT, WIDTH), np.uint8)
        faces, ignores = [], []
        for i in range(size):
            out[i], face, ignore = self.one()
            faces.append(face)
            ignores.append(ignore)
        return out, faces, ignores

    def one(self) -> tuple[NDArray[np.uint8], Boxes, Boxes]:
        """Return one canvas."""
        kind, shares = self.chance.random(), self.shares
        self.found: list[list[float]] = []
        self.skipped: list[list[float]] = []
        canvas = np.full((HEIGHT, WIDTH), 128, np.uint8)
        if kind < shares.empty:
            self._draw_empty(canvas)
            if self.chance.random() < shares.pasted:
                self._paste(canvas)
        elif kind < shares.empty + shares.two:
            self._mosaic(canvas, 2, 2, (12.0, 110.0))
        elif kind < shares.empty + shares.two + shares.many:
            rows, columns = (int(n) for n in self.chance.integers(3, 5, 2))
            self._mosaic(canvas, rows, columns, (10.0, 48.0))
        elif kind >= 1 - shares.close:
            self._close(canvas)
        else:
            self._single(canvas)
        if self.chance.random() >= shares.untouched:
            canvas = as_a_camera_sees(canvas, self.noise, self.chance)
        return (
            canvas,
            np.array(self.found, np.float32).reshape(-1, 4),
            np.array(self.skipped, np.float32).reshape(-1, 4),
        )

    # ---- placing photos

    def _pick(self) -> int:
        if self.overlooked and self.chance.random() < self.shares.overlooked:
            return self.overlooked[int(self.chance.integers(len(self.overlooked)))]
        kind = self.kinds[int(np.searchsorted(self.kind_ends, self.chance.random()))]
        rows = self.faces[kind]
        return rows[int(self.chance.integers(len(rows)))]

    def _pick_empty(self) -> int:
        kind = self.empty_kinds[int(np.searchsorted(self.empty_ends, self.chance.random()))]
        rows = self.empty[kind]
        return rows[int(self.chance.integers(len(rows)))]

    def _place(  # noqa: PLR0917
        self,
        canvas: NDArray[np.uint8],
        cell: tuple[int, int, int, int],
        index: int,
        scale: float,
        anchor: tuple[float, float],
        at: tuple[float, float],
        border: int,
    ) -> None:
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
        _warp(source, matrix, view, flags, border)
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

    def _note(
        self,
        centre: NDArray[np.float64],
        size: NDArray[np.float64],
        cell: tuple[int, int, int, int],
        *,
        real: bool,
        canvas: NDArray[np.uint8],
        covered: bool,
        eyes: NDArray[np.float64] | None = None,
    ) -> None:
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
                cover_mouth(canvas, box, self.chance)
            elif draw < 0.14 and eyes is not None and np.isfinite(eyes).all():
                put_on_glasses(canvas, eyes, self.chance)

    def _border(self) -> int:
        """Draw what `_place` puts around a photo."""
        draw = self.chance.random()
        if draw < 0.4:
            return 128
        if draw < 0.55:
            return int(self.chance.integers(0, 256))
        return -1 if draw < 0.75 else -2

    def _as_in_a_frame(self, index: int) -> tuple[float, tuple[float, float]]:
        """Draw a scale at which the whole photo about fills the canvas, and where its middle stands."""
        chance = self.chance
        rows, columns = self.photos[index].luma.shape
        scale = WIDTH / max(rows, columns) * math.exp(chance.normal(-0.03, 0.13))
        starts = []
        for free in (WIDTH - columns * scale, HEIGHT - rows * scale):
            fits = free > 0 and chance.random() < 0.6
            starts.append(0.0 if fits else chance.uniform(min(0.0, free), max(0.0, free)))
        return scale, (starts[0] + columns * scale / 2, starts[1] + rows * scale / 2)

    def _single(self, canvas: NDArray[np.uint8]) -> None:
        chance, index = self.chance, self._pick()
        photo = self.photos[index]
        rows, columns = photo.luma.shape
        cell = (0, 0, WIDTH, HEIGHT)
        if chance.random() < self.shares.natural:
            scale, at = self._as_in_a_frame(index)
            border = 128 if chance.random() < 0.7 else self._border_plain()
            self._place(canvas, cell, index, scale, (columns / 2, rows / 2), at, border)
            return
        border = self._border()
        if border == -2:
            self._draw_room(canvas)
        box = photo.boxes[int(chance.integers(len(photo.boxes)))]
        goal = span(chance, 14, 230)
        scale = min(4.0, goal / max(4.0, float(box[3])))
        w, h = box[2] * scale, box[3] * scale
        at = (chance.uniform(min(w * 0.4, WIDTH / 2), max(WIDTH - w * 0.4, WIDTH / 2)),
              chance.uniform(min(h * 0.4, HEIGHT / 2), max(HEIGHT - h * 0.4, HEIGHT / 2)))  # fmt: skip
        self._place(
            canvas, cell, index, scale, (float(box[0] + box[2] / 2), float(box[1] + box[3] / 2)), at, border
        )

    def _close(self, canvas: NDArray[np.uint8]) -> None:
        """Show one face `NEARBY` px high, its middle anywhere from where three quarters of it are seen."""
        chance, index = self.chance, self._pick()
        for _ in range(8):
            if self.photos[index].boxes[:, 3].max() >= SHARP:
                break
            index = self._pick()
        border = self._border()
        if border == -2:
            self._draw_room(canvas)
        boxes = self.photos[index].boxes
        box = boxes[int(boxes[:, 3].argmax())]
        scale = chance.uniform(*NEARBY) / float(box[3])
        at = tuple(
            chance.uniform(min(length * scale * 0.25, room / 2), max(room - length * scale * 0.25, room / 2))
            for length, room in ((float(box[2]), WIDTH), (float(box[3]), HEIGHT))
        )
        middle = (float(box[0] + box[2] / 2), float(box[1] + box[3] / 2))
        self._place(canvas, (0, 0, WIDTH, HEIGHT), index, min(4.0, scale), middle, (at[0], at[1]), border)

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
                goal = span(chance, heights[0], min(heights[1], cell[3] * 0.95))
                scale = min(3.0, goal / max(4.0, float(box[3])))
                w, h = float(box[2]) * scale, float(box[3]) * scale
                at = (chance.uniform(min(w / 2, cell[2] / 2), max(cell[2] - w / 2, cell[2] / 2)),
                      chance.uniform(min(h / 2, cell[3] / 2), max(cell[3] - h / 2, cell[3] / 2)))  # fmt: skip
                anchor = (float(box[0] + box[2] / 2), float(box[1] + box[3] / 2))
                border = 128 if chance.random() < 0.5 else self._border_plain()
                self._place(canvas, cell, index, scale, anchor, at, border)

    def _fill(
        self, canvas: NDArray[np.uint8], cell: tuple[int, int, int, int], index: int, zoom: float = 0.0
    ) -> None:
        """Cover a cell with a photo, zoomed in at random."""
        chance = self.chance
        rows, columns = self.photos[index].luma.shape
        scale = max(cell[2] / columns, cell[3] / rows) * (zoom or span(chance, 1.0, 2.2))
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
            scale, at = self._as_in_a_frame(index)
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
            height = (chance.uniform(70, 190) if near else span(chance, 14, 90 if taken else 205)) / max(
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
            if factor < 0.7:
                how = cv2.INTER_AREA
            else:
                how = cv2.INTER_CUBIC if chance.random() < 0.4 else cv2.INTER_LINEAR
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


def _warp(
    source: NDArray[np.uint8], matrix: NDArray[np.float64], view: NDArray[np.uint8], flags: int, border: int
) -> None:
    """Draw a picture into a view of the canvas; `border` as in `Canvases._place`."""
    size = (view.shape[1], view.shape[0])
    if border == -2:
        drawn = np.ascontiguousarray(view)
        cv2.warpAffine(source, matrix, size, drawn, flags, cv2.BORDER_TRANSPARENT)
        view[:] = drawn
    elif border == -1:
        view[:] = cv2.warpAffine(source, matrix, size, None, flags, cv2.BORDER_REPLICATE)
    else:
        view[:] = cv2.warpAffine(source, matrix, size, None, flags, cv2.BORDER_CONSTANT, (border,))


def _pyramid(luma: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return the photo and its halves down to about 24 px."""
    levels = [luma]
    while min(levels[-1].shape) > 48 and len(levels) < 5:
        rows, columns = levels[-1].shape
        even = levels[-1][: rows // 2 * 2, : columns // 2 * 2]
        levels.append(cv2.resize(even, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA))
    return levels
