"""The stickers of all songs, however many there are.

All songs are asked for at once, name by name.  MPD closes the link to whoever asks for more than its output
buffer holds (`max_output_buffer_size`, 8 MiB by default: one name's stickers of some 75,000 songs); then each
song is asked for by itself.  Folders are no way between: MPD reads its whole table for each of them.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.address import addresses
from moodspeaker.adapters.mpd.answers import is_clean, text_of
from moodspeaker.adapters.mpd.catalogue import ALL, PATIENCE
from moodspeaker.adapters.mpd.connection import Closed, Refusal, ask, connected, connected_again, rows
from moodspeaker.adapters.mpd.stickers import NAMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.config.schema import MpdSettings

PAGE: Final = 1000
"""Songs whose names are asked for at a time: short of what even a small buffer holds."""


async def every_sticker(settings: MpdSettings) -> Mapping[str, Mapping[str, str]]:
    """Return the stickers that players share, name to value, by the URIs of the songs that have any.

    Raises PlayerError, Refusal where the server keeps no stickers.
    """
    where = addresses(settings, os.environ)
    link = await connected(settings, where)
    try:
        with link.translated():
            return await _at_once(link.client)
    except Closed:
        link.close()
        link = await connected_again(settings, where)
        with link.translated():
            return await _one_by_one(link.client)
    finally:
        link.close()


async def _at_once(client: Client) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in NAMES:
        for row in await rows(client.sticker_find("song", "", name), within=PATIENCE):
            uri = text_of(row, "file")
            if is_clean(uri):
                found.setdefault(uri, {})[name] = text_of(row, "sticker").partition("=")[2]
    return found


async def _one_by_one(client: Client) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    async for uris in _pages(client):
        answers = await ask(client, *(("sticker_list", "song", uri) for uri in uris))
        for uri, answer in zip(uris, answers, strict=True):
            known = {} if isinstance(answer, Refusal) else answer
            if ours := {name: str(known[name]) for name in NAMES if name in known}:
                found[uri] = ours
    return found


async def _pages(client: Client) -> AsyncIterator[list[str]]:
    """Yield the URIs of all songs, some at a time."""
    for start in itertools.count(0, PAGE):
        page = await rows(client.find(ALL, "window", f"{start}:{start + PAGE}"), within=PATIENCE)
        yield [uri for row in page if is_clean(uri := text_of(row, "file"))]
        if len(page) < PAGE:
            return
