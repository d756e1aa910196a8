"""The stream of server-sent events (`web.feed`)."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from moodspeaker.web.answers import refusal
from moodspeaker.web.feed import READERS, Feed
from moodspeaker.web.route import Route

FEED: Final[web.AppKey[Feed]] = web.AppKey("feed")
STREAM: Final = "text/event-stream"
HEADERS: Final = {
    "Content-Type": STREAM,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep the events until it has a page full of them
}


async def _events(request: web.Request) -> web.StreamResponse:
    feed = request.app[FEED]
    if feed.full:
        return refusal(503, "streams", f"{READERS} event streams are open already: close one, or wait")
    response = web.StreamResponse(headers=HEADERS)
    with feed.reader() as reader:
        reader.on_drop = lambda: cut(request)
        await response.prepare(request)
        try:
            while events := await reader.next():
                await response.write(events)
        except ConnectionError:  # it is gone, or was dropped
            pass
    return response


def cut(request: web.Request) -> None:
    """End a connection whose other end does not read."""
    if request.transport is not None:
        request.transport.abort()


ROUTES: Final = (
    Route(
        "GET",
        "/api/events",
        _events,
        "Server-sent events: snapshot, then change and decision as they happen, and time every few seconds.",
        content=STREAM,
        streamed=True,
        refusals=(503,),
    ),
)
