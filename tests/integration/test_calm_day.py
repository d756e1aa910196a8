"""How much is published in a day with one reader at rest: the whole speaker on fakes, in simulated time."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
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

from moodspeaker.config.in_force import InForce
from moodspeaker.config.layers import Layers
from moodspeaker.config.load import load
from moodspeaker.director.director import Director
from moodspeaker.director.effects import Tick
from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.machine import MachineHealth, Throttled
from moodspeaker.domain.observation import (
    Box,
    CameraState,
    CameraStatus,
    Face,
    ModelVersions,
    Observation,
)
from moodspeaker.domain.player import PlayerChanged, PlayerConnected, PlayerReport, PlayState
from moodspeaker.domain.song import Song
from moodspeaker.mood.tracker import Tracker
from moodspeaker.music.programme import Programmes
from moodspeaker.music.recent import RecentProgrammes
from moodspeaker.speaker.happening import Clock, Ports
from moodspeaker.speaker.loop import Speaker
from moodspeaker.speaker.publisher import Publisher
from moodspeaker.wire import Look, Status

if TYPE_CHECKING:
    from moodspeaker.speaker.happening import Happening

pytestmark = [pytest.mark.timeout(300), pytest.mark.no_cover]  # 86,400 looks

HOUR: Final = 3600
HOURS: Final = 24
SONG: Final = 240
"""Seconds that a song lasts."""
MISSED: Final = 0.1
"""Share of the looks in which the detector misses the face."""
MOST_AN_HOUR: Final = 200


class Day:
    """A speaker whose reader sits there, neutral, with music."""

    def __init__(self) -> None:
        settings = load(sets=["mqtt.id=test"], environment={"HOME": "/nowhere"})
        self.chance, self.clock, self.broker = random.Random(1), FakeClock(), FakeBroker()
        self.machine, index = FakeMachine(), FakeIndex()
        player = FakePlayer({Emotion.NEUTRAL: stored(Emotion.NEUTRAL, "a", "b")})
        self.speaker = Speaker(
            Tracker(settings.mood),
            Director(settings.director, RecentProgrammes(), random.Random(1)),
            Programmes(random.Random(1)),
            Publisher("moodspeaker/test"),
            Clock(self.clock, lambda: 720),
            Ports(
                FakeVision(), player, self.broker, FakeStore(), FakeDisk(), FakeHistory(), FakeVerdicts(),
                NoHousehold(), index, index, self.machine, FakeDoctor(), lambda _: None, lambda _: None, None,
            ),
            InForce.at_start(Layers(settings, settings), lambda: Layers(settings, settings)),
        )  # fmt: skip
        self.report = PlayerReport(PlayState.PLAY, length=10, ours=True, programme=1, upcoming=1, volume=40)
        self.camera = CameraStatus(CameraState.OK, open=True, source="v4l2:/dev/video0")
        self.broker.start()
        self.take(PlayerConnected(self.report))

    def take(self, *happenings: Happening) -> None:
        """Let something happen, as the speaker's task does."""
        for happening in happenings:
            self.speaker._take(happening)
        self.speaker._publish()

    def second(self, number: int) -> None:
        """Let a second pass."""
        self.clock.later(1.0)
        if number % 5 == 0:
            self.camera = replace(
                self.camera, inference_ms=round(self.chance.gauss(31, 2), 2),
                duty=round(self.chance.gauss(0.12, 0.01), 4), last_frame_at=self.clock.monotonic,
            )  # fmt: skip
            self.take(Status(self.camera, ModelVersions("1", "1")))
        if number % SONG == 0:
            song = Song(f"{number}.ogg", f"song {number}", "somebody", float(SONG))
            self.take(PlayerChanged(replace(self.report, song=song)))
        self.machine.health = MachineHealth(
            memory=round(self.chance.gauss(60, 1), 1), temperature=round(self.chance.gauss(55, 1), 1),
            throttled=Throttled(0), throttled_ever=Throttled(0),
        )  # fmt: skip
        self.take(Look(Observation(self.clock.monotonic, self.faces())), Tick(720))

    def faces(self) -> tuple[Face, ...]:
        """Return what a look finds: a neutral face, with the noise of a net, or none where it is missed."""
        if self.chance.random() < MISSED:
            return ()
        raw = [
            self.chance.gammavariate(8.0 if emotion is Emotion.NEUTRAL else 0.4, 1.0) for emotion in EMOTIONS
        ]
        return (Face(Box(0, 0, 90, 90), 0.9, Probabilities.of(share / sum(raw) for share in raw)),)


def test_a_day_with_one_reader_at_rest_is_few_messages() -> None:
    day, hours = Day(), []
    for hour in range(HOURS):
        before = len(day.broker.heard)
        for second in range(HOUR):
            day.second(hour * HOUR + second)
        hours.append(len(day.broker.heard) - before)
    print(f"messages an hour: {min(hours)} to {max(hours)}, {sum(hours)} in the day")
    assert 100 <= max(hours) <= MOST_AN_HOUR, hours
