"""The song of the index whose URI is most like another, for whoever mistyped it: read in any thread.

Compared are songs of the same folder, of the same top folder, that begin alike, or whose file has the same
name whatever its ending; a file name and all its folders mistyped at once is like nothing.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.database import Read

LIKE: Final = 0.7
"""Share of the letters that must agree."""
COMPARED: Final = 1000
"""Songs of each kind that are compared."""
LONGEST: Final = 300
"""Letters of a URI that are compared."""
BEGINNINGS: Final = (3, 1)
"""Letters with which those begin that begin alike, and then those that do a little."""
_BETWEEN: Final = "SELECT uri FROM songs WHERE gone IS NULL AND uri >= :first AND uri < :last LIMIT :most"
_NAMED: Final = "SELECT uri FROM songs WHERE gone IS NULL AND uri LIKE :pattern ESCAPE '\\' LIMIT :most"


def most_similar(read: Read, uri: str) -> str:
    """Return the URI that is most like this one, empty where none is.  Raises the reader's errors."""
    wanted = SequenceMatcher(None, b=uri.casefold()[:LONGEST], autojunk=False)
    best, found = LIKE, ""
    for one in dict.fromkeys(_compared(read, uri)):
        wanted.set_seq1(one.casefold()[:LONGEST])
        if wanted.real_quick_ratio() > best and wanted.quick_ratio() > best and wanted.ratio() > best:
            best, found = wanted.ratio(), one
    return found


def _compared(read: Read, uri: str) -> Iterator[str]:
    folder, slash, name = uri.rpartition("/")
    top = uri.partition("/")[0]
    beginnings = (folder + slash, top + slash, *(uri[:letters] for letters in BEGINNINGS))
    for prefix in dict.fromkeys(filter(None, beginnings)):
        last = prefix + "\U0010ffff"
        yield from (one for (one,) in read(_BETWEEN, {"first": prefix, "last": last, "most": COMPARED}))
    stem = name.rpartition(".")[0] or name
    for letter in "\\%_":
        stem = stem.replace(letter, f"\\{letter}")
    yield from (one for (one,) in read(_NAMED, {"pattern": f"%{stem}.%", "most": COMPARED}))
