"""Where a music server's sound goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.adapters.mpd.answers import text_of, volume_of, with_cure
from moodspeaker.adapters.mpd.connection import Refusal, ask, rows
from moodspeaker.domain.player import Output
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.adapters.mpd.connection import Client


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
    return tuple(
        Output(str(row.get("outputname", "")), str(row.get("plugin", "")), row.get("outputenabled") == "1")
        for row in await rows(client.outputs())
    )


async def sounding(client: Client) -> Sounding:
    """Return what can be said of the sound; raises as `outputs`."""
    there = await outputs(client)
    [status] = await ask(client, ("status",))
    if isinstance(status, Refusal):
        raise status
    return Sounding(there, volume_of(status), with_cure(text_of(status, "error")))
