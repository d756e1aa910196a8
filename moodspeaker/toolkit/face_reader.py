"""Faces and their expressions in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from moodspeaker.errors import ImageError
from moodspeaker.resources import models_folder
from moodspeaker.vision import images
from moodspeaker.vision.pipeline import FacePipeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from moodspeaker.domain.observation import Face

LUMA: Final = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in luma (ITU-R BT.601)."""
GRAY: Final = 2
"""Dimensions of a picture without colour."""
COLOUR: Final = 3
"""Dimensions of one with red, green and blue, and how many those are."""


class FaceReader:
    """Finds faces and reads their expressions with the two int8 models; for one thread at a time."""

    def __init__(self, models: str | Path = "", labels: Literal["ferplus", "fer2013"] = "ferplus") -> None:
        """Load the models of a folder with `face/` and `emotion/`; empty: those that came with the program.

        Raises ModelError where a model is missing, damaged, or has no such labels.
        """
        self._pipeline = FacePipeline.of(models_folder(str(models)), labels)

    def read(self, picture: str | Path | NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return the faces of a picture, the largest first.

        The picture is a file (JPEG, PNG, WebP, ...; turned upright by its EXIF tag) or an array, uint8
        [height, width] of luma or [height, width, 3] of red, green and blue.  A face has its `box` in pixels
        of the picture (x, y, width, height), its `score` from 0 to 1, and `probabilities`: seven in FER2013
        order that sum to one.  Raises ImageError for what is no picture.
        """
        return self._pipeline.search(_luma(picture))

    def read_face(self, picture: str | Path | NDArray[np.uint8]) -> Face:
        """Return the expression of a picture that is one face; its box is the whole of it.

        The picture is as in `read`.
        """
        return self._pipeline.read(_luma(picture))


def _luma(picture: str | Path | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture as uint8 [height, width]."""
    if isinstance(picture, str | Path):
        return images.read(Path(picture))
    if picture.dtype != np.uint8 or not picture.size:
        message = f"an array of {picture.dtype}, shape {picture.shape}: give uint8 with pixels"
        raise ImageError(message)
    if picture.ndim == GRAY:
        return np.ascontiguousarray(picture)
    if picture.ndim == COLOUR and picture.shape[2] == COLOUR:
        return np.rint(picture @ np.array(LUMA, np.float32)).astype(np.uint8)
    message = f"an array of shape {picture.shape}: give [height, width] or [height, width, 3]"
    raise ImageError(message)
