"""The camera's picture, shown to aim it: what vision allows and ends, and what the speaker passes on."""

from __future__ import annotations

import contextlib
from random import Random
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from support.drawn import white_square
from support.fake_vision import FakeVision

from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState, CameraStatus, ModelVersions, VisionLost
from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.speaker.preview import Preview
from moodspeaker.speaker.snapshot import Surroundings
from moodspeaker.vision.cameras.base import Camera
from moodspeaker.vision.preview import LONGEST, packed
from moodspeaker.vision.worker import HURRIED, CameraWorker, Work
from moodspeaker.wire import Status
from moodspeaker.wire.pictures import LONGEST_PICTURE, PictureRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SEES = CameraStatus(CameraState.OK, open=True, source="file", may_preview=True)
SHOWS = CameraStatus(CameraState.OK, open=True, source="file", may_preview=True, previewing=True)


class Squares(Camera):
    """A camera that always sees the same."""

    def _open(self) -> None:
        pass

    def _read(self) -> NDArray[np.uint8]:
        return white_square()

    def _close(self) -> None:
        pass


class Thread:
    """A camera thread, one step at a time, and what it told and showed."""

    def __init__(self, *, allowed: bool = True) -> None:
        self.now = 1000.0
        self.camera = CameraStatus(CameraState.OFF, open=False)
        self.shown: list[bytes] = []
        self.work = Work(Squares("file"), None, ModelVersions(), interval=5.0, may_preview=allowed)
        self.worker = CameraWorker(
            self.work,
            self._report,
            lambda *_: None,
            lambda _: None,
            Random(1),
            lambda: self.now,
            self.shown.append,
        )
        self.worker.sense(on=True)
        self.worker.step(wanted=True)

    def _report(self, status: CameraStatus, _look: object) -> None:
        self.camera = status


def test_without_the_key_nothing_is_shown() -> None:
    thread = Thread(allowed=False)
    with pytest.raises(PictureError, match=r"camera\.preview = true") as refused:
        thread.worker.preview(on=True)
    assert refused.value.fault is PictureFault.NOT_ALLOWED
    thread.worker.step(wanted=True)
    assert (thread.shown, thread.camera.may_preview, thread.camera.previewing) == ([], False, False)


def test_each_look_is_shown_small_and_often_and_only_while_it_is_on() -> None:
    thread = Thread()
    assert not thread.shown
    thread.worker.preview(on=True)
    assert (thread.worker.step(wanted=True) or 0) <= HURRIED
    assert thread.camera.previewing
    [jpeg] = thread.shown
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert np.abs(picture.astype(int) - white_square()).mean() < 4
    thread.worker.preview(on=False)
    thread.worker.step(wanted=True)
    assert (len(thread.shown), thread.camera.previewing) == (1, False)


def test_it_ends_by_itself_after_two_minutes() -> None:
    thread = Thread()
    thread.worker.preview(on=True)
    thread.now += LONGEST - 0.5
    thread.worker.step(wanted=True)
    assert (len(thread.shown), thread.camera.previewing) == (1, True)
    thread.now += 0.5
    thread.worker.step(wanted=True)
    assert (len(thread.shown), thread.camera.previewing) == (1, False)


def test_sensing_off_ends_it_and_on_does_not_bring_it_back() -> None:
    thread = Thread()
    thread.worker.preview(on=True)
    thread.worker.sense(on=False)
    thread.worker.sense(on=True)
    thread.worker.step(wanted=True)
    assert (thread.shown, thread.camera.previewing) == ([], False)
    thread.worker.sense(on=False)
    with pytest.raises(PictureError) as refused:
        thread.worker.preview(on=True)
    assert refused.value.fault is PictureFault.CLOSED


@pytest.mark.parametrize("shape", [(3000, 4000), (4000, 120), (40, 60), (16, 40_000)])
def test_a_picture_is_small_enough_for_the_wire_whatever_it_shows(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    jpeg = packed(noise)
    assert len(jpeg) <= LONGEST_PICTURE
    assert max(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).shape) <= 640  # type: ignore[union-attr]


class Way:
    """The speaker's side, with a vision process that is played by the test."""

    def __init__(self, camera: CameraStatus = SEES) -> None:
        self.vision = FakeVision()
        self.around = Surroundings(Moment(0.0, 0.0), camera=camera)
        self.preview = Preview(self.vision, self.around)
        self.seen: list[bytes] = []
        self.ends = 0

    def end(self) -> None:
        self.ends += 1

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        with self.preview.watching(self.seen.append, self.end):
            yield

    def refusal(self) -> PictureFault:
        with pytest.raises(PictureError) as refused, self.watching():
            pass
        return refused.value.fault


def test_pictures_pass_to_one_browser_until_it_goes() -> None:
    way = Way()
    with way.watching():
        assert way.vision.shown_to is not None
        way.vision.shown_to(b"a picture")
        assert way.refusal() is PictureFault.BUSY
        assert way.vision.shown_to is not None, "the one that was first goes on"
    assert (way.seen, way.vision.shown_to) == ([b"a picture"], None)


@pytest.mark.parametrize(
    ("camera", "sensing", "fault"),
    [
        (CameraStatus(CameraState.OK, open=True), True, PictureFault.NOT_ALLOWED),
        (CameraStatus(CameraState.OFF, open=False, may_preview=True), True, PictureFault.CLOSED),
        (SEES, False, PictureFault.CLOSED),
    ],
)
def test_where_none_may_be_shown_vision_is_not_asked(
    camera: CameraStatus, *, sensing: bool, fault: PictureFault
) -> None:
    way = Way(camera)
    way.around.sensing = sensing
    assert way.refusal() is fault
    assert way.vision.shown_to is None


@pytest.mark.parametrize(
    "last",
    [Status(SEES, ModelVersions()), PictureRefused(0, PictureFault.CLOSED, "no"), VisionLost("it is gone")],
)
def test_what_vision_says_ends_it(last: Any) -> None:  # noqa: ANN401 - any message
    way = Way()
    with way.watching():
        way.preview.hear(Status(SEES, ModelVersions()))
        assert way.ends == 0, "it has not begun yet"
        way.preview.hear(Status(SHOWS, ModelVersions()))
        way.preview.hear(last)
        assert way.ends == 1
