"""The camera's own picture, shown to one browser while somebody aims the camera.

Design notes
============
1. Whether it may be shown is vision's word (`CameraStatus.may_preview`), which reads it in the machine's own
   configuration; vision ends it, too, after two minutes.
2. Pictures are passed on as they came: nothing here looks into them, and none is kept.
3. It ends when the browser goes, and as soon as vision says that it is over.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from moodspeaker.domain.observation import VisionLost
from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.wire import Status
from moodspeaker.wire.pictures import PictureRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from moodspeaker.ports import Vision
    from moodspeaker.speaker.snapshot import Surroundings
    from moodspeaker.wire import FromVision

_log = logging.getLogger(__name__)


class Preview:
    """Shows one browser what the camera sees."""

    def __init__(self, vision: Vision, around: Surroundings) -> None:
        """Take where pictures come from, and what is known of the camera."""
        self._vision, self._around = vision, around
        self._end: Callable[[], object] | None = None
        self._was_on = False

    @contextmanager
    def watching(self, take: Callable[[bytes], object], end: Callable[[], object]) -> Iterator[None]:
        """Show pictures, each to `take`, until `end` is called; raise PictureError where none may be."""
        self._check()
        self._end, self._was_on = end, False
        self._vision.preview(take)
        _log.info("the camera's picture is shown, to aim it")
        try:
            yield
        finally:
            self._end = None
            self._vision.preview(None)
            _log.info("the camera's picture is shown no more")

    def hear(self, message: FromVision | VisionLost) -> None:
        """Take what vision says, when all else has taken it."""
        match message:
            case Status(camera):
                if self._was_on and not camera.previewing:
                    self.stop()
                self._was_on = camera.previewing
            case PictureRefused(number=0) | VisionLost():
                self.stop()
            case _:
                pass

    def stop(self) -> None:
        """End it, if it is on."""
        if self._end is not None:
            self._end()

    def _check(self) -> None:
        camera = self._around.camera
        if not camera.may_preview:
            message = "set camera.preview = true in the configuration file to see the camera's picture"
            raise PictureError(PictureFault.NOT_ALLOWED, message)
        if not self._around.sensing or not camera.open:
            message = camera.reason or "the camera is closed: turn sensing on to see its picture"
            raise PictureError(PictureFault.CLOSED, message)
        if self._end is not None:
            raise PictureError(PictureFault.BUSY, "another browser sees the picture: close it there first")
