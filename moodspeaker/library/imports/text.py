"""The lines of a text file of any size, in the encodings that exports have.

UTF-8 and UTF-16, with or without a byte order mark; a byte that is not UTF-8 is read as Windows' Western
European letter, as in the playlists of old players.  Zeros, which a power cut leaves in a file, are left out.
Lines end as on any system.  A line is never held whole when it is longer than `LONGEST`.
"""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LONGEST: Final = 1 << 16
"""Characters of a line."""
ZERO: Final = "\0"
FEW_ZEROS: Final = 5
"""One letter in so many may be a zero in a text."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN: Final = "moodspeaker.western"


class Line(NamedTuple):
    """A line without its end; one that is too long has None in place of its text."""

    number: int
    text: str | None


def encoding(head: bytes) -> str:
    """Return the encoding of a file that begins with these bytes."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if len(head) > 1 and head[0] and not any(head[1:4:2]):
        return "utf-16-le"
    if len(head) > 1 and head[1] and not any(head[0:4:2]):
        return "utf-16-be"
    return "utf-8"


def decoded(head: bytes) -> str:
    """Return the beginning of a file as text, with its lines' ends as they are; it may be cut in a letter."""
    name = encoding(head)
    if name.startswith("utf-16"):
        return head[: len(head) // 2 * 2].decode(name, "replace")
    return head.decode(name, _WESTERN)


def without_zeros(head: str) -> str:
    """Return the beginning of a text without zeros; empty where it has so many that it is no text."""
    end = head.rstrip(ZERO)
    return "" if end.startswith(ZERO) or end.count(ZERO) * FEW_ZEROS > len(end) else end.replace(ZERO, "")


def lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a file from its present place, which is its beginning, numbered from 1."""
    name = encoding(file.read(4))
    file.seek(0)
    errors = "replace" if name.startswith("utf-16") else _WESTERN
    text = io.TextIOWrapper(file, name, errors)
    try:
        number = 0
        while line := text.readline(LONGEST):
            number += 1
            if line.endswith("\n") or len(line) < LONGEST:
                yield Line(number, line.removesuffix("\n").replace(ZERO, ""))
                continue
            while (rest := text.readline(LONGEST)) and not rest.endswith("\n"):
                pass
            yield Line(number, None)
    finally:
        text.detach()


def _western(error: UnicodeError) -> tuple[str, int]:
    """Decode what is not UTF-8 as Windows-1252, or as the control character that it is there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    letters = "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in wrong)
    return letters, error.end


codecs.register_error(_WESTERN, _western)
