"""One scan at a time, and whether one is at work: the lock of the state folder, which ends with its process.

Who only asks takes the lock for an instant, shared; a scan that begins just then tries again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK: Final = "scan.lock"
ATTEMPTS: Final = 3
PAUSE: Final = 0.005
"""Seconds between two attempts."""


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of the state folder; raise StoreError where another scan has it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        message = f"{folder}: {error.strerror}: make it writable, or choose another with paths.state"
        raise StoreError(message) from None
    try:
        for attempt in range(ATTEMPTS):
            if _taken(lock, fcntl.LOCK_EX):
                break
            if attempt < ATTEMPTS - 1:
                time.sleep(PAUSE)
        else:
            message = "another scan is at work: wait for its end, or end it"
            raise StoreError(message)
        yield
    finally:
        os.close(lock)


def is_at_work(folder: Path) -> bool:
    """Tell whether a scan holds the lock of the state folder."""
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # none was ever made, or it is somebody else's
        return False
    try:
        return not _taken(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _taken(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
