"""`file:FOLDER` and `file:PICTURE`: pictures by name, one a second, looped; what is damaged is left out."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import CameraError, ImageError
from moodspeaker.vision import images
from moodspeaker.vision.cameras.base import SMALLEST, Camera

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_log = logging.getLogger(__name__)

PICTURE_TIME: Final = 1.0
"""Seconds for which a picture is shown."""


class FolderCamera(Camera):
    """The pictures of a folder, or a single one for ever."""

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
        self._files: list[Path] = []
        self._began = 0.0
        self._shown = -1

    def _open(self) -> None:
        if self._path.is_dir():
            found = images.files_of(self._path)
            self._files = [file for file in found if file.suffix.lower() in images.SUFFIXES]
        else:
            self._files = [self._path]
        if not self._files:
            message = f"camera {self.source}: no pictures in this folder"
            raise CameraError(message)
        self._began, self._shown = self._clock(), -1

    def _read(self) -> NDArray[np.uint8]:
        now = self._clock() - self._began
        place = max(self._shown + 1, int(now / PICTURE_TIME))
        if place * PICTURE_TIME > now:
            self._sleep(place * PICTURE_TIME - now)
        self._shown = place
        while True:
            file = self._files[place % len(self._files)]
            try:
                return self._large_enough(images.read(file), file)
            except ImageError as error:
                if len(self._files) == 1:
                    raise
                _log.warning("camera %s: left out: %s", self.source, error)
                self._files.remove(file)

    @staticmethod
    def _large_enough(luma: NDArray[np.uint8], file: Path) -> NDArray[np.uint8]:
        """Return the picture; raise ImageError for a tiny one."""
        if min(luma.shape) < SMALLEST:
            height, width = luma.shape
            message = f"{file}: {width} x {height} pixels: give pictures of {SMALLEST} pixels a side at least"
            raise ImageError(message)
        return luma

    def _close(self) -> None:
        self._files = []
