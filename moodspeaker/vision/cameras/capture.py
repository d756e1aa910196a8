"""`v4l2:/dev/videoN` and videos of `file:PATH`: what cv2.VideoCapture reads."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from moodspeaker.errors import CameraError
from moodspeaker.vision.cameras.base import RETRY, USUAL_ERRORS, Camera
from moodspeaker.vision.opencv import cv2

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

QUEUED: Final = 5
"""Frames that a V4L2 driver may have queued up, at most."""
FRESH: Final = 0.005
"""Seconds: a frame that took less to come was waiting in the driver's queue."""
LONGEST_SKIP: Final = 2.0
"""Seconds that skipping what is late may take: a video that decodes too slowly plays slower."""
USUAL_RATE: Final = 25.0
"""Frames a second of a video that does not say its own."""
NO_CAMERAS: Final = ("bcm2835", "pispbe", "rp1-cfe", "unicam", "rpi")
"""How the names of a Pi's own V4L2 devices begin: codecs, image processors, and raw sensors that only
libcamera can drive.
"""
COLOURED: Final = 3
"""Axes of a picture with channels."""


def luma_of(picture: NDArray[Any]) -> NDArray[Any]:
    """Return the luma, [height, width], of a picture as cv2 gives it.

    One channel is luma, of two (YUYV) the first is, three are BGR, four BGRA.  Anything else is returned as
    it is.
    """
    if picture.ndim != COLOURED or picture.size == 0 or picture.dtype != np.uint8:
        return picture
    channels = picture.shape[2]
    if channels <= 2:  # noqa: PLR2004 - luma alone, or luma beside chroma
        return picture[:, :, 0]
    conversions = {3: cv2.COLOR_BGR2GRAY, 4: cv2.COLOR_BGRA2GRAY}
    return cv2.cvtColor(picture, conversions[channels]) if channels in conversions else picture


class _CapturedCamera(Camera):
    """A source that cv2.VideoCapture reads: a device or a video file."""

    def __init__(self, source: str, path: Path, rotation: int, clock: Callable[[], float]) -> None:
        super().__init__(source, rotation, clock)
        self._path = path
        self._capture: Any = None

    def _capture_with(self, interface: int) -> None:
        """Open the path by an interface of cv2 (`cv2.CAP_…`); raise CameraError."""
        self.errors = (*USUAL_ERRORS, cv2.error)
        self._capture = cv2.VideoCapture(str(self._path), interface)
        if not self._capture.isOpened():
            message = (
                f"camera {self.source}: it cannot be opened: "
                "another program may hold it, or it gives no pictures"
            )
            raise CameraError(message)

    def _luma(self) -> NDArray[Any] | None:
        """Return the picture that was grabbed last, None when there is none."""
        there, picture = self._capture.retrieve()
        return luma_of(picture) if there and picture is not None else None

    def _close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


class V4l2Camera(_CapturedCamera):
    """A USB camera of Linux."""

    def __init__(
        self, path: Path, rotation: int, size: tuple[int, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(f"v4l2:{path}", path, rotation, clock)
        self._size = size

    def _open(self) -> None:
        if not self._path.exists():
            there = ", ".join(map(str, v4l2_devices())) or "there is none"
            message = (
                f"camera {self.source}: no such device ({there}): "
                "plug the camera in, or set camera.source = auto"
            )
            raise CameraError(message)
        if not os.access(self._path, os.R_OK | os.W_OK):
            message = (
                f"camera {self.source}: permission denied: "
                "add this user to group video (sudo usermod -aG video USER)"
            )
            raise CameraError(message)
        self._capture_with(cv2.CAP_V4L2)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])

    def _read(self) -> NDArray[Any]:
        for _ in range(QUEUED):
            before = self._clock()
            if not self._capture.grab():
                message = f"camera {self.source}: it gives no more frames: check its cable; {RETRY}"
                raise CameraError(message)
            if self._clock() - before >= FRESH:
                break
        luma = self._luma()
        if luma is None:
            message = f"camera {self.source}: a frame cannot be decoded; {RETRY}"
            raise CameraError(message)
        return luma


def v4l2_devices(folder: Path = Path("/dev")) -> tuple[Path, ...]:
    """Return the V4L2 devices that may be cameras, by number.

    A Pi's own nodes of codecs and image processors are left out.
    """
    numbered = [path for path in folder.glob("video*") if path.name.removeprefix("video").isdecimal()]
    found = [path for path in numbered if not _driver_name(path).startswith(NO_CAMERAS)]
    return tuple(sorted(found, key=lambda path: int(path.name.removeprefix("video"))))


def _driver_name(device: Path) -> str:
    """Return the name that the kernel gives a V4L2 device, or nothing."""
    try:
        return (Path("/sys/class/video4linux") / device.name / "name").read_text(
            encoding="utf-8", errors="replace"
        )
    except OSError:
        return ""


class VideoCamera(_CapturedCamera):
    """A video file at its own pace, looped."""

    def __init__(
        self,
        path: Path,
        rotation: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(f"file:{path}", path, rotation, clock)
        self._sleep = sleep
        self._frame_time = 0.0
        self._due = 0.0

    def _open(self) -> None:
        self._capture_with(cv2.CAP_ANY)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._frame_time = 1 / (rate if rate > 0 else USUAL_RATE)
        self._due = self._clock()

    def _read(self) -> NDArray[Any]:
        began = self._clock()
        late = began - self._due
        for _ in range(int(late / self._frame_time)):
            if self._clock() - began > LONGEST_SKIP:
                self._due = self._clock()
                break
            self._grab()
        self._grab()
        if late < 0:
            self._sleep(-late)
        luma = self._luma()
        if luma is None:
            message = f"camera {self.source}: a frame cannot be decoded: give another video"
            raise CameraError(message)
        return luma

    def _grab(self) -> None:
        """Go to the next frame, from the last to the first, and say when the one after it is due."""
        self._due += self._frame_time
        if not self._capture.grab():
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            if not self._capture.grab():
                message = f"camera {self.source}: it holds no frames: give another video"
                raise CameraError(message)
