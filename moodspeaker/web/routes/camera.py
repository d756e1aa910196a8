"""A browser's camera: JPEG pictures in over a WebSocket, faces and mood out.

Each picture has one answer, in order: what was seen (`SeenView`), or {"error": name, "message": one line with
the cure}; both with "picture", the number of the picture in this connection, from 1.  A picture is sent when
the last was answered: more than `RATE` a second are refused.  Refused pictures end nothing.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.speaker.views import SeenView
from moodspeaker.web.answers import json_bytes, refusal
from moodspeaker.web.bounded_socket import BoundedSocket
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route
from moodspeaker.wire.pictures import LONGEST_PICTURE

if TYPE_CHECKING:
    from moodspeaker.web.daemon import Pictures

RATE: Final = 5.0
"""Pictures a second, at most."""
LONGEST_MESSAGE: Final = 4 * 1024 * 1024
"""Bytes of a message that is read at all; what is longer than a picture may be is refused by name, and beyond
this ends the connection too."""
TOO_LONG: Final = PictureError(
    PictureFault.TOO_BIG, f"more than {LONGEST_MESSAGE} bytes: send a JPEG of {LONGEST_PICTURE} bytes at most"
)
SILENCE: Final = 30.0
"""Seconds without a picture after which the browser is sent away: another may want to send."""
HEARTBEAT: Final = 10.0
"""Seconds between two pings."""


async def _camera(request: web.Request) -> web.StreamResponse:
    pictures = request.app[DAEMON].pictures
    try:
        pictures.check()
    except PictureError as refused:
        return refusal(409, refused.fault, str(refused))
    link = BoundedSocket(_said(TOO_LONG), name=TOO_LONG.fault, longest=LONGEST_MESSAGE, heartbeat=HEARTBEAT)
    if not link.can_prepare(request).ok:
        return refusal(426, "upgrade", "open a WebSocket here, and send JPEG pictures as binary messages")
    farewell: list[asyncio.Task[None]] = []
    with pictures.sending(lambda refused: farewell.append(asyncio.create_task(_end(link, refused)))):
        await link.prepare(request)
        try:
            await _answer_all(link, pictures)
        except TimeoutError:
            await _end(
                link, PictureError(PictureFault.SILENT, f"no picture came for {SILENCE:g} s: begin again")
            )
        except ConnectionError:  # it is gone
            pass
    await asyncio.gather(*farewell)
    return link


async def _answer_all(link: web.WebSocketResponse, pictures: Pictures) -> None:
    """Answer each message of a browser until it goes; raise TimeoutError when it is silent."""
    number, began = 0, float("-inf")
    while (message := await link.receive(SILENCE)).type in {WSMsgType.BINARY, WSMsgType.TEXT}:
        number += 1
        now = time.monotonic()
        try:
            _check(message, now - began)
            began = now
            answer: dict[str, object] = asdict(await pictures.look(message.data))
        except PictureError as refused:
            answer = {"error": refused.fault, "message": str(refused)}
        if link.closed:
            return
        await link.send_str(json_bytes({"picture": number, **answer}).decode())


def _check(message: WSMessage, waited: float) -> None:
    """Raise PictureError for what is no picture, and for one that comes too soon after the last."""
    if message.type is WSMsgType.TEXT:
        raise PictureError(PictureFault.NOT_JPEG, "this is text: send a JPEG as one binary message")
    if waited < 1 / RATE:
        raise PictureError(PictureFault.TOO_FAST, f"send {RATE:g} pictures a second at most")


async def _end(link: web.WebSocketResponse, refused: PictureError) -> None:
    """Tell a browser why no more pictures are taken, and close the connection."""
    try:
        await link.send_str(_said(refused))
        await link.close(code=WSCloseCode.TRY_AGAIN_LATER, message=refused.fault.encode())
    except (ConnectionError, RuntimeError):  # it is gone, or was not there yet
        pass


def _said(refused: PictureError) -> str:
    """Return what a browser is told that must end."""
    return json_bytes({"error": refused.fault, "message": str(refused)}).decode()


ROUTES: Final = (
    Route(
        "GET",
        "/api/camera",
        _camera,
        "A WebSocket: JPEG pictures in, as binary messages; what is seen out, as JSON, one for each.",
        SeenView,
        streamed=True,
        upgrade=True,
        refusals=(409, 426),
    ),
)
