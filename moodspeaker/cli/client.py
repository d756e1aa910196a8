"""The running speaker, asked over its socket.

One HTTP/1.0 request on a UNIX socket, written out here: the standard library's client takes longer to import
than the rest of `moodspeaker status` together.
"""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.errors import CommandError, DaemonError

if TYPE_CHECKING:
    from argparse import Namespace

SECONDS: Final = 10.0
"""How long an answer may take."""
BAD_REQUEST: Final = 400
MOST: Final = 65536
"""Bytes read at once."""


class NotAllowed(DaemonError):  # noqa: N818 - a state, as the broker's `refused`
    """The socket is there, or its folder, and is not ours to open."""


class NotRunning(DaemonError):  # noqa: N818 - a state, as NotAllowed
    """No speaker answers on the socket."""


def find(arguments: Namespace) -> str:
    """Return the path of the speaker's socket that arguments, environment and files name."""
    from moodspeaker.config.runtime import api_socket

    return api_socket(arguments.config, arguments.set)


def ask(api: str | os.PathLike[str], path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the answer to GET `path` on the socket `api`; raise DaemonError where there is none."""
    return _request(os.fspath(api), f"GET {path} HTTP/1.0\r\n\r\n".encode())


def command(api: str | os.PathLike[str], text: str) -> Any:  # noqa: ANN401 - JSON
    """Give a command, a JSON object, and return the new snapshot.

    Raises CommandError where it is malformed, else DaemonError.
    """
    return post(api, "/api/command", text)


def post(api: str | os.PathLike[str], path: str, text: str) -> Any:  # noqa: ANN401 - JSON
    """Return the answer to POST `path` with a JSON text.

    Raises CommandError where the text is refused, else DaemonError.
    """
    body = text.encode("utf-8", "backslashreplace")
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return _request(os.fspath(api), f"POST {path} HTTP/1.0\r\n{head}".encode() + body)


def lines(api: str | os.PathLike[str], path: str) -> list[str]:
    """Return the lines of the answer to GET `path`; raise DaemonError where there is none."""
    body = _answer(os.fspath(api), f"GET {path} HTTP/1.0\r\n\r\n".encode())
    return body.decode("utf-8", "replace").splitlines()


def erase(api: str | os.PathLike[str], path: str) -> None:
    """DELETE `path`; raise NotRunning where no speaker runs, else DaemonError where it refuses."""
    _request(os.fspath(api), f"DELETE {path} HTTP/1.0\r\n\r\n".encode())


def _request(api: str, request: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(_answer(api, request))
    except ValueError:
        raise _not_running(api) from None


def _answer(api: str, request: bytes) -> bytes:
    """Return the body of an answer; raise CommandError or DaemonError."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(SECONDS)
            link.connect(api)
            link.sendall(request)
            received = b"".join(iter(lambda: link.recv(MOST), b""))
        head, _, body = received.partition(b"\r\n\r\n")
        status = int(head.split(None, 2)[1])
        message = json.loads(body)["message"] if status >= BAD_REQUEST else ""
    except PermissionError:
        cure = "join its group (sudo usermod -aG moodspeaker $USER, then log in again), or ask with sudo"
        message = f"{api}: not yours to open: {cure}"
        raise NotAllowed(message) from None
    except TimeoutError:
        message = f"moodspeaker does not answer on {api}: see its log, or restart it"
        raise DaemonError(message) from None
    except (OSError, ValueError, IndexError, KeyError, TypeError):
        raise _not_running(api) from None
    if status == BAD_REQUEST:
        raise CommandError(message)
    if status > BAD_REQUEST:
        raise DaemonError(message)
    return body


def _not_running(api: str) -> NotRunning:
    return NotRunning(
        f"moodspeaker is not running (no answer on {api}): "
        "start it with: moodspeaker run, or systemctl start moodspeaker"
    )
