"""For other programs: the API's description, and what a monitoring server reads."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiohttp import web

from moodspeaker.domain.entities import ENTITIES
from moodspeaker.web.answers import answer
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.metrics import metrics
from moodspeaker.web.route import Access, Route
from moodspeaker.web.shapes import Description

EVERY_ROUTE: Final[web.AppKey[tuple[Route, ...]]] = web.AppKey("every route")


async def _openapi(request: web.Request) -> web.Response:
    # The first time it takes a second of work, more on a small machine: the speaker goes on meanwhile.
    return answer(await asyncio.to_thread(_described, request.app[EVERY_ROUTE]))


def _described(routes: tuple[Route, ...]) -> dict[str, Any]:
    from moodspeaker.web.documentation import openapi  # noqa: PLC0415 - no start waits for it

    return openapi(routes)


async def _metrics(request: web.Request) -> web.Response:
    text = metrics(ENTITIES, request.app[DAEMON].snapshot().as_json())
    return web.Response(
        text=text, content_type="text/plain", charset="utf-8", headers={"Cache-Control": "no-store"}
    )


ROUTES: Final = (
    Route(
        "GET", "/openapi.json", _openapi, "This description.", Description, access=Access.EVERYBODY,
    ),
    Route("GET", "/metrics", _metrics, "The state, as Prometheus reads it.", content="text/plain"),
)  # fmt: skip
