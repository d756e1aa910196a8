"""From a frame to an observation, and from light to the camera's state.

Design notes
============
1. A look goes through the windows that `schedule` gives, the last of them where the others hint at a face.
   What they find is weighed by `agreement.agreed`, and what then reaches the model's threshold is merged in
   frame pixels by `boxes.merge`.  Of two boxes of which one lies mostly within the other the better stays:
   faces do not hold faces, but a near cheek in a fine window can look like one.
2. An expression is read from a square cut from the **full** frame around the box: `CROP_SCALE` times the root
   of its area a side, which is how FER2013 frames a face.
3. Faces are listed largest first.
4. A short look (`schedule`) costs one window and the expressions of the faces in it, unless the picture
   changed elsewhere since the last look that searched.
5. Looks are deterministic: the same frames in the same order give the same observations.  No clock is read
   here.
6. A frame is *dark* when it is black with nothing in it, *covered* when it has no texture at whatever
   brightness (a lid, a cloth, tape: light falls off smoothly across it), else *ok*; the state changes after
   `SETTLED` frames that agree.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker import resources
from moodspeaker.domain.observation import Box, CameraState, Face, ModelVersions, Observation
from moodspeaker.vision import agreement, boxes, change, preprocess, schedule
from moodspeaker.vision.boxes import View
from moodspeaker.vision.interpreter import DEFAULT_HEAD, ExpressionNet, FaceDetector

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from moodspeaker.config.schema import Config
    from moodspeaker.domain.observation import Frame
    from moodspeaker.vision.boxes import Boxes, Window

CROP_SCALE: Final = 1.13
"""Side of the expression crop over the root of the box's area: the median over FER2013 training faces, 80-150
px, in photos.

Their centres agree within a hundredth of the side."""
WITHIN: Final = 0.7
"""Share of the smaller box that lies within the larger one when both are taken for one face."""
SUSPECT: Final = 0.2
"""Score from which on a place is worth a closer look."""
SURE: Final = 0.5
"""Score of a face that a single look at a turned picture is believed."""
MOST_CLOSER: Final = 24
"""Closer windows of a thorough look, at most."""
MOST_FACES: Final = 16
"""Faces of one live look, so that a message stays small."""

BLOCK: Final = 32
"""Light is measured on blocks of this many pixels of the thinned frame: noise averages out."""
THINNED: Final = 320
"""Pixels of the thinned frame's longer side, at least."""
FEWEST_BLOCKS: Final = 3
"""A frame with fewer blocks a side is too small to tell: it is ok."""
DARK_MEAN: Final = 14.0
"""Luma of a dark frame, at most."""
DARK_SPREAD: Final = 6.0
"""Deviation of the blocks of a dark frame, at most: a screen or a lamp in a dark room exceeds it."""
PLAIN: Final = 1.5
"""Mean curvature (luma steps) between neighbouring blocks of a covered lens, at most."""
SETTLED: Final = 3
"""Frames in a row that must agree before the camera's state changes."""


