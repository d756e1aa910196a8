"""Pictures that a browser sends in, for a speaker without a camera (`camera.source = "browser"`).

Design notes
============
1. Only where `camera.browser` is true in the configuration that this process reads for itself: no message
   turns it on.
2. The newest picture wins; it is decoded in the camera thread, looked at, and dropped.
3. While none came for `GONE` seconds there is no camera, which is no fault.
4. `camera.rotation`, `width` and `height` do not apply: a browser turns its pictures itself, and its page
   draws our boxes over them.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import CameraError, PictureError, PictureFault
from moodspeaker.vision import jpeg as jpeg_files
from moodspeaker.vision.cameras.base import Camera

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

GONE: Final = 5.0
"""Seconds without a picture after which the browser counts as gone."""
NOT_ALLOWED: Final = (
    'camera.source = "browser" takes no pictures: set camera.browser = true, or another source'
)
NOBODY_SENDS: Final = "no browser sends pictures: open the page on a device with a camera, and start it there"


class BrowserCamera(Camera):
    """`browser`: it is open while pictures come."""

    absent = True

    def __init__(self, *, allowed: bool, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("browser", clock=clock)
        self.takes_pictures = allowed
        self._lock = threading.Lock()
        self._given: tuple[int, bytes] | None = None
        self._luma: NDArray[np.uint8] | None = None
        self._came_at = float("-inf")

    def offer(self, number: int, jpeg: bytes) -> None:
        """Take a picture in the place of one that was not looked at yet; raise PictureError."""
        if not self.takes_pictures:
            raise PictureError(PictureFault.NOT_ALLOWED, NOT_ALLOWED)
        with self._lock:
            self._given = (number, jpeg)

    def wait(self) -> float:
        """Return for how many seconds there is nothing to read; raise PictureError for what is no picture."""
        with self._lock:
            given, self._given = self._given, None
        if given is None:
            return max(0.0, self._came_at + GONE - self._clock())
        self.number, jpeg = given
        self._came_at = self._clock()
        self._luma = jpeg_files.decoded(jpeg)
        return 0.0

    def _open(self) -> None:
        if self._luma is None:
            raise CameraError(NOBODY_SENDS if self.takes_pictures else NOT_ALLOWED)

    def _read(self) -> NDArray[np.uint8]:
        luma, self._luma = self._luma, None
        if luma is None:
            raise CameraError(NOBODY_SENDS)
        return luma

    def _close(self) -> None:
        with self._lock:
            self._given = None
        self._luma, self._came_at = None, float("-inf")
