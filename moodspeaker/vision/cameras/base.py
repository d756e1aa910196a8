"""What all sources of frames share: rotation, clock, the check of each picture, and the end after an error.

A source is built closed, gives upright luma (`camera.rotation` is applied here) and raises CameraError with
cause and cure; after that it is closed.  `read` gives a fresh frame: what a driver queued up meanwhile is
thrown away.  A source is used by one thread.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from moodspeaker.domain.observation import Frame
from moodspeaker.errors import CameraError, ImageError, PictureError, PictureFault, sendable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RETRY: Final = "it is tried again by itself"
SMALLEST: Final = 16
"""Pixels of a picture's shorter side, at least: less is no picture, but a buffer that was not decoded."""
AXES: Final = 2
USUAL_ERRORS: Final = (OSError, RuntimeError, ValueError, ImageError)
"""What a device, a file or a driver raises."""


def upright(luma: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """Return a picture, uint8 [height, width], turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(luma, -rotation // 90))


class Camera(ABC):
    """One source of frames (the port `ports.Camera`)."""

    faces_only = False
    """Whether the frame just read is one face and nothing else (a replay of crops)."""
    absent = False
    """Whether there is no camera that could be lost: none is wanted, or none was found so far."""
    takes_pictures = False
    """Whether pictures are taken that somebody sends in (`offer`)."""
    number: int | None = None
    """Number of the frame just read, where somebody sent it in."""
    errors: tuple[type[Exception], ...] = USUAL_ERRORS
    """What becomes a CameraError; a source adds what its library raises."""

    def __init__(self, source: str, rotation: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.source = sendable(source)
        self.is_open = False
        self._rotation = rotation
        self._clock = clock

    @property
    def kind(self) -> str:
        """The first word of the source, such as `v4l2`."""
        return self.source.partition(":")[0]

    def offer(self, number: int, jpeg: bytes) -> None:  # noqa: ARG002 - only `browser` looks at them
        """Take a picture that somebody sends in, on any thread; raise PictureError."""
        message = f"camera.source is {self.source}: only with browser a page's pictures are looked at"
        raise PictureError(PictureFault.NOT_WANTED, message)

    def wait(self) -> float:
        """Return for how many seconds there is nothing to read yet, at most; 0 when `read` is to be called.

        Raises PictureError for a picture that was taken and cannot be read.
        """
        return 0.0

    def open(self) -> None:
        """Open the device; a second call does nothing; raise CameraError."""
        if not self.is_open:
            self._guarded(self._open)
            self.is_open = True

    def read(self) -> Frame:
        """Block until the next frame, at most a few seconds, and return it upright; raise CameraError."""
        if not self.is_open:
            message = f"camera {self.source}: closed"
            raise CameraError(message)
        luma = self._guarded(lambda: self._checked(self._read()))
        return Frame(upright(luma, self._rotation), self._clock())

    def close(self) -> None:
        """Close the device; a second call does nothing."""
        self.is_open = False
        self._close()

    def _guarded(self, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - what `act` returns
        """Return what `act` returns; close after an error, and make one of the device's own a CameraError."""
        try:
            return act()
        except CameraError:
            self.close()
            raise
        except self.errors as error:
            self.close()
            reason = " ".join(str(error).split()) or type(error).__name__
            message = f"camera {self.source}: {reason}"
            raise CameraError(message) from error

    def _checked(self, picture: NDArray[Any]) -> NDArray[np.uint8]:
        """Return a picture as it should be, uint8 [height, width]; raise CameraError for any other."""
        if picture.dtype != np.uint8 or picture.ndim != AXES or min(picture.shape) < SMALLEST:
            message = (
                f"camera {self.source}: it gives {picture.dtype} {list(picture.shape)}, which is no picture "
                f"of 8-bit pixels: set another camera.width and camera.height, or use another camera; {RETRY}"
            )
            raise CameraError(message)
        luma: NDArray[np.uint8] = picture
        return luma

    @abstractmethod
    def _open(self) -> None:
        """Open the device."""

    @abstractmethod
    def _read(self) -> NDArray[Any]:
        """Return the next picture as the device gives it."""

    @abstractmethod
    def _close(self) -> None:
        """Close what is open, even half-way."""
