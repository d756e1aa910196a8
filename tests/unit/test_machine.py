"""How the machine is, from a tree of files like the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest

from moodspeaker.adapters.machine import FRESH, Machine
from moodspeaker.domain.machine import MachineHealth, Throttled

FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"


def write(root: Path, name: str, text: str) -> None:
    """Write one file of the tree."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n", encoding="ascii")


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    assert Machine(tmp_path).read() == MachineHealth()


def test_the_temperature_is_the_processors(tmp_path: Path) -> None:
    for number, (kind, temperature) in enumerate([("acpitz", 27800), ("cpu-thermal", 51540)]):
        write(tmp_path, f"sys/class/thermal/thermal_zone{number}/type", kind)
        write(tmp_path, f"sys/class/thermal/thermal_zone{number}/temp", str(temperature))
    seconds = [0.0]
    machine = Machine(tmp_path, lambda: seconds[0])
    assert machine.read().temperature == 51.5
    write(tmp_path, "sys/class/thermal/thermal_zone1/temp", "-")
    seconds[0] = FRESH - 1
    assert machine.read().temperature == 51.5
    seconds[0] = FRESH
    assert machine.read().temperature is None


@pytest.mark.parametrize(
    ("bits", "now", "ever"),
    [
        ("0", (), ()),
        ("50000", (), ("under voltage", "throttled")),
        ("50005", ("under voltage", "throttled"), ("under voltage", "throttled")),
        ("e0008", ("soft temperature limit",), ("frequency capped", "throttled", "soft temperature limit")),
    ],
)
def test_now_and_ever_are_read_apart(
    tmp_path: Path, bits: str, now: tuple[str, ...], ever: tuple[str, ...]
) -> None:
    write(tmp_path, FIRMWARE, bits)
    health = Machine(tmp_path).read()
    assert health.throttled is not None
    assert health.throttled_ever is not None
    assert (health.throttled.words, health.throttled_ever.words) == (now, ever)


@pytest.mark.parametrize(
    ("alarm", "throttled"), [("1", Throttled.UNDER_VOLTAGE), ("0", Throttled(0)), ("", None)]
)
def test_the_voltage_monitor_tells_of_under_voltage(
    tmp_path: Path, alarm: str, throttled: Throttled | None
) -> None:
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal")
    write(tmp_path, "sys/class/hwmon/hwmon2/name", "rpi_volt")
    write(tmp_path, "sys/class/hwmon/hwmon2/in0_lcrit_alarm", alarm)
    assert Machine(tmp_path).read().throttled == throttled


def test_the_memory_of_this_process() -> None:
    assert 5 < Machine(Path("/")).read().memory < 5000
