"""The running daemon, asked over its socket: HTTP on a UNIX socket with the standard library alone, so that
it starts fast.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.errors import CommandError, DaemonError

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.config import Config

SECONDS: Final = 10.0
"""How long an answer may take."""
BAD_REQUEST: Final = 400


class _Connection(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket in place of a network address."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(os.fspath(self._path))


def ask(config: Config, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the daemon's answer to GET `path`; raise DaemonError where none runs or it refuses."""
    return _request(config, "GET", path, None)


def tell(config: Config, command: str) -> Any:  # noqa: ANN401 - JSON
    """Give a command, a JSON object, and return the new snapshot; raise CommandError where it is malformed,
    else DaemonError.
    """
    return _request(config, "POST", "/api/command", command.encode())


def _request(config: Config, method: str, path: str, body: bytes | None) -> Any:  # noqa: ANN401 - JSON
    connection = _Connection(config.api_socket)
    try:
        connection.request(
            method, path, body, {"Content-Type": "application/json"} if body is not None else {}
        )
        response = connection.getresponse()
        answer = json.loads(response.read())
    except PermissionError:
        message = f"{config.api_socket}: not yours to open: join the group moodspeaker, or ask as the user that runs it"
        raise DaemonError(message) from None
    except TimeoutError:
        message = f"moodspeaker does not answer on {config.api_socket}: see its log, or start it anew"
        raise DaemonError(message) from None
    except (OSError, http.client.HTTPException, ValueError):
        message = (
            f"moodspeaker is not running (no answer on {config.api_socket}): "
            "start it with: moodspeaker run, or systemctl start moodspeaker"
        )
        raise DaemonError(message) from None
    finally:
        connection.close()
    if response.status == BAD_REQUEST:
        raise CommandError(answer["message"])
    if response.status > BAD_REQUEST:
        raise DaemonError(answer["message"])
    return answer
