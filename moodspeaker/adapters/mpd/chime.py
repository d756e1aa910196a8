"""A short chime through the music server's real output, to hear whether there is sound.

Design notes
============
1. The server fetches the chime from here, by HTTP from an address with a secret in it that is open for as
   long as the chime plays.  So it needs no file that its user may read, no music and no page.
2. It stands at the queue's end while it plays and ends in silence, in which the song before goes on where it
   was, paused or stopped as it was; then it leaves the queue.  Nothing is ended, skipped or counted.
3. Where a person acts in its midst their choice stands: only the chime leaves the queue.
4. Where this program is stopped in its midst it ends at once, as always; one that a crash or a power cut left
   in the queue, whose address nobody serves any more, leaves it at the next contact (`clear_left`).
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import math
import re
import secrets
import socket
import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd import edits
from moodspeaker.adapters.mpd.answers import with_cure
from moodspeaker.adapters.mpd.connection import Refusal, ask
from moodspeaker.domain.player import PlayState
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from moodspeaker.adapters.mpd.address import Address
    from moodspeaker.adapters.mpd.attribution import ServerState
    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.adapters.mpd.view import View

RATE: Final = 16000
"""Samples a second."""
NOTES: Final = ((659.26, 0.0), (880.0, 0.28))
"""Pitch in hertz and beginning in seconds of each: E5, A5."""
SOUND: Final = 1.3
"""Seconds that are heard."""
SILENCE: Final = 10.0
"""Seconds of silence behind it, in which the song before goes on.

Long, since Mopidy asks for what comes next as soon as it has read the whole of a sound: where this one is not
heard by then, it goes on behind the song before.
"""
LOUD: Final = 0.25
"""Its amplitude, of the full range."""
LONGEST_REQUEST: Final = 4096
"""Bytes of what the server asks."""
LOCALHOST: Final = "127.0.0.1"
NAME: Final = "moodspeaker-chime.wav"
OURS: Final = re.compile(rf"http://[^/]+/[\w-]{{16}}/{NAME}", re.ASCII)
"""The URL of a chime, of any run of this program."""


async def play(client: Client, view: View, address: Address, hurry: asyncio.Event) -> ServerState:
    """Play it, or as much of it as sounds before `hurry` is set.

    Returns the state as it should be then: what differs is a person's act.
    Raises PlayerError with the server's reason where nothing is heard: then, too, all is as before.
    """
    before = await view.look(client)
    async with _served(address) as url:
        [added] = await ask(client, ("addid", url))
        if isinstance(added, Refusal):
            raise added
        chime = int(added)
        reason = await _sound(client, view, chime, hurry)
        after = await _go_on(client, view, before, chime)
    if reason:
        message = f"the chime is not heard: {with_cure(reason)}"
        raise PlayerError(message)
    return after


async def clear_left(client: Client, view: View) -> ServerState:
    """Look at the server for the first time; take a chime of an earlier run out of its queue."""
    now = await view.look(client)
    left = [entry.id for entry in view.queue if OURS.fullmatch(entry.uri)]
    if not left:
        return now
    await ask(client, *(("deleteid", entry) for entry in left))
    return await view.look(client)


async def _sound(client: Client, view: View, chime: int, hurry: asyncio.Event) -> str:
    """Play the chime to the end of what is heard; return the server's reason where nothing is."""
    [started] = await ask(client, ("playid", chime))
    if isinstance(started, Refusal):
        return started.reason
    if reason := await edits.sounds(client, view, chime):
        return reason
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(hurry.wait(), SOUND)
    return ""


async def _go_on(client: Client, view: View, before: ServerState, chime: int) -> ServerState:
    """Let what played before go on, and take the chime out of the queue; return the state as it should be."""
    now = await view.look(client)
    if now.song in {chime, None}:
        silenced = now.state is not PlayState.PLAY and before.state is PlayState.PLAY and not now.error
        back = replace(before, state=now.state) if silenced else before  # by a person, in its midst
        if not client.dialect.plays_itself and back.state is not PlayState.STOP:
            await ask(client, ("playid", before.song))  # it answers before it has done so
            await edits.sounds(client, view, before.song)
        await ask(client, *_way_back(back))
        if back.state is PlayState.PLAY:
            await edits.sounds(client, view, before.song)
    await ask(client, ("deleteid", chime))
    left = await view.look(client)
    return replace(left, state=before.state, ids=before.ids, song=before.song)


def _way_back(before: ServerState) -> list[tuple[object, ...]]:
    """Return the commands that lead from the chime to where the queue was."""
    if before.song not in before.ids:
        return [("stop",)]
    place: tuple[object, ...] = ("playid", before.song)
    if before.seconds is not None:
        place = ("seekid", before.song, round(before.elapsed, 3))
    match before.state:
        case PlayState.PLAY:
            return [place]
        case PlayState.PAUSE:
            return [("pause", 1), place, ("pause", 1)]
        case _:
            return [("playid", before.song), ("stop",)]


@contextlib.asynccontextmanager
async def _served(address: Address) -> AsyncIterator[str]:
    """Let the server at an address fetch the chime; give its URL."""
    host = LOCALHOST if address.local else await _seen_from(address)
    path = f"/{secrets.token_urlsafe(12)}/{NAME}"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            asked = (await reader.readuntil(b"\r\n\r\n")).split(None, 2)[1:2]
            body = sound() if asked == [path.encode()] else b""
            status = b"200 OK" if body else b"404 Not Found"
            head = b"HTTP/1.0 %s\r\nContent-Type: audio/wav\r\nContent-Length: %d\r\n\r\n"
            writer.write(head % (status, len(body)) + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, host, 0, limit=LONGEST_REQUEST)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}{path}"


async def _seen_from(address: Address) -> str:
    """Return the address of this machine that a server elsewhere reaches; nothing is sent to it."""
    loop = asyncio.get_running_loop()
    [(family, kind, _, _, there), *_] = await loop.getaddrinfo(
        address.host, address.port, type=socket.SOCK_DGRAM
    )
    with socket.socket(family, kind) as way:
        way.connect(there)
        return str(way.getsockname()[0])


@cache
def sound() -> bytes:
    """Return the chime as a WAV file: mono, 16 bits."""
    samples = array.array("h", bytes(2 * round(RATE * (SOUND + SILENCE))))
    for pitch, begin in NOTES:
        for index in range(round(RATE * (SOUND - begin))):
            at = index / RATE
            swell = min(1.0, at / 0.01) * math.exp(-3.5 * at) * min(1.0, (SOUND - begin - at) / 0.05)
            tone = math.sin(math.tau * pitch * at) + 0.3 * math.sin(2 * math.tau * pitch * at)
            samples[round(begin * RATE) + index] += round(32767 * LOUD * swell * tone / 1.3)
    if sys.byteorder == "big":
        samples.byteswap()
    body = samples.tobytes()
    numbers = ((36 + len(body), 4), (16, 4), (1, 2), (1, 2), (RATE, 4), (2 * RATE, 4), (2, 2), (16, 2))
    size, *form = (value.to_bytes(width, "little") for value, width in numbers)
    length = len(body).to_bytes(4, "little")
    return b"RIFF" + size + b"WAVEfmt " + b"".join(form) + b"data" + length + body
