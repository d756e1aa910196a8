"""Pictures made worse as cameras and rooms do, and the enhancements that are said to help.

Each function takes and returns luma, uint8 [height, width]; chance is an argument.
"""

from __future__ import annotations

import functools
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from moodspeaker.vision import preprocess

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Luma = NDArray[np.uint8]
    Degrade = Callable[[Luma, np.random.Generator], Luma]
    Enhance = Callable[[Luma], Luma]


def as_luma(values: NDArray[np.float32]) -> Luma:
    """Return values rounded and clipped to luma."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def light(luma: Luma, chance: np.random.Generator, share: float, noise: float) -> Luma:
    """Return the picture in a share of its light, with a sensor's noise of so many luma steps."""
    return as_luma(luma * np.float32(share) + chance.normal(0, noise, luma.shape).astype(np.float32))


def small(luma: Luma, _: np.random.Generator, side: int) -> Luma:
    """Return a face seen in `side` pixels only."""
    return preprocess.resize(preprocess.resize(luma, side, side), *luma.shape)


def blur(luma: Luma, _: np.random.Generator, spread: float) -> Luma:
    """Return the picture out of focus."""
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), spread), np.uint8)


def tilt(luma: Luma, chance: np.random.Generator, degrees: float) -> Luma:
    """Return the picture turned to one side or the other."""
    height, width = luma.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees * chance.choice((-1, 1)), 1)
    return np.asarray(cv2.warpAffine(luma, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def jitter(luma: Luma, chance: np.random.Generator, share: float) -> Luma:
    """Return a face cut by a box that is off by up to a share of its side in place and size."""
    height, width = luma.shape
    x, y = chance.uniform(-share, share, 2) * width
    side = width * (1 + chance.uniform(-share, share))
    return preprocess.resize(preprocess.crop(luma, width / 2 + x, height / 2 + y, side), height, width)


def jpeg(luma: Luma, _: np.random.Generator, quality: int) -> Luma:
    """Return the picture after JPEG of this quality."""
    stored = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)


def side_light(luma: Luma, chance: np.random.Generator, least: float) -> Luma:
    """Return the picture lit from one side: the other one gets a share `least` of the light."""
    ramp = np.linspace(1, least, luma.shape[1], dtype=np.float32)
    return as_luma(luma * (ramp if chance.random() < 0.5 else ramp[::-1]))


def glasses(luma: Luma, chance: np.random.Generator) -> Luma:
    """Return a FER2013 face with the frame of a pair of glasses drawn where its eyes mostly are."""
    height, width = luma.shape
    drawn, ink = luma.copy(), int(chance.integers(10, 60))
    eyes = [(round(width * x), round(height * 0.38)) for x in (0.31, 0.69)]
    for eye in eyes:
        cv2.ellipse(drawn, eye, (round(width * 0.14), round(height * 0.1)), 0, 0, 360, ink, 1, cv2.LINE_AA)
    top = round(height * 0.36)
    cv2.line(drawn, (round(width * 0.45), top), (round(width * 0.55), top), ink, 1, cv2.LINE_AA)
    return np.asarray(drawn, np.uint8)


def mask(luma: Luma, chance: np.random.Generator) -> Luma:
    """Return a FER2013 face with a mask drawn over nose, mouth and chin, where they mostly are."""
    height, width = luma.shape
    drawn, cloth = luma.copy(), int(chance.integers(60, 230))
    outline = [(0.16, 0.52), (0.5, 0.44), (0.84, 0.52), (0.8, 0.82), (0.5, 0.99), (0.2, 0.82)]
    corners = np.array([(round(width * x), round(height * y)) for x, y in outline], np.int32)
    cv2.fillPoly(drawn, [corners], cloth, cv2.LINE_AA)
    return np.asarray(drawn, np.uint8)


def clahe(luma: Luma) -> Luma:
    """Return the picture after contrast-limited adaptive histogram equalization (Zuiderveld, 1994)."""
    return np.asarray(cv2.createCLAHE(2.0, (4, 4)).apply(luma), np.uint8)


def gamma(luma: Luma) -> Luma:
    """Return the picture with the gamma that brings its mean to the middle."""
    mean = float(np.clip(luma.mean() / 255, 0.02, 0.98))
    power = math.log(0.5) / math.log(mean)
    bright = (luma / 255) ** power
    return as_luma((255 * bright).astype(np.float32))


def retinex(luma: Luma) -> Luma:
    """Return the single-scale retinex of the picture (Jobson and others, 1997), stretched to luma."""
    bright = luma.astype(np.float32) + 1
    reflected = np.log(bright) - np.log(cv2.GaussianBlur(bright, (0, 0), luma.shape[1] / 4))
    low, high = np.percentile(reflected, (1, 99))
    return as_luma(255 * (reflected - low) / max(float(high - low), 1e-3))


FACES: Final[dict[str, Degrade]] = {
    "as it is": lambda luma, _: luma,
    "half light, noise 4": functools.partial(light, share=0.5, noise=4.0),
    "quarter light, noise 4": functools.partial(light, share=0.25, noise=4.0),
    "24 px": functools.partial(small, side=24),
    "16 px": functools.partial(small, side=16),
    "blur 1.5": functools.partial(blur, spread=1.5),
    "tilt 20 degrees": functools.partial(tilt, degrees=20.0),
    "box off by 15 %": functools.partial(jitter, share=0.15),
    "JPEG 30": functools.partial(jpeg, quality=30),
    "side light .3": functools.partial(side_light, least=0.3),
    "glasses drawn": glasses,
    "mask drawn": mask,
}
"""What is done to a face, by its name in the card."""
FRAMES: Final[dict[str, Degrade]] = {
    name: degrade
    for name, degrade in FACES.items()
    if name not in {"24 px", "16 px", "tilt 20 degrees", "box off by 15 %", "glasses drawn", "mask drawn"}
}
"""What is done to a whole picture."""
ENHANCED: Final[dict[str, Enhance]] = {
    "off": lambda luma: luma,
    "CLAHE": clahe,
    "gamma": gamma,
    "retinex": retinex,
}
"""Enhancements, by their names in the card."""
