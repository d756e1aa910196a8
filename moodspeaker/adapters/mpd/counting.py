"""How often songs were played and skipped, written into the stickers that music players share.

Invariants
==========
1. A play is counted once: it is forgotten before its stickers are written, so where the link breaks in
   between it is rather lost than counted twice, and what another player has counted is left
   (`stickers.changes`).
2. Music comes first: a play is written a moment after it is over, when what follows was seen to, in two short
   exchanges; the player's lock keeps them from between the steps of a change of ours.
3. A server that keeps no stickers refuses, and that is no fault.  One that is no MPD is not asked.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.connection import Refusal, ask
from moodspeaker.adapters.mpd.stickers import changes, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.adapters.mpd.stickers import Count
    from moodspeaker.domain.player import TrackEnded

LATER: Final = 1.0
"""Seconds from a song's end until it is counted."""
MOST: Final = 100
"""Plays that wait at most while the server is away."""


class PlayCounts:
    """The plays that wait to be counted."""

    def __init__(self, wall: Callable[[], float], is_kept: Callable[[], bool] = lambda: True) -> None:
        """`wall` gives seconds since the epoch; `is_kept` tells whether what is heard now may be known."""
        self._wall, self._is_kept = wall, is_kept
        self._waiting: deque[Count] = deque(maxlen=MOST)
        self._added = asyncio.Event()

    def add(self, ended: TrackEnded) -> None:
        """Take a play that is over now."""
        count = counted(ended, self._wall())
        if count is not None and self._is_kept():
            self._waiting.append(count)
            self._added.set()

    async def due(self) -> None:
        """Wait until plays are to be written."""
        await self._added.wait()
        await asyncio.sleep(LATER)

    async def write(self, client: Client) -> None:
        """Write what waits; raise what the link raises."""
        while self._waiting:
            count = self._waiting.popleft()
            if not client.dialect.plays_itself:
                continue
            [there] = await ask(client, ("sticker_list", "song", count.uri))
            if not isinstance(there, Refusal):
                sets = changes(count, there)
                await ask(client, *(("sticker_set", "song", count.uri, *words) for words in sets))
        self._added.clear()
