"""Where MPD may be: the addresses that MPD's own clients try."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from moodspeaker.config.hosts import port_of_mpd
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.config.schema import MpdSettings


@dataclass(frozen=True, slots=True)
class Address:
    """Where an MPD may be."""

    host: str
    """Name, address, path of a socket, or @name of an abstract one."""
    port: int
    """TCP port."""
    password: str = ""
    """The password that stands in $MPD_HOST."""

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return self.host.startswith(("/", "@")) or self.host in {"localhost", "127.0.0.1", "::1"}

    def stream(self, port: int) -> str:
        """Return the URL of an httpd output there."""
        host = "127.0.0.1" if self.host.startswith(("/", "@")) else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def __str__(self) -> str:
        return self.host if self.host.startswith(("/", "@")) else f"{self.host}:{self.port}"


def addresses(settings: MpdSettings, environment: Mapping[str, str]) -> tuple[Address, ...]:
    """Return the addresses to try in order; with `auto` the ones that MPD's own clients try."""
    if settings.host != "auto":
        return (Address(settings.host, settings.port),)
    port = port_of_mpd(environment) or settings.port
    given = environment.get("MPD_HOST", "")
    if given:
        password, at, host = given.rpartition("@")
        if at and not password:  # @name is an abstract socket, password@host a password
            return (Address(given, port),)
        if password.endswith("@"):  # password@@name
            return (Address(f"@{host}", port, password[:-1]),)
        return (Address(host, port, password),)
    sockets = [Path("/run/mpd/socket")]
    if environment.get("XDG_RUNTIME_DIR"):
        sockets.insert(0, Path(environment["XDG_RUNTIME_DIR"]) / "mpd" / "socket")
    there = [path for path in sockets if os.path.exists(path)]  # noqa: PTH110 - one that we may not look for is none
    return (*(Address(str(path), port) for path in there), Address("localhost", port))
