"""All songs of a music server with their tags, for the index.

A listing during which the server read its files again is none: it is made once more.  One whose mark is the
known one is not made at all.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.adapters.mpd.address import addresses
from moodspeaker.adapters.mpd.answers import clean, length_of, text_of
from moodspeaker.adapters.mpd.catalogue import is_usable, listed
from moodspeaker.adapters.mpd.connection import Refusal, ask, connected
from moodspeaker.domain.library import ListedSong

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.config.schema import MpdSettings

TAGS: Final = ("Title", "Artist", "Album", "Genre", "Mood")
"""What is asked for; Mopidy wants these letter cases, MPD knows `Mood` from 0.24 on."""
ATTEMPTS: Final = 3
"""How often a listing is made in whose midst the server reads its files; the last one is taken as it is."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a music server has."""

    address: str
    """Where it is."""
    mark: str
    """Another one when the server has read its files again; empty where it does not tell."""
    folder: str
    """Its music folder; empty where it does not tell it to us."""
    songs: Sequence[ListedSong]
    """Each URI once; empty where `mark` is the one that was known."""


def read_listing(settings: MpdSettings, known: str, tell: Callable[[int], None]) -> Listing | None:
    """Return what the music server has; None where its mark is the known one.

    `tell` is called with the number of songs so far.  Raises PlayerError.
    """
    return asyncio.run(_read(settings, known, tell))


async def _read(settings: MpdSettings, known: str, tell: Callable[[int], None]) -> Listing | None:
    link = await connected(settings, addresses(settings, os.environ))
    try:
        with link.translated():
            client = link.client
            await ask(client, *(("tagtypes", "enable", tag) for tag in TAGS))
            mark = await _mark(client, str(link.address))
            if mark and mark == known:
                return None
            folder = await _folder(client)
            for attempt in itertools.count(1):
                songs = await _songs(client, tell)
                before, mark = mark, await _mark(client, str(link.address))
                if mark == before or attempt == ATTEMPTS:
                    break
            return Listing(str(link.address), mark, folder, songs)
    finally:
        link.close()


async def _mark(client: Client, address: str) -> str:
    """Return what changes when the server has read its files; empty while it reads, or never tells."""
    stats, status = await ask(client, ("stats",), ("status",))
    if isinstance(stats, Refusal) or isinstance(status, Refusal) or "updating_db" in status:
        return ""
    updated = str(stats.get("db_update", "0"))
    return f"{address} {updated} {stats.get('songs', '')}" if updated != "0" else ""


async def _folder(client: Client) -> str:
    """Return the server's music folder, which MPD tells to clients of its socket alone."""
    [answer] = await ask(client, ("config",))
    if isinstance(answer, Refusal):
        return ""
    folder = answer.get("music_directory", "") if isinstance(answer, dict) else answer
    return str(folder) if str(folder).startswith("/") else ""


async def _songs(client: Client, tell: Callable[[int], None]) -> list[ListedSong]:
    found: dict[str, ListedSong] = {}
    async for row in listed(client):
        if is_usable(row):
            uri = text_of(row, "file")
            found[uri] = _song(uri, row)
            tell(len(found))
    return list(found.values())


def _song(uri: str, row: Mapping[str, Any]) -> ListedSong:
    start, end = _range(text_of(row, "range"))
    return ListedSong(
        uri,
        clean(text_of(row, "title")),
        _several(row, "artist", ", "),
        _several(row, "album", ", "),
        _several(row, "genre", "; "),
        _several(row, "mood", "; "),
        length_of(row),
        text_of(row, "last-modified"),
        start,
        end,
    )


def _several(row: Mapping[str, Any], tag: str, between: str) -> str:
    value = row.get(tag, "")
    return clean(between.join(value) if isinstance(value, list) else str(value))


def _range(text: str) -> tuple[float | None, float | None]:
    """Return where a song of a CUE sheet begins and ends in its file, such as of `12.000-24.000`."""
    start, _, end = text.partition("-")
    try:
        return (float(start) if start else None, float(end) if end else None)
    except ValueError:
        return (None, None)
