"""A listening UNIX socket that one process has for itself.

Theory of operation
===================
1. A lock file beside the socket (`x.lock` for `x.sock`, flock(2)) decides who listens: the kernel frees it
   with the process, however that ends.  Whoever finds it taken waits `DYING` seconds for a process that is
   about to end, then gives up and names the other one.
2. With the lock in hand, a socket left behind by a dead process is replaced.  One that still answers belongs
   to a process whose lock file somebody deleted, and anything that is no socket is not ours: both are
   refused.
3. The socket is made closed to everybody and then opened to user and group (mode 0660).
"""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

DYING: Final = 3.0
"""Seconds to wait for a dying process to free the socket."""
PAUSE: Final = 0.05
"""Seconds between two attempts."""


class ExclusiveSocket:
    """A socket at `path`; `owner` names the kind of process that listens there, such as "vision process"."""

    def __init__(self, path: Path, owner: str) -> None:
        self._path = path
        self._owner = owner
        self._lock: int | None = None
        self._listener: socket.socket | None = None

    def bind(self) -> socket.socket:
        """Return the bound socket, not yet listening.

        Raises UsageError when another process has it or the path cannot be had.
        """
        try:
            self._take_lock()
            self._clear()
            listener = self._listener = socket.socket(
                socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC
            )
            os.fchmod(listener.fileno(), 0o600)  # bind(2) makes the file with the socket's own mode
            listener.bind(os.fspath(self._path))
            self._path.chmod(0o660)
        except OSError as error:
            self._release()
            message = (
                f"{error.filename or self._path}: {error.strerror or error}: "
                "choose another folder with paths.runtime"
            )
            raise UsageError(message) from None
        except UsageError:
            self._release()
            raise
        return listener

    def close(self) -> None:
        """Close the socket and remove its file; a second call, or one before `bind`, does nothing."""
        if self._listener is not None:
            self._path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _take_lock(self) -> None:
        """Lock the file beside the socket, waiting a little for a process that is about to end."""
        # Read-only is enough for flock, and lets another user of the group see that it is taken.
        file = self._path.with_suffix(".lock")
        self._lock = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        until = time.monotonic() + DYING
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise self._taken() from None
                time.sleep(PAUSE)
            else:
                return

    def _clear(self) -> None:
        """Remove the socket of a dead process."""
        try:
            mode = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            message = (
                f"{self._path} is in the way and no socket: "
                "remove it, or choose another folder with paths.runtime"
            )
            raise UsageError(message)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as visitor:
            visitor.settimeout(0)  # a process too busy to answer is alive, too
            try:
                visitor.connect(os.fspath(self._path))
            except ConnectionRefusedError:
                self._path.unlink()
            except BlockingIOError:
                raise self._taken() from None
            else:
                raise self._taken()

    def _taken(self) -> UsageError:
        message = (
            f"another {self._owner} runs on {self._path}: "
            "stop that one, or choose another folder with paths.runtime"
        )
        return UsageError(message)
