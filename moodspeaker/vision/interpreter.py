"""The only door to LiteRT: a model file, its manifest, and what the two nets answer.

Design notes
============
1. A model is loaded only when its manifest is complete, the file's SHA-256 is the manifest's, and every
   tensor of its signature has the shape and type that the manifest states.  Anything else is a ModelError
   with cause and cure.
2. Tensors go by the names of the signature `serving_default`, never by their order, which converters change.
3. Both models are int8 throughout; scale and zero point are the tensor's own.
4. A face detector answers for anchors (`scores`: logits, `boxes`: tx, ty, tw, th); `boxes.decode` and
   `boxes.nms` turn that into faces.  An expression net answers with seven logits a head, in FER2013 order;
   the mean of the logits of a face and of its mirror image, a bias and a temperature (Guo et al., *On
   Calibration of Modern Neural Networks*, 2017) make them probabilities.
5. One thread, no delegate but the built-in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast

import numpy as np
from annotated_types import Ge, Gt, Le, MinLen

from moodspeaker.domain.emotion import NAMES, Probabilities
from moodspeaker.errors import ModelError
from moodspeaker.model_files import MANIFEST, read_manifest, verified
from moodspeaker.values import dataclass
from moodspeaker.vision import boxes, preprocess, stderr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from moodspeaker.vision.boxes import Boxes, Scores

DEFAULT_HEAD: Final = "ferplus"
SIGNATURE: Final = "serving_default"

Share = Annotated[float, Ge(0), Le(1)]
Bias = Annotated[float, Ge(-100), Le(100)]
Row7 = tuple[Bias, Bias, Bias, Bias, Bias, Bias, Bias]


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a manifest says of one tensor."""

    shape: tuple[int, ...]
    dtype: Literal["int8"] = "int8"
    name: str = ""
    """Its name in the signature; the input needs none."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a head's logits become probabilities: ``softmax((logits + bias) / temperature)``."""

    temperature: Annotated[float, Ge(0.01), Le(100)]
    bias: Row7


@dataclass(frozen=True, slots=True)
class FaceManifest:
    """What `models/face/manifest.json` must say (it may say more)."""

    task: Literal["face"]
    name: str
    version: Annotated[str, MinLen(1)]
    file: Annotated[str, MinLen(1)]
    sha256: str
    input: Tensor
    outputs: tuple[Tensor, ...]
    strides: tuple[Annotated[int, Gt(0)], ...]
    """Pixels between the cells of each grid of anchors."""
    priors: tuple[Annotated[float, Gt(0), Le(10_000)], ...]
    """The face size of each grid, in pixels."""
    nms_iou: Share
    """Two boxes that overlap more are one face."""
    threshold: Share
    """The score from which on a box is a face."""
    threshold_fine: Share | None = None
    """The same in windows finer than a 320 px frame, of which there are many: each adds its false alarms;
    None: `threshold`.
    """


@dataclass(frozen=True, slots=True)
class EmotionManifest:
    """What `models/emotion/manifest.json` must say (it may say more)."""

    task: Literal["emotion"]
    name: str
    version: Annotated[str, MinLen(1)]
    file: Annotated[str, MinLen(1)]
    sha256: str
    input: Tensor
    outputs: tuple[Tensor, ...]
    labels: tuple[str, ...]
    """The seven labels of each output's columns."""
    heads: dict[str, Calibration]
    """One calibration an output, by its name."""


