"""The privacy lock, by a file and by a line of a GPIO chip whose kernel is played by the test."""

from __future__ import annotations

import errno
import os
import struct
from typing import TYPE_CHECKING

import pytest
from support.drawn import STANDINS
from support.nobody import as_nobody

from moodspeaker.config.load import load
from moodspeaker.errors import ConfigError
from moodspeaker.vision import lock as lock_module
from moodspeaker.vision import worker
from moodspeaker.vision.lock import GET_LINE, GET_VALUES, FileLock, GpioLock, NoLock, lock_of
from moodspeaker.vision.server import Server

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.vision.worker import Work

CHIP = "/dev/null"
"""Opens like a chip."""


def test_a_file_locks_while_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "locked"
    lock = lock_of(f"file:{file}")
    assert lock.reason() == ""
    file.symlink_to("nowhere")
    assert str(file) in lock.reason()
    file.unlink()
    assert lock.reason() == ""


def test_a_lock_that_cannot_be_read_is_on(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with as_nobody():
        assert "cannot be read" in FileLock(str(closed / "locked")).reason()
    closed.chmod(0o700)
    assert "cannot be read" in GpioLock("/dev/gpiochip99", 17, low=False).reason()
    assert "cannot be read" in GpioLock(CHIP, 17, low=False).reason(), "no chip at all"


def test_the_requests_are_the_kernels() -> None:
    assert (GET_LINE, GET_VALUES) == (0xC250B407, 0xC010B40E)  # as <linux/gpio.h> gives them


class Kernel:
    """Answers the two requests as a chip does."""

    def __init__(self) -> None:
        self.high, self.broken = True, False
        self.flags: list[int] = []
        self.lines: list[int] = []
        self._held = -1

    def ioctl(self, descriptor: int, request: int, buffer: bytearray) -> int:
        if self.broken:
            raise OSError(errno.ENODEV, "No such device")
        if request == GET_LINE:
            if self._is_held():
                raise OSError(errno.EBUSY, "Device or resource busy")
            self.lines.append(struct.unpack_from("=I", buffer, 0)[0])
            self.flags.append(struct.unpack_from("=Q", buffer, 288)[0])
            assert struct.unpack_from("=I", buffer, 560)[0] == 1, "one line"
            self._held = os.dup(descriptor)
            struct.pack_into("=i", buffer, 588, self._held)
        else:
            assert struct.unpack("=QQ", buffer)[1] == 1
            buffer[:8] = struct.pack("=Q", int(self.high))
        return 0

    def _is_held(self) -> bool:
        try:
            os.fstat(self._held)
        except OSError:
            return False
        return True


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    played = Kernel()
    monkeypatch.setattr(lock_module.fcntl, "ioctl", played.ioctl)
    return played


@pytest.mark.parametrize("low", [False, True])
def test_a_line_locks_by_its_level(kernel: Kernel, low: bool) -> None:  # noqa: FBT001 - pytest
    lock = GpioLock(CHIP, 17, low=low)
    assert bool(lock.reason()) is not low
    kernel.high = False
    assert bool(lock.reason()) is low
    assert kernel.lines == [17], "the line is asked for once"
    assert kernel.flags == [1 << 2 | (1 << 8 if low else 0)]
    kernel.broken = True
    assert "No such device" in lock.reason()
    kernel.broken = False
    assert bool(lock.reason()) is low
    assert kernel.lines == [17, 17], "and again after a fault"
    lock.close()


def test_a_line_is_held_by_one_lock_until_that_lets_go(kernel: Kernel) -> None:
    kernel.high = False
    first, second = (GpioLock(CHIP, 17, low=False) for _ in range(2))
    assert first.reason() == ""
    assert "busy" in second.reason()
    first.close()
    assert second.reason() == ""
    second.close()


class Taking:
    """Takes what the camera thread would work with."""

    def assign(self, work: Work) -> None:
        self.work = work


def test_a_reload_does_not_lock_the_camera(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.high = False
    monkeypatch.setattr(worker, "lock_of", lambda _: GpioLock(CHIP, 17, low=False))
    sets = [f"models.path={STANDINS}", "camera.source=none"]
    server = Server(lambda: load(sets=sets, environment={"HOME": str(tmp_path)}), lambda _: None, child=False)
    taking = Taking()
    assert server._work.lock.reason() == ""
    server._worker = taking  # type: ignore[assignment] - what a reload needs of it
    sets.append("vision.interval=5")
    server._reload()
    assert taking.work.interval == 5
    assert taking.work.lock.reason() == "", "the line is still held, by the same lock"
    taking.work.lock.close()


def test_settings_name_a_lock(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    assert isinstance(lock_of(load(environment=environment).camera.lock), NoLock)
    written = load(sets=["camera.lock=file:~/locked"], environment=environment).camera.lock
    assert written.startswith("file:/")
    line = lock_of(load(sets=["camera.lock=gpio:/dev/gpiochip0:17:low"], environment=environment).camera.lock)
    assert isinstance(line, GpioLock)
    for wrong in ("gpio:17", "file:", "gpio:/dev/gpiochip0", "on"):
        with pytest.raises(ConfigError, match=r"camera\.lock"):
            load(sets=[f"camera.lock={wrong}"], environment=environment)
