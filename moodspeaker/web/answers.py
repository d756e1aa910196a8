"""What is answered: JSON with the headers that every answer has, and errors with a name and a cure."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

NAMES: Final = {400: "request", 404: "not found", 405: "method", 413: "too large", 415: "content type"}
"""The `error` of what aiohttp itself refuses."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy: files of this server alone, nothing inline."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "moodspeaker",
}
"""Headers of every answer."""

_log = logging.getLogger(__name__)


def answer(value: object, status: int = 200) -> web.Response:
    """Return a value as JSON; nobody may keep it."""
    return sent(json_bytes(value), status)


def sent(body: bytes, status: int = 200) -> web.Response:
    """Return a value that is JSON in UTF-8 already."""
    return web.Response(
        body=body,
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


def refusal(status: int, name: str, message: str) -> web.Response:
    """Return {"error": name, "message": one line with the cure}."""
    return answer({"error": name, "message": message}, status)


async def object_of(request: web.Request) -> dict[str, Any] | None:
    """Return the JSON object of a request's body; None where it is none, or is not sent as JSON."""
    if request.content_type != "application/json":
        return None
    try:
        value = json.loads(await request.read())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_bytes(value: object) -> bytes:
    """Return a value as JSON in UTF-8.

    A name that is no UTF-8 holds lone surrogates: they leave as JSON's own escapes.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer the headers that every one has."""
    response.headers.update(HEADERS)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in JSON what aiohttp refuses, and what breaks."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        name = NAMES.get(error.status, "http")
        refused = refusal(error.status, name, f"{request.method} {request.path}: {error.reason}")
        if "Allow" in error.headers:
            refused.headers["Allow"] = error.headers["Allow"]
        return refused
    except Exception:  # noqa: BLE001 - logged whole; one bad answer must not look like a dead speaker
        _log.exception("web: %s %s", request.method, request.path)
        return refusal(500, "internal", "an error of the speaker itself: its log has the details")
