"""The supervisor's protocol, sd_notify(3): one datagram; and how to be started again.

The standard library says it, so there is no need of systemd-python here: a package that comes from apt on a
Pi, is compiled elsewhere, and would leave a `Type=notify` unit hanging where it is missing.
"""

from __future__ import annotations

import logging
import os
import socket
from functools import cache
from typing import Final

RESTART_STATUS: Final = "MOODSPEAKER_RESTART_STATUS"
"""The variable by which a service says with which exit status it starts this program again."""

_log = logging.getLogger(__name__)


def notify(text: str) -> bool:
    """Send lines such as READY=1, STATUS=... or WATCHDOG=1 to systemd; return whether there is one.

    Never blocks and never raises: a supervisor that cannot be told is no reason to stop the music.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        ) as link:
            link.connect(address)
            link.sendall(text.encode())
    except OSError as error:
        _log.warning("systemd cannot be told %r: %s", text, error.strerror or error)
        return False
    return True


def restart_status() -> int | None:
    """Return the exit status after which we are started again; None where nobody says that we would be."""
    word = os.environ.get(RESTART_STATUS, "").strip()
    if word.isascii() and word.isdecimal() and int(word) < 256:  # noqa: PLR2004 - a byte
        return int(word)
    if word:
        _name_once(word)
    return None


@cache
def _name_once(word: str) -> None:
    _log.warning("%s = %r is no exit status: write 0 to 255, or unset it", RESTART_STATUS, word)
