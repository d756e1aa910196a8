"""What the vision process tells: to what is shown, to the records, and to changes of the mood."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, assert_never

from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.observation import CameraState, CameraStatus, Observation, VisionLost
from moodspeaker.wire import FromVision, Hello, Look, Status
from moodspeaker.wire.pictures import PictureRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.mood.room import Room
    from moodspeaker.ports import Store
    from moodspeaker.speaker.calibrating import Calibrating
    from moodspeaker.speaker.snapshot import Surroundings

_log = logging.getLogger(__name__)


class Seeing:
    """Takes the messages of the vision process."""

    def __init__(
        self,
        room: Room,
        around: Surroundings,
        store: Store,
        calibrating: Calibrating,
        now: Callable[[], Moment],
    ) -> None:
        """Take the room that they are about, what is shown, where looks are kept, and the clock."""
        self._room, self._around, self._store, self._now = room, around, store, now
        self._calibrating = calibrating

    def take(self, message: FromVision | VisionLost) -> MoodChange | None:
        """Take one message; return the change of mood that it leads to."""
        match message:
            case Look(observation):
                return self._look(observation)
            case Hello(models):
                self._around.models = models
                if models.refused:
                    _log.warning("models refused: %s", models.refused)
                return None
            case Status(camera, models):
                self._around.models = models
                return self._see_camera(camera)
            case PictureRefused():
                return None  # its sender is told (`pictures`)
            case VisionLost(reason):
                source = self._around.camera.source
                return self._see_camera(
                    CameraStatus(CameraState.LOST, open=False, source=source, reason=reason)
                )
            case _:
                assert_never(message)

    def _look(self, observation: Observation) -> MoodChange | None:
        if not self._around.sensing:
            return None
        change = self._room.look(self._calibrating.corrected(observation))
        self._store.record_look(LookRecord(self._now(), CameraState.OK, self._room.shown))
        return change

    def _see_camera(self, status: CameraStatus) -> MoodChange | None:
        around, now = self._around, self._now()
        if status.reason != around.camera.reason:
            if status.reason:
                _log.warning("camera %s: %s", status.state, status.reason)
            else:
                _log.info("camera %s", status.state)
        around.camera = status
        around.last_frame_at = status.last_frame_at or around.last_frame_at
        state = status.state if around.sensing else CameraState.OFF
        self._store.record_look(LookRecord(now, state))
        if status.state is not CameraState.OK:
            self._room.forget_looks()
        if around.sensing and status.state is CameraState.OFF and not status.locked:
            if status.takes_pictures:  # no browser sends any
                return self._room.camera(now.monotonic, CameraState.OFF)
            if status.reason:  # there is no camera: nothing is known, and nothing is lost
                return self._room.camera(now.monotonic, CameraState.OK)
            return None  # told to open and has not yet: what it says next is news
        return self._room.camera(now.monotonic, state)
