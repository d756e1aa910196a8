"""What is drawn over a training canvas: masks, glasses, and the light, blur and noise of cameras and rooms.

Every function changes a canvas ``uint8 [240, 320]`` in place or returns a new one; chance is an argument.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def span(chance: np.random.Generator, low: float, high: float) -> float:
    """Draw a number between `low` and `high` log-uniformly."""
    return low * (high / low) ** chance.random()


def cover_mouth(canvas: NDArray[np.uint8], box: list[float], chance: np.random.Generator) -> None:
    """Hide the lower half of a face as a mask, a scarf or a hand would."""
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


def put_on_glasses(canvas: NDArray[np.uint8], eyes: NDArray[np.float64], chance: np.random.Generator) -> None:
    """Draw sunglasses or a frame over the eyes (canvas px)."""
    across = eyes[1] - eyes[0]
    apart = float(np.hypot(*across))
    if apart < 5 or apart > canvas.shape[1] / 2:
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


def noise_sheets(chance: np.random.Generator, height: int, width: int) -> list[NDArray[np.float32]]:
    """Return sixteen sheets of noise ``[height + 64, width + 64]``, half of them with a coarser grain."""
    noise = chance.normal(0, 1, (16, height + 64, width + 64)).astype(np.float32)
    return [*noise[:8], *(cv2.GaussianBlur(sheet, (3, 3), 0.8) * 1.6 for sheet in noise[8:])]


def as_a_camera_sees(
    canvas: NDArray[np.uint8], noise: Sequence[NDArray[np.float32]], chance: np.random.Generator
) -> NDArray[np.uint8]:
    """Return the canvas with light, sharpness and noise changed as cameras and rooms do.

    `noise` is what `noise_sheets` gave for the canvas's height and width.
    """
    if chance.random() < 0.14:
        sigma = span(chance, 0.4, 1.6)
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
            tones = tones * span(chance, 0.1, 0.7)
        canvas = cv2.LUT(canvas, np.clip(tones * 255, 0, 255).astype(np.uint8))
    canvas = _shaded(canvas, noise, chance)
    if chance.random() < 0.12:
        quality = int(chance.integers(20, 85))
        _, coded = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
        assert decoded is not None
        canvas = decoded.astype(np.uint8, copy=False)
    return canvas


def _shaded(
    canvas: NDArray[np.uint8], noise: Sequence[NDArray[np.float32]], chance: np.random.Generator
) -> NDArray[np.uint8]:
    """Return the canvas, seldom with light from one side, more often with a sensor's noise."""
    height, width = canvas.shape
    light = chance.random() < 0.12
    noisy = chance.random() < 0.28
    if not (light or noisy):
        return canvas
    work = canvas.astype(np.float32)
    if light:
        ramp = np.linspace(chance.uniform(0.35, 1), chance.uniform(0.8, 1.25), width, dtype=np.float32)
        ramp = ramp[:: (1 if chance.random() < 0.5 else -1)]
        work *= ramp
    if noisy:
        y, x = (int(v) for v in chance.integers(0, 64, 2))
        sheet = noise[int(chance.integers(len(noise)))]
        work += sheet[y : y + height, x : x + width] * np.float32(span(chance, 1.5, 16))
    return np.clip(work, 0, 255).astype(np.uint8)
