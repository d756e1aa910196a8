"""The page's certificate: taken again when its file changes, and named when it is no good.

A listener's context is kept; each handshake looks whether the files changed, so a renewed certificate is used
from the next connection on and a bad one is not: then the old one stays, and `fault` says so.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodspeaker.config.certificate import checked_context, expiry
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from moodspeaker.config.schema import WebSettings

SOON: Final = 7 * 24 * 3600.0
"""Seconds before its end at which a certificate is said to end soon."""
_log = logging.getLogger(__name__)


class Certificate:
    """A certificate and its key, by their files."""

    def __init__(self, cert_file: str, key_file: str, now: Callable[[], float] = time.time) -> None:
        """Read both; raise ConfigError.  `now` is the wall clock."""
        self._files, self._now = (cert_file, key_file), now
        self._seen = self._stamp()
        self._refused = ""
        self.context = self._current = checked_context(cert_file, key_file)
        """For the listener."""
        self._expires = expiry(cert_file)
        self.context.sni_callback = self._on_hello

    @property
    def fault(self) -> str:
        """What is wrong with it, with the cure, else empty."""
        if self._refused:
            return f"the page goes on with the old certificate: {self._refused}"
        if self._now() >= self._expires:
            return f"{self._files[0]}: the certificate has expired: renew it; browsers refuse the page"
        if self._now() >= self._expires - SOON:
            return f"{self._files[0]}: the certificate ends within a week: renew it"
        return ""

    def _on_hello(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._take()
        if self._current is not self.context:
            connection.context = self._current

    def _take(self) -> None:
        try:
            self._current = checked_context(*self._files)
        except ConfigError as error:
            self._refused = str(error)
            _log.warning("web: the page goes on with the old certificate: %s", error)
            return
        self._refused, self._expires = "", expiry(self._files[0])
        _log.info("web: a new certificate is in use")

    def _stamp(self) -> tuple[object, ...]:
        return tuple(_stamp_of(file) for file in self._files)


def _stamp_of(file: str) -> tuple[int, int, int] | None:
    """Return what changes with a file; None where there is none."""
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def certificate_of(settings: WebSettings) -> Certificate | None:
    """Return the page's certificate; None where none is named.  Raises ConfigError."""
    if not (settings.port and (settings.cert_file or settings.key_file)):
        return None
    return Certificate(settings.cert_file, settings.key_file)
