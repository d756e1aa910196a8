"""The way of a browser's pictures: in by the page, over the wall to vision, and what was seen back.

Design notes
============
1. Pictures are passed on as they came: nothing here looks into them, and none is kept.
2. Whether any are taken is vision's word (`CameraStatus.takes_pictures`), which reads it in the machine's own
   configuration.
3. One browser at a time, one picture at a time: the next is taken when the last is answered.
4. The browser is sent away as soon as no pictures are taken any more: sensing is off, the privacy lock is on,
   vision is gone.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.observation import Observation, VisionLost
from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.speaker.preview import Preview
from moodspeaker.speaker.views import FaceView, SeenView
from moodspeaker.wire import Look, Status
from moodspeaker.wire.pictures import LONGEST_PICTURE, PictureRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from moodspeaker.ports import Vision
    from moodspeaker.speaker.snapshot import Snapshot, Surroundings
    from moodspeaker.wire import FromVision

ANSWER_WITHIN: Final = 5.0
"""Seconds in which vision must have looked at a picture."""

_log = logging.getLogger(__name__)


class Pictures:
    """Takes the pictures of one browser."""

    def __init__(self, vision: Vision, around: Surroundings, snapshot: Callable[[], Snapshot]) -> None:
        """Take where pictures go, what is known of the camera, and what is told with the faces."""
        self._vision, self._around, self._snapshot = vision, around, snapshot
        self._end: Callable[[PictureError], object] | None = None
        self._number = 0
        self.preview = Preview(vision, around)
        """The other way: what the speaker's own camera sees."""
        self._answer: asyncio.Future[SeenView] | None = None

    def check(self) -> None:
        """Raise PictureError where no browser may begin to send now."""
        if (refused := self._refused()) is not None:
            raise refused
        if self._end is not None:
            raise PictureError(PictureFault.BUSY, "another browser's camera is on: stop that one first")

    @contextmanager
    def sending(self, end: Callable[[PictureError], object]) -> Iterator[None]:
        """Let a browser send pictures; raise PictureError where it may not.

        `end` is called, once, when no pictures are taken any more.
        """
        self.check()
        self._end, self._around.browser_sends = end, True
        _log.info("a browser's camera is on: its pictures are looked at and dropped")
        try:
            yield
        finally:
            if self._end in {end, None}:  # sent away, and another one sends by now: it goes on
                self._end, self._around.browser_sends = None, False
            _log.info("the browser's camera is off")

    async def look(self, jpeg: bytes) -> SeenView:
        """Return what is seen in a picture, and the mood after it; raise PictureError where it is refused."""
        if not 0 < len(jpeg) <= LONGEST_PICTURE:
            message = f"{len(jpeg)} bytes: send a JPEG of {LONGEST_PICTURE} bytes at most"
            raise PictureError(PictureFault.TOO_BIG if jpeg else PictureFault.NOT_JPEG, message)
        self._number += 1
        self._answer = asyncio.get_running_loop().create_future()
        self._vision.look_at(self._number, jpeg)
        try:
            return await asyncio.wait_for(self._answer, ANSWER_WITHIN)
        except TimeoutError:
            why = self._around.models.refused or self._around.camera.reason or "send the next one"
            message = f"vision did not look at the picture within {ANSWER_WITHIN:g} s: {why}"
            raise PictureError(PictureFault.NO_ANSWER, message) from None
        finally:
            self._answer = None

    def hear(self, message: FromVision | VisionLost) -> None:
        """Take what vision says, when all else has taken it."""
        self.preview.hear(message)
        answer = self._answer if self._answer is not None and not self._answer.done() else None
        match message:
            case Look(observation) if answer is not None and observation.picture == self._number:
                answer.set_result(self._seen(observation))
            case PictureRefused(number, fault, text) if answer is not None and number == self._number:
                answer.set_exception(PictureError(fault, text))
            case Status() | VisionLost() if (refused := self._refused()) is not None:
                self.stop(refused)
            case _:
                pass

    def stop(self, refused: PictureError) -> None:
        """Send the browser away, if there is one."""
        end, self._end = self._end, None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(refused)
        if end is not None:
            end(refused)

    def _refused(self) -> PictureError | None:
        camera = self._around.camera
        if not camera.takes_pictures:
            message = f'camera.source is {camera.source}: set it to "browser", and camera.browser = true'
            if camera.source in {"browser", ""}:
                message = camera.reason or "the vision process is not there yet: wait a moment"
            return PictureError(PictureFault.NOT_WANTED, message)
        if not self._around.sensing:
            return PictureError(PictureFault.CLOSED, "sensing is off: turn it on to let a camera look")
        return PictureError(PictureFault.CLOSED, camera.reason) if camera.locked else None

    def _seen(self, observation: Observation) -> SeenView:
        now = self._snapshot()
        faces = tuple(FaceView.of(face) for face in observation.faces)
        return SeenView(faces, now.mood, now.confidence, now.probabilities, now.valence, now.arousal)
