"""New connections on the TCP port: who is let in, and for how long without asking anything.

Design notes
============
1. `CONNECTIONS` at once; one too many is closed before it costs the speaker its last file.
2. `EACH` of them from one address, so that one device cannot take all; behind a reverse proxy on this machine
   everybody comes from loopback, which may take all.
3. Who says nothing for `IDLE` seconds, or does not come to the end of a request, is sent away: a phone that
   left the network would hold its place for hours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from moodspeaker.config.hosts import is_loopback

if TYPE_CHECKING:
    from aiohttp import web

CONNECTIONS: Final = 64
"""Clients on the TCP port at once."""
EACH: Final = 24
"""Of these, from one address that is not this machine's own."""
IDLE: Final = 30.0
"""Seconds without a request, and for one to arrive."""


class Visitor(asyncio.Protocol):
    """A new connection, until it is let in or closed."""

    def __init__(self, server: web.Server) -> None:
        """Take who serves those that are let in."""
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or close it."""
        others = self._server.connections
        who = address_of(transport)
        from_there = sum(address_of(one.transport) == who for one in others)
        if len(others) >= CONNECTIONS or (from_there >= EACH and not is_loopback(who)):
            transport.close()
            return
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - as asyncio makes them
        protocol = self._server()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


def address_of(transport: asyncio.BaseTransport | None) -> str:
    """Return the address that a connection comes from; empty where it is gone."""
    peer = None if transport is None else transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else ""
