"""From luma pixels to what a model eats, and back: numpy alone, the same on ARM, on x86 and in training.

Design notes
============
1. Pixels are **luma**, ``uint8 [height, width]``; nothing here knows colour.
2. `resize` is the only resampler: a box mean by the whole part of the shrink factor (no aliasing), then
   bilinear with half-pixel centres for the rest.  Enlarging is plain bilinear.
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
    picture = _box_mean(luma, max(1, luma.shape[0] // height), max(1, luma.shape[1] // width))
    top, below, down = _taps(picture.shape[0], height)
    left, right, across = _taps(picture.shape[1], width)
    rows = picture[top] * (1 - down)[:, None] + picture[below] * down[:, None]
    smooth = rows[:, left] * (1 - across) + rows[:, right] * across
    rounded: NDArray[np.uint8] = np.rint(smooth).astype(np.uint8)
    return rounded


def _box_mean(luma: NDArray[np.uint8], down: int, across: int) -> NDArray[np.float32]:
    """Return the means of blocks of ``down x across`` pixels (the rest at the far edges is centred away)."""
    if down == across == 1:
        return luma.astype(np.float32)
    rows, columns = luma.shape[0] // down, luma.shape[1] // across
    y, x = (luma.shape[0] - rows * down) // 2, (luma.shape[1] - columns * across) // 2
    inner = luma[y : y + rows * down, x : x + columns * across]
    sums = np.add.reduce(inner.reshape(rows, down, columns * across), axis=1, dtype=np.uint32)
    blocks = np.add.reduce(sums.reshape(rows, columns, across), axis=2, dtype=np.uint32)
    means: NDArray[np.float32] = blocks.astype(np.float32) / np.float32(down * across)
    return means


def _taps(source: int, target: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return, for each of `target` samples along an axis of `source`, the two neighbours and the second one's
    weight.
    """
    at = np.clip((np.arange(target) + 0.5) * (source / target) - 0.5, 0, source - 1)
    first = np.floor(at).astype(np.intp)
    return first, np.minimum(first + 1, source - 1), (at - first).astype(np.float32)


def fit(luma: NDArray[np.uint8], height: int, width: int) -> tuple[NDArray[np.uint8], float]:
    """Return `luma` scaled to fit into ``[height, width]`` with its aspect kept, and the scale (canvas px per
    source px).
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


def quantize(values: NDArray[np.float32], scale: float, zero_point: int) -> NDArray[np.int8]:
    """Return `values` as int8 of a tensor with this scale and zero point."""
    integers: NDArray[np.int8] = np.clip(np.rint(values / np.float32(scale)) + zero_point, -128, 127).astype(
        np.int8
    )
    return integers


def dequantize(integers: NDArray[np.int8], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Return the real values that an int8 tensor stands for."""
    return (integers.astype(np.float32) - zero_point) * np.float32(scale)
