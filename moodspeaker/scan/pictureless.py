"""The tags of a file whose pictures are too large to be read with them: mutagen reads all or nothing.

They are copied without the pictures into a small block of the same format, which mutagen reads: ID3 at the
beginning of a file, the comments of a FLAC and the metadata of an MP4.  An Ogg needs none of it, for it is
read page by page.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

LARGEST: Final = 1 << 20
"""Bytes of a frame, comment block or atom that is copied: what is larger is taken for a picture."""
MOST_COPIED: Final = 4 << 20
"""Bytes that are copied in all."""
MOST: Final = 10_000
"""Frames, blocks or atoms that are walked through, each in its place."""
ILST: Final = (b"moov", b"udta", b"meta", b"ilst")
"""Where an MP4 has its tags."""
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_V2_2, _V2_4 = 2, 4


def tags_alone(path: Path) -> tuple[Literal["ID3", "FLAC", "MP4"], bytes] | None:
    """Return the format and a block with the tags of a file but its pictures; None where there is none.

    Of a FLAC the block is its comments alone.  Raises OSError.
    """
    with path.open("rb") as file:
        start = file.read(12)
        if start.startswith(b"ID3"):
            block = _id3(file, start)
            return None if block is None else ("ID3", block)
        if start.startswith(b"fLaC"):
            block = _flac(file)
            return None if block is None else ("FLAC", block)
        block = _mp4(file, path.stat().st_size) if start[4:8] == b"ftyp" else None
        return None if block is None else ("MP4", block)


# --- ID3 ----------------------------------------------------------------------------------------------------


def _id3(file: BinaryIO, start: bytes) -> bytes | None:
    version, flags = start[3], start[5]
    if flags & _EXTENDED or (flags & _UNSYNCHRONISED and version < _V2_4):  # its sizes count other bytes
        return None
    kept = _first(_frames(file, version, 10 + _seven_bits(start[6:10])))
    size = bytes(len(kept) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return start[:6] + size + kept


def _frames(file: BinaryIO, version: int, end: int) -> Iterator[bytes]:
    """Yield the frames that are small, each with its head."""
    long, place = (6 if version == _V2_2 else 10), 10
    for _ in range(MOST):
        head = _read(file, place, long)
        if len(head) < long or not _is_name(head, version):
            return
        size = _size(file, head, version, place + long, end)
        if size <= LARGEST:
            yield head + file.read(size)
        place += long + size


def _size(file: BinaryIO, head: bytes, version: int, content: int, end: int) -> int:
    """Return the size of a frame; iTunes wrote version 2.4 with the sizes of version 2.3."""
    if version == _V2_2:
        return int.from_bytes(head[3:6], "big")
    plain = int.from_bytes(head[4:8], "big")
    if version < _V2_4 or plain < 0x80:  # noqa: PLR2004 - up to there both are one
        return plain
    after = content + _seven_bits(head[4:8])
    follows = _read(file, after, 10)
    file.seek(content)
    right = after == end or not any(follows) or _is_name(follows, version)
    return _seven_bits(head[4:8]) if right and max(head[4:8]) < 0x80 else plain  # noqa: PLR2004 - seven bits


def _is_name(head: bytes, version: int) -> bool:
    name = head[: 3 if version == _V2_2 else 4]
    return name.isalnum() and name == name.upper()


def _seven_bits(number: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(number, (21, 14, 7, 0), strict=True))


# --- FLAC, MP4 ----------------------------------------------------------------------------------------------


def _flac(file: BinaryIO) -> bytes | None:
    place, last = 4, 0
    for _ in range(MOST):
        head = _read(file, place, 4)
        if len(head) < 4 or last:  # noqa: PLR2004 - its length
            return None
        last, kind, size = head[0] & 0x80, head[0] & 0x7F, int.from_bytes(head[1:], "big")
        if kind == 4 and size <= LARGEST:  # noqa: PLR2004 - the comments
            return file.read(size)
        place += 4 + size
    return None


def _mp4(file: BinaryIO, size: int) -> bytes | None:
    begin, end = 0, size
    for name in ILST:
        inside = next(((at, until) for one, at, until in _atoms(file, begin, end) if one == name), None)
        if inside is None:
            return None
        begin, end = inside
        begin += 4 if name == b"meta" else 0  # its version
    return _nested(
        ILST,
        _first(
            _atom(name, _read(file, at, until - at))
            for name, at, until in _atoms(file, begin, end)
            if until - at <= LARGEST
        ),
    )


def _atoms(file: BinaryIO, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each atom between two places, where its content begins and where it ends."""
    for _ in range(MOST):
        head = _read(file, begin, 16)
        if len(head) < 8 or begin + 8 > end:  # noqa: PLR2004 - its length
            return
        size, name = struct.unpack(">I4s", head[:8])
        content = begin + (16 if size == 1 else 8)
        size = int.from_bytes(head[8:], "big") if size == 1 else size or end - begin
        if begin + size < content:
            return
        yield name, content, min(begin + size, end)
        begin += size


def _nested(names: Sequence[bytes], content: bytes) -> bytes:
    for name in reversed(names):
        content = _atom(name, bytes(4) + content if name == b"meta" else content)
    return content


def _atom(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def _first(parts: Iterable[bytes]) -> bytes:
    """Return the first parts, as many as are copied."""
    found = bytearray()
    for part in parts:
        if len(found) + len(part) > MOST_COPIED:
            break
        found += part
    return bytes(found)


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    """Return so many bytes, or those that there are."""
    file.seek(place)
    return file.read(size)
