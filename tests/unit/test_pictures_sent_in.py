"""Pictures that a browser sends, as the camera thread takes them step by step."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import pytest
from support.drawn import STANDINS, white_square

from moodspeaker.domain.observation import Box, CameraState, CameraStatus, ModelVersions, Observation
from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.vision.cameras import BrowserCamera
from moodspeaker.vision.cameras.browser import GONE
from moodspeaker.vision.pipeline import FacePipeline
from moodspeaker.vision.worker import CameraWorker, Work

JPEG = bytes(cv2.imencode(".jpg", white_square())[1])
EMPTY = bytes(cv2.imencode(".jpg", np.full((240, 320), 40, np.uint8))[1])


class Thread:
    """A camera thread with a browser camera, one step at a time, and what it told."""

    def __init__(self, *, allowed: bool = True) -> None:
        self.now = 1000.0
        self.statuses: list[CameraStatus] = []
        self.looks: list[Observation] = []
        self.refused: list[tuple[int | None, PictureFault]] = []
        self.errors: list[BaseException] = []
        camera = BrowserCamera(allowed=allowed, clock=lambda: self.now)
        work = Work(camera, FacePipeline.of(STANDINS), ModelVersions("0", "0"), interval=1.0)
        self.worker = CameraWorker(
            work, self._report, self._refuse, self.errors.append, Random(1), lambda: self.now
        )
        self.wanted(on=True)

    def _report(self, status: CameraStatus, look: Observation | None) -> None:
        self.statuses.append(status)
        if look is not None:
            self.looks.append(look)

    def _refuse(self, number: int | None, error: PictureError) -> None:
        self.refused.append((number, error.fault))

    def wanted(self, *, on: bool) -> None:
        self.worker.sense(on=on)
        self.worker.step(wanted=on)

    def give(self, number: int, jpeg: bytes = JPEG) -> float | None:
        self.worker.look_at(number, jpeg)
        return self.worker.step(wanted=True)


def test_it_waits_for_a_browser_and_that_is_no_loss() -> None:
    camera = Thread().statuses[-1]
    assert (camera.state, camera.open, camera.takes_pictures) == (CameraState.OFF, False, True)
    assert "open the page" in camera.reason


def test_a_picture_is_looked_at_and_the_look_names_it() -> None:
    thread = Thread()
    thread.give(7)
    [look] = thread.looks
    assert (look.picture, look.source, look.at) == (7, "browser", 1000.0)
    assert [face.box for face in look.faces] == [Box(112, 72, 64, 64)]
    assert (thread.statuses[-1].state, thread.statuses[-1].open) == (CameraState.OK, True)


def test_the_newest_picture_wins() -> None:
    thread = Thread()
    thread.worker.look_at(1, EMPTY)
    thread.give(2)
    assert [look.picture for look in thread.looks] == [2]
    assert thread.looks[0].faces


def test_between_pictures_the_thread_rests_and_nothing_is_told() -> None:
    thread = Thread()
    thread.give(1)
    told = len(thread.statuses)
    thread.now += 1
    assert thread.worker.step(wanted=True) == GONE - 1
    assert len(thread.statuses) == told


def test_a_refused_picture_costs_nothing_else() -> None:
    thread = Thread()
    thread.give(1)
    told = len(thread.statuses)
    assert thread.give(2, JPEG[:300]) == 0
    assert thread.refused == [(2, PictureFault.BROKEN)]
    assert len(thread.statuses) == told, "the camera is as it was"
    thread.give(3)
    assert [look.picture for look in thread.looks] == [1, 3]


def test_a_browser_that_goes_is_no_camera_until_it_is_back() -> None:
    thread = Thread()
    thread.give(1)
    thread.now += GONE
    thread.worker.step(wanted=True)
    assert (thread.statuses[-1].state, thread.statuses[-1].open) == (CameraState.OFF, False)
    thread.give(2)
    assert thread.statuses[-1].state is CameraState.OK


def test_without_the_key_nothing_is_taken() -> None:
    thread = Thread(allowed=False)
    assert not thread.statuses[-1].takes_pictures
    assert "camera.browser = true" in thread.statuses[-1].reason
    with pytest.raises(PictureError) as refused:
        thread.worker.look_at(1, JPEG)
    assert refused.value.fault is PictureFault.NOT_ALLOWED
    thread.worker.step(wanted=True)
    assert thread.looks == []


def test_while_sensing_is_off_pictures_are_refused_and_none_is_kept() -> None:
    thread = Thread()
    thread.worker.look_at(1, JPEG)
    thread.wanted(on=False)
    assert not thread.statuses[-1].open
    with pytest.raises(PictureError) as refused:
        thread.worker.look_at(2, JPEG)
    assert refused.value.fault is PictureFault.CLOSED
    thread.wanted(on=True)
    assert thread.looks == []
