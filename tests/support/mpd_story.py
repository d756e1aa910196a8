"""Stories told beside a running MPD player, and what was heard of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import PersonActed, PlayerChanged, PlayerEvent, TrackEnded
from moodspeaker.domain.song import Programme
from support.heard import Heard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from moodspeaker.domain.ending import EndReason
    from moodspeaker.domain.player import Act
    from support.servers import RealMpd

Told: TypeAlias = Heard[PlayerEvent]
Story: TypeAlias = "Callable[[MpdPlayer, Told], Awaitable[None]]"
SONGS = tuple(f"songs/{number}.wav" for number in range(6))
"""What the server of the fixture `server` has."""
BACK_WITHIN = 10.0
"""Seconds in which the player is back after its server is."""


def drawn(*songs: str, number: int = 1) -> Programme:
    """Return a programme with these songs."""
    return Programme(number, Emotion.HAPPY, "mood-happy", "stored playlist", songs, len(songs))


def player_on(server: RealMpd, programmes: Sequence[Programme] = (), password_file: str = "") -> MpdPlayer:
    """Return a player for a server."""
    return MpdPlayer(MpdSettings(host=str(server.socket), password_file=password_file), programmes)


def queue(server: RealMpd) -> tuple[str, ...]:
    """Return the URIs in a server's queue."""
    with server.client() as client:
        return tuple(row["file"] for row in client.playlistinfo())


def tell(player: MpdPlayer, story: Story) -> Told:
    """Run a story beside the running player; return what was heard."""
    heard: Told = Heard()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(player.run(heard))
            await story(player, heard)
            running.cancel()

    asyncio.run(both())
    return heard


def plays(uri: str) -> Callable[[PlayerChanged | PersonActed], bool]:
    """Return a test for events whose current song is this one."""
    return lambda event: event.report.song is not None and event.report.song.uri == uri


def acts(heard: Told) -> list[Act]:
    """Return the acts that were told."""
    return [event.act for event in heard.events if isinstance(event, PersonActed)]


def ends(heard: Told) -> list[tuple[str, EndReason]]:
    """Return the plays that were told to be over."""
    return [(event.song.uri, event.why) for event in heard.events if isinstance(event, TrackEnded)]


async def all_told(server: RealMpd, heard: Told, volume: int = 50) -> None:
    """Wait until the player has told what happened before: MPD tells changes in order."""
    with server.client() as client:
        client.setvol(volume)
    await heard.next(PlayerChanged, where=lambda event: event.report.volume == volume)
