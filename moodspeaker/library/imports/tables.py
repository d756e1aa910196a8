"""Tables: CSV with commas, semicolons or tabs, with a header or as lastfm-to-csv writes it without one.

A row that spans lines is named by its first line.  A quote that is never closed would swallow the rest of the
file: where a row has more than `MOST_LINES` lines its first line is bad, and the next one begins a new row.
"""

from __future__ import annotations

import csv
import itertools
from collections import deque
from typing import TYPE_CHECKING, Final

from moodspeaker.library.imports import times
from moodspeaker.library.imports.addresses import SPOTIFY, SPOTIFY_ID
from moodspeaker.library.imports.columns import Columns, columns_of, known_names
from moodspeaker.library.imports.rows import Bad, Export, Heard, Wanted
from moodspeaker.library.imports.text import lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO, TypeAlias

    from moodspeaker.library.imports.rows import Row
    from moodspeaker.library.imports.text import Line

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_LINES: Final = 20
"""Lines of one row."""
LOOKED_AT: Final = 20
"""Rows by which a table without a header is known."""
LASTFM_WIDTH: Final = 4
TOO_LONG: Final = "longer than a line of a table can be"

Cells: TypeAlias = "tuple[str, list[str] | str]"
"""Where a row stands, and its cells, or why it cannot be read."""


class _TooManyLines(Exception):  # noqa: N818 - what the row has
    """A row does not end."""


class _Lines:
    """Gives a CSV reader its lines, and knows which ones went into the present row."""

    def __init__(self, source: Iterator[Line]) -> None:
        self._source = source
        self._again: deque[Line] = deque()
        self.row: list[Line] = []
        self.ended = False
        self.too_long: Line | None = None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.row) >= MOST_LINES:
            raise _TooManyLines
        line = self._again.popleft() if self._again else next(self._source, None)
        if line is None:
            self.ended = True
            raise StopIteration
        if line.text is None:
            self.too_long = line
            raise _TooManyLines
        self.row.append(line)
        return line.text + "\n"

    def reread(self) -> None:
        """Give the lines of the present row, but not its first one, once more."""
        self._again.extendleft(reversed(self.row[1:]))


def table(file: BinaryIO, head: str) -> Export | None:
    """Return the rows of a table, recognised by its beginning; None where it is none with songs."""
    start = list(itertools.islice(head.splitlines(), LOOKED_AT + 1))
    for delimiter in sorted(DELIMITERS, key=lambda sign: -known_names(_split(start, sign))):
        columns = columns_of(_split(start, delimiter), _split(start[1:], delimiter))
        if columns is not None:
            form = "Last.fm history" if "seconds_utc" in columns.places else "table"
            rows = (_row(where, cells, columns) for where, cells in _body(file, delimiter))
            return Export(form, rows, history="seconds_utc" in columns.places)
    parsed = [cells for cells in csv.reader(start[:LOOKED_AT]) if cells]
    dated = sum(len(cells) == LASTFM_WIDTH and times.minute(cells[3]) is not None for cells in parsed)
    if parsed and 2 * dated > len(parsed):
        return Export("Last.fm history", map(_lastfm_row, _rows(file, ",")), history=True)
    return None


def _split(start: Sequence[str], delimiter: str) -> list[str]:
    """Return the cells of the first line that has any."""
    line = next((line for line in start if line.strip()), "")
    return next(csv.reader([line], delimiter=delimiter), [])


def _body(file: BinaryIO, delimiter: str) -> Iterator[Cells]:
    """Yield the rows behind the header."""
    return itertools.islice(_rows(file, delimiter), 1, None)


def _rows(file: BinaryIO, delimiter: str) -> Iterator[Cells]:
    """Yield every row that is not blank, with the number of its first line."""
    source = _Lines(lines(file))
    while not source.ended:
        reader = csv.reader(source, delimiter=delimiter)
        try:
            while True:
                source.row = []
                cells = next(reader)
                if source.ended and _is_open(source.row, delimiter):
                    raise _TooManyLines  # noqa: TRY301 - it does not end either
                if cells and (len(cells) > 1 or cells[0].strip()):
                    yield str(source.row[0].number), cells
        except StopIteration:
            return
        except csv.Error as error:
            yield str(source.row[0].number), f"it is no row of a table: {error}"
            source.reread()
        except _TooManyLines:
            if source.row:
                yield str(source.row[0].number), "a quotation mark is opened and not closed"
                source.reread()
                source.ended = False
            if source.too_long is not None:
                yield str(source.too_long.number), TOO_LONG
                source.too_long = None


def _is_open(row: Sequence[Line], delimiter: str) -> bool:
    """Tell whether the last row of a file lacks the end of its quotation."""
    try:
        list(csv.reader([f"{line.text}\n" for line in row], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _row(where: str, cells: list[str] | str, columns: Columns) -> Row:
    if isinstance(cells, str):
        return Bad(where, cells)
    while len(cells) > columns.width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > columns.width:
        reason = (
            f"{len(cells)} cells where the header has {columns.width}: put quotes around a cell with commas"
        )
        return Bad(where, reason)
    title, uri = columns.cell(cells, "title"), _address(columns.cell(cells, "uri"))
    if not title and not uri:
        return Bad(where, "empty: it names no song")
    heard = None
    if "seconds_utc" in columns.places:
        at = times.number(columns.cell(cells, "seconds_utc"))
        if at is None:
            return Bad(where, f"{columns.cell(cells, 'seconds_utc') or 'nothing'!r} is no time of a play")
        heard = Heard(at)
    return Wanted(
        where,
        title,
        columns.cell(cells, "artist"),
        columns.cell(cells, "album"),
        uri,
        columns.cell(cells, "mood"),
        columns.cell(cells, "playlist"),
        heard,
    )


def _address(cell: str) -> str:
    """Return what a column of URIs holds, a bare Spotify id as one; an id of the table's own is none."""
    if SPOTIFY_ID.fullmatch(cell):
        return f"{SPOTIFY}:track:{cell}"
    return "" if cell.isalnum() and cell.isascii() else cell


def _lastfm_row(row: Cells) -> Row:
    where, cells = row
    if isinstance(cells, str):
        return Bad(where, cells)
    if len(cells) != LASTFM_WIDTH:
        return Bad(where, f"{len(cells)} cells where artist, album, track and date stand")
    artist, album, title, date = map(str.strip, cells)
    at = times.minute(date)
    if at is None:
        return Bad(where, f"{date or 'nothing'!r} is no time of a play")
    if not title:
        return Bad(where, "empty: it names no song")
    return Wanted(where, title, artist, album, heard=Heard(at, to_minute=True))
