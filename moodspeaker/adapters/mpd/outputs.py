"""Where a music server's sound goes.

Mopidy has no outputs of MPD's kind: the one that it names is a switch, `Mute`, and "on" while nothing sounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import text_of, volume_of, with_cure
from moodspeaker.adapters.mpd.connection import Refusal, ask, rows
from moodspeaker.domain.player import UNMUTED, Output
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.adapters.mpd.connection import Client

MUTE: Final = "Mute"


@dataclass(frozen=True, slots=True)
class Sounding:
    """What can be said of the sound."""

    outputs: tuple[Output, ...]
    volume: int | None
    """Percent; None where there is no mixer."""
    error: str
    """Why the server cannot play, in its own words and with the cure, else empty."""


async def outputs(client: Client) -> tuple[Output, ...]:
    """Return where the sound goes.

    Raises Refusal, TimeoutError, ConnectionError or ProtocolError.
    """
    found = []
    for row in await rows(client.outputs()):
        name, on = str(row.get("outputname", "")), row.get("outputenabled") == "1"
        if name == MUTE and not client.dialect.plays_itself:
            name, on = UNMUTED, not on
        found.append(Output(name, str(row.get("plugin", "")), on))
    return tuple(found)


async def sounding(client: Client) -> Sounding:
    """Return what can be said of the sound; raises as `outputs`."""
    there = await outputs(client)
    [status] = await ask(client, ("status",))
    if isinstance(status, Refusal):
        raise status
    return Sounding(there, volume_of(status), with_cure(text_of(status, "error")))
