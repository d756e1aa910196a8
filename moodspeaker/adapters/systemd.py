"""The supervisor's protocol, sd_notify(3) and sd_watchdog_enabled(3): one datagram and two environment variables.

The standard library says all of it, so there is no need of systemd-python here: a package that comes from apt on a Pi, is
compiled elsewhere, and would leave a `Type=notify` unit hanging where it is missing.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import Final

MICROSECONDS: Final = 1_000_000

_log = logging.getLogger(__name__)


def notify(text: str) -> bool:
    """Send `text` (lines such as READY=1, STATUS=..., WATCHDOG=1) to systemd; return whether there was one to send it to.

    Never blocks and never raises: a supervisor that cannot be told is no reason to stop the music.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as link:
            link.connect(address)
            link.sendall(text.encode())
    except OSError as error:
        _log.warning("systemd cannot be told %r: %s", text, error.strerror or error)
        return False
    return True


def watchdog_interval() -> float | None:
    """Return the seconds within which systemd wants to hear WATCHDOG=1, or None where it does not watch this process."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    process = os.environ.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    if process and process != str(os.getpid()):
        return None
    return int(microseconds) / MICROSECONDS
