"""`auto` (the first camera that works) and `file:PATH` (by what PATH is), chosen at each opening; `none`."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING

from moodspeaker import access
from moodspeaker.errors import CameraError
from moodspeaker.vision import images
from moodspeaker.vision.cameras.base import Camera
from moodspeaker.vision.cameras.capture import V4l2Camera, VideoCamera, v4l2_devices
from moodspeaker.vision.cameras.folder import FolderCamera
from moodspeaker.vision.cameras.picamera2_camera import Picamera2Camera

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class NoCamera(Camera):
    """`none`: a speaker without a camera."""

    absent = True

    def __init__(self) -> None:
        super().__init__("none")

    def _open(self) -> None:
        message = "camera.source = none: no camera is used; set camera.source = auto to use one"
        raise CameraError(message)

    def _read(self) -> NDArray[np.uint8]:
        raise AssertionError  # pragma: no cover - it never opens

    def _close(self) -> None:
        pass


class _ChosenCamera(Camera):
    """A source that hands on to another one, chosen at each opening."""

    _chosen: Camera | None = None

    @abstractmethod
    def _choose(self) -> Camera:
        """Return the source to use, open; raise CameraError."""

    def _open(self) -> None:
        self._chosen = self._choose()

    def _read(self) -> NDArray[np.uint8]:
        assert self._chosen is not None  # noqa: S101 - it is open
        return self._chosen.read().luma

    def _close(self) -> None:
        chosen, self._chosen = self._chosen, None
        if chosen is not None:
            chosen.close()


class FileCamera(_ChosenCamera):
    """`file:PATH`: a folder of pictures, one picture, or a video."""

    def __init__(
        self,
        path: Path,
        rotation: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(f"file:{path}", rotation, clock)
        self._path = path
        self._sleep = sleep

    def _choose(self) -> Camera:
        reason = access.unreadable(self._path)
        if reason:
            message = f"camera {self.source}: {reason}: give a video, a picture or a folder of pictures"
            raise CameraError(message)
        pictures = self._path.is_dir() or images.is_picture(self._path)
        chosen = (FolderCamera if pictures else VideoCamera)(self._path, 0, self._clock, self._sleep)
        chosen.open()
        return chosen


class AutoCamera(_ChosenCamera):
    """The first camera that works: picamera2's, else a V4L2 device that gives a frame.

    While none was found it is as `none`.
    """

    absent = True

    def __init__(self, rotation: int, size: tuple[int, int]) -> None:
        super().__init__("auto", rotation)
        self._size = size

    def _choose(self) -> Camera:
        reasons = []
        candidates: list[Camera] = [Picamera2Camera(0, 0, self._size)]
        candidates += [V4l2Camera(path, 0, self._size) for path in v4l2_devices()]
        for candidate in candidates:
            try:
                candidate.open()
                candidate.read()
            except CameraError as error:
                reasons.append(str(error).removeprefix("camera "))
            else:
                self.source, self.absent = candidate.source, False
                return candidate
        if len(candidates) == 1:
            reasons.append("V4L2: no /dev/video device")
        message = f"no camera found ({'; '.join(reasons)}): connect one, or set camera.source = none"
        raise CameraError(message)

    def _close(self) -> None:
        super()._close()
        self.source = "auto"
