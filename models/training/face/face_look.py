"""How a photo is looked at in evaluation: scaled to a frame, covered with windows, merged.

All of it by the code that serves.
Every detector takes one window, ``uint8 [240, 320]``, and a threshold, and returns its faces: the float net
of a checkpoint (`Torch`), a model file (`Tflite`), or what ships
(`moodspeaker.vision.interpreter.FaceDetector`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from moodspeaker.vision import boxes, preprocess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from moodspeaker.vision.boxes import Boxes, Scores

NMS_IOU: Final = 0.4
"""Boxes of one window, or of one frame, that overlap more are one face."""
STRIDES: Final = (8, 16, 32)
"""Pixels between the cells of each of the net's grids."""
PRIORS: Final = (24.0, 64.0, 160.0)
"""Size in pixels that ``tw = th = 0`` means, by stride."""
ANCHORS: Final = boxes.Anchors.of(boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH, STRIDES, PRIORS)
SCORE_SHIFT: Final = 0.5
"""Taken from every score logit of a checkpoint, so that a score means what it did in version 1.1.0:
`agreement` and `schedule` have numbers of their own that were chosen there.

Chosen on `tune`; shifts that differ by grid (0 to 0.3 more on stride 8) found less at the same false alarms.
"""


class Detector(Protocol):
    """A detector of one window."""

    def __call__(self, window: NDArray[np.uint8], threshold: float) -> tuple[Boxes, Scores]:
        """Return the suppressed boxes (window pixels) of at least `threshold`, and their scores."""
        ...


def of_answers(raw: NDArray[np.float32], threshold: float) -> tuple[Boxes, Scores]:
    """Return the faces that the five numbers of each anchor, ``[1580, 5]``, tell of."""
    found, scores = boxes.decode(raw[:, 0], raw[:, 1:], ANCHORS, threshold)
    return boxes.suppressed(found, scores, NMS_IOU)


class Torch:
    """The float net of a checkpoint, or the mean of several, with scores as the file to ship has them."""

    def __init__(self, *checkpoints: Path) -> None:
        import torch  # noqa: PLC0415 - only this detector needs it
        from face_net import SHAPES, FaceNet, fold, read_weights  # noqa: PLC0415

        stored = [read_weights(path) for path in checkpoints]
        states = [state for _, state in stored]
        net = FaceNet(SHAPES[stored[0][0]])
        mean = {key: sum(state[key] for state in states) / len(states) for key in states[0]}
        net.load_state_dict(mean, strict=False)  # weights from .npz have no counts of batches
        torch.set_num_threads(1)
        self.torch, self.net = torch, fold(net)
        with torch.no_grad():
            for head in self.net.heads:
                head.out.bias[0] -= SCORE_SHIFT

    def raw(self, window: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the five numbers of each anchor, ``[1580, 5]``."""
        with self.torch.inference_mode():
            return self.net(self.torch.from_numpy(preprocess.centre_on_grey(window))[None, None])[0].numpy()

    def __call__(self, window: NDArray[np.uint8], threshold: float) -> tuple[Boxes, Scores]:
        """Return boxes and scores."""
        return of_answers(self.raw(window), threshold)


class Tflite:
    """A model file without a manifest, float or int8, in the runtime that serves."""

    def __init__(self, file: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only this one needs it

        self.interpreter = Interpreter(str(file), num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        outputs = self.interpreter.get_output_details()
        self.score = next(one for one in outputs if one["shape"][-1] == 1)
        self.box = next(one for one in outputs if one["shape"][-1] == 4)

    def __call__(self, window: NDArray[np.uint8], threshold: float) -> tuple[Boxes, Scores]:
        """Return boxes and scores."""
        picture = preprocess.centre_on_grey(window)
        given = (
            preprocess.quantize(picture, *self.input["quantization"])
            if self.input["dtype"] == np.int8
            else picture
        )
        self.interpreter.set_tensor(self.input["index"], given.reshape(self.input["shape"]))
        self.interpreter.invoke()
        return of_answers(np.concatenate([self._read(self.score), self._read(self.box)], 1), threshold)

    def _read(self, tensor: dict[str, Any]) -> NDArray[np.float32]:
        values = self.interpreter.get_tensor(tensor["index"])[0]
        return preprocess.dequantize(values, *tensor["quantization"]) if values.dtype == np.int8 else values


def detector(files: Sequence[Path]) -> Detector:
    """Return the detector of a folder with a manifest (what ships), of a model file, or of checkpoints."""
    if files[0].is_dir():
        from moodspeaker.vision.interpreter import FaceDetector  # noqa: PLC0415 - the others need no runtime

        return FaceDetector(files[0])
    return Tflite(files[0]) if files[0].suffix == ".tflite" else Torch(*files)


def windows_of(luma: NDArray[np.uint8], longest: int) -> tuple[NDArray[np.uint8], tuple[boxes.Window, ...]]:
    """Return the photo scaled to `longest` px and its windows."""
    scale = longest / max(luma.shape)
    scaled = preprocess.resize(
        luma, max(1, round(luma.shape[0] * scale)), max(1, round(luma.shape[1] * scale))
    )
    return scaled, boxes.cover(scaled.shape[1], scaled.shape[0])


def piece(scaled: NDArray[np.uint8], window: boxes.Window) -> NDArray[np.uint8]:
    """Return what a window sees; beyond the frame it is grey."""
    x, y = int(window.x), int(window.y)
    seen = scaled[y : y + boxes.WINDOW_HEIGHT, x : x + boxes.WINDOW_WIDTH]
    if seen.shape == (boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH):
        return seen
    canvas = np.full((boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH), preprocess.GREY, np.uint8)
    canvas[: seen.shape[0], : seen.shape[1]] = seen
    return canvas


def views_of(
    see: Detector, luma: NDArray[np.uint8], longest: int, floor: float
) -> tuple[list[boxes.View], tuple[int, int]]:
    """Return each window's suppressed boxes of at least `floor`, and the scaled frame's width and height."""
    scaled, windows = windows_of(luma, longest)
    views = []
    for window in windows:
        found, scores = see(piece(scaled, window), floor)
        views.append(boxes.View(window, boxes.to_frame(found, window), scores))
    return views, (scaled.shape[1], scaled.shape[0])


def merged(views: Sequence[boxes.View], size: tuple[int, int], threshold: float) -> tuple[Boxes, Scores]:
    """Return the faces that the windows show at a threshold."""
    above = []
    for view in views:
        enough = view.scores >= threshold
        above.append(boxes.View(view.window, view.boxes[enough], view.scores[enough]))
    return boxes.merge(above, size[0], size[1], NMS_IOU)
