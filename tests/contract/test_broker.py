"""The broker port's contract, on the fake and on a real Mosquitto."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Protocol

import pytest
from support.bystander import PREFIX, Bystander, retained, until
from support.fake_broker import WILL, FakeBroker

from moodspeaker.adapters.mqtt.client import MqttBroker
from moodspeaker.adapters.mqtt.no_broker import NoBroker
from moodspeaker.config.schema import MqttSettings
from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.commands import Hold, Next, Override, Play, Sensing, SetVolume
from moodspeaker.domain.emotion import Emotion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from support.servers import RealMosquitto

    from moodspeaker.domain.commands import Command
    from moodspeaker.ports import Broker

RECOVERY = 30.0
"""Seconds within which everything is back after the broker is."""


class World(Protocol):
    """A broker, what others see on it, and what they say."""

    commands: list[Command]

    @property
    def broker(self) -> Broker:
        """The port."""

    def topics(self) -> dict[str, str]:
        """Return the retained payloads, by topic below the prefix."""

    def heard(self) -> list[tuple[str, str]]:
        """Return what others heard, in order."""

    def say(self, name: str, payload: bytes, *, retain: bool = False) -> None:
        """Let somebody publish a command."""

    def overwrite(self, name: str, payload: bytes) -> None:
        """Let somebody publish in the speaker's place, retained, or elsewhere below `moodspeaker/test/`."""

    def lose(self) -> None:
        """Kill the broker."""

    def come_back(self) -> None:
        """Start it again, empty."""


class FakeWorld:
    """The fake."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.broker = FakeBroker(self.commands.append)
        self.say = self.broker.receive
        self.lose = self.broker.lose
        self.come_back = self.broker.come_back

    def topics(self) -> dict[str, str]:
        return {topic.removeprefix(PREFIX): payload for topic, payload in self.broker.topics.items()}

    def heard(self) -> list[tuple[str, str]]:
        return [(topic.removeprefix(PREFIX), payload) for topic, payload in self.broker.heard]

    def overwrite(self, name: str, payload: bytes) -> None:
        self.broker.overwrite(PREFIX + name, payload)


class RealWorld:
    """A private Mosquitto."""

    def __init__(self, server: RealMosquitto) -> None:
        self.server = server
        self.commands: list[Command] = []
        self.bystander = Bystander(server.port)
        self.broker = MqttBroker(
            MqttSettings(host="127.0.0.1", port=server.port, id="test"), PREFIX.rstrip("/"), WILL,
            self.commands.append, loop=asyncio.get_running_loop(), chance=random.Random(1),
        )  # fmt: skip
        self.lose = server.kill
        self.come_back = server.start

    def topics(self) -> dict[str, str]:
        return retained(self.server.port)

    def heard(self) -> list[tuple[str, str]]:
        return [
            (topic.removeprefix(PREFIX), payload.decode())
            for topic, payload, _ in self.bystander.messages
            if not topic.endswith("/set")
        ]

    def say(self, name: str, payload: bytes, *, retain: bool = False) -> None:
        self.bystander.say(f"{PREFIX}{name}/set", payload, retain=retain)

    def overwrite(self, name: str, payload: bytes) -> None:
        self.bystander.say(PREFIX + name, payload, retain=True)


@pytest.fixture(params=["fake", "real"])
def play(request: pytest.FixtureRequest) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Return a function that tells a story in a world whose broker is connected and `online` is published."""

    def tell(story: Callable[[World], Awaitable[None]]) -> None:
        async def whole() -> None:
            if request.param == "fake":
                world: World = FakeWorld()
            else:
                world = RealWorld(request.getfixturevalue("mosquitto"))
            world.broker.publish(WILL.topic, "online", retain=True)
            world.broker.start()
            try:
                await until(lambda: world.broker.state is BrokerState.OK)
                await story(world)
            finally:
                world.broker.stop()
                if isinstance(world, RealWorld):
                    world.bystander.close()

        asyncio.run(whole())

    return tell


def show(world: World, name: str, payload: str) -> None:
    """Publish a state."""
    world.broker.publish(PREFIX + name, payload, retain=True)


def tell_event(world: World, payload: str = "{}") -> None:
    """Publish an event."""
    world.broker.publish(PREFIX + "event", payload, retain=False)


