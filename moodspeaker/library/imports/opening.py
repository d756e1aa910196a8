"""A file of whatever name, recognised by its content."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING, Final

from moodspeaker.library.imports.archives import members
from moodspeaker.library.imports.histories import json_export
from moodspeaker.library.imports.playlists import is_list, m3u, pls, xspf
from moodspeaker.library.imports.rows import Unreadable
from moodspeaker.library.imports.tables import table
from moodspeaker.library.imports.text import decoded, without_zeros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from moodspeaker.library.imports.rows import Export

HEAD: Final = 1 << 16
"""Bytes by which a file is recognised."""
ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
UNKNOWN: Final = "it is of no form that import knows: moodspeaker import --help lists them"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, Iterator[Export]]]:
    """Open a file and give its exports, several in an archive; raise Unreadable.

    Each export's rows are read before the next one is asked for.  The file tells how far it was read.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            message = (
                "it is a folder: name the files in it" if stat.S_ISDIR(mode) else "it is no regular file"
            )
            raise Unreadable(message)
        with path.open("rb") as file:
            yield file, _exports(file)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def _exports(file: BinaryIO) -> Iterator[Export]:
    head = file.read(4)
    file.seek(0)
    if head in (ZIP, EMPTY_ZIP):
        yield from members(file, _export)
        return
    export = _export(file)
    if export is None:
        raise Unreadable(UNKNOWN if head else "it is empty")
    yield export


def _export(file: BinaryIO) -> Export | None:
    """Return the rows of a file that is no archive; None where its form is not known."""
    content = file.read(HEAD)
    file.seek(0)
    head = without_zeros(decoded(content))
    start = head.lstrip("\ufeff \t\r\n")
    if not start:
        return None
    if start[0] in "[{" and not start.casefold().startswith("[playlist]"):
        return json_export(file, head)
    if start.startswith("<"):
        return xspf(file) if "<playlist" in start else None
    if start.casefold().startswith("[playlist]"):
        return pls(file)
    if start.upper().startswith(("#EXTM3U", "#EXTINF")):
        return m3u(file)
    return table(file, start) or (m3u(file) if is_list(start) else None)
