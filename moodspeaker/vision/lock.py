"""The privacy lock: a file or a line of a GPIO chip that keeps the camera closed, whatever is asked for.

    file:PATH                         locked while there is a file of this name
    gpio:/dev/gpiochipN:LINE[:low]    locked while the line is high; with `:low` while it is low, as with a
                                      switch to ground (the chip's own pull-up is turned on then)

Vision alone reads it, where the configuration of the machine says; no message, topic or page reaches it.  A
lock that cannot be read counts as locked, and says why.

Source: Linux, include/uapi/linux/gpio.h (version 2 of the interface).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from typing import Final, Protocol

UNREADABLE: Final = "the privacy lock cannot be read"
IS_ON: Final = "the privacy lock is on"

# struct gpio_v2_line_request: offsets[64], consumer[32], config (flags, num_attrs, padding[5], attrs[10] of
# 24 bytes), num_lines, event_buffer_size, padding[5], fd
_REQUEST: Final = struct.Struct("=64I32sQI5I240sII5Ii")
_VALUES: Final = struct.Struct("=QQ")
"""struct gpio_v2_line_values: bits, mask."""
_READ_WRITE: Final = 3
_MAGIC: Final = 0xB4
INPUT: Final = 1 << 2
PULL_UP: Final = 1 << 8


def _iowr(number: int, size: int) -> int:
    """Return the request number of an ioctl that is read and written (asm-generic/ioctl.h)."""
    return _READ_WRITE << 30 | size << 16 | _MAGIC << 8 | number


GET_LINE: Final = _iowr(0x07, _REQUEST.size)
GET_VALUES: Final = _iowr(0x0E, _VALUES.size)


class Lock(Protocol):
    """Whether the camera must stay closed."""

    def reason(self) -> str:
        """Return why the camera must stay closed, else nothing.  Never raises."""

    def close(self) -> None:
        """Let go of what is held; the next `reason` takes it again."""


class NoLock:
    """No lock is wanted."""

    def reason(self) -> str:
        """Return nothing."""
        return ""

    def close(self) -> None:
        """Do nothing."""


class FileLock:
    """Locked while there is a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def reason(self) -> str:
        """Return why the camera must stay closed, else nothing."""
        try:
            os.lstat(self._path)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{UNREADABLE}: {self._path}: {error.strerror}: let vision's user enter its folder"
        return f"{IS_ON}: remove {self._path} to let the camera be opened"

    def close(self) -> None:
        """Do nothing."""


class GpioLock:
    """Locked while a line of a GPIO chip is high, or low.  It holds the line: nobody else can ask for it."""

    def __init__(self, chip: str, line: int, *, low: bool) -> None:
        self._chip, self._line, self._low = chip, line, low
        self._handle: int | None = None

    def reason(self) -> str:
        """Return why the camera must stay closed, else nothing."""
        where = f"{self._chip}, line {self._line}"
        try:
            high = self._read()
        except OSError as error:
            self.close()
            cure = "check camera.lock, and that vision's user may open the chip"
            return f"{UNREADABLE}: {where}: {error.strerror}: {cure}"
        if high is self._low:
            return ""
        return f"{IS_ON}: turn the switch at {where}"

    def _read(self) -> bool:
        if self._handle is None:
            self._handle = self._request()
        values = bytearray(_VALUES.pack(0, 1))
        fcntl.ioctl(self._handle, GET_VALUES, values)
        return bool(_VALUES.unpack(values)[0] & 1)

    def _request(self) -> int:
        chip = os.open(self._chip, os.O_RDONLY | os.O_CLOEXEC)
        try:
            flags = INPUT | (PULL_UP if self._low else 0)
            offsets = (self._line, *([0] * 63))
            request = bytearray(
                _REQUEST.pack(*offsets, b"moodspeaker", flags, 0, *([0] * 5), b"", 1, 0, *([0] * 5), -1)
            )
            fcntl.ioctl(chip, GET_LINE, request)
            handle: int = _REQUEST.unpack(request)[-1]
            return handle
        finally:
            os.close(chip)

    def close(self) -> None:
        """Let go of the line."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None


def lock_of(setting: str) -> Lock:
    """Return the lock that `camera.lock` names."""
    kind, _, rest = setting.partition(":")
    match kind:
        case "":
            return NoLock()
        case "file":
            return FileLock(rest)
        case _:
            chip, line, *low = rest.split(":")
            return GpioLock(chip, int(line), low=bool(low))
