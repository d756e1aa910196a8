"""What listens where no MQTT broker answers: asked once, so that the cure can be named."""

from __future__ import annotations

import socket
import ssl
from typing import Final

SECONDS: Final = 2.0
"""How long one question may take."""
LONGEST_GREETING: Final = 60
"""Bytes of a greeting that are shown."""


def speaks_tls(host: str, port: int) -> bool:
    """Tell whether a TLS handshake succeeds; nothing is sent after it, so any certificate will do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False


def greeting(host: str, port: int) -> str:
    """Return what the service says by itself, as SSH, SMTP or MPD do; empty where it waits to be asked."""
    try:
        with socket.create_connection((host, port), SECONDS) as service:
            service.settimeout(SECONDS)
            return service.recv(LONGEST_GREETING).decode("ascii", "replace").partition("\n")[0].strip()
    except (OSError, ValueError):
        return ""
