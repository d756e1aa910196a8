"""What the camera sees, to aim it: a picture that moves, for two minutes at most.

The answer is `multipart/x-mixed-replace`, which an <img> shows.  Its life is the preview's: it ends when the
browser goes, and it is closed when vision ends it.  The newest picture wins; none is kept.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from moodspeaker.errors import PictureError
from moodspeaker.web.answers import refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route

LONGEST: Final = 125.0
"""Seconds after which it ends, whatever vision says: its own end comes first."""
BOUNDARY: Final = "picture"
CONTENT: Final = "multipart/x-mixed-replace"


async def _preview(request: web.Request) -> web.StreamResponse:
    newest: list[bytes] = []
    news, over = asyncio.Event(), False

    def take(jpeg: bytes) -> None:
        newest[:] = [jpeg]
        news.set()

    def end() -> None:
        nonlocal over
        over = True
        news.set()

    headers = {"Content-Type": f"{CONTENT}; boundary={BOUNDARY}", "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    try:
        with request.app[DAEMON].pictures.preview.watching(take, end):
            await response.prepare(request)
            await response.write(f"--{BOUNDARY}\r\n".encode())
            async with asyncio.timeout(LONGEST):
                while await news.wait() and not over:
                    news.clear()
                    await response.write(_part(newest.pop()))
    except PictureError as refused:
        return refusal(409, refused.fault, str(refused))
    except (TimeoutError, ConnectionError):  # it is over, or the browser is gone
        pass
    return response


def _part(jpeg: bytes) -> bytes:
    """Return a picture with what stands around it; the boundary after it shows it at once."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


ROUTES: Final = (
    Route(
        "GET",
        "/api/preview",
        _preview,
        "What the camera sees, to aim it, where camera.preview allows it: JPEGs, for two minutes at most.",
        content=CONTENT,
        streamed=True,
        same_origin=True,
        refusals=(409,),
    ),
)
