"""What helps to set the speaker up: boxes to aim by, the chime, a look at the parts."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.adapters.doctor import PARTS
from moodspeaker.errors import DoctorError, PlayerError
from moodspeaker.speaker.setting_up import MOST
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.feed import RETRY, Reader, event
from moodspeaker.web.route import Route
from moodspeaker.web.routes.events import HEADERS, STREAM, cut
from moodspeaker.web.shapes import ChecksAnswer, ChimeAnswer

if TYPE_CHECKING:
    from moodspeaker.speaker.setting_up import Aim

LIFE: Final = 2.0
"""Seconds without a look after which a stream gives a sign of life."""


async def _aim(request: web.Request) -> web.StreamResponse:
    setup = request.app[DAEMON].setup
    if setup.full:
        return refusal(503, "streams", f"{MOST} people aim already: close one of their pages")
    response = web.StreamResponse(headers=HEADERS)
    with Reader(set(), RETRY) as reader:
        reader.on_drop = lambda: cut(request)

        def tell(aim: Aim) -> None:
            reader.put(event("look", asdict(aim)))

        with setup.aiming(tell):
            await response.prepare(request)
            try:
                while events := await _next(reader):
                    await response.write(events)
            except ConnectionError:  # it is gone, or was dropped
                pass
    return response


async def _next(reader: Reader) -> bytes:
    """Return the next looks, or a sign of life: only by writing it is known that somebody still reads."""
    try:
        return await asyncio.wait_for(reader.next(), LIFE)
    except TimeoutError:
        return b":\n\n"


async def _chime(request: web.Request) -> web.Response:
    try:
        outputs = await request.app[DAEMON].setup.chime()
    except PlayerError as error:
        return refusal(409, "sound", str(error))
    return answer({"outputs": [asdict(output) for output in outputs]})


async def _check(request: web.Request) -> web.Response:
    part = request.match_info["part"]
    if part not in PARTS:
        return refusal(404, "part", f"{part[:20]!r}: one of {', '.join(PARTS)}")
    try:
        return answer({"checks": list(await request.app[DAEMON].setup.examine(part))})
    except DoctorError as error:
        return refusal(503, "doctor", str(error))


ROUTES: Final = (
    Route(
        "GET", "/api/aim", _aim,
        "Server-sent events: look, the boxes of the faces of each look, to aim the camera by.  While "
        "somebody reads it the camera looks as often as it can.",
        content=STREAM, streamed=True, same_origin=True, refusals=(503,),
    ),
    Route(
        "POST", "/api/chime", _chime,
        "Play a short chime through the music server, then go on as before; answers where the sound goes.",
        ChimeAnswer, refusals=(409,),
    ),
    Route(
        "POST", "/api/checks/{part}", _check, f"What is wrong with a part, with cures: {', '.join(PARTS)}.",
        ChecksAnswer, refusals=(404, 503),
    ),
)  # fmt: skip
