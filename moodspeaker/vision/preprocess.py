"""From luma pixels to what a model takes, and back: the same functions in serving and in training.

Design notes
============
1. Pixels are **luma**, ``uint8 [height, width]``; nothing here knows colour.
2. `resize` is the only resampler.  An axis that shrinks by a whole number takes means (no aliasing; OpenCV's
   INTER_AREA), halving first where it can: on x86 that costs a seventh, and differs by a luma step at most.
   By another factor it is first brought to the nearest whole multiple of its target, bilinear: means over
   fractions of pixels cost three to four times as much and differ by a tenth of a luma step.  One that grows
   is bilinear with half-pixel centres (INTER_LINEAR).
3. `fit` keeps the aspect ratio: the picture stands at the top left, the rest of the canvas is `GREY`.
4. A face is cut **square** from the full frame (`crop`); what lies outside the frame repeats its border.
5. Integers for the models come from `quantize`: scale and zero point of the tensor, round half to even, clip,
   cast (Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
   Inference*, 2018).

Training and evaluation import these same functions, so a model never meets a picture prepared in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.vision.opencv import cv2

if TYPE_CHECKING:
    from numpy.typing import NDArray

GREY: Final = 128
"""Padding of `fit`: the middle of the luma range, which the detector reads as zero."""
FACE_SIDE: Final = 48
"""Side of a face crop in pixels, that of FER2013."""
CENTRE_SIDE: Final = 44
"""Side of the centre of a face crop that the expression net sees, in pixels."""
CONTRAST_FLOOR: Final = 6.0
"""Added to the standard deviation in `standardize`, in luma steps: a blank crop stays near zero."""
CONTRAST_LIMIT: Final = 3.0
"""Standardized values are clipped to ± this many deviations."""


def resize(luma: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return `luma` resampled to ``[height, width]``.

    Raises ValueError for an empty picture or an empty target.
    """
    if height < 1 or width < 1 or luma.ndim != 2 or 0 in luma.shape:  # noqa: PLR2004 - two axes
        message = f"cannot resize a picture of shape {luma.shape} to {height}x{width}"
        raise ValueError(message)
    if luma.shape == (height, width):
        return luma
    lower, narrower = min(height, luma.shape[0]), min(width, luma.shape[1])
    multiple = (_multiple(luma.shape[0], lower), _multiple(luma.shape[1], narrower))
    if luma.shape != multiple:
        luma = cv2.resize(luma, multiple[::-1], interpolation=cv2.INTER_LINEAR)
    while luma.shape[0] % (2 * lower) == 0 and luma.shape[1] % (2 * narrower) == 0:
        luma = cv2.resize(luma, (luma.shape[1] // 2, luma.shape[0] // 2), interpolation=cv2.INTER_AREA)
    if luma.shape != (lower, narrower):
        luma = cv2.resize(luma, (narrower, lower), interpolation=cv2.INTER_AREA)
    if luma.shape != (height, width):
        luma = cv2.resize(luma, (width, height), interpolation=cv2.INTER_LINEAR)
    return luma


def _multiple(length: int, target: int) -> int:
    """Return the whole multiple of `target` that is nearest to `length`."""
    return target * ((2 * length + target) // (2 * target))


def fit(luma: NDArray[np.uint8], height: int, width: int) -> tuple[NDArray[np.uint8], float]:
    """Return `luma` scaled to fit into ``[height, width]`` with its aspect kept, and the scale.

    The scale is canvas pixels per source pixel.
    """
    scale = min(height / luma.shape[0], width / luma.shape[1])
    rows = min(height, max(1, round(luma.shape[0] * scale)))
    columns = min(width, max(1, round(luma.shape[1] * scale)))
    scaled = resize(luma, rows, columns)
    if scaled.shape == (height, width):
        return scaled, scale
    canvas = np.full((height, width), GREY, np.uint8)
    canvas[:rows, :columns] = scaled
    return canvas, scale


def crop(luma: NDArray[np.uint8], centre_x: float, centre_y: float, side: float) -> NDArray[np.uint8]:
    """Return the square of `side` pixels around a centre, resampled to ``[FACE_SIDE, FACE_SIDE]``."""
    size = max(1, round(side))
    x, y = round(centre_x - size / 2), round(centre_y - size / 2)
    height, width = luma.shape
    inside = luma[max(0, y) : max(0, min(height, y + size)), max(0, x) : max(0, min(width, x + size))]
    if inside.shape != (size, size):
        rows = np.clip(np.arange(y, y + size), 0, height - 1)
        columns = np.clip(np.arange(x, x + size), 0, width - 1)
        inside = luma[rows][:, columns]
    return resize(inside, FACE_SIDE, FACE_SIDE)


def standardize(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the centre of a face, ``float32 [CENTRE_SIDE, CENTRE_SIDE]``: zero mean, unit contrast, clipped.

    A face of another size than ``[FACE_SIDE, FACE_SIDE]`` is resized first.
    """
    edge = (FACE_SIDE - CENTRE_SIDE) // 2
    centre = resize(face, FACE_SIDE, FACE_SIDE)[edge : edge + CENTRE_SIDE, edge : edge + CENTRE_SIDE].astype(
        np.float32
    )
    spread = centre.std() + np.float32(CONTRAST_FLOOR)
    limited: NDArray[np.float32] = np.clip((centre - centre.mean()) / spread, -CONTRAST_LIMIT, CONTRAST_LIMIT)
    return limited


def centre_on_grey(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return luma as the detector reads it: ``(luma - GREY) / GREY``, in [-1, 1)."""
    return (luma.astype(np.float32) - GREY) / np.float32(GREY)


def grey_integers(luma: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return what `quantize` makes of `centre_on_grey` for a tensor of scale 1/128 and zero point 0."""
    integers: NDArray[np.int8] = (luma ^ np.uint8(GREY)).view(np.int8)
    return integers


def quantize(values: NDArray[np.float32], scale: float, zero_point: int) -> NDArray[np.int8]:
    """Return `values` as int8 of a tensor with this scale and zero point."""
    integers: NDArray[np.int8] = np.clip(np.rint(values / np.float32(scale)) + zero_point, -128, 127).astype(
        np.int8
    )
    return integers


def dequantize(integers: NDArray[np.int8], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Return the real values that an int8 tensor stands for."""
    return (integers.astype(np.float32) - zero_point) * np.float32(scale)
