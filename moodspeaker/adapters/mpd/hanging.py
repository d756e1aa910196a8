"""A server, like Mopidy, that says nothing of a song that cannot be played, and hangs at it.

It tells then that the song before plays, from its beginning, for ever.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import is_silent
from moodspeaker.adapters.mpd.connection import Refusal, ask
from moodspeaker.domain.ending import EndReason

if TYPE_CHECKING:
    from moodspeaker.adapters.mpd.attribution import ServerState
    from moodspeaker.adapters.mpd.connection import Client

FAULT: Final = "a song cannot be played"
"""What is told of such a song."""


async def hangs_behind(client: Client, last: ServerState | None) -> EndReason | None:
    """Return why the song of the last look is over where the server hangs at the next one, else None."""
    if client.dialect.plays_itself or last is None:
        return None
    [status] = await ask(client, ("status",))  # no look: it would hide a person's act
    if isinstance(status, Refusal) or not is_silent(status):
        return None
    over = last.over_at(asyncio.get_running_loop().time())
    return EndReason.FINISHED if over else EndReason.UNKNOWN
