"""The day: what the faces showed, in bins of a few minutes, from the looks on record."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final

from moodspeaker.web.answers import answer
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.day import MINUTES, Day
from moodspeaker.web.route import Route
from moodspeaker.web.shapes import DayAnswer

if TYPE_CHECKING:
    from aiohttp import web

AT_ONCE: Final = 500
"""Looks that are added up before others have their turn."""


async def _day(request: web.Request) -> web.Response:
    day, looks = Day(), iter(request.app[DAEMON].records.looks())
    while some := list(islice(looks, AT_ONCE)):
        for look in some:
            day.add(look)
        await asyncio.sleep(0)
    return answer({"minutes": MINUTES, "bins": day.bins()})


ROUTES: Final = (
    Route("GET", "/api/day", _day, "What the faces showed, in bins of a few minutes.", DayAnswer),
)
