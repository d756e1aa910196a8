"""Who asks: the address that limits are kept by.

Behind a reverse proxy on this machine everybody comes from loopback, and the proxy names the address that it
was asked from last in `X-Forwarded-For`.  That is believed of loopback alone: others could name anybody.  A
program on this machine could too, and would gain no more than a rate of its own.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from moodspeaker.config.hosts import is_loopback

if TYPE_CHECKING:
    from aiohttp import web


def client_of(request: web.Request) -> str:
    """Return the address of whoever asks; empty over the socket."""
    near = request.remote or ""
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if not near or not named or not is_loopback(near):
        return near
    try:
        return str(ip_address(named))
    except ValueError:
        return near
