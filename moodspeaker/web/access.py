"""Who may ask on the TCP port.

Design notes
============
1. Where a token is set everybody gives it, or a session's cookie, on this machine too: behind a reverse proxy
   everybody is on this machine, and the command line has its socket.
2. Where none is set only this machine is served (`config.check.web_token`), and it must be named in `Host`: a
   web page that lets its own name point to 127.0.0.1 (DNS rebinding) is turned away.
3. What a browser sends for a page of another site changes nothing: `Sec-Fetch-Site`, which no page can forge,
   or else `Origin` against `Host`, for everything but GET, for a WebSocket and for the camera's picture.
   Who is turned away so, or by 2, is logged, once a minute for an address.
4. A short body has to arrive in time, whoever sends it.
5. Each address (`client`) has a rate, far above what a page needs.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

from moodspeaker.config.hosts import is_loopback
from moodspeaker.web.answers import refusal
from moodspeaker.web.client import client_of
from moodspeaker.web.route import Access
from moodspeaker.web.routes import ROUTES
from moodspeaker.web.sessions import COOKIE, Rate
from moodspeaker.web.upload import UPLOADED
from moodspeaker.web.visitors import IDLE

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from moodspeaker.web.sessions import Secrets

REQUESTS: Final = (50.0, 300.0)
"""Requests from one address: each second in the long run, and at once."""
_ACCESS: Final = {(route.method, route.path): route.access for route in ROUTES}
_OURS: Final = frozenset(route.path for route in ROUTES if route.same_origin)
_SAFE: Final = frozenset({"GET", "HEAD"})

_log = logging.getLogger(__name__)


class Guard:
    """Lets requests in, or refuses them."""

    def __init__(self, host: str, secrets: Secrets) -> None:
        """Guard a listener on `host`."""
        self._host, self._secrets = host, secrets
        self._rate, self._logged = Rate(*REQUESTS), Rate(1 / 60, 1)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or say why not."""
        refused = self._refused(request)
        if refused is None and _is_short(request):
            try:
                async with asyncio.timeout(IDLE):
                    await request.read()  # the handler finds it read
            except TimeoutError:
                refused = refusal(
                    408, "timeout", f"the request did not arrive within {IDLE:g} s: send it again"
                )
        return await handler(request) if refused is None else refused

    def _refused(self, request: web.Request) -> web.Response | None:
        if not self._rate.allows(client_of(request), time.monotonic()):
            return refusal(429, "rate", "too many requests: wait a moment")
        changes = request.method not in _SAFE or "Upgrade" in request.headers or request.path in _OURS
        if changes and not _is_same_origin(request):
            return self._turned_away(request, "origin", "a page of another site may not give commands")
        access = _access_of(request)
        if access is Access.SOCKET:
            return refusal(403, "socket", "this is asked over the speaker's own socket alone")
        return None if access is Access.EVERYBODY else self._refused_entry(request)

    def _refused_entry(self, request: web.Request) -> web.Response | None:
        if not self._secrets.wanted:
            if self._is_ours(request.host):
                return None
            cure = f"this is not {request.host!r}: ask localhost, or name it in web.host"
            return self._turned_away(request, "host", cure)
        if self._secrets.is_session(request.cookies.get(COOKIE, "")):
            return None
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        cure = "pair this browser (moodspeaker pair), or send Authorization: Bearer TOKEN (web.token_file)"
        if scheme.casefold() != "bearer":
            return refusal(401, "token", cure)
        return self._refused_token(client_of(request), given.strip(), cure)

    def _turned_away(self, request: web.Request, name: str, cure: str) -> web.Response:
        if self._logged.allows(client_of(request), time.monotonic()):
            named = request.headers.get("Origin", "another site") if name == "origin" else request.host
            _log.warning("web: %.60r is refused, from %s: %s", named, client_of(request), cure)
        return refusal(403, name, cure)

    def _refused_token(self, who: str, given: str, cure: str) -> web.Response | None:
        if not self._secrets.may_try(who):
            return refusal(429, "rate", "too many wrong tokens: wait a minute")
        if self._secrets.is_token(given):
            return None
        self._secrets.was_wrong(who, "token")
        return refusal(401, "token", cure)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        machine = socket.gethostname().casefold()
        ours = {machine, f"{machine.partition('.')[0]}.local", self._host.casefold()} - {""}
        return name in ours or is_loopback(name)


def _is_short(request: web.Request) -> bool:
    """Tell whether a body follows that is read at once; that of an import has its own limits."""
    return request.can_read_body and request.content_type != UPLOADED


def _access_of(request: web.Request) -> Access:
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    path = "" if resource is None else resource.canonical
    return _ACCESS.get((method, path), Access.ALLOWED)


def _is_same_origin(request: web.Request) -> bool:
    """Tell whether a request comes from this page, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host
