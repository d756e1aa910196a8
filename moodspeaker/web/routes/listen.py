"""What the music server plays, passed on to the page ("listen here").

MPD's httpd output speaks plain HTTP, to anybody, on a port of its own.  Passed on from here it is heard where
the page is seen: over https too, with the page's own secret, and MPD's port may stay closed to the network.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import ClientConnectionError, ClientError, ClientResponse, ClientSession, ClientTimeout, web

from moodspeaker.web.answers import refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route
from moodspeaker.web.routes.events import cut

LISTENERS: Final = 4
"""Browsers that listen at once."""
LISTENING: Final[web.AppKey[set[str]]] = web.AppKey("listening")
CHUNK: Final = 8192
"""Bytes that are passed on at once, at most."""
PATIENCE: Final = ClientTimeout(total=None, sock_connect=5, sock_read=30)
"""Of a stream that says nothing: MPD is paused, or gone."""
OPENING: Final = 3.0
"""Seconds within which MPD has opened its output, from when the music starts."""
AGAIN: Final = 0.25
"""Seconds between two tries until then."""
STALLED: Final = 30.0
"""Seconds after which a browser that does not read is cut off: a phone that left the network says nothing."""
KINDS: Final = ("audio/", "application/ogg")
"""Content types of sound."""


async def _listen(request: web.Request) -> web.StreamResponse:
    url = request.app[DAEMON].stream()
    if not url:
        return refusal(409, "no stream", "the music server has no httpd output: add one to mpd.conf")
    listening = request.app[LISTENING]
    if len(listening) >= LISTENERS:
        return refusal(503, "listeners", f"{LISTENERS} browsers listen already: stop one of them")
    who = f"{id(request)}"
    listening.add(who)
    try:
        async with (
            ClientSession(timeout=PATIENCE, auto_decompress=False) as session,
            await _opened(session, url) as stream,
        ):
            if not stream.content_type.startswith(KINDS):
                return refusal(502, "stream", f"{url} gives no sound: set mpd.stream_port as mpd.conf has it")
            return await _pass_on(request, stream)
    except (ClientError, TimeoutError, OSError):
        cure = "start the music, switch its httpd output on, or set mpd.stream_port as mpd.conf has it"
        return refusal(502, "stream", f"{url} does not answer: {cure}")
    finally:
        listening.discard(who)


async def _opened(session: ClientSession, url: str) -> ClientResponse:
    """Return the stream, once it is there: a page may ask just as the music starts."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + OPENING
    while True:
        try:
            return await session.get(url)
        except ClientConnectionError:
            if loop.time() >= ends:
                raise
        await asyncio.sleep(AGAIN)


async def _pass_on(request: web.Request, stream: ClientResponse) -> web.StreamResponse:
    """Pass a stream on until either end is gone."""
    headers = {"Content-Type": stream.content_type, "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        async for sound in stream.content.iter_chunked(CHUNK):
            await _written(request, response, sound)
    except (ClientError, TimeoutError, OSError):  # an answer that has begun can only end
        pass
    return response


async def _written(request: web.Request, response: web.StreamResponse, sound: bytes) -> None:
    try:
        async with asyncio.timeout(STALLED):
            await response.write(sound)
    except TimeoutError:
        cut(request)
        raise


ROUTES: Final = (
    Route(
        "GET",
        "/api/listen",
        _listen,
        "What the music server plays, where it has an httpd output: sound without an end.",
        content="audio/mpeg",
        streamed=True,
        same_origin=True,
        refusals=(409, 502, 503),
    ),
)
