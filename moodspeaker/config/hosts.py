"""Names and addresses as people write them: cleaned where only one thing can be meant, else refused.

" broker "  mqtt://broker/  [::1]         cleaned: broker  broker  ::1
broker:1884  [::1]:6600                   refused: the port stands in a key of its own
mqtts://broker  http://broker             refused: TLS has a key of its own; another protocol
mqtt://me:secret@broker  secret@broker    refused, and the secret is not repeated
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.config.runtime import expanded
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
WEBSOCKETS: Final = 'set mqtt.transport = "websockets", mqtt.websocket_path, and for wss mqtt.ca_file'
EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound
PORTS: Final = range(1, 65536)
UNFIT: Final = re.compile(r"[\s/?#@\[\],;'\"<>()\\=%]")
"""What no name holds: blanks, and the marks of addresses and lists."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A key that holds a host, and what may stand in it."""

    section: str
    """Its section: `mqtt` of `mqtt.host`."""
    schemes: frozenset[str]
    """Protocols that may be written in front of the name."""
    secret: str = ""
    """Where a name and a password belong, in words."""
    secure: frozenset[str] = frozenset()
    """Protocols that ask for TLS."""
    other: Mapping[str, str] = field(default_factory=dict)
    """Protocols that other keys ask for, and how."""
    sockets: bool = False
    """Whether a socket's path or abstract name may stand in it."""

    def clean(self, text: str) -> str:
        """Return the name, address or socket that is meant; raise ValueError with the cure."""
        text = text.strip()
        if self.sockets and text.startswith(("/", "~")):
            return expanded(text)
        if not text or (self.sockets and text.startswith("@") and text.count("@") == 1):
            return text
        if "@" in text:
            message = f"no name and no password belong here: {self.secret}"
            raise ValueError(message)
        name, port = _split(self._without_scheme(text))
        if port:
            cure = f"write {self.section}.host = {name!r} and {self.section}.port = {port}"
            message = f"the port stands in a key of its own: {cure}"
            raise ValueError(message)
        return _checked(name)

    def _without_scheme(self, text: str) -> str:
        found = SCHEME.match(text)
        if found is None:
            return text
        scheme, rest = found[1].casefold(), text[found.end() :].removesuffix("/")
        if scheme in self.schemes:
            return rest
        if scheme in self.other:
            message = (
                f"{scheme}:// does not belong here: write the name or address alone, and {self.other[scheme]}"
            )
            raise ValueError(message)
        tls = f", and name the certificate in {self.section}.ca_file" if scheme in self.secure else ""
        message = f"{scheme}:// does not belong here: write the name or address alone{tls}"
        raise ValueError(message)


def _split(text: str) -> tuple[str, str]:
    """Return the name without brackets, and the port that stands behind it."""
    found = re.fullmatch(r"\[([^\[\]]*)\](?::(\d*))?|([^:]*):(\d*)", text)
    if found is None:
        return text, ""
    return found[1] or found[3] or "", found[2] or found[4] or ""


def _checked(name: str) -> str:
    """Return the name if a name service can be asked for it or it is an address; else raise ValueError."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return name
    if UNFIT.search(name) or ":" in name or not name:
        message = "this is no name and no address: write one of them, and nothing else"
        raise ValueError(message)
    try:
        name.encode("idna")
    except UnicodeError as error:
        message = f"no host is called that ({error.__cause__ or error}): write a name or an address"
        raise ValueError(message) from None
    return name


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and cannot be reached from another."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def page_url(host: str, port: int, *, secure: bool) -> str:
    """Return the page's URL, for people: where it listens on all addresses, by this machine's name."""
    host = socket.gethostname() if host in EVERYWHERE else host
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/"


def port_of_mpd(environment: Mapping[str, str]) -> int | None:
    """Return the port in $MPD_PORT; None where none stands there."""
    text = environment.get("MPD_PORT", "").strip()
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    return port if port in PORTS else None


def no_port_of_mpd(host: str, port: int, environment: Mapping[str, str]) -> str:
    """Return why $MPD_PORT is not followed although `mpd.host` lets it count, with the cure; else nothing."""
    text = environment.get("MPD_PORT", "")
    if host != "auto" or not text.strip() or port_of_mpd(environment) is not None:
        return ""
    return f"MPD_PORT = {text!r} is no port: write 1 to 65535, or unset it; {port} (mpd.port) is tried"


# S106 below: these are words for people.
MPD: Final = HostKey(
    "mpd",
    schemes=frozenset({"mpd", "tcp"}),
    secret="write the name alone, and the password into the file of mpd.password_file",  # noqa: S106
    sockets=True,
)
MQTT: Final = HostKey(
    "mqtt",
    schemes=frozenset({"mqtt", "tcp"}),
    secure=frozenset({"mqtts", "ssl", "tls"}),
    other=MappingProxyType({"ws": WEBSOCKETS, "wss": WEBSOCKETS}),
    secret="write the name alone, the user into mqtt.username, the password into mqtt.password_file's file",  # noqa: S106
    sockets=True,
)
WEB: Final = HostKey(
    "web",
    schemes=frozenset({"http", "tcp"}),
    secret="write the address alone, and the token into the file of web.token_file",  # noqa: S106
)
