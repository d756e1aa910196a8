"""The songs that a person may give a mood: those that the index or the music server knows.

A URI that is mistyped is refused with the nearest known one.  A song that no scan has met yet is asked for at
the music server, and the index for what is near in a thread: the events go on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from moodspeaker.errors import PlayerError, UnknownSong
from moodspeaker.speaker.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.domain.commands import SongMood
    from moodspeaker.ports import MoodIndex, Player

_log = logging.getLogger(__name__)


class Corrections:
    """Tells which songs there are; used on the event loop."""

    def __init__(self, index: MoodIndex, player: Player | None, take: Callable[[SongMood], None]) -> None:
        """`take` carries out what was wanted (`want`) of a song that is known."""
        self._index, self._player, self._take = index, player, take
        self._wishes: Wishes[SongMood] = Wishes()

    async def check(self, uri: str) -> None:
        """Return when a song is known; raise UnknownSong where nobody knows it, or can be asked."""
        if self._index.knows(uri):
            return
        who = "the index does not know this song"
        if self._player is not None:
            try:
                if await self._player.knows(uri):
                    return
                who = "neither the index nor the music server knows this song"
            except PlayerError as error:
                who = f"{who}, and the music server cannot be asked: {error}"
        near = await asyncio.to_thread(self._index.like, uri)
        cure = f"did you mean {near}" if near else "its URI is told by: moodspeaker index show --json"
        message = f"{uri}: {who}: {cure}"
        raise UnknownSong(message)

    def want(self, word: SongMood) -> None:
        """Give a song a mood soon, for somebody who does not wait for it: a refusal is logged."""
        self._wishes.want(word.uri, word)

    async def run(self) -> None:
        """Look what is wanted up, until cancelled."""
        while True:
            for uri, word in (await self._wishes.taken()).items():
                try:
                    await self.check(uri)
                except UnknownSong as error:
                    _log.warning("%s", error)
                else:
                    self._take(word)
