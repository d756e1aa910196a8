"""What the camera thread does step by step, without the thread."""

from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path
from random import Random

import numpy as np
import pytest
from support.drawn import STANDINS, white_square

from moodspeaker.domain.observation import (
    Box,
    CameraState,
    CameraStatus,
    ModelVersions,
    Observation,
    PictureHint,
)
from moodspeaker.errors import CameraError, PictureError, PictureFault
from moodspeaker.vision import picture, worker
from moodspeaker.vision.cameras import Camera, FileCamera
from moodspeaker.vision.pipeline import FacePipeline
from moodspeaker.vision.worker import CameraWorker, Work


class Clock:
    """Time that passes with each question."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 0.01
        return self.now


class Scripted(Camera):
    """A camera that gives pictures, and fails where the script says so."""

    def __init__(self, clock: Clock, *script: np.ndarray | str) -> None:
        super().__init__("v4l2:/dev/video9", 0, clock)
        self.script = list(script)

    def _open(self) -> None:
        pass

    def _read(self) -> np.ndarray:
        given = self.script.pop(0)
        if isinstance(given, str):
            raise CameraError(given)
        return given

    def _close(self) -> None:
        pass


class Heard:
    """A worker on a scripted camera and what it reported."""

    def __init__(self, *script: np.ndarray | str) -> None:
        clock = Clock()
        self.statuses: list[CameraStatus] = []
        self.looks: list[Observation] = []
        self.errors: list[BaseException] = []
        self.refused: list[tuple[int | None, PictureFault]] = []
        self.camera = Scripted(clock, *script)
        work = Work(self.camera, FacePipeline.of(STANDINS), ModelVersions("0", "0"), interval=1.0)
        self.worker = CameraWorker(work, self.report, self.refuse, self.errors.append, Random(1), clock)

    def refuse(self, number: int | None, error: PictureError) -> None:
        self.refused.append((number, error.fault))

    def report(self, status: CameraStatus, look: Observation | None) -> None:
        self.statuses.append(status)
        if look is not None:
            self.looks.append(look)


def test_the_status_carries_what_is_wrong_with_the_picture_until_the_camera_closes() -> None:
    dim = np.full((240, 320), 20, np.uint8)
    dim[40:200, 40:280] = 45
    dim[80:160:2, 80:240] = 10
    heard = Heard(*[dim] * (picture.EVERY * picture.AGREED))
    for _ in range(picture.EVERY * picture.AGREED):
        heard.worker.step(wanted=True)
    assert heard.statuses[-2].hints == ()
    assert heard.statuses[-1].hints == (PictureHint.DIM,)
    heard.worker.step(wanted=False)
    assert heard.statuses[-1].hints == ()


def test_an_observation_says_which_kind_of_camera_looked_and_when() -> None:
    heard = Heard(white_square())
    rest = heard.worker.step(wanted=True)
    [look] = heard.looks
    assert look.source == "v4l2"
    assert [face.box for face in look.faces] == [Box(112, 72, 64, 64)]
    assert heard.statuses[-1].last_frame_at == look.at, "of the worker's own clock, whatever the wall says"
    assert 1000 < look.at < 1001
    assert rest is not None
    assert 0 < rest < 1


def test_nobody_there_is_looked_for_half_as_often() -> None:
    heard = Heard(np.full((240, 320), 40, np.uint8))
    rest = heard.worker.step(wanted=True)
    assert rest is not None
    assert 1 < rest < worker.DROWSY


def test_somebody_who_holds_still_is_looked_at_often_for_as_long_as_asked() -> None:
    heard = Heard(*[white_square()] * 20)
    heard.worker.hurry(0.3)
    rest = heard.worker.step(wanted=True)
    assert rest is not None
    assert rest < worker.HURRIED
    for _ in range(19):
        rest = heard.worker.step(wanted=True)
    assert rest is not None
    assert rest > worker.HURRIED


def test_a_lost_camera_is_tried_ever_more_rarely_and_named_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    heard = Heard(*["camera gone: plug it in"] * 12, white_square(), "camera gone again")
    delays = [heard.worker.step(wanted=True) for _ in range(12)]
    for attempt, delay in enumerate(delays):
        assert delay is not None
        assert worker.SHORTEST_DELAY <= delay <= min(worker.LONGEST_DELAY, 2.0 ** (attempt + 1))
    assert {(status.state, status.open) for status in heard.statuses} == {(CameraState.LOST, False)}
    heard.worker.step(wanted=True)
    assert heard.statuses[-1].state is CameraState.OK
    assert [record.getMessage() for record in caplog.records] == [
        "camera gone: plug it in",
        "camera v4l2:/dev/video9: back after 12 attempts",
    ]
    after = heard.worker.step(wanted=True)
    assert after is not None
    assert after <= worker.FIRST_DELAY, "the delays begin again"


@pytest.mark.parametrize("shape", [(0, 0, 3), (48, 64, 2), (1, 6144)])
def test_an_odd_picture_is_a_lost_camera_that_comes_back(shape: tuple[int, ...]) -> None:
    heard = Heard(np.zeros(shape, np.uint16), white_square())
    heard.worker.step(wanted=True)
    assert heard.statuses[-1].state is CameraState.LOST
    assert "uint16" in heard.statuses[-1].reason
    heard.worker.step(wanted=True)
    assert heard.statuses[-1].state is CameraState.OK


def test_pictures_that_change_their_size_are_looked_at() -> None:
    sizes = [(480, 640), (48, 64), (1280, 720), (240, 320)]
    heard = Heard(white_square(), *(np.full(size, 40, np.uint8) for size in sizes), white_square())
    for _ in range(6):
        heard.worker.step(wanted=True)
    assert [len(look.faces) for look in heard.looks] == [1, 0, 0, 0, 0, 1]


def test_a_closed_camera_rests_until_it_is_wanted() -> None:
    heard = Heard(white_square())
    heard.worker.step(wanted=True)
    assert heard.worker.step(wanted=False) is None
    assert not heard.camera.is_open
    assert heard.statuses[-1].state is CameraState.OFF
    assert heard.statuses[-1].duty == 0


class Turned:
    """A lock that a test turns."""

    def __init__(self) -> None:
        self.why = "the privacy lock is on"
        self.closed = threading.Event()

    def reason(self) -> str:
        return self.why

    def close(self) -> None:
        self.closed.set()


def test_a_locked_camera_stays_closed_whatever_is_wanted_and_opens_when_the_lock_is_off() -> None:
    heard, lock = Heard(white_square()), Turned()
    heard.worker._work = dataclasses.replace(heard.worker._work, lock=lock)
    assert heard.worker.step(wanted=True) is None
    status = heard.statuses[-1]
    assert (status.state, status.open, status.locked, status.reason) == (
        CameraState.OFF, False, True, "the privacy lock is on",
    )  # fmt: skip
    lock.why = ""
    heard.worker.step(wanted=True)
    assert (heard.statuses[-1].open, heard.statuses[-1].locked) == (True, False)
    lock.why = "again"
    heard.worker.step(wanted=True)
    assert (heard.statuses[-1].open, heard.statuses[-1].locked) == (False, True)


def test_the_thread_lets_go_of_a_lock_when_it_takes_another_and_at_its_end() -> None:
    heard, first, second = Heard(), Turned(), Turned()
    heard.worker._work = heard.worker._assigned = dataclasses.replace(heard.worker._work, lock=first)
    heard.worker.start()
    heard.worker.assign(dataclasses.replace(heard.worker._assigned, lock=second))
    assert first.closed.wait(10)
    assert not second.closed.is_set()
    assert heard.worker.stop(10)
    assert second.closed.is_set()


def test_what_nobody_expected_is_handed_on() -> None:
    heard = Heard()  # the script is empty: an IndexError
    heard.worker.sense(on=True)
    heard.worker.start()
    heard.worker._thread.join(10)
    assert isinstance(heard.errors[0], IndexError)


def test_a_source_in_a_folder_that_is_not_utf_8_can_be_named(root: Path) -> None:
    folder = Path(os.fsdecode(bytes(root) + b"/h\xe9"))
    assert FileCamera(folder / "a.png", 0).source == rf"file:{root}/h\udce9/a.png"
