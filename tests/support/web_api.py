"""The API over both real listeners, with a fake daemon behind them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from moodspeaker.web.app import Api
from support.fake_daemon import FakeDaemon, page_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from moodspeaker.config.schema import Config

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def serve(
    config: Config,
    story: Callable[[Api, FakeDaemon], Awaitable[None]],
    daemon: FakeDaemon | None = None,
    options: Sequence[str] = (),
) -> None:
    """Run a story while the API serves; `options` let other commands find the same settings."""
    daemon = daemon or FakeDaemon()

    async def whole() -> None:
        root = Path(config.paths.runtime)
        (root / "state").mkdir(exist_ok=True)
        daemon.settings = page_settings(root)
        api = Api(daemon, config, options)
        await api.start()
        try:
            await story(api, daemon)
        finally:
            await api.close()

    asyncio.run(whole())


async def ask(where: str | Path, method: str, path: str, **more: Any) -> tuple[int, Any]:  # noqa: ANN401
    """Return the status and the JSON of an answer of a socket (a path) or of a URL."""
    url = isinstance(where, str)
    connector = aiohttp.TCPConnector() if url else aiohttp.UnixConnector(str(where))
    base = str(where).removesuffix("/") if url else "http://localhost"
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, base + path, **more) as answer,
    ):
        return answer.status, json.loads(await answer.read())
