"""All songs that the music server has, with their tags, for a command that looks through them once.

MPD is asked a page at a time.  Mopidy knows no pages and refuses to list everything; its local library has a
folder with all tracks.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import is_clean, length_of, text_of
from moodspeaker.adapters.mpd.connection import Refusal, answers, connected, rows
from moodspeaker.adapters.mpd.library import PAGE
from moodspeaker.domain.song import CatalogueSong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from moodspeaker.adapters.mpd.address import Address
    from moodspeaker.adapters.mpd.answers import Row
    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.config.schema import MpdSettings

ALL: Final = '(base "")'
"""MPD's filter that every song passes, one without tags too."""
ALL_TRACKS: Final = "Local media/Tracks"
"""Mopidy's folder of the songs in its music folder."""
PATIENCE: Final = 60.0
"""Seconds for the first song of an answer: a large library takes a small machine a while."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the music server can play."""

    songs: Sequence[CatalogueSong]
    schemes: frozenset[str]
    """Schemes of songs that it plays by their URIs, such as `spotify`; empty for MPD."""


async def read_catalogue(settings: MpdSettings, candidates: Sequence[Address]) -> Catalogue:
    """Return the songs of the first server that answers.

    Raises PlayerError when none answers or the link breaks, PlayerRefused when it wants a password.
    """
    link = await connected(settings, candidates)
    try:
        with link.translated():
            await answers(link.client.tagtypes("enable", "Album"))
            songs = [_song(row) async for row in listed(link.client) if is_usable(row)]
            return Catalogue(songs, link.client.dialect.schemes)
    finally:
        link.close()


async def listed(client: Client) -> AsyncIterator[Row]:
    """Yield the rows of all songs, a page at a time: MPD cuts off who asks for too much at once."""
    for start in itertools.count(0, PAGE):
        window = ("window", f"{start}:{start + PAGE}")
        try:
            page = await rows(client.find(ALL, *window), within=PATIENCE)
        except Refusal:
            break
        for row in page:
            yield row
        if len(page) < PAGE:
            return
    with contextlib.suppress(Refusal):
        for row in await rows(client.lsinfo(ALL_TRACKS), within=PATIENCE):
            yield row


def is_usable(row: Row) -> bool:
    """Tell whether a row is a song whose name can be shown, stored and sent."""
    return "file" in row and is_clean(text_of(row, "file"))


def _song(row: Row) -> CatalogueSong:
    artist = row.get("artist", ())
    artists = tuple(artist) if isinstance(artist, list) else (artist,) if artist else ()
    return CatalogueSong(
        text_of(row, "file"), text_of(row, "title"), artists, text_of(row, "album"), length_of(row)
    )
