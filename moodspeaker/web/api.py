"""The HTTP API and the page, on two listeners.

Design notes
============
1. `<paths.runtime>/api.sock` always, mode 0660: whoever may open it may do everything.  `status`, `why`,
   `command` use it.
2. TCP unless `web.port` is 0.  A client on this machine needs no token, but must name this machine in `Host`:
   a web page that lets its own name point to 127.0.0.1 (DNS rebinding) is turned away.  Every other client
   gives the token of `web.token_file` as `Authorization: Bearer TOKEN`.  Without a token nothing beyond
   loopback is listened on.
3. No GET changes anything.  A POST is JSON by its content type, 4096 bytes at most, and where a browser sends
   `Origin` it is that of this page: no other site can press a button.
4. Only the page itself and `/healthz` are for everybody who can connect: they hold no secret.
5. An error is {"error": name, "message": one line with the cure} with a fitting status.
6. A TCP port that cannot be had is logged and told (`reason`); the daemon goes on with the socket.

    GET  /api/status           the snapshot
    GET  /api/moods            [{"mood", "music": {"name", "rule", "songs": n} or null, "current"}]
    GET  /api/moods/{mood}/songs?count=N
                               {"mood", "songs"}: those that fit it best, with reasons (20; 500 at most)
    GET  /api/why?count=N      the last decisions, newest first (20; 500 at most)
    GET  /api/config           the settings: {"in_force", "written", "refused": [reason]}
    POST /api/command          one command of `commands`; answers with the new snapshot
    GET  /healthz              {"ok": true}
    GET  /                     the page
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from moodspeaker.config.check import web_token
from moodspeaker.config.hosts import is_loopback
from moodspeaker.domain.commands import LONGEST_COMMAND, parse
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.errors import CommandError, ConfigError, NothingPlays, StoreError
from moodspeaker.unix_socket import ExclusiveSocket
from moodspeaker.web.page import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp.typedefs import Handler, Middleware

    from moodspeaker.config.schema import Config
    from moodspeaker.domain.commands import Command

SHUTDOWN_SECONDS: Final = 1.0
"""How long a request under way may take to end when the listeners close."""
COUNT: Final = 20
MOST: Final = 500
"""Decisions, and songs, that are given: by default, at most."""
CONNECTIONS: Final = 64
"""Clients on the TCP port at once."""
OPEN_PATHS: Final = frozenset({"/", "/healthz"})
NAMES: Final = {400: "request", 404: "not found", 405: "method", 413: "too large", 415: "content type"}
"""The `error` of what aiohttp itself refuses."""

_log = logging.getLogger(__name__)


class Shown(Protocol):
    """What there is to show."""

    def as_json(self) -> Mapping[str, object]:
        """Return it as JSON values (`speaker.snapshot`)."""


class Daemon(Protocol):
    """What the API asks of the speaker."""

    def snapshot(self) -> Shown:
        """Return the state of everything."""

    def moods(self) -> Sequence[Mapping[str, object]]:
        """Return each mood with its music: {"mood", "music", "current"}.

        `music` is {"name", "rule", "songs": n} or None.
        """

    def songs(self, mood: Emotion, count: int) -> Sequence[Mapping[str, object]]:
        """Return the songs that fit a mood best: {"uri", "title", "artist", "score", "reasons"}."""

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the last decisions, newest first, fit for JSON."""

    def written_settings(self) -> Mapping[str, object]:
        """Return the settings in force and those written now, fit for JSON; it reads files."""

    async def command(self, command: Command) -> None:
        """Carry out a command; raise StoreError where that cannot be, NothingPlays."""