def test_it_says_online_and_offline(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await until(lambda: world.topics().get("status") == "online")
        assert world.broker.reason == ""
        world.broker.stop()
        await until(lambda: world.topics().get("status") == "offline")
        assert ("status", "offline") in world.heard()

    play(story)


def test_levels_are_retained_and_moments_are_not(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        show(world, "mood", "happy")
        tell_event(world)
        await until(lambda: world.heard()[-2:] == [("mood", "happy"), ("event", "{}")])
        await until(lambda: world.topics() == {"status": "online", "mood": "happy"})

    play(story)


def test_an_unchanged_level_is_not_said_twice_but_a_moment_is(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        for _ in range(2):
            show(world, "mood", "sad")
            tell_event(world)
        await until(lambda: world.heard().count(("event", "{}")) == 2)
        assert world.heard().count(("mood", "sad")) == 1

    play(story)


def test_commands_arrive(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.say("sensing", b"OFF")
        world.say("override", b"sad")
        world.say("hold", b"30")
        world.say("next", b"PRESS")
        await until(lambda: len(world.commands) == 4)
        assert world.commands == [Sensing(on=False), Override(Emotion.SAD), Hold(30.0), Next()]

    play(story)


def test_what_is_no_command_is_dropped(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.say("sensing", b"\xff\xfe")
        world.say("sensing", b"maybe")
        world.say("brightness", b"11")
        world.say("volume", b"111")
        world.say("sensing", b"o" * 5000)
        world.say("hold", b"nan")
        world.say("volume", b"11")
        await until(lambda: bool(world.commands))
        assert world.commands == [SetVolume(11)]

    play(story)


def test_clearing_a_retained_command_is_no_command(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        for name in ("play", "next", "hold", "sensing"):
            world.say(name, b"", retain=True)
        world.say("volume", b"11")
        await until(lambda: bool(world.commands))
        assert world.commands == [SetVolume(11)]

    play(story)


def test_what_somebody_overwrote_is_put_right(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        show(world, "mood", "happy")
        await until(lambda: world.topics() == {"status": "online", "mood": "happy"})
        world.overwrite("status", b"offline")
        world.overwrite("mood", b"")
        await until(lambda: world.topics() == {"status": "online", "mood": "happy"}, RECOVERY)

    play(story)


def test_a_topic_that_is_used_no_more_is_cleared_once(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.overwrite("old", b"from before")
        await until(lambda: "old" in world.topics())
        cleared: list[str] = []
        world.broker.clear(PREFIX + "old", lambda: cleared.append("old"))
        await until(lambda: cleared == ["old"])
        await until(lambda: "old" not in world.topics())
        world.lose()
        await until(lambda: world.broker.state is BrokerState.DOWN)
        world.broker.clear(PREFIX + "older", lambda: cleared.append("older"))
        await asyncio.sleep(0)
        assert cleared == ["old"]
        world.come_back()
        await until(lambda: cleared == ["old", "older"], RECOVERY)

    play(story)


def test_what_others_keep_below_a_topic_is_followed_and_what_is_left_alone_stays(
    play: Callable[..., None],
) -> None:
    async def story(world: World) -> None:
        heard: list[tuple[str, bytes, bool]] = []
        world.overwrite("home/others", b"kept")
        await until(lambda: world.topics().get("home/others") == "kept")
        world.broker.follow(f"{PREFIX}home", lambda *said: heard.append(said))
        show(world, "home/ours", "1")
        world.lose()
        await until(lambda: world.broker.state is BrokerState.DOWN)
        world.come_back()
        await until(lambda: world.topics().get("home/ours") == "1", RECOVERY)
        world.overwrite("home/others", b"news")
        await until(lambda: (f"{PREFIX}home/others", b"news", False) in heard, RECOVERY)
        world.overwrite("home/others", b"")
        await until(lambda: (f"{PREFIX}home/others", b"", False) in heard)

        world.broker.leave(f"{PREFIX}home/ours")
        world.overwrite("home/ours", b"2")
        await until(lambda: (f"{PREFIX}home/ours", b"2", False) in heard)
        show(world, "mood", "happy")
        await until(lambda: world.topics().get("mood") == "happy")
        await asyncio.sleep(1.5)
        assert world.topics()["home/ours"] == "2"
        assert world.commands == []

    play(story)


def test_text_that_utf_8_cannot_hold_is_sent(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        show(world, "playlist", "caf\udce9 \ud800 ümläut")
        await until(lambda: world.topics().get("playlist") == "caf? ? ümläut")
        show(world, "mood", "happy")
        await until(lambda: world.topics().get("mood") == "happy")

    play(story)


def test_a_broker_that_comes_back_empty_is_told_everything_again(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        show(world, "mood", "happy")
        show(world, "playlist", "mood-happy")
        await until(lambda: ("playlist", "mood-happy") in world.heard())
        world.lose()
        await until(lambda: world.broker.state is BrokerState.DOWN)
        assert world.broker.reason
        show(world, "mood", "sad")
        tell_event(world, "lost")
        await asyncio.sleep(0)
        world.come_back()
        await until(lambda: world.broker.state is BrokerState.OK, RECOVERY)
        await until(lambda: world.topics() == {"status": "online", "mood": "sad", "playlist": "mood-happy"})
        assert ("event", "lost") not in world.heard()
        assert world.broker.reason == ""
        world.say("play", b"on")
        await until(lambda: world.commands == [Play()])

    play(story)


def test_no_broker_is_a_state() -> None:
    broker: Broker = NoBroker()
    broker.start()
    broker.publish("moodspeaker/test/mood", "happy", retain=True)
    broker.stop()
    assert (broker.state, broker.reason) == (BrokerState.OFF, "")
