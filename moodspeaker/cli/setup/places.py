"""The files that the dialogue reads and writes, and the services that read them."""

from __future__ import annotations

import contextlib
import grp
import os
import subprocess
from pathlib import Path
from typing import Final

from moodspeaker.adapters.sound_cards import CARDS
from moodspeaker.config import sources
from moodspeaker.values import dataclass

MARK: Final = "# Written by: moodspeaker setup"
"""The first line of each file that is ours to write again."""
SYSTEMCTL_SECONDS: Final = 60.0
BOOTED: Final = Path("/run/systemd/system")
"""Is there where systemd runs this machine (sd_booted(3)); elsewhere `systemctl` does nothing and exits 0."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things stand."""

    settings: Path
    """The configuration file in use, or where it would be."""
    alsa: Path = Path("/etc/asound.conf")
    """ALSA's own settings of the machine."""
    cards: Path = CARDS

    @property
    def of_service(self) -> bool:
        """Whether the service reads these settings, and not somebody's own speaker."""
        return self.settings == Path(sources.SYSTEM_FILE)

    @classmethod
    def of(cls, given: Path | None) -> Places:
        """Return the places of this machine, `given` being `--config`."""
        found = sources.files(given, os.environ)
        if found:
            return cls(Path(found[0]))
        own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "moodspeaker/config.toml"
        return cls(Path(sources.SYSTEM_FILE) if os.geteuid() == 0 else own)


def is_ours(file: Path) -> bool:
    """Tell whether a file may be written: it is not there, or we wrote it."""
    try:
        return file.read_text(encoding="utf-8").startswith(MARK)
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False


def write(file: Path, text: str, *, secret: bool = False) -> None:
    """Write a file whole; a secret one is for its user and the group `moodspeaker`.  Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o640 if secret else 0o644)  # whatever the umask: a service is to read it
    if secret:
        with contextlib.suppress(KeyError, PermissionError):
            os.chown(fresh, -1, grp.getgrnam("moodspeaker").gr_gid)
    fresh.replace(file)


def restart(service: str) -> bool:
    """Start a service again where it runs; return whether that was done."""
    if not BOOTED.is_dir() or os.geteuid() != 0:
        return False
    try:
        return all(
            subprocess.run(  # noqa: S603 - no word of it is a stranger's
                ["systemctl", verb, "--quiet", f"{service}.service"],  # noqa: S607 - found in the path
                capture_output=True, timeout=SYSTEMCTL_SECONDS, check=False,
            ).returncode == 0
            for verb in ("is-active", "restart")
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
