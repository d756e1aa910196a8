"""What the speaker's tasks owe each other, on fakes: the whole daemon stands in
tests/integration/test_speaker.py.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import pytest
from support.fake_broker import FakeBroker
from support.fake_player import FakePlayer, stored
from support.fake_store import FakeStore

from moodspeaker import config
from moodspeaker.director import Director, Hand
from moodspeaker.domain.commands import Override, Play
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.observation import CameraState, CameraStatus
from moodspeaker.domain.player import Act
from moodspeaker.mood.tracker import Tracker
from moodspeaker.speaker import Clock, Speaker
from moodspeaker.speaker.publisher import Publisher
from moodspeaker.wire import Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from moodspeaker.domain.observation import VisionLost
    from moodspeaker.wire import FromVision

MUSIC = {
    emotion: stored(emotion, f"{emotion}/1", f"{emotion}/2")
    for emotion in (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY)
}


class Eye:
    """`ports.Vision` that says what it is told to say."""

    def __init__(self) -> None:
        self.post: Callable[[FromVision | VisionLost], None] = lambda _: None

    async def run(self, post: Callable[[FromVision | VisionLost], None]) -> None:
        self.post = post
        await asyncio.Event().wait()

    def sense(self, *, on: bool) -> None:
        """Nobody looks."""

    def reload(self) -> None:
        """Nothing is read."""


class SlowPlayer(FakePlayer):
    """A player whose `play` waits at a gate, and in whose last moment a person acts."""

    def __init__(self) -> None:
        super().__init__(MUSIC)
        self.gate = asyncio.Event()
        self.gate.set()
        self.person: Callable[[], None] = lambda: None

    async def play(self, songs: Sequence[str], first: int = 0) -> None:
        await self.gate.wait()
        await super().play(songs, first)
        self.person()


class House:
    """A speaker on fakes."""

    def __init__(self) -> None:
        settings = config.load(sets=["music.switch=now", "mqtt.id=test"], environment={"HOME": "/nowhere"})
        self.player, self.eye, self.broker = SlowPlayer(), Eye(), FakeBroker()
        self.director = Director(settings.listen, settings.hold, settings.music, random.Random(1))
        now = lambda: Moment(time.monotonic(), time.time())  # noqa: E731 - a clock
        self.speaker = Speaker(
            Tracker(settings.mood), self.director, Clock(now, lambda: 720),
            vision=self.eye, player=self.player, broker=self.broker,
            publisher=Publisher("moodspeaker/test"), store=FakeStore(), beat=lambda _: None,
        )  # fmt: skip
        self.broker.start()


def live(story: Callable[[House], Awaitable[None]]) -> None:
    """Run a story in a house."""

    async def both() -> None:
        house = House()
        running = asyncio.create_task(house.speaker.run())
        await asyncio.sleep(0.02)
        await story(house)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


def test_what_was_decided_before_a_persons_act_is_not_done_after_it() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Play())
        await asyncio.sleep(0.02)
        house.player.gate.clear()
        await house.speaker.command(Override(Emotion.SAD))
        await house.speaker.command(Override(Emotion.ANGRY))
        house.player.person = lambda: house.player.person_does(Act.QUEUE, songs=["theirs"])
        house.player.gate.set()
        await asyncio.sleep(0.05)
        assert house.player.queue == ("theirs",)
        assert house.director.state.hand is Hand.HELD
        assert [call[0] for call in house.player.calls] == ["play", "play"]

    live(story)


def test_a_bug_in_one_task_ends_them_all() -> None:
    async def story(house: House) -> None:
        house.player.person = lambda: 1 / 0  # type: ignore[assignment,return-value]
        running = asyncio.create_task(house.speaker.run())
        await asyncio.sleep(0.02)
        await house.speaker.command(Play())
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(running, 5)
        assert caught.group_contains(ZeroDivisionError)

    asyncio.run(story(House()))


def test_no_camera_is_unsure_and_not_lost() -> None:
    async def story(house: House) -> None:
        gone = CameraStatus(CameraState.LOST, open=False, source="auto", reason="the vision process ended")
        house.eye.post(Status(gone, house.speaker._models))
        await asyncio.sleep(0.02)
        assert house.speaker.snapshot()["mood"] == str(RoomState.LOST)
        absent = CameraStatus(CameraState.OFF, open=False, source="auto", reason="no camera found")
        house.eye.post(Status(absent, house.speaker._models))
        await asyncio.sleep(0.02)
        assert house.speaker.snapshot()["mood"] == str(RoomState.UNSURE)
        camera = house.speaker.snapshot()["camera"]
        assert isinstance(camera, dict)
        assert (camera["state"], camera["reason"]) == ("off", "no camera found")

    live(story)


def test_everything_retained_is_there_from_the_first_moment() -> None:
    async def story(house: House) -> None:
        topics = {
            topic.removeprefix("moodspeaker/test/"): text for topic, text in house.broker.topics.items()
        }
        assert (topics["status"], topics["playlist"]) == ("online", "none")
        assert set(topics) == {"status", "state", "mood", "sensing", "playlist", "hold"}
        assert house.speaker.snapshot()["selection"] == {"mood": None, "name": None, "rule": None}

    live(story)
