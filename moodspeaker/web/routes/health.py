"""Whether the speaker lives, for whoever watches over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.web.answers import answer
from moodspeaker.web.route import Access, Route
from moodspeaker.web.shapes import Healthy

if TYPE_CHECKING:
    from aiohttp import web


async def _healthz(_request: web.Request) -> web.Response:
    return answer({"ok": True})


ROUTES: Final = (
    Route("GET", "/healthz", _healthz, "Whether the speaker lives.", Healthy, access=Access.EVERYBODY),
)