class _Refusal(asyncio.Protocol):
    """Closes its connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        transport.close()


class Api:
    """Both listeners."""

    def __init__(self, daemon: Daemon, config: Config) -> None:
        self._daemon = daemon
        self._socket = config.api_socket
        self._settings = config.web
        self._token = ""
        self._reason = ""
        self._listening = False
        self._exclusive = ExclusiveSocket(config.api_socket, "moodspeaker")
        self._door: asyncio.Server | None = None
        self._local = web.AppRunner(
            self._application(_errors), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        self._lan = web.AppRunner(
            self._application(_errors, self._guard), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )

    @property
    def address(self) -> str:
        """The page's URL, for people; empty while there is no page."""
        if not self._listening:
            return ""
        host = self._settings.host
        if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self._settings.port}/"

    @property
    def reason(self) -> str:
        """Why there is no page although `web.port` asks for one: cause and cure; else empty."""
        return self._reason

    async def start(self) -> None:
        """Open both listeners; raise UsageError where another daemon has the socket."""
        await self._local.setup()
        await web.SockSite(self._local, self._exclusive.bind()).start()
        if not self._settings.port:
            return
        try:
            self._token = web_token(self._settings)
            await self._lan.setup()
            self._door = await asyncio.get_running_loop().create_server(
                self._admit, self._settings.host, self._settings.port
            )
        except ConfigError as error:
            self._reason = f"no page: {error}"
        except OSError as error:
            where = f"{self._settings.host}:{self._settings.port}"
            why = error.strerror or error
            self._reason = f"no page: {where} cannot be had ({why}): choose another web.port or web.host"
        if self._reason:
            _log.warning("web: %s; the API stays on %s", self._reason, self._socket)
            return
        self._listening = True
        _log.info("web: the page is at %s", self.address)

    async def close(self) -> None:
        """Close both listeners; a second call does nothing."""
        self._listening = False
        if self._door is not None:
            self._door.close()
            self._door = None
        await self._lan.cleanup()
        await self._local.cleanup()
        self._exclusive.close()

    def _admit(self) -> asyncio.BaseProtocol:
        """Return what serves a new connection.

        One too many is closed at once, before it costs the speaker its last file.
        """
        server = self._lan.server
        assert server is not None  # noqa: S101 - it is set up before the door opens
        return server() if len(server.connections) < CONNECTIONS else _Refusal()

    # --- who may ask --------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let pass who is on this machine and means it, or has the token."""
        if request.path not in OPEN_PATHS and not self._has_token(request):
            if not is_loopback(request.remote or ""):
                return _error(401, "token", "give the token of web.token_file as Authorization: Bearer TOKEN")
            if not self._is_ours(request.host):
                return _error(
                    403, "host", f"this is not {request.host!r}: ask localhost, or name it in web.host"
                )
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin is not None and origin.partition("://")[2] != request.host:
            return _error(403, "origin", "a page of another site may not give commands")
        return await handler(request)

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if not self._token or scheme.casefold() != "bearer":
            return False
        return hmac.compare_digest(given.strip().encode(errors="surrogateescape"), self._token.encode())

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        machine = socket.gethostname().casefold()
        ours = {machine, f"{machine.partition('.')[0]}.local", self._settings.host.casefold()} - {""}
        return name in ours or is_loopback(name)

    # --- what may be asked --------------------------------------------------------------------------------

    def _application(self, *middlewares: Middleware) -> web.Application:
        application = web.Application(middlewares=middlewares, client_max_size=LONGEST_COMMAND)
        application.add_routes(
            [
                web.get("/api/status", self._status),
                web.get("/api/moods", self._moods),
                web.get("/api/moods/{mood}/songs", self._songs),
                web.get("/api/why", self._why),
                web.get("/api/config", self._config),
                web.post("/api/command", self._command),
                web.get("/healthz", self._healthz),
                web.get("/", self._page),
            ]
        )
        return application

    async def _status(self, _request: web.Request) -> web.Response:
        return _answer(self._daemon.snapshot().as_json())

    async def _moods(self, _request: web.Request) -> web.Response:
        return _answer(self._daemon.moods())

    async def _songs(self, request: web.Request) -> web.Response:
        mood = request.match_info["mood"].casefold()
        if mood not in EMOTIONS:
            return _error(404, "mood", f"{mood[:20]!r} is no mood: one of {', '.join(EMOTIONS)}")
        count = _count(request)
        if count is None:
            return _bad_count(request)
        return _answer({"mood": mood, "songs": self._daemon.songs(Emotion(mood), count)})

    async def _why(self, request: web.Request) -> web.Response:
        count = _count(request)
        if count is None:
            return _bad_count(request)
        return _answer(self._daemon.decisions(count))

    async def _config(self, _request: web.Request) -> web.Response:
        return _answer(await asyncio.to_thread(self._daemon.written_settings))

    async def _command(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return _error(415, "content type", "send the command with Content-Type: application/json")
        try:
            await self._daemon.command(parse(await request.read()))
        except CommandError as error:
            return _error(400, "command", str(error))
        except NothingPlays as error:
            return _error(409, "nothing plays", str(error))
        except StoreError as error:
            return _error(503, "store", str(error))
        return _answer(self._daemon.snapshot().as_json())

    async def _healthz(self, _request: web.Request) -> web.Response:
        return _answer({"ok": True})

    async def _page(self, _request: web.Request) -> web.Response:
        headers = {**_HEADERS, "Content-Security-Policy": page().policy}
        return web.Response(body=page().html, content_type="text/html", charset="utf-8", headers=headers)


_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def _count(request: web.Request) -> int | None:
    """Return the `count` of the query; None for what is refused."""
    text = request.query.get("count", str(COUNT))
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MOST)) or not 1 <= int(text) <= MOST:
        return None
    return int(text)


def _bad_count(request: web.Request) -> web.Response:
    return _error(400, "count", f"count = {request.query['count'][:20]!r}: a whole number from 1 to {MOST}")


def _answer(value: object, status: int = 200) -> web.Response:
    # A name that is no UTF-8 holds lone surrogates: they leave as JSON's own escapes.
    body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")
    return web.Response(
        body=body, status=status, content_type="application/json", charset="utf-8", headers=_HEADERS
    )


def _error(status: int, name: str, message: str) -> web.Response:
    return _answer({"error": name, "message": message}, status)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in JSON what aiohttp refuses, and what breaks."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = _error(
            error.status, NAMES.get(error.status, "http"), f"{request.method} {request.path}: {error.reason}"
        )
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except Exception:  # noqa: BLE001 - logged whole; one bad answer must not look like a dead speaker
        _log.exception("web: %s %s", request.method, request.path)
        return _error(500, "internal", "an error of the speaker itself: its log has the details")
