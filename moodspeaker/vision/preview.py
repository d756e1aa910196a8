"""What the camera sees, shown for a while to aim it: the only pixels of its own that leave this process.

Design notes
============
1. Only where `camera.preview` is true in the configuration that this process reads for itself: no message
   allows it.
2. It ends by itself after `LONGEST` seconds of the monotonic clock, and whenever the camera is to be closed.
3. A picture is packed only while one is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.vision.opencv import cv2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST: Final = 120.0
"""Seconds of a preview, at most."""
LONGER_SIDE: Final = 640
"""Pixels of a picture's longer side, at most."""
QUALITY: Final = 75
"""Of the JPEG, 0 to 100: packed so, no picture of `LONGER_SIDE` is longer than `wire` lets it be."""


class Preview:
    """Whether the camera's pictures are shown."""

    def __init__(self) -> None:
        """Show nothing."""
        self._until = float("-inf")

    def begin(self, now: float, *, allowed: bool, open_wanted: bool) -> None:
        """Show pictures from now on; raise PictureError where that may not be."""
        if not allowed:
            message = "set camera.preview = true in the configuration file to see the camera's picture"
            raise PictureError(PictureFault.NOT_ALLOWED, message)
        if not open_wanted:
            message = "the camera is closed: sensing is off, or the privacy lock is on"
            raise PictureError(PictureFault.CLOSED, message)
        self._until = now + LONGEST

    def end(self) -> None:
        """Show none any more."""
        self._until = float("-inf")

    def is_on(self, now: float) -> bool:
        """Tell whether pictures are shown."""
        return now < self._until


def packed(luma: NDArray[np.uint8]) -> bytes:
    """Return a picture (uint8 [height, width]) as a small grey JPEG."""
    scale = LONGER_SIDE / max(luma.shape)
    if scale < 1:
        width, height = (max(1, round(scale * side)) for side in luma.shape[::-1])
        luma = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])
