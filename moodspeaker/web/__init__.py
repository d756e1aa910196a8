"""The HTTP API and the page: `app` listens, `access` lets in, `routes/` has one module a resource.

With its server aiohttp imports its client, and that reads the machine's certificate authorities, twice:
a tenth of a start, and 4 MB.  Nothing here asks anybody over TLS, so aiohttp is imported without them, before
any module that uses it.  A client that asked over https all the same would trust nobody.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def _read_none(self: ssl.SSLContext) -> None:
    """Stand in for `SSLContext.set_default_verify_paths`."""


@contextmanager
def _no_authorities() -> Iterator[None]:
    """Let no TLS context that is made meanwhile read the machine's authorities."""
    ssl.SSLContext.set_default_verify_paths = _read_none  # type: ignore[method-assign]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths  # the inherited one is back


with _no_authorities():
    import aiohttp  # noqa: F401 - for the modules of this package
