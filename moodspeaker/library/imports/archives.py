"""The readable files in a ZIP archive, one after another.

An archive may be made to harm: what it unpacks to is bounded, and so is its list of files, which is looked at
before it is read.  What is no text of a known form, such as a picture or a PDF, is passed over.
"""

from __future__ import annotations

import dataclasses
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final, cast

from moodspeaker.library.imports.rows import Bad, Export, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from moodspeaker.library.imports.rows import Row

END: Final = struct.Struct("<4s4H2LH")
"""The record at an archive's end (APPNOTE 4.3.16); its place 5 holds the bytes of the list of files."""
SIGNATURE: Final = b"PK\x05\x06"
LONGEST_COMMENT: Final = 1 << 16
LONGEST_LIST: Final = 4 << 20
"""Bytes of the list of files: some 50,000 files."""
MOST_BYTES: Final = 2 << 30
"""Bytes of all files together, unpacked: a listening history of a lifetime has a tenth of it."""
MOST_RATIO: Final = 200
"""How many times smaller a file may be in the archive: JSON becomes some 20 times smaller."""
SMALL: Final = 1 << 24
"""Bytes up to which a file may be packed any smaller."""
DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, struct.error, ValueError,
)  # fmt: skip
"""What the standard library raises of a damaged archive, and of one that it cannot unpack."""
LAST: Final = "feedback.jsonl"
"""ListenBrainz' feedback is of recordings that only the listens name."""


def members(file: BinaryIO, open_one: Callable[[BinaryIO], Export | None]) -> Iterator[Export]:
    """Yield the exports in an archive; `open_one` tells the form of each file, None where it has none.

    Raises Unreadable for what is no archive, and for one that would unpack to too much.
    """
    _check_list(file)
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGE as error:
        message = f"it is a damaged ZIP archive ({error}): download it again"
        raise Unreadable(message) from None
    with archive:
        files = [one for one in archive.infolist() if not one.is_dir()]
        if sum(one.file_size for one in files) > MOST_BYTES:
            message = (
                f"it would unpack to more than {MOST_BYTES >> 30} GiB: import the files in it one by one"
            )
            raise Unreadable(message)
        found = False
        for one in sorted(files, key=lambda one: (one.filename.endswith(LAST), one.filename)):
            if one.file_size > max(SMALL, MOST_RATIO * one.compress_size):
                message = (
                    f"{one.filename} in it would unpack to {one.file_size >> 20} MiB: it is made to harm"
                )
                raise Unreadable(message)
            for export in _member(archive, one, open_one):
                found = True
                yield export
        if not found:
            message = "no file in it is of a form that import knows"
            raise Unreadable(message)


def _member(
    archive: zipfile.ZipFile, one: zipfile.ZipInfo, open_one: Callable[[BinaryIO], Export | None]
) -> Iterator[Export]:
    """Yield the export that a file of the archive is, if it is one."""
    try:
        with archive.open(one) as file:
            export = open_one(cast("BinaryIO", file))
            if export is not None:
                rows = _named(one.filename, export.rows)
                stem = one.filename.rpartition("/")[2].rpartition(".")[0]
                yield Export(export.form, rows, history=export.history, name=stem)
    except DAMAGE as error:
        message = f"{one.filename} in it is damaged or locked ({error})"
        raise Unreadable(message) from None


def _named(name: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows with the member's name in front of their places; damage ends them."""
    try:
        for row in rows:
            yield dataclasses.replace(row, where=f"{name}:{row.where}")
    except DAMAGE as error:
        yield Bad(name, f"it is damaged ({error}): what follows is not read")


def _check_list(file: BinaryIO) -> None:
    """Raise Unreadable where the list of files is too long to be read."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - LONGEST_COMMENT - END.size))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(SIGNATURE)
    if place < 0 or len(tail) - place < END.size:
        message = "it is a ZIP archive that breaks off: download it again"
        raise Unreadable(message)
    if END.unpack_from(tail, place)[5] > LONGEST_LIST:
        message = "it has too many files: unpack it, and import those that matter"
        raise Unreadable(message)
