"""The HTTP API and the page: `app` listens, `access` lets in, `routes/` has one module a resource.

aiohttp is imported here, before any module that uses it, without what it reads for others:

- With its server it imports its client, and that reads the machine's certificate authorities, twice: a tenth
  of a start, and 4 MB.  Nothing here asks anybody over TLS.  A client that asked over https all the same
  would trust nobody.
- It reads the machine's table of file types, for files that it serves: a third of a megabyte.  `routes/page`
  says the types of its files.
- It imports argparse, for a command line of its own: 0.4 MB.
"""

from __future__ import annotations

import mimetypes
import ssl
import sys
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


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


@contextmanager
def _no_file_types() -> Iterator[None]:
    """Let no table of file types that is made meanwhile read the machine's."""
    files = list(mimetypes.knownfiles)
    mimetypes.knownfiles.clear()
    try:
        yield
    finally:
        mimetypes.knownfiles.extend(files)
        mimetypes.inited = False
        mimetypes._db = None  # type: ignore[attr-defined]  # noqa: SLF001 - others read the machine's


@contextmanager
def _no_command_line() -> Iterator[None]:
    """Let who imports argparse meanwhile have an empty one, where it is not there already."""
    if "argparse" in sys.modules:
        yield
        return
    sys.modules["argparse"] = cast("ModuleType", SimpleNamespace(ArgumentParser=None))
    try:
        yield
    finally:
        del sys.modules["argparse"]


with _no_authorities(), _no_file_types(), _no_command_line():
    import aiohttp.web  # noqa: F401 - for the modules of this package
