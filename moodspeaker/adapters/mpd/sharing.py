"""What other players see of the index, stickers and stored playlists, and what they tell of songs."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.adapters.mpd.address import addresses
from moodspeaker.adapters.mpd.answers import text_of
from moodspeaker.adapters.mpd.connection import Refusal, ask, connected, demand, rows
from moodspeaker.adapters.mpd.sticker_reader import every_sticker
from moodspeaker.adapters.mpd.stickers import shared, texts
from moodspeaker.errors import PlaylistThere

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.config.schema import MpdSettings
    from moodspeaker.domain.library import SharedStickers, SongAffect

VALENCE: Final = "moodspeaker.valence"
AROUSAL: Final = "moodspeaker.arousal"
"""Names of the stickers: integers from -100 to 100."""


def read_stickers(settings: MpdSettings) -> Mapping[str, SharedStickers]:
    """Return what the stickers that players share say, by the URIs of the songs that have any.

    Raises PlayerError, Refusal where the server keeps no stickers.
    """
    found = asyncio.run(every_sticker(settings))
    return {uri: shared(there) for uri, there in found.items()}


def restore_stickers(settings: MpdSettings, stickers: Mapping[str, SharedStickers]) -> None:
    """Write the stickers that players share, by the URIs of songs.  Raises PlayerError."""
    commands = [
        ("sticker_set", "song", uri, name, value)
        for uri, known in stickers.items()
        for name, value in texts(known).items()
    ]
    _run(settings, lambda client: _set(client, commands))


def write_stickers(settings: MpdSettings, songs: Sequence[SongAffect]) -> None:
    """Write the stickers of songs; one that the server does not know is passed over.

    Raises PlayerError, Refusal where the server keeps no stickers.
    """
    commands = [
        ("sticker_set", "song", song.uri, name, str(value))
        for song in songs
        for name, value in ((VALENCE, song.valence), (AROUSAL, song.arousal))
    ]
    _run(settings, lambda client: _set(client, commands))


def write_playlists(
    settings: MpdSettings, playlists: Mapping[str, Sequence[str]], ours: Sequence[str]
) -> Sequence[str]:
    """Write stored playlists, and remove those of ours that are not among them; return the names of ours now.

    A playlist of that name that is not ours is somebody else's and stays.  One that is as it should be is not
    written again.  Raises PlayerError.
    """
    written: list[str] = []

    async def write(client: Client) -> None:
        there = {text_of(row, "playlist") for row in await rows(client.listplaylists())}
        for name in ours:
            if name in there and not playlists.get(name):
                await demand(client, ("rm", name))
        for name, uris in playlists.items():
            if not uris or (name in there and name not in ours):
                continue
            if name not in there or await _content(client, name) != list(uris):
                await _replace(client, name, uris, there=name in there)
            written.append(name)

    _run(settings, write)
    return written


def make_playlist(settings: MpdSettings, name: str, uris: Sequence[str]) -> int:
    """Make a stored playlist, and return how many of the songs are in it: those that are there.

    Where there is one of that name, whatever its letter case, it stays as it is: PlaylistThere.
    Raises PlayerError, Refusal where the server keeps no playlists.
    """
    made: list[str] = []

    async def write(client: Client) -> None:
        there = [text_of(row, "playlist") for row in await rows(client.listplaylists())]
        if named := [one for one in there if one.casefold() == name.casefold()]:
            raise PlaylistThere(named[0])
        await _replace(client, name, uris, there=False)
        made.extend(await _content(client, name))

    _run(settings, write)
    return len(made)


def _run(settings: MpdSettings, act: Any) -> None:  # noqa: ANN401 - a coroutine function of a client
    asyncio.run(_with_client(settings, act))


async def _with_client(settings: MpdSettings, act: Any) -> None:  # noqa: ANN401 - as above
    link = await connected(settings, addresses(settings, os.environ))
    try:
        with link.translated():
            doing: Coroutine[Any, Any, None] = act(link.client)
            await doing
    finally:
        link.close()


async def _set(client: Client, commands: Sequence[tuple[str, ...]]) -> None:
    answers = await ask(client, *commands)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    if refused and len(refused) == len(answers):
        raise refused[0]


async def _content(client: Client, name: str) -> list[str]:
    [answer] = await ask(client, ("listplaylist", name))
    return [] if isinstance(answer, Refusal) else list(answer)


async def _replace(client: Client, name: str, uris: Sequence[str], *, there: bool) -> None:
    if there:
        await demand(client, ("playlistclear", name))
    named = [sent for uri in uris if (sent := client.dialect.sent(uri)) is not None]
    await ask(client, *(("playlistadd", name, uri) for uri in named))  # a song that is gone is left out
