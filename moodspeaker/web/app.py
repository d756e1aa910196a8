"""The HTTP API and the page, on two listeners.

Design notes
============
1. `<paths.runtime>/api.sock` always, mode 0660: whoever may open it may do everything.  `status`, `why`,
   `command` use it.
2. TCP unless `web.port` is 0; `access` says who may ask there.
3. No GET changes anything.  A POST is JSON by its content type and 4096 bytes at most.
4. An error is {"error": name, "message": one line with the cure} with a fitting status.
5. A TCP port that cannot be had is logged and told (`reason`); the daemon goes on with the socket.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.adapters.import_process import ImportProcess
from moodspeaker.adapters.replay_process import ReplayProcess
from moodspeaker.config.check import web_token
from moodspeaker.config.hosts import EVERYWHERE, page_url
from moodspeaker.domain.commands import LONGEST_COMMAND
from moodspeaker.errors import ConfigError, PictureError, PictureFault
from moodspeaker.resources import program
from moodspeaker.unix_socket import ExclusiveSocket
from moodspeaker.web.access import Guard
from moodspeaker.web.answers import add_headers, errors
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.feed import Feed
from moodspeaker.web.routes import ROUTES
from moodspeaker.web.routes.events import FEED
from moodspeaker.web.routes.imports import IMPORTS
from moodspeaker.web.routes.listen import LISTENING
from moodspeaker.web.routes.machines import EVERY_ROUTE
from moodspeaker.web.routes.playlists import PLAYER
from moodspeaker.web.routes.session import ADDRESSES, SECRETS
from moodspeaker.web.routes.settings import REPLAYS
from moodspeaker.web.routes.songs import FOLDER
from moodspeaker.web.sessions import Secrets
from moodspeaker.web.tls import certificate_of
from moodspeaker.web.visitors import IDLE, Visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp.typedefs import Middleware

    from moodspeaker.config.schema import Config
    from moodspeaker.web.daemon import Daemon
    from moodspeaker.web.tls import Certificate

SHUTDOWN_SECONDS: Final = 1.0
"""How long a request under way may take to end when the listeners close."""
SOMEWHERE_ELSE: Final = ("192.0.2.1", 9)
"""An address that nobody has (RFC 5737): the way to it tells which of ours others see."""

_log = logging.getLogger(__name__)


class Api:
    """Both listeners."""

    def __init__(self, daemon: Daemon, config: Config, options: Sequence[str] = ()) -> None:
        """Prepare; `options` let another command of this program find the same settings."""
        self._daemon = daemon
        self._feed = Feed(daemon)
        daemon.watch, daemon.is_watched = self._feed.show, lambda: self._feed.readers > 0
        self._socket = config.api_socket
        self._settings, self._player = config.web, config.mpd
        self._songs = config.state_folder
        self._imports = ImportProcess((*program(), "import", *options))
        self._replays = ReplayProcess()
        self._secrets = Secrets("")
        self._certificate: Certificate | None = None
        self._fault = ""
        self._listening = False
        self._listening_here: set[str] = set()
        self._exclusive = ExclusiveSocket(config.api_socket, "moodspeaker")
        self._door: asyncio.Server | None = None
        self._local: web.AppRunner | None = None
        self._lan: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """The page's URL, for people; empty while there is no page."""
        return self._url(self._settings.host) if self._listening else ""

    def addresses(self) -> Sequence[str]:
        """Return the page's URLs that another machine can open too, the best first; none with no page."""
        if not self._listening:
            return ()
        if self._settings.host not in EVERYWHERE:
            return (self.address,)
        return tuple(dict.fromkeys((self._url(outward_address() or socket.gethostname()), self.address)))

    @property
    def reason(self) -> str:
        """Why there is no page although `web.port` asks for one, or what is wrong with it: cause and cure."""
        return self._fault or (self._certificate.fault if self._certificate is not None else "")

    async def start(self) -> None:
        """Open both listeners; raise UsageError where another daemon has the socket."""
        try:
            self._secrets = Secrets(web_token(self._settings) if self._settings.port else "")
            self._certificate = certificate_of(self._settings)
        except ConfigError as error:
            self._fault = f"no page: {error}"
        self._local = self._runner()
        await self._local.setup()
        await web.SockSite(self._local, self._exclusive.bind()).start()
        if self._settings.port and not self._fault:
            await self._open_page()
        if self._fault:
            _log.warning("web: %s; the API stays on %s", self._fault, self._socket)
        elif self._settings.port:
            self._listening = True
            _log.info("web: the page is at %s", self.address)

    async def _open_page(self) -> None:
        self._lan = self._runner(Guard(self._settings.host, self._secrets).check)
        await self._lan.setup()
        context = None if self._certificate is None else self._certificate.context
        try:
            self._door = await asyncio.get_running_loop().create_server(
                self._visitor, self._settings.host, self._settings.port, ssl=context
            )
        except OSError as error:
            where = f"{self._settings.host}:{self._settings.port}"
            why = error.strerror or error
            self._fault = f"no page: {where} cannot be had ({why}): choose another web.port or web.host"

    def _url(self, host: str) -> str:
        return page_url(host, self._settings.port, secure=self._certificate is not None)

    async def close(self) -> None:
        """Close both listeners; a second call does nothing."""
        self._listening = False
        if self._door is not None:
            self._door.close()
            self._door = None
        self._feed.close()
        self._daemon.pictures.preview.stop()
        self._daemon.pictures.stop(
            PictureError(PictureFault.ENDS, "the speaker ends: begin again when it is back")
        )
        for runner in (self._lan, self._local):
            if runner is not None:
                await runner.cleanup()
        self._exclusive.close()

    def _runner(self, *middlewares: Middleware) -> web.AppRunner:
        application = web.Application(middlewares=(errors, *middlewares), client_max_size=LONGEST_COMMAND)
        application[DAEMON], application[FEED] = self._daemon, self._feed
        application[EVERY_ROUTE] = ROUTES
        application[PLAYER] = self._player
        application[FOLDER], application[IMPORTS] = self._songs, self._imports
        application[REPLAYS] = self._replays
        application[LISTENING] = self._listening_here
        application[SECRETS], application[ADDRESSES] = self._secrets, self.addresses
        application.on_response_prepare.append(add_headers)
        application.add_routes(
            web.get(route.path, route.handler, allow_head=not route.streamed)
            if route.method == "GET"
            else web.route(route.method, route.path, route.handler)
            for route in ROUTES
        )
        return web.AppRunner(
            application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, keepalive_timeout=IDLE
        )

    def _visitor(self) -> Visitor:
        """Return what meets a new connection."""
        assert self._lan is not None  # noqa: S101 - it is set up before the door opens
        server = self._lan.server
        assert server is not None  # noqa: S101 - as above
        return Visitor(server)


def outward_address() -> str:
    """Return this machine's address in its network; empty where it has none.  Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(SOMEWHERE_ELSE)
        except OSError:
            return ""
        return str(way.getsockname()[0])
