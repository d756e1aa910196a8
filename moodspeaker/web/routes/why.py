"""The last decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Count, Route
from moodspeaker.web.shapes import DecisionRow

if TYPE_CHECKING:
    from aiohttp import web

COUNT: Final = Count("count", 1, 500, 20, "How many.")


async def _why(request: web.Request) -> web.Response:
    given = request.query.get(COUNT.name)
    count = COUNT.read(given)
    if count is None:
        return refusal(400, COUNT.name, COUNT.cure(given or ""))
    return answer(request.app[DAEMON].records.decisions(count))


ROUTES: Final = (
    Route(
        "GET", "/api/why", _why, "The last decisions, newest first.", list[DecisionRow],
        query=(COUNT,), refusals=(400,),
    ),
)  # fmt: skip
