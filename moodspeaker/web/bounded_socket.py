"""A WebSocket that says why a message is too long, and is heard.

aiohttp ends the connection as soon as a message passes its limit, in the middle of it.  A sender that still
writes then finds a broken connection and never reads why: what the kernel has not read yet becomes a reset,
which throws the answer away.  So the reason goes out first, the rest of the message is taken and dropped, for
a while, and then the connection ends as it should, with 1009.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from aiohttp import WSCloseCode, web

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.web_request import BaseRequest

DROPPED_FOR: Final = 5.0
"""Seconds for which the rest of a message is taken and dropped, at most."""
QUIET: Final = 0.3
"""Seconds without another byte after which it is over."""


class BoundedSocket(web.WebSocketResponse):
    """Says `refusal` to a sender whose message is longer than `max_msg_size`, then ends the connection."""

    def __init__(self, refusal: str, *, name: str, longest: int, heartbeat: float) -> None:
        """Take what is said, and its name for the close frame (123 bytes at most)."""
        super().__init__(heartbeat=heartbeat, max_msg_size=longest, compress=False)
        self._refusal, self._name = refusal, name.encode()
        self._transport: asyncio.Transport | None = None

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter:
        """Open it."""
        self._transport = request.transport
        return await super().prepare(request)

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        """Close it; where a message is too long, say so and let the sender come to its end first."""
        if code == WSCloseCode.MESSAGE_TOO_BIG and not self.closed:
            message = self._name
            with contextlib.suppress(ConnectionError):
                await self.send_str(self._refusal)
                if self._transport is not None:
                    await _drop_rest(self._transport)
        return await super().close(code=code, message=message, drain=drain)


class _Drop(asyncio.Protocol):
    """Drops what comes."""

    def __init__(self, before: asyncio.BaseProtocol) -> None:
        self._before = before
        self.more, self.lost = asyncio.Event(), False

    def data_received(self, data: bytes) -> None:
        """Drop it."""
        del data
        self.more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever had the connection."""
        self.lost = True
        self.more.set()
        self._before.connection_lost(exc)


async def _drop_rest(transport: asyncio.Transport) -> None:
    """Take and drop what is still sent, until nothing comes for a moment."""
    before, loop = transport.get_protocol(), asyncio.get_running_loop()
    drop, ends = _Drop(before), loop.time() + DROPPED_FOR
    transport.set_protocol(drop)
    transport.resume_reading()
    with contextlib.suppress(TimeoutError):
        while not drop.lost and (left := ends - loop.time()) > 0:
            drop.more.clear()
            async with asyncio.timeout(min(left, QUIET)):
                await drop.more.wait()
    transport.set_protocol(before)
