"""What the speaker makes of `calibrate`: asked, shown, kept, forgotten."""

from __future__ import annotations

import dataclasses

import pytest
from support.clock import Clock
from support.fake_store import FakeStore
from support.fake_vision import FakeVision

from moodspeaker.domain.commands import Calibrate
from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.moment import WallClock
from moodspeaker.domain.observation import Box, CameraState, CameraStatus, Face, Observation
from moodspeaker.errors import NothingSeen
from moodspeaker.mood.resting import SECONDS
from moodspeaker.speaker.calibrating import RESTING, Calibrating, CalibrationView
from moodspeaker.speaker.snapshot import Surroundings

SADDISH = Probabilities.of({"sad": 0.55, "neutral": 0.4}.get(str(emotion), 0.01) for emotion in EMOTIONS)


class Sitting:
    """Somebody who sits before the camera with a face at rest that looks sad."""

    def __init__(self) -> None:
        self.store, self.vision, self.clock = FakeStore(), FakeVision(), Clock()
        self.around = Surroundings(self.clock())
        self.around.camera = CameraStatus(CameraState.OK, open=True, source="replay:x")
        self.calibrating = Calibrating(self.store, self.vision)

    def look(self) -> Observation:
        """Return one look as it counts."""
        face = Face(Box(0, 0, 50, 50), 0.9, SADDISH)
        return self.calibrating.corrected(Observation(self.clock().monotonic, (face,)))

    def sit(self) -> None:
        """Let a calibration look for as long as it does."""
        for _ in range(round(SECONDS) + 1):
            self.look()
            self.clock.later(1.0)
        self.calibrating.tick(self.clock())

    def obey(self, *, on: bool) -> None:
        """Give the command."""
        self.calibrating.obey(Calibrate(on), self.clock(), self.around)

    @property
    def shown(self) -> CalibrationView:
        """What is shown of it."""
        return self.calibrating.view(WallClock(self.clock()))


def test_a_calibration_is_shown_kept_and_corrects_after_a_restart_too() -> None:
    room = Sitting()
    assert (room.shown.state, room.look().faces[0].probabilities) == ("none", SADDISH)
    room.obey(on=True)
    assert room.vision.calibrations == [SECONDS]
    assert (room.shown.state, room.shown.until is not None) == ("running", True)
    room.sit()
    assert room.shown == CalibrationView("done", None, "", ("sad",))
    corrected = room.look().faces[0].probabilities
    assert corrected.neutral > 0.7 > corrected.sad
    room.calibrating = Calibrating(room.store, room.vision)
    assert room.look().faces[0].probabilities == pytest.approx(corrected, abs=0.01)


def test_forgetting_leaves_nothing_in_the_store() -> None:
    room = Sitting()
    room.obey(on=True)
    room.sit()
    room.obey(on=False)
    assert room.store.get(RESTING, "") == ""
    assert room.shown.state == "none"
    assert room.look().faces[0].probabilities == SADDISH


def test_a_closed_camera_is_named() -> None:
    room = Sitting()
    room.around.sensing = False
    with pytest.raises(NothingSeen, match="the camera is closed"):
        room.obey(on=True)


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [(CameraState.DARK, "", "the camera is dark"), (CameraState.LOST, "unplugged", "unplugged")],
)
def test_a_camera_that_sees_nothing_is_named(state: CameraState, reason: str, told: str) -> None:
    room = Sitting()
    room.around.camera = dataclasses.replace(room.around.camera, state=state, reason=reason)
    with pytest.raises(NothingSeen, match=told):
        room.obey(on=True)
    assert room.vision.calibrations == []


def test_a_calibration_that_sees_nobody_says_what_to_do() -> None:
    room = Sitting()
    room.obey(on=True)
    room.clock.later(SECONDS)
    room.calibrating.tick(room.clock())
    assert room.shown.state == "failed"
    assert "try again" in room.shown.reason


def test_a_disk_that_refuses_is_told_and_it_holds_all_the_same() -> None:
    room = Sitting()
    room.obey(on=True)
    room.store.refusal = "the disk is full"
    room.sit()
    assert room.shown.state == "failed"
    assert "until the next restart" in room.shown.reason
    assert room.look().faces[0].probabilities.neutral > 0.7
