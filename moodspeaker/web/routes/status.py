"""The snapshot: everything there is to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.speaker.snapshot import Snapshot
from moodspeaker.web.answers import answer
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route

if TYPE_CHECKING:
    from aiohttp import web


async def _status(request: web.Request) -> web.Response:
    return answer(request.app[DAEMON].snapshot().as_json())


ROUTES: Final = (Route("GET", "/api/status", _status, "Everything there is to show.", Snapshot),)
