"""Calibrating: the face at rest that the room's looks are corrected by (`mood.resting`).

It is kept as a setting until it is forgotten.  Vision is told of a calibration so that it looks more often.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import NothingSeen, StoreError
from moodspeaker.mood.resting import SECONDS, Corrector, NotAtRest, RestingFace
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.commands import Calibrate
    from moodspeaker.domain.moment import Moment, WallClock
    from moodspeaker.domain.observation import Observation
    from moodspeaker.ports import Store, Vision
    from moodspeaker.speaker.snapshot import Surroundings

RESTING: Final = "resting_face"
"""The setting under which it is kept; empty: none."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """The calibration, as it is shown."""

    state: str
    """`none`, `running`, `done` or `failed`."""
    until: str | None
    """When a running one ends, RFC 3339."""
    reason: str
    """Why the last one came to nothing, with the cure, else empty."""
    lowered: tuple[str, ...]
    """The emotions that count less because the face at rest looks like them."""


class Calibrating:
    """Carries calibrations out, and corrects looks."""

    def __init__(self, store: Store, vision: Vision) -> None:
        """Begin with what was kept before a restart."""
        self._store, self._vision = store, vision
        self._corrector = Corrector(RestingFace.from_text(store.get(RESTING, "")))
        self._reason = ""

    def obey(self, command: Calibrate, now: Moment, around: Surroundings) -> None:
        """Begin to look at a face at rest, or forget it.

        Raises NothingSeen where the camera sees nothing; StoreError where it cannot be forgotten.
        """
        if not command.on:
            self.forget()
            return
        camera = around.camera
        if not around.sensing:
            message = "the camera is closed: let it look first (sensing on)"
            raise NothingSeen(message)
        if not camera.open or camera.state is not CameraState.OK:
            message = f"nothing is seen to calibrate by: {camera.reason or f'the camera is {camera.state}'}"
            raise NothingSeen(message)
        self._corrector.begin(now.monotonic)
        self._reason = ""
        self._vision.calibrate(SECONDS)

    def forget(self) -> None:
        """Correct nothing, and end a calibration that goes on; raise StoreError, and then it stays."""
        if self._corrector.resting is not None:
            self._store.set(RESTING, "")
            _log.info("calibration: what is read from faces is not corrected any more")
        self._corrector.forget()
        self._reason = ""

    def corrected(self, observation: Observation) -> Observation:
        """Return a look as it counts."""
        read = [face.probabilities for face in observation.faces]
        counts = self._corrector.corrected(observation.at, read)
        if counts is read:  # nothing is corrected
            return observation
        faces = zip(observation.faces, counts, strict=True)
        return replace(observation, faces=tuple(replace(face, probabilities=seven) for face, seven in faces))

    def tick(self, now: Moment) -> None:
        """Let time pass: a calibration ends."""
        match self._corrector.end(now.monotonic):
            case None:
                return
            case NotAtRest(reason):
                self._reason = reason
                _log.warning("calibration: %s", reason)
            case RestingFace() as resting:
                _log.info("calibration: done, %s count less", ", ".join(resting.lowered) or "no emotions")
                try:
                    self._store.set(RESTING, resting.text)
                except StoreError as error:
                    self._reason = f"it holds until the next restart: {error}"
                    _log.error("calibration: %s", self._reason)

    def view(self, clock: WallClock) -> CalibrationView:
        """Return what there is to show."""
        running, resting = self._corrector.running, self._corrector.resting
        until = None if running is None else clock.text(clock.moment(running.until))
        lowered = () if resting is None else tuple(map(str, resting.lowered))
        ended = "failed" if self._reason else "none" if resting is None else "done"
        return CalibrationView(ended if running is None else "running", until, self._reason, lowered)
