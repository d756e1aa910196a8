"""A browser's pictures on their way through the speaker: one at a time, each answered, none looked into."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from support.fake_vision import FakeVision

from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import (
    Box,
    CameraState,
    CameraStatus,
    Face,
    ModelVersions,
    Observation,
    VisionLost,
)
from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.speaker import pictures as module
from moodspeaker.speaker.pictures import Pictures
from moodspeaker.speaker.snapshot import NO_CAMERA_YET, Surroundings
from moodspeaker.wire import Look, Status
from moodspeaker.wire.pictures import LONGEST_PICTURE, PictureRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TAKES = CameraStatus(CameraState.OFF, open=False, source="browser", reason="none sends", takes_pictures=True)
OTHER = CameraStatus(CameraState.OK, open=True, source="picamera2")
EVEN = Probabilities.of([1 / 7] * 7)
SEEN = (Face(Box(1, 2, 30, 40), 0.9, EVEN),)


class Way:
    """Pictures, a vision process that is played by the test, and what is known of the camera."""

    def __init__(self, camera: CameraStatus = TAKES) -> None:
        self.vision = FakeVision()
        self.around = Surroundings(Moment(0.0, 0.0), camera=camera)
        shown = {"mood": "happy", "confidence": 0.8, "probabilities": {}, "valence": 0.5, "arousal": 0.1}
        snapshot = SimpleNamespace(**shown)
        self.pictures = Pictures(self.vision, self.around, lambda: cast("Any", snapshot))
        self.ended: list[PictureFault] = []

    def end(self, refused: PictureError) -> None:
        self.ended.append(refused.fault)

    def tell(self, camera: CameraStatus) -> None:
        """Let vision tell of its camera."""
        self.around.camera = camera
        self.pictures.hear(Status(camera, ModelVersions()))


async def fault_of(awaited: Awaitable[object]) -> PictureFault:
    with pytest.raises(PictureError) as refused:
        await awaited
    return refused.value.fault


async def answered(way: Way, *answers: Callable[[int], Any]) -> Any:  # noqa: ANN401 - what was seen
    """Send a picture, let vision say these things of its number, and return what is told."""
    looking = asyncio.ensure_future(way.pictures.look(b"a picture"))
    await asyncio.sleep(0)
    number, given = way.vision.pictures[-1]
    assert given == b"a picture", "as it came"
    for answer in answers:
        way.pictures.hear(answer(number))
    return await looking


def test_a_look_at_the_picture_answers_it_and_no_other_does() -> None:
    async def story() -> None:
        way = Way()
        with way.pictures.sending(way.end):
            seen = await answered(
                way,
                lambda number: Look(Observation(1.0, (), picture=number - 1)),
                lambda number: PictureRefused(number - 1, PictureFault.BROKEN, "of an earlier one"),
                lambda number: Look(Observation(1.0, SEEN, picture=number)),
                lambda number: Look(Observation(1.0, (), picture=number)),
            )
        assert seen.faces[0].box == (1, 2, 30, 40)
        assert (seen.mood, seen.confidence) == ("happy", 0.8)

    asyncio.run(story())


def test_what_vision_refuses_is_refused_by_the_same_name() -> None:
    async def story() -> None:
        way = Way()
        refused = answered(way, lambda number: PictureRefused(number, PictureFault.CMYK, "send grey"))
        assert await fault_of(refused) is PictureFault.CMYK

    asyncio.run(story())


@pytest.mark.parametrize(
    ("size", "fault"), [(0, PictureFault.NOT_JPEG), (LONGEST_PICTURE + 1, PictureFault.TOO_BIG)]
)
def test_what_is_too_long_or_empty_never_reaches_vision(size: int, fault: PictureFault) -> None:
    way = Way()
    assert asyncio.run(fault_of(way.pictures.look(bytes(size)))) is fault  # type: ignore[arg-type]
    assert way.vision.pictures == []


def test_a_picture_that_nobody_answers_is_given_up_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN", 0.01)
    way = Way()
    way.around.models = ModelVersions(refused="face.tflite is damaged")
    with pytest.raises(PictureError, match=r"face.tflite is damaged") as refused:
        asyncio.run(way.pictures.look(b"a picture"))
    assert refused.value.fault is PictureFault.NO_ANSWER


def test_one_browser_sends_at_a_time() -> None:
    way = Way()
    with way.pictures.sending(way.end):
        assert way.around.browser_sends
        with pytest.raises(PictureError) as refused:
            way.pictures.check()
        assert refused.value.fault is PictureFault.BUSY
    assert not way.around.browser_sends
    way.pictures.check()


@pytest.mark.parametrize(
    ("camera", "cure"), [(OTHER, r"camera\.browser = true"), (NO_CAMERA_YET, "wait a moment")]
)
def test_where_vision_takes_none_none_are_sent(camera: CameraStatus, cure: str) -> None:
    with pytest.raises(PictureError, match=cure) as refused:
        Way(camera).pictures.check()
    assert refused.value.fault is PictureFault.NOT_WANTED


def test_the_browser_is_sent_away_once_when_no_more_are_taken() -> None:
    way = Way()
    with way.pictures.sending(way.end):
        way.tell(TAKES)
        assert way.ended == []
        way.around.sensing = False
        way.tell(TAKES)
        way.tell(TAKES)
        assert way.ended == [PictureFault.CLOSED]


def test_a_picture_under_way_when_vision_goes_is_answered() -> None:
    async def story() -> None:
        way = Way()
        with way.pictures.sending(way.end):
            looking = asyncio.ensure_future(way.pictures.look(b"a picture"))
            await asyncio.sleep(0)
            way.around.camera = CameraStatus(
                CameraState.LOST, open=False, source="browser", reason="it ended"
            )
            way.pictures.hear(VisionLost("it ended"))
            assert await fault_of(looking) is PictureFault.NOT_WANTED
            assert way.ended == [PictureFault.NOT_WANTED]

    asyncio.run(story())


def test_a_browser_that_was_sent_away_does_not_take_the_next_one_with_it() -> None:
    way, others = Way(), Way()
    leaving = way.pictures.sending(way.end)
    leaving.__enter__()
    way.around.sensing = False
    way.tell(TAKES)
    way.around.sensing = True
    with way.pictures.sending(others.end):
        leaving.__exit__(None, None, None)
        assert way.around.browser_sends
        with pytest.raises(PictureError):
            way.pictures.check()
        way.around.sensing = False
        way.tell(TAKES)
    assert (way.ended, others.ended) == ([PictureFault.CLOSED], [PictureFault.CLOSED])
    assert not way.around.browser_sends
