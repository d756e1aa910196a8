"""The records of looks, as a trace for `moodspeaker replay` and `tune`, and what is erased on demand."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import StoreError
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Access, Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moodspeaker.domain.look_record import LookRecord

AT_ONCE: Final = 500
"""Looks that are written before others have their turn: a day has tens of thousands."""


async def _records(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "application/x-ndjson", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    lines = _lines(request.app[DAEMON].records.looks())
    while some := "".join(islice(lines, AT_ONCE)):
        await response.write(some.encode())
    await response.write_eof()
    return response


def _lines(looks: Iterable[LookRecord]) -> Iterator[str]:
    """Yield the lines of a trace; `t` is in seconds since the epoch, and never falls."""
    yield json.dumps({"crop": True}) + "\n"
    at = 0.0
    for look in looks:
        at = max(at, round(look.at.wall, 2))  # the clock may have been set back
        yield json.dumps(_line(at, look)) + "\n"


def _line(at: float, look: LookRecord) -> dict[str, object]:
    row: dict[str, object] = {"t": at}
    if look.camera is not CameraState.OK:
        row["camera"] = str(look.camera)
    elif look.expressions:
        row["expressions"] = [{"probabilities": face.by_name(3)} for face in look.expressions]
    else:
        row["frame"] = None
    return row


async def _forget(request: web.Request) -> web.Response:
    try:
        await request.app[DAEMON].records.forget()
    except StoreError as error:
        return refusal(503, "store", str(error))
    return answer({"erased": True})


async def _forget_household(request: web.Request) -> web.Response:
    try:
        await request.app[DAEMON].forget_household()
    except StoreError as error:
        return refusal(503, "store", str(error))
    return answer({"erased": True})


ROUTES: Final = (
    Route(
        "GET", "/api/records", _records,
        "The looks on record, as a trace of JSON lines: seven numbers a face, no pixels.",
        content="application/x-ndjson", streamed=True, access=Access.SOCKET,
    ),
    Route(
        "DELETE", "/api/records", _forget, "Erase the records of looks and decisions at once.",
        dict[str, bool], refusals=(503,),
    ),
    Route(
        "DELETE", "/api/household", _forget_household,
        "Erase what was learned from other speakers, and clear what was told to them.",
        dict[str, bool], refusals=(503,),
    ),
)  # fmt: skip
