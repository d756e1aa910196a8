"""How far the scan of the songs is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.moment import rfc3339
from moodspeaker.errors import StoreError
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.route import Route
from moodspeaker.web.routes.songs import browser
from moodspeaker.web.song_shapes import ScanAnswer

if TYPE_CHECKING:
    from aiohttp import web


async def _scan(request: web.Request) -> web.Response:
    try:
        scan = await asyncio.to_thread(browser(request).scan)
    except StoreError as error:
        return refusal(503, "store", str(error))
    return answer(
        {
            "at_work": scan.is_at_work,
            "songs": scan.songs,
            "placed": scan.placed,
            "heard": scan.heard,
            "scanned_at": None if scan.scanned_at is None else rfc3339(scan.scanned_at),
            "files": scan.files,
            "fault": scan.fault,
            "left_out": scan.left_out,
        }
    )


ROUTES: Final = (
    Route("GET", "/api/scan", _scan, "How far the scan of the songs is.", ScanAnswer, refusals=(503,)),
)