def through(luma: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """Return what a window (frame pixels) shows of the frame, uint8 [240, 320]; beyond that it is grey."""
    factor = window.width / boxes.WINDOW_WIDTH
    left, top = round(window.x), round(window.y)
    seen = luma[top : round(window.y + window.height), left : round(window.x + window.width)]
    rows = min(boxes.WINDOW_HEIGHT, max(1, round(seen.shape[0] / factor)))
    columns = min(boxes.WINDOW_WIDTH, max(1, round(seen.shape[1] / factor)))
    scaled = preprocess.resize(seen, rows, columns)
    if scaled.shape == (boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH):
        return scaled
    canvas = np.full((boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH), preprocess.GREY, np.uint8)
    canvas[:rows, :columns] = scaled
    return canvas


def face_crop(luma: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return the square around a box from which the expression is read, uint8 [48, 48]."""
    side = CROP_SCALE * math.sqrt(box.width * box.height)
    return preprocess.crop(luma, box.x + box.width / 2, box.y + box.height / 2, side)


def unnested(found: Boxes) -> list[int]:
    """Return the rows to keep of boxes, best first.

    None lies within a better one, nor around it, by more than `WITHIN`.
    """
    areas, kept = found[:, 2] * found[:, 3], list[int]()
    for row in range(len(found)):
        common = boxes.overlap(found[row : row + 1], found[kept])[0]
        if not (common > WITHIN * np.minimum(areas[row], areas[kept])).any():
            kept.append(row)
    return kept


class FacePipeline:
    """Both models and what the looks so far leave for the next one."""

    def __init__(self, detector: FaceDetector, net: ExpressionNet, head: str = DEFAULT_HEAD) -> None:
        net.calibration(head)  # a head that is not there is refused now, not at the first face
        self.detector = detector
        self.net = net
        self.head = head
        self._plan = schedule.Plan()
        self._shown: change.Thumbnail | None = None
        self._searched: change.Thumbnail | None = None

    @classmethod
    def of(cls, models: Path, head: str = DEFAULT_HEAD) -> FacePipeline:
        """Load both models from a folder; raise ModelError when one is refused."""
        return cls(FaceDetector(models / "face"), ExpressionNet(models / "emotion"), head)

    @classmethod
    def from_config(cls, config: Config, head: str = DEFAULT_HEAD) -> FacePipeline:
        """Load both models from where the configuration says; raise ModelError when one is refused."""
        return cls.of(resources.models_folder(config.models.path), head)

    @property
    def versions(self) -> ModelVersions:
        """The versions of both models."""
        return ModelVersions(self.detector.manifest.version, self.net.manifest.version)

    def look(self, frame: Frame, *, crop: bool = False, source: str = "camera") -> Observation:
        """Take one live look for a source; with `crop` the whole picture is one face."""
        height, width = frame.luma.shape
        if crop:
            return Observation(frame.captured_at, (self.read(frame.luma),), source, size=(width, height))
        plan = self._watched(frame.luma)
        views = self._views(frame.luma, plan.short(width, height))
        found = self._weighed(frame.luma, views)
        if not plan.finds(box for box, _ in found):
            self._searched = self._shown
            windows, plan = plan.look(width, height)
            seen = [view.window for view in views]
            views += self._views(frame.luma, [window for window in windows if window not in seen])
            closer, plan = plan.closer(windows, suspects(views), width, height)
            views += self._views(frame.luma, closer)
            found = self._weighed(frame.luma, views)
        faces = self._read(frame.luma, found)[:MOST_FACES]
        self._plan = plan.saw(face.box for face in faces)
        return Observation(frame.captured_at, faces, source, size=(width, height))

    def _watched(self, luma: NDArray[np.uint8]) -> schedule.Plan:
        """Return the plan for a frame, which is to be searched when it changed since it last was."""
        self._shown = now = change.thumbnail(luma)
        before = self._searched
        if before is None or before.shape != now.shape:
            return self._plan
        height, width = luma.shape
        known = [face.box for face in self._plan.known]
        place = change.elsewhere(before, now, known, width, height)
        return self._plan if place is None else self._plan.moved(place)

    def _weighed(self, luma: NDArray[np.uint8], views: Sequence[View]) -> list[tuple[Box, float]]:
        """Return the faces of a live look's views, weighed by what is known, with their scores."""
        known = [(face.box.x, face.box.y, face.box.width, face.box.height) for face in self._plan.known]
        return self._found(luma, agreement.agreed(views, np.array(known, np.float32).reshape(-1, 4)))

    def find(
        self, luma: NDArray[np.uint8], windows: Sequence[Window], threshold: float | None = None
    ) -> tuple[Face, ...]:
        """Return the faces that these windows show, largest first.

        `threshold` defaults to the manifest's two.
        """
        views = agreement.agreed(self._views(luma, windows, threshold))
        return self._read(luma, self._found(luma, views, threshold))

    def search(self, luma: NDArray[np.uint8], threshold: float | None = None) -> tuple[Face, ...]:
        """Return the faces of a picture, largest first: every scale, then closer where it hints at a face."""
        height, width = luma.shape
        windows = schedule.thorough(width, height)
        views = self._views(luma, windows, threshold)
        closer: list[Window] = []
        for box in suspects(agreement.agreed(views)):
            if len(closer) < MOST_CLOSER and not schedule.well_seen(box, (*windows, *closer)):
                closer.append(schedule.around(box, width, height))
        views += self._views(luma, closer, threshold)
        return self._read(luma, self._found(luma, agreement.agreed(views), threshold))

    def shows_face(self, luma: NDArray[np.uint8]) -> bool:
        """Tell whether the whole of a picture, in one window, surely shows a face."""
        height, width = luma.shape
        found, _ = self.detector(through(luma, schedule.whole(width, height)), SURE)
        return bool((found[:, 2:].prod(1) >= boxes.SMALLEST**2).any())

    def _views(
        self, luma: NDArray[np.uint8], windows: Sequence[Window], threshold: float | None = None
    ) -> list[View]:
        """Return what windows show that may be a face, or reaches `threshold`."""
        floor = agreement.SUPPORT if threshold is None else min(threshold, agreement.SUPPORT)
        views = []
        for window in windows:
            found, scores = self.detector(through(luma, window), floor)
            views.append(View(window, boxes.to_frame(found, window), scores))
        return views

    def _found(
        self, luma: NDArray[np.uint8], views: Sequence[View], threshold: float | None = None
    ) -> list[tuple[Box, float]]:
        """Return where views show a face, and the scores; `threshold` defaults to the manifest's two."""
        height, width = luma.shape
        manifest, above = self.detector.manifest, []
        for view in views:
            enough = view.scores >= (self._usual(view, width, height) if threshold is None else threshold)
            above.append(View(view.window, view.boxes[enough], view.scores[enough]))
        found, scores = boxes.merge(above, width, height, manifest.nms_iou)
        return [(Box(*map(float, found[row])), float(scores[row])) for row in unnested(found)]

    def _read(self, luma: NDArray[np.uint8], found: Sequence[tuple[Box, float]]) -> tuple[Face, ...]:
        """Return the faces with their expressions, largest first."""
        faces = [Face(box, score, self.net(face_crop(luma, box), self.head)) for box, score in found]
        return tuple(sorted(faces, key=lambda face: -face.box.width * face.box.height))

    def _usual(self, view: View, width: int, height: int) -> float:
        """Return the manifest's threshold for a view of a frame of this size."""
        fine, manifest = schedule.is_fine(view.window, width, height), self.detector.manifest
        if fine and manifest.threshold_fine is not None:
            return manifest.threshold_fine
        return manifest.threshold

    def read(self, luma: NDArray[np.uint8]) -> Face:
        """Return the one face that a picture is; its box is the whole picture."""
        height, width = luma.shape
        return Face(Box(0, 0, width, height), 1.0, self.net(luma, self.head))


def suspects(views: Sequence[View]) -> list[Box]:
    """Return where views hint at a face that is large enough to be read, best first."""
    found = np.concatenate([boxes.no_boxes(), *(view.boxes for view in views)])
    scores = np.concatenate([np.zeros(0, np.float32), *(view.scores for view in views)])
    wanted = (scores >= SUSPECT) & (found[:, 2:].prod(1) >= boxes.SMALLEST**2)
    rows = np.flatnonzero(wanted)
    return [Box(*map(float, found[row])) for row in rows[np.argsort(-scores[rows], kind="stable")]]


def light(luma: NDArray[np.uint8]) -> CameraState:
    """Return what one frame says of the camera: ok, dark or covered."""
    step = max(1, max(luma.shape) // THINNED)
    thin = luma[::step, ::step]
    rows, columns = thin.shape[0] // BLOCK, thin.shape[1] // BLOCK
    if min(rows, columns) < FEWEST_BLOCKS:
        return CameraState.OK
    blocks = (
        thin[: rows * BLOCK, : columns * BLOCK]
        .reshape(rows, BLOCK, columns, BLOCK)
        .mean((1, 3), dtype=np.float32)
    )
    if blocks.mean() <= DARK_MEAN and blocks.std() <= DARK_SPREAD:
        return CameraState.DARK
    inner = blocks[1:-1, 1:-1]
    neighbours = blocks[:-2, 1:-1] + blocks[2:, 1:-1] + blocks[1:-1, :-2] + blocks[1:-1, 2:]
    return CameraState.COVERED if np.abs(neighbours - 4 * inner).mean() <= PLAIN else CameraState.OK


class Light:
    """The camera's state over frames, steadied: it changes after `SETTLED` frames in a row that agree."""

    def __init__(self) -> None:
        self.state = CameraState.OK
        self._next = CameraState.OK
        self._agreed = 0

    def see(self, seen: CameraState) -> CameraState:
        """Take what one more frame says and return the state."""
        self._agreed = self._agreed + 1 if seen == self._next else 1
        self._next = seen
        if self._agreed >= SETTLED:
            self.state = seen
        return self.state
