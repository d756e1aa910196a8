"""Sessions: how a browser is let in, and how it leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.web.answers import answer, object_of, refusal
from moodspeaker.web.client import client_of
from moodspeaker.web.route import Access, Route
from moodspeaker.web.sessions import CODE_SECONDS, COOKIE, SESSION_SECONDS, Secrets
from moodspeaker.web.shapes import Pairing, SessionBody

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECRETS: Final[web.AppKey[Secrets]] = web.AppKey("secrets")
ADDRESSES: Final[web.AppKey[Callable[[], Sequence[str]]]] = web.AppKey("addresses")
"""Gives the addresses of the page that another machine can open, the best first."""
NOT_WANTED: Final = "no token is set (web.token_file): this machine needs none"
CURES: Final = {
    "code": "take another one, or the link beside it, from: moodspeaker pair",
    "token": "it stands in web.token_file",
}
"""What to do where a secret is not good, by its name."""
_log = logging.getLogger(__name__)


async def _enter(request: web.Request) -> web.Response:
    secrets, who = request.app[SECRETS], client_of(request) or "the socket"
    if not secrets.wanted:
        return refusal(409, "no token", NOT_WANTED)
    given = await object_of(request)
    if given is None or len(given) != 1:
        return refusal(400, "request", 'send {"code": "six digits"} or {"token": "..."} as application/json')
    [(name, text)] = given.items()
    if name not in CURES or not isinstance(text, str):
        return refusal(400, "request", 'send {"code": "six digits"} or {"token": "..."}')
    if not secrets.may_try(who) and not secrets.is_link(text):
        return refusal(429, "rate", "too many tries: wait a minute")
    if not (secrets.use_code(text, who) if name == "code" else secrets.is_token(text)):
        secrets.was_wrong(who, name)
        return refusal(401, name, f"this {name} is not good: {CURES[name]}")
    entered = web.Response(status=204)
    secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
    cookie = secrets.new_session()
    entered.set_cookie(
        COOKIE, cookie, max_age=SESSION_SECONDS, httponly=True, samesite="Strict", secure=secure
    )
    _log.info("web: %s is let in by %s", who, name)
    return entered


async def _leave(_request: web.Request) -> web.Response:
    left = web.Response(status=204)
    left.del_cookie(COOKIE, httponly=True, samesite="Strict")
    return left


async def _write_code(request: web.Request) -> web.Response:
    secrets = request.app[SECRETS]
    if not secrets.wanted:
        return refusal(409, "no token", NOT_WANTED)
    code = secrets.asked_code()
    if code is None:
        cure = "use that one, wait, or run moodspeaker pair on the speaker"
        return refusal(429, "rate", f"a code was asked for already: {cure}")
    _log.warning("web: pairing code %s, good for %g minutes", code, CODE_SECONDS / 60)
    return web.Response(status=204)


async def _pair(request: web.Request) -> web.Response:
    secrets, addresses = request.app[SECRETS], request.app[ADDRESSES]()
    if not addresses:
        return refusal(409, "no page", "there is no page: set web.port, or see moodspeaker status")
    code, link = (secrets.new_code(), secrets.new_link()) if secrets.wanted else (None, None)
    links = [f"{address}#pair={link}" for address in addresses] if link else []
    return answer({"code": code, "seconds": CODE_SECONDS, "addresses": list(addresses), "links": links})


ROUTES: Final = (
    Route(
        "POST", "/api/session", _enter, "Let a browser in by a code or the token: a cookie comes back.",
        body=SessionBody, access=Access.EVERYBODY, refusals=(400, 401, 409, 413), content="",
    ),
    Route("DELETE", "/api/session", _leave, "Forget the cookie.", access=Access.EVERYBODY, content=""),
    Route(
        "POST", "/api/session/code", _write_code, "Write a code into the journal of the speaker.",
        access=Access.EVERYBODY, refusals=(409,), content="",
    ),
    Route(
        "POST", "/api/pair", _pair, "A new code, and the addresses of the page.", Pairing,
        access=Access.SOCKET, refusals=(409,),
    ),
)  # fmt: skip
