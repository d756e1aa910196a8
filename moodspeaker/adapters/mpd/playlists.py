"""The stored playlists of the music server, as far as people made them: songs that belong together."""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.address import addresses
from moodspeaker.adapters.mpd.answers import is_clean, text_of
from moodspeaker.adapters.mpd.connection import Closed, Refusal, ask, connected, connected_again, rows
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.config.schema import MpdSettings

MOST: Final = 300
"""Playlists that are read: those that were changed last."""
SONGS: Final = 200
"""Songs of a playlist that are read: a longer one is a library, no choice."""


@dataclass(frozen=True, slots=True)
class StoredPlaylists:
    """What people put together."""

    playlists: Sequence[Sequence[str]] = ()
    """The URIs of each, in order, two or more; none where `mark` is the one that was known."""
    mark: str = ""
    """Another one when a playlist was made, changed or removed."""


def read_playlists(settings: MpdSettings, ours: Collection[str], known: str) -> StoredPlaylists:
    """Return the stored playlists but those named in `ours`, or none where their mark is the `known` one.

    Raises PlayerError, Refusal where the server keeps no playlists.
    """
    return asyncio.run(_read(settings, ours, known))


async def _read(settings: MpdSettings, ours: Collection[str], known: str) -> StoredPlaylists:
    where = addresses(settings, os.environ)
    link = await connected(settings, where)
    try:
        with link.translated():
            listed = await rows(link.client.listplaylists())
        changed = {text_of(row, "playlist"): text_of(row, "last-modified") for row in listed}
        theirs = sorted(name for name in changed if name not in ours)
        mark = hashlib.sha256(repr([(name, changed[name]) for name in theirs]).encode()).hexdigest()
        if mark == known:
            return StoredPlaylists((), mark)
        found = []
        for name in sorted(theirs, key=lambda name: changed[name], reverse=True)[:MOST]:
            try:
                with link.translated():
                    songs = await _content(link.client, name)
            except Closed:  # longer than MPD lets an answer be
                link.close()
                link = await connected_again(settings, where)
                continue
            if len(songs) > 1:
                found.append(songs)
        return StoredPlaylists(found, mark)
    finally:
        link.close()


async def _content(client: Client, name: str) -> Sequence[str]:
    [answer] = await ask(client, ("listplaylist", name))
    uris = [] if isinstance(answer, Refusal) else [uri for uri in map(str, answer) if is_clean(uri)]
    return tuple(dict.fromkeys(uris))[:SONGS]
