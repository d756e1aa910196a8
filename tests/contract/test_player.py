"""The player port's contract, on the fake and on a real MPD."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeAlias

import pytest
from support.fake_player import FakePlayer, stored
from support.heard import Heard
from support.servers import RealMpd, short_folder

from moodspeaker.adapters.mpd import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    PlayState,
)
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from moodspeaker.ports import Player

SONGS = tuple(f"songs/{number}.wav" for number in range(8))
HAPPY, SAD = SONGS[:3], SONGS[3:5]
MUSIC = {Emotion.HAPPY: stored(Emotion.HAPPY, *HAPPY), Emotion.SAD: stored(Emotion.SAD, *SAD)}
QUIET_FOR = 0.5
"""Seconds in which a real server would have told what it has to tell."""
Told: TypeAlias = Heard[PlayerEvent]
Story: TypeAlias = "Callable[[Player, Told, World], Awaitable[None]]"


class World(Protocol):
    """A music server with SONGS and MUSIC, and a person beside it."""

    @property
    def player(self) -> Player:
        """The port on it."""

    def person(self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0) -> None:
        """Let a person act with their own player."""

    def lose(self) -> None:
        """Kill the server."""

    def come_back(self) -> None:
        """Start it again."""


class FakeWorld:
    """The fake."""

    def __init__(self) -> None:
        self.player = FakePlayer(MUSIC, others=SONGS)
        self.person = self.player.person_does
        self.lose = self.player.lose
        self.come_back = self.player.come_back


class RealWorld:
    """A private MPD."""

    def __init__(self, server: RealMpd) -> None:
        self.server = server
        self.player = MpdPlayer(MpdSettings(host=str(server.socket)))
        self.lose = server.kill
        self.come_back = server.start

    def person(self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0) -> None:
        """Let a person act."""
        with self.server.client() as client:
            if act is Act.QUEUE:
                client.clear()
                for uri in songs:
                    client.add(uri)
                if songs:
                    client.play()
            elif act is Act.SONG:
                client.play(place)
            elif act is Act.SEEK:
                client.seekcur(elapsed)
            else:
                getattr(client, act)()


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with short_folder() as folder, RealMpd(folder) as server:
        for uri in SONGS:
            server.add_song(uri)
        server.store_playlist("mood-happy", HAPPY)
        server.store_playlist("mood-sad", SAD)
        server.update()
        yield RealWorld(server)


def tell(world: World, story: Story) -> None:
    """Run a story beside the running player."""

    async def both() -> None:
        heard: Told = Heard()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(world.player.run(heard))
            await heard.next(PlayerConnected)
            await story(world.player, heard, world)
            running.cancel()

    asyncio.run(both())


def test_it_tells_the_music_and_then_the_contact(world: World) -> None:
    async def story(_: Player, heard: Told, __: World) -> None:
        music, connected = heard.events[:2]
        assert music == MusicChanged(MUSIC)
        assert isinstance(connected, PlayerConnected)
        assert connected.report.state is PlayState.STOP
        assert connected.report.queue == ()
        assert connected.report.song is None

    tell(world, story)


def test_play_replaces_the_queue_and_plays_from_the_first(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, report.queue) == (PlayState.PLAY, HAPPY)
        assert report.song is not None
        assert (report.song.uri, report.song.title, report.song.seconds) == (HAPPY[0], "0.wav", 60.0)
        await player.play(SAD, 1)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.queue, report.song.uri) == (SAD, SAD[1])
        await asyncio.sleep(QUIET_FOR)
        assert not [event for event in heard.events if isinstance(event, PersonActed)], (
            "our own acts are not a person's"
        )

    tell(world, story)


def test_what_we_did_is_told_before_the_command_returns(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        heard.unread()
        await player.play(HAPPY)
        told = [event for event in heard.unread() if isinstance(event, PlayerChanged)]
        assert told
        assert told[-1].report.queue == HAPPY

    tell(world, story)


def test_unknown_songs_are_left_out(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(("gone.wav", HAPPY[0], "gone too.wav", HAPPY[1]), 2)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.queue, report.song.uri) == (HAPPY[:2], HAPPY[1])

    tell(world, story)


@pytest.mark.parametrize("method", ["play", "arm", "extend"])
def test_when_all_songs_are_unknown_the_music_goes_on(world: World, method: str) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        with pytest.raises(PlayerError, match=r"gone\.wav"):
            await getattr(player, method)(("gone.wav", "gone too.wav"))
        with pytest.raises(PlayerError, match="no song"):
            await getattr(player, method)(())
        await player.extend(SAD)
        report = (
            await heard.next(PlayerChanged, where=lambda event: len(event.report.queue) > len(HAPPY))
        ).report
        assert (report.state, report.queue) == (PlayState.PLAY, (*HAPPY, *SAD))
        await asyncio.sleep(QUIET_FOR)
        assert not [event for event in heard.events if isinstance(event, PersonActed)]

    tell(world, story)


def test_arm_keeps_the_song_and_lets_others_follow(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY, 1)
        await player.arm(SAD)
        report = (await heard.next(PlayerChanged, where=lambda event: SAD[0] in event.report.queue)).report
        assert report.song is not None
        assert (report.state, report.song.uri, report.queue) == (PlayState.PLAY, HAPPY[1], (HAPPY[1], *SAD))
        await player.skip()
        report = (
            await heard.next(PlayerChanged, where=lambda event: event.report.song != report.song)
        ).report
        assert report.song is not None
        assert report.song.uri == SAD[0]
        await asyncio.sleep(QUIET_FOR)
        assert not [event for event in heard.events if isinstance(event, PersonActed)]

    tell(world, story)


def test_arm_keeps_a_pause(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        await player.pause()
        await player.arm(SAD)
        report = (await heard.next(PlayerChanged, where=lambda event: SAD[0] in event.report.queue)).report
        assert (report.state, report.queue) == (PlayState.PAUSE, (HAPPY[0], *SAD))

    tell(world, story)


def test_arm_without_music_loads_the_queue_silently(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.arm(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, report.queue) == (PlayState.STOP, HAPPY)
        await player.unpause()
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.song.uri) == (PlayState.PLAY, HAPPY[0])

    tell(world, story)


def test_pause_and_unpause(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        for command, state in (
            (player.pause, PlayState.PAUSE),
            (player.unpause, PlayState.PLAY),
            (player.unpause, PlayState.PLAY),
        ):
            heard.unread()
            await command()
            assert (await heard.next(PlayerChanged)).report.state is state
        await asyncio.sleep(QUIET_FOR)
        assert not [event for event in heard.events if isinstance(event, PersonActed)]

    tell(world, story)


def test_pause_leaves_a_stop_alone(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.arm(HAPPY)
        heard.unread()
        await player.pause()
        assert (await heard.next(PlayerChanged)).report.state is PlayState.STOP

    tell(world, story)


def test_skip_wants_music(world: World) -> None:
    async def story(player: Player, _: Told, __: World) -> None:
        with pytest.raises(PlayerError):
            await player.skip()

    tell(world, story)


def test_after_the_last_song_it_is_silent(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY, 2)
        heard.unread()
        await player.skip()
        assert (await heard.next(PlayerChanged)).report.state is PlayState.STOP

    tell(world, story)


def test_a_person_edits_the_queue(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE, songs=SONGS[6:])
        acted = await heard.next(PersonActed)
        assert acted.act is Act.QUEUE
        assert acted.report.song is not None
        assert (acted.report.state, acted.report.queue, acted.report.song.uri) == (
            PlayState.PLAY,
            SONGS[6:],
            SONGS[6],
        )

    tell(world, story)


def test_a_person_clears_the_queue(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE)
        acted = await heard.next(PersonActed)
        assert acted.act is Act.QUEUE
        assert (acted.report.state, acted.report.queue, acted.report.song) == (PlayState.STOP, (), None)

    tell(world, story)


@pytest.mark.parametrize(
    ("act", "state", "song"),
    [
        (Act.STOP, PlayState.STOP, SONGS[1]),
        (Act.PAUSE, PlayState.PAUSE, SONGS[1]),
        (Act.NEXT, PlayState.PLAY, SONGS[2]),
        (Act.PREVIOUS, PlayState.PLAY, SONGS[0]),
    ],
)
def test_a_person_uses_the_buttons(world: World, act: Act, state: PlayState, song: str) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(SONGS, 1)
        world.person(act)
        acted = await heard.next(PersonActed)
        assert acted.report.song is not None
        assert (acted.act, acted.report.state, acted.report.song.uri) == (act, state, song)

    tell(world, story)


def test_a_person_plays_on(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        await player.pause()
        world.person(Act.PLAY)
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.state) == (Act.PLAY, PlayState.PLAY)

    tell(world, story)


def test_a_person_chooses_a_song(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(SONGS)
        world.person(Act.SONG, place=5)
        acted = await heard.next(PersonActed)
        assert acted.report.song is not None
        assert (acted.act, acted.report.song.uri) == (Act.SONG, SONGS[5])

    tell(world, story)


def test_a_person_seeks(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.SEEK, elapsed=30)
        acted = await heard.next(PersonActed)
        assert acted.act is Act.SEEK
        assert acted.report.elapsed == pytest.approx(30, abs=1)

    tell(world, story)


def test_a_loss_is_told_once_and_refuses_commands(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.lose()
        lost = await heard.next(PlayerLost)
        assert "MPD" in lost.reason
        with_songs, without = (
            (player.play, player.arm, player.extend),
            (player.unpause, player.pause, player.skip),
        )
        for command in (*(method(HAPPY) for method in with_songs), *(method() for method in without)):
            with pytest.raises(PlayerError, match="MPD"):
                await command
        world.come_back()
        connected = await heard.next(PlayerConnected, within=10)
        assert (connected.report.state, connected.report.queue) == (PlayState.STOP, ()), (
            "killed, it comes back empty and stopped"
        )
        assert [type(event) for event in heard.events].count(MusicChanged) == 2, (
            "the music is told at each contact"
        )
        await player.play(SAD)
        assert (await heard.next(PlayerChanged)).report.queue == SAD

    tell(world, story)
