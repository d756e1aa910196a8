"""The privacy lock at a line of a GPIO chip, on a real kernel in a virtual machine.  Not part of CI.

    python tests/acceptance/gpio_lock.py --kernel VMLINUZ --root FOLDER

`--kernel` is Debian's arm64 kernel, `--root` a folder with what these arm64 packages hold: busybox-static,
python3.11-minimal, libpython3.11-minimal, libpython3.11-stdlib, libc6, zlib1g, libexpat1.  It wants
qemu-system-arm and cpio.  QEMU's board `virt` has a PL061 with eight lines, which its test protocol drives
from outside as a switch would.  It prints a line for each step and ends with 1 at the first that fails.

Last tried with QEMU 7.2 and Linux 6.1.0-50-arm64.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK: Final = Path(__file__).parents[2] / "moodspeaker" / "vision" / "lock.py"
CHIP: Final = "gpio:/dev/gpiochip0"
HIGH, LOW, NO_LINE, NO_CHIP = f"{CHIP}:5", f"{CHIP}:7:low", f"{CHIP}:99", "gpio:/dev/gpiochip9:0"
INIT: Final = """\
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
exec /usr/bin/python3.11 -S -B /try.py
"""
GUEST: Final = f"""\
import sys, time
sys.path.insert(0, "/")
from lock import lock_of
locks = {{name: lock_of(name) for name in {[HIGH, LOW, NO_LINE, NO_CHIP]!r}}}
said = {{}}
while True:
    for name, lock in locks.items():
        if said.get(name) != (reason := lock.reason()):
            said[name] = reason
            print("LOCK", name, reason or "open", flush=True)
    time.sleep(0.1)
"""
IS_ON: Final = "the privacy lock is on"
UNREADABLE: Final = "the privacy lock cannot be read"
SLOW: Final = 180.0
"""Seconds that the machine may take to start."""


class Machine:
    """A virtual machine whose Python reads the lock."""

    def __init__(self, kernel: Path, root: Path, folder: Path) -> None:
        (root / "init").write_text(INIT, encoding="ascii")
        (root / "init").chmod(0o755)
        (root / "try.py").write_text(GUEST, encoding="ascii")
        shutil.copy(LOCK, root / "lock.py")
        for name in ("proc", "dev"):
            (root / name).mkdir(exist_ok=True)
        names = "\n".join(str(path.relative_to(root)) for path in root.rglob("*"))
        with (folder / "initrd").open("wb") as initrd:
            archive = ["cpio", "-o", "-H", "newc", "--quiet"]
            subprocess.run(archive, input=names.encode(), stdout=initrd, cwd=root, check=True)
        self._control, self._test = folder / "control", folder / "test"
        self.process = subprocess.Popen(
            ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-m", "512", "-accel", "tcg",
             "-nographic", "-nodefaults", "-net", "none", "-serial", "stdio", "-kernel", str(kernel),
             "-initrd", str(folder / "initrd"), "-append", "console=ttyAMA0 quiet panic=-1", "-no-reboot",
             "-qmp", f"unix:{self._control},server,nowait", "-qtest", f"unix:{self._test},server,nowait",
             "-qtest-log", "none"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, errors="replace",
        )  # fmt: skip
        self.said: dict[str, str] = {}
        """What each lock says."""
        self.console: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.console.append(line)
            word, _, rest = line.strip().partition(" ")
            if word == "LOCK":
                name, _, reason = rest.partition(" ")
                self.said[name] = reason

    def says(self, name: str, reason: str, within: float = 10.0) -> None:
        """Wait until a lock says something."""
        end = time.monotonic() + within
        while not self.said.get(name, "").startswith(reason):
            assert time.monotonic() < end, (
                f"{name} says {self.said.get(name)!r}\n{''.join(self.console[-20:])}"
            )
            assert self.process.poll() is None, "".join(self.console[-20:])
            time.sleep(0.05)
        print(f"{time.strftime('%H:%M:%S')}  {name}: {self.said[name]}", flush=True)

    @contextlib.contextmanager
    def switches(self) -> Iterator[Switches]:
        """Yield what drives the chip's lines."""
        with socket.socket(socket.AF_UNIX) as control, socket.socket(socket.AF_UNIX) as test:
            control.connect(str(self._control))
            test.connect(str(self._test))
            yield Switches(control, test)


class Switches:
    """The lines of the chip, from outside."""

    def __init__(self, control: socket.socket, test: socket.socket) -> None:
        self._control, self._test = control.makefile("rw"), test.makefile("rw")
        self._control.readline()  # its greeting
        self._ask("qmp_capabilities")
        below = "/machine/unattached"
        devices = self._ask("qom-list", path=below)
        [self._chip] = [f"{below}/{one['name']}" for one in devices if one["type"] == "child<pl061>"]

    def _ask(self, command: str, **arguments: str) -> Any:  # noqa: ANN401 - JSON
        self._control.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._control.flush()
        while "return" not in (answer := json.loads(self._control.readline())):
            assert "error" not in answer, answer
        return answer["return"]

    def turn(self, line: int, *, high: bool) -> None:
        """Let a line be high or low."""
        self._test.write(f"set_irq_in {self._chip} unnamed-gpio-in {line} {int(high)}\n")
        self._test.flush()
        while not (answer := self._test.readline()).startswith("OK"):
            assert not answer.startswith("FAIL"), answer


def main() -> None:
    """Try it all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kernel", required=True, type=Path)
    parser.add_argument("--root", required=True, type=Path)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(words.kernel, words.root, Path(folder))
        try:
            machine.says(NO_LINE, UNREADABLE, SLOW)
            machine.says(NO_CHIP, UNREADABLE)
            with machine.switches() as switches:
                for high in (True, False, True, False):
                    switches.turn(5, high=high)
                    machine.says(HIGH, IS_ON if high else "open")
                    switches.turn(7, high=high)
                    machine.says(LOW, "open" if high else IS_ON)
        finally:
            machine.process.kill()
            machine.process.wait()


if __name__ == "__main__":
    main()
