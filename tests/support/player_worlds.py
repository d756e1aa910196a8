"""The worlds of the player port's contract: the fake, a real MPD and, where it is installed, a real Mopidy.

Mopidy holds all of it but two things, for it does not make the sound itself (`World.plays_itself`): after a
song with `single` it stops, where MPD pauses; and a song whose successor cannot be played it cuts short,
so that nobody can say whether it had come to its end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeAlias

from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import (
    Act,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    TrackEnded,
)
from moodspeaker.domain.song import Programme
from support.fake_player import FakePlayer, stored
from support.heard import Heard
from support.mopidy import RealMopidy, named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from moodspeaker.domain.ending import EndReason
    from moodspeaker.ports import Player
    from support.servers import RealMpd

SONGS = tuple(f"songs/{number}.wav" for number in range(8))
HAPPY_SONGS, SAD_SONGS = SONGS[:3], SONGS[3:5]
MUSIC = {Emotion.HAPPY: stored(Emotion.HAPPY, *HAPPY_SONGS), Emotion.SAD: stored(Emotion.SAD, *SAD_SONGS)}
QUIET_FOR = 0.5
"""Seconds in which a real server would have told what it has to tell."""
Told: TypeAlias = Heard[PlayerEvent]
Story: TypeAlias = "Callable[[Player, Told, World], Awaitable[None]]"


def drawn(number: int, *songs: str, mood: Emotion = Emotion.HAPPY) -> Programme:
    """Return a programme with these songs."""
    return Programme(number, mood, f"mood-{mood}", "stored playlist", songs, len(songs), len(songs))


HAPPY, SAD, ALL = drawn(1, *HAPPY_SONGS), drawn(2, *SAD_SONGS, mood=Emotion.SAD), drawn(3, *SONGS)
UNKNOWN, NOTHING = drawn(4, "gone.wav", "gone too.wav"), drawn(5)


class World(Protocol):
    """A music server with SONGS and MUSIC, and a person beside it."""

    @property
    def player(self) -> Player:
        """The port on it."""

    @property
    def plays_itself(self) -> bool:
        """Whether it makes the sound itself, as MPD does and Mopidy does not."""

    @property
    def queue(self) -> tuple[str, ...]:
        """The URIs in its queue."""

    def person(self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0) -> None:
        """Let a person act with their own player."""

    def lose(self) -> None:
        """Kill the server."""

    def come_back(self) -> None:
        """Start it again."""

    def end_song(self, *, single: bool = False, repeat: bool = False) -> None:
        """Let the current song come to its end: after it a person had told the server to stop (`single`), or
        it is to begin again (`repeat`).
        """

    def spoil(self, uri: str) -> None:
        """Make a song one that cannot be played."""


class FakeWorld:
    """The fake."""

    plays_itself = True

    def __init__(self, programmes: Sequence[Programme] = (), queue: Sequence[str] = ()) -> None:
        self.player = FakePlayer(MUSIC, others=SONGS, programmes=programmes, queue=queue)
        self.person = self.player.person_does
        self.lose = self.player.lose
        self.come_back = self.player.come_back
        self.spoil = self.player.broken.add

    @property
    def queue(self) -> tuple[str, ...]:
        return self.player.queue

    def end_song(self, *, single: bool = False, repeat: bool = False) -> None:
        if repeat:
            self.player.song_begins_again()
        else:
            self.player.song_ends(single=single)


class RealWorld:
    """A private server; `named` gives its name for the song at a path."""

    def __init__(
        self,
        server: RealMpd | RealMopidy,
        settings: MpdSettings,
        programmes: Sequence[Programme] = (),
        queue: Sequence[str] = (),
        *,
        named: Callable[[str], str] = str,
        plays_itself: bool = True,
    ) -> None:
        self.server = server
        self.named = named
        self.plays_itself = plays_itself
        self.player = MpdPlayer(settings, programmes)
        self.lose = server.kill
        self.come_back = server.start
        with server.client() as client:
            for uri in queue:
                client.add(named(uri))

    @property
    def queue(self) -> tuple[str, ...]:
        with self.server.client() as client:
            paths = {self.named(uri): uri for uri in SONGS}
            return tuple(paths[row["file"]] for row in client.playlistinfo())

    def person(self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0) -> None:
        """Let a person act."""
        with self.server.client() as client:
            if act is Act.QUEUE:
                client.clear()
                for uri in songs:
                    client.add(self.named(uri))
                if songs:
                    client.play()
            elif act is Act.SONG:
                client.play(place)
            elif act is Act.SEEK:
                client.seekcur(elapsed)
            else:
                getattr(client, act)()

    def end_song(self, *, single: bool = False, repeat: bool = False) -> None:
        """Seek close to the end, which is a person's act too."""
        with self.server.client() as client:
            client.single(int(single or repeat))
            client.repeat(int(repeat))
            client.seekcur(float(client.currentsong()["time"]) - 1)

    def spoil(self, uri: str) -> None:
        """Remove the file, of which MPD does not know."""
        (self.server.music / uri).unlink()


def worlds_of_mopidy(server: RealMopidy) -> Iterator[Callable[..., World]]:
    """Yield what makes a world of a server that serves all tests."""

    def make(*args: Sequence[Programme] | Sequence[str]) -> World:
        server.reset()
        settings = MpdSettings(host="127.0.0.1", port=server.port)
        return RealWorld(server, settings, *args, named=named, plays_itself=False)

    yield make
    for uri in SONGS:
        if not (server.music / uri).exists():
            server.add_song(uri)


def tell(world: World, story: Story) -> Told:
    """Run a story beside the running player; return what was heard."""
    heard: Told = Heard()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(world.player.run(heard))
            await heard.next(PlayerConnected)
            await story(world.player, heard, world)
            running.cancel()

    asyncio.run(both())
    return heard


def acts(heard: Told) -> list[Act]:
    """Return the acts of persons that were told."""
    return [event.act for event in heard.events if isinstance(event, PersonActed)]


def ends(heard: Told) -> list[tuple[str, EndReason, int | None]]:
    """Return the plays that were told to be over, each with its programme."""
    return [
        (event.song.uri, event.why, event.programme)
        for event in heard.events
        if isinstance(event, TrackEnded)
    ]


def plays(uri: str) -> Callable[[PlayerChanged | PersonActed], bool]:
    """Return a test for events whose current song is this one."""
    return lambda event: event.report.song is not None and event.report.song.uri == uri
