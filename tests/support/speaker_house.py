"""A speaker on fakes, and stories that happen in it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from moodspeaker.config.in_force import InForce
from moodspeaker.config.layers import Layers
from moodspeaker.config.load import load
from moodspeaker.director.director import Director
from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.observation import (
    Box,
    Face,
    Observation,
)
from moodspeaker.mood.tracker import Tracker
from moodspeaker.music.programme import Programmes
from moodspeaker.music.recent import RecentProgrammes
from moodspeaker.speaker.happening import Clock, Ports
from moodspeaker.speaker.loop import Speaker
from moodspeaker.speaker.publisher import Publisher
from moodspeaker.wire import Look
from support.clock import Clock as FakeClock
from support.fake_broker import FakeBroker
from support.fake_disk import FakeDisk
from support.fake_doctor import FakeDoctor
from support.fake_history import FakeHistory
from support.fake_household import NoHousehold
from support.fake_index import FakeIndex
from support.fake_machine import FakeMachine
from support.fake_player import FakePlayer, stored
from support.fake_store import FakeStore
from support.fake_verdicts import FakeVerdicts
from support.fake_vision import FakeVision

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.song import Programme

MUSIC = {
    emotion: stored(emotion, f"{emotion}/1", f"{emotion}/2")
    for emotion in (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY)
}


class GatedPlayer(FakePlayer):
    """A player whose `play` waits at a gate, and in whose last moment a person acts."""

    def __init__(self) -> None:
        super().__init__(MUSIC)
        self.gate = asyncio.Event()
        self.gate.set()
        self.waits = asyncio.Event()
        """Somebody waits at the gate."""
        self.person: Callable[[], None] = lambda: None

    async def play(self, programme: Programme, first: int = 0) -> None:
        self.waits.set()
        await self.gate.wait()
        await super().play(programme, first)
        self.person()


class House:
    """A speaker on fakes."""

    def __init__(self) -> None:
        settings = load(sets=["music.switch=now", "mqtt.id=test"], environment={"HOME": "/nowhere"})
        self.player, self.vision, self.broker = GatedPlayer(), FakeVision(), FakeBroker()
        self.store, self.history, self.clock = FakeStore(), FakeHistory(), FakeClock()
        self.index, self.verdicts = FakeIndex(), FakeVerdicts()
        self.announced: list[Sequence[str]] = []
        """The profiles that home automation was told of."""
        self.restarts: list[Moment] = []
        """When the process was to end, to be started again."""
        recent = RecentProgrammes()
        self.director = Director(settings.director, recent, random.Random(1))
        self.speaker = Speaker(
            Tracker(settings.mood),
            self.director,
            Programmes(random.Random(1)),
            Publisher("moodspeaker/test"),
            Clock(self.clock, lambda: 720),
            Ports(
                self.vision,
                self.player,
                self.broker,
                self.store,
                FakeDisk(),
                self.history,
                self.verdicts,
                NoHousehold(),
                self.index,
                self.index,
                FakeMachine(),
                FakeDoctor(),
                self.announced.append,
                lambda _: None,
                lambda: self.restarts.append(self.clock()),
            ),
            InForce.at_start(Layers(settings, settings), lambda: Layers(settings, settings)),
        )
        self.broker.start()

    async def until(self, truth: Callable[[], object]) -> None:
        """Wait for what must become true."""
        async with asyncio.timeout(5):
            while not truth():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0)

    async def another_plays(self, uri: str | None) -> None:
        """Wait until another song than this one plays."""
        await self.until(lambda: self.speaker.snapshot().player.uri != uri)

    async def settled(self) -> None:
        """Wait until every event and order that there is has been taken."""
        for _ in range(50):
            await asyncio.sleep(0)

    @property
    def verbs(self) -> list[str]:
        return [str(decision["verb"]) for decision in reversed(self.store.decisions(100))]


def live(story: Callable[[House], Awaitable[None]]) -> None:
    """Run a story in a house."""

    async def both() -> None:
        house = House()
        running = asyncio.create_task(house.speaker.run())
        await house.until(lambda: house.director.state.connected)
        await story(house)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


def look(source: str, at: float, *emotions: Emotion) -> Look:
    faces = tuple(
        Face(Box(0, 0, 50, 50), 0.9, Probabilities.of(0.94 if e is shown else 0.01 for e in EMOTIONS))
        for shown in emotions
    )
    return Look(Observation(at, faces, source))
