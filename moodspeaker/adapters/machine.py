"""How the machine is, from the files of its kernel.

    sys/class/thermal/thermal_zone*/{type,temp}                       thousandths of a degree Celsius
    sys/devices/platform/soc*/*firmware/get_throttled                 a Raspberry Pi: hexadecimal bits
    sys/class/hwmon/hwmon*/{name,in0_lcrit_alarm}                     newer: `rpi_volt`, 1: under-voltage
    proc/self/statm                                                   pages; the second number: in memory

Sources: Linux, Documentation/driver-api/thermal/sysfs-api.rst, drivers/hwmon/raspberrypi-hwmon.c, proc(5);
raspberrypi.com/documentation, vcgencmd get_throttled.
"""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.machine import EVER, MachineHealth, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROCESSOR: Final = ("cpu", "soc", "x86_pkg_temp")
"""Beginnings of the names of thermal zones that are the processor's; else the first zone counts."""
KNOWN: Final = 0xF
"""The bits of `Throttled`."""
FRESH: Final = 30.0
"""Seconds for which what was read is given again."""
MEGABYTE: Final = 1e6


class Machine:
    """`ports.Machine` on the files below `root`; `clock` gives monotonic seconds."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._read_at = clock, float("-inf")
        self._health = MachineHealth()
        zones = sorted(root.glob("sys/class/thermal/thermal_zone*"))
        named = [zone for zone in zones if _text(zone / "type").startswith(PROCESSOR)]
        self._zone = next(iter(named or zones), None)
        self._throttled = next(iter(root.glob("sys/devices/platform/soc*/*firmware/get_throttled")), None)
        monitors = root.glob("sys/class/hwmon/hwmon*")
        self._voltage = next((one for one in monitors if _text(one / "name") == "rpi_volt"), None)
        self._statm = root / "proc/self/statm"

    def read(self) -> MachineHealth:
        """Return how it is, as of the last `FRESH` seconds."""
        now = self._clock()
        if now - self._read_at >= FRESH:
            self._read_at, self._health = now, self._look()
        return self._health

    def _look(self) -> MachineHealth:
        temperature = None if self._zone is None else _number(_text(self._zone / "temp"))
        now, ever = self._slowed()
        return MachineHealth(
            memory=self._memory(),
            temperature=None if temperature is None else round(temperature / 1000, 1),
            throttled=now,
            throttled_ever=ever,
        )

    def _slowed(self) -> tuple[Throttled | None, Throttled | None]:
        if self._throttled is not None:
            bits = _number(_text(self._throttled), 16)
            if bits is not None:
                return Throttled(bits & KNOWN), Throttled(bits >> EVER & KNOWN)
        if (
            self._voltage is not None
            and (alarm := _number(_text(self._voltage / "in0_lcrit_alarm"))) is not None
        ):
            low = Throttled.UNDER_VOLTAGE if alarm else Throttled(0)
            return low, None
        return None, None

    def _memory(self) -> float:
        pages = _text(self._statm).split()
        return round(int(pages[1]) * resource.getpagesize() / MEGABYTE, 1) if len(pages) > 1 else 0.0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _number(text: str, base: int = 10) -> int | None:
    try:
        return int(text, base)
    except ValueError:
        return None
