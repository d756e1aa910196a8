"""Tags in the INFO list of a WAV file, as ffmpeg and Windows write them; mutagen reads its ID3 alone."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

MOST_CHUNKS: Final = 100
LONGEST_LIST: Final = 1 << 16
"""Bytes of the list that are read."""
_CHUNK: Final = struct.Struct("<4sI")


def info_tags(path: Path) -> dict[str, str]:
    """Return the texts by their names, such as `INAM`; none where the file is no WAV.  Raises OSError."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return {}
        for name, size in _chunks(file):
            if name == b"LIST" and file.read(4) == b"INFO":
                return dict(_texts(file.read(min(size - 4, LONGEST_LIST))))
    return {}


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield name and size of each chunk, with the file at its content."""
    place = file.tell()
    for _ in range(MOST_CHUNKS):
        head = file.read(_CHUNK.size)
        if len(head) < _CHUNK.size:
            return
        name, size = _CHUNK.unpack(head)
        yield name, size
        place += _CHUNK.size + size + size % 2
        file.seek(place, os.SEEK_SET)


def _texts(content: bytes) -> Iterator[tuple[str, str]]:
    place = 0
    while place + _CHUNK.size <= len(content):
        name, size = _CHUNK.unpack_from(content, place)
        place += _CHUNK.size
        text = content[place : place + size].partition(b"\0")[0]
        yield name.decode("latin-1"), _decoded(text)
        place += size + size % 2


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")