class _Net:
    """A model file that is what its manifest says: int8 in, named arrays of real values out."""

    def __init__(self, folder: Path, manifest: FaceManifest | EmotionManifest) -> None:
        self._file = folder / manifest.file
        content = verified(self._file, manifest.sha256)
        with stderr.caught() as said:
            try:
                interpreter = _runtime()(model_content=content, num_threads=1)
                interpreter.allocate_tensors()
                runner = interpreter.get_signature_runner(SIGNATURE)
            except (ValueError, RuntimeError) as error:
                complaint = " ".join((said().strip().splitlines() or [str(error)])[-1].split())
                message = f"{self._file}: the runtime cannot load it: {complaint}: reinstall the model"
                raise ModelError(message) from None
        self._interpreter, self._runner = interpreter, runner
        inputs, self._outputs = runner.get_input_details(), runner.get_output_details()
        if len(inputs) != 1:
            message = f"{self._file}: {len(inputs)} inputs where one is expected: reinstall the model"
            raise ModelError(message)
        ((self._input_name, details),) = inputs.items()
        self._check("input", details, manifest.input)
        self._shape = manifest.input.shape
        self._scale, self._zero_point = details["quantization"]
        for tensor in manifest.outputs:
            if tensor.name not in self._outputs:
                message = (
                    f"{self._file}: no output named {tensor.name}, only {', '.join(self._outputs)}: "
                    "reinstall the model"
                )
                raise ModelError(message)
            self._check(tensor.name, self._outputs[tensor.name], tensor)

    def _check(self, name: str, details: Mapping[str, Any], stated: Tensor) -> None:
        shape, kind = tuple(int(side) for side in details["shape"]), np.dtype(details["dtype"]).name
        if (shape, kind) != (stated.shape, stated.dtype):
            message = (
                f"{self._file}: {name} is {kind} {list(shape)}, its manifest says {stated.dtype} "
                f"{list(stated.shape)}: reinstall the model"
            )
            raise ModelError(message)

    def __call__(self, picture: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run the net on one picture, float32 [height, width]."""
        return self._answers(preprocess.quantize(picture, self._scale, self._zero_point))

    def on_luma(self, luma: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Run the net on luma centred on grey, uint8 [height, width]."""
        if (self._scale, self._zero_point) == (1 / preprocess.GREY, 0):  # then the integers are luma - 128
            return self._answers(preprocess.grey_integers(luma))
        return self(preprocess.centre_on_grey(luma))

    def _answers(self, integers: NDArray[np.int8]) -> dict[str, NDArray[np.float32]]:
        answers = self._runner(**{self._input_name: integers.reshape(self._shape)})
        return {
            name: preprocess.dequantize(answer, *self._outputs[name]["quantization"])
            for name, answer in answers.items()
        }


def _runtime() -> type[Any]:
    """Return the interpreter's class of whichever runtime is here."""
    try:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - the first of two runtimes
    except ImportError:
        try:
            from tflite_runtime.interpreter import Interpreter  # noqa: PLC0415 - the second
        except ImportError as error:
            message = (
                f"no runtime for the models: {error}: pip install ai-edge-litert (32-bit ARM: tflite-runtime)"
            )
            raise ModelError(message) from None
    return cast("type[Any]", Interpreter)


class FaceDetector:
    """Finds faces in one window.  Raises ModelError when the model in `folder` is refused."""

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder, FaceManifest)
        window = (1, boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH, 1)
        if self.manifest.input.shape != window or len(self.manifest.strides) != len(self.manifest.priors):
            rule = f"its input should be {list(window)}, and each stride have a prior"
            message = f"{folder / MANIFEST}: {rule}: reinstall the model"
            raise ModelError(message)
        self._net = _Net(folder, self.manifest)
        self._anchors = boxes.Anchors.of(
            boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH, self.manifest.strides, self.manifest.priors
        )
        stated = {tensor.name: tensor.shape for tensor in self.manifest.outputs}
        if stated != {"scores": (1, len(self._anchors), 1), "boxes": (1, len(self._anchors), 4)}:
            message = (
                f"{folder / MANIFEST}: the outputs {stated} do not fit {len(self._anchors)} anchors: "
                "reinstall the model"
            )
            raise ModelError(message)

    def __call__(self, window: NDArray[np.uint8], threshold: float | None = None) -> tuple[Boxes, Scores]:
        """Return the faces of a window, uint8 [240, 320]: boxes (XYWH, window pixels) and scores, best first.

        `threshold` defaults to the manifest's.
        """
        answers = self._net.on_luma(window)
        found, scores = boxes.decode(
            answers["scores"].reshape(-1),
            answers["boxes"].reshape(-1, 4),
            self._anchors,
            self.manifest.threshold if threshold is None else threshold,
        )
        return boxes.suppressed(found, scores, self.manifest.nms_iou)


class ExpressionNet:
    """Reads expressions.  Raises ModelError when the model in `folder` is refused."""

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder, EmotionManifest)
        if self.manifest.labels != NAMES:
            found = ", ".join(self.manifest.labels)
            message = (
                f"{folder / MANIFEST}: labels are {found}, they should be {', '.join(NAMES)}: "
                "reinstall the model"
            )
            raise ModelError(message)
        side = preprocess.CENTRE_SIDE
        stated = {tensor.name: tensor.shape for tensor in self.manifest.outputs}
        if self.manifest.input.shape != (1, side, side, 1) or stated != dict.fromkeys(
            self.manifest.heads, (1, len(NAMES))
        ):
            rule = f"its input should be {[1, side, side, 1]}, and each output have seven columns and a head"
            message = f"{folder / MANIFEST}: {rule}: reinstall the model"
            raise ModelError(message)
        self._net = _Net(folder, self.manifest)

    def calibration(self, head: str) -> Calibration:
        """Return a head's calibration; raise ModelError for a head that the model has not."""
        if head not in self.manifest.heads:
            message = (
                f"labels {head}: emotion {self.manifest.version} has only {', '.join(self.manifest.heads)}"
            )
            raise ModelError(message)
        return self.manifest.heads[head]

    def __call__(self, face: NDArray[np.uint8], head: str = DEFAULT_HEAD) -> Probabilities:
        """Return the expression of a face, uint8 [48, 48]; another size is resized."""
        calibration = self.calibration(head)
        standard = preprocess.standardize(face)
        logits = (self._net(standard)[head] + self._net(standard[:, ::-1])[head]).reshape(-1) / 2
        heated = (logits + np.array(calibration.bias)) / calibration.temperature
        powers = np.exp(heated - heated.max())
        return Probabilities.of(float(share) for share in powers / powers.sum())
