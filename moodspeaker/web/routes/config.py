"""The settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from moodspeaker.web.answers import answer
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route
from moodspeaker.web.shapes import SettingsAnswer

if TYPE_CHECKING:
    from aiohttp import web


async def _config(request: web.Request) -> web.Response:
    return answer(await asyncio.to_thread(request.app[DAEMON].written_settings))


ROUTES: Final = (
    Route(
        "GET", "/api/config", _config, "The settings in force, and those that are written.", SettingsAnswer
    ),
)
