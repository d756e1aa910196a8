"""The records of looks: the raw material of `moodspeaker tune` and of a day replayed with other settings.

Theory of operation
===================
A row of the table `looks` holds up to a quarter of an hour as one blob (`domain.look_rows`).  Of looks that
saw nobody one is kept every `EMPTY_EVERY` seconds.

Like decisions they are written in batches, erased after `records.hours` and by `forget`; with 0 hours none
are kept.  A row that another version wrote, or that a bad disk changed, is read as far as it can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.look_rows import LookRow, expressions, packed, unpacked
from moodspeaker.domain.observation import CameraState
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from moodspeaker.database import Database
    from moodspeaker.domain.moment import Moment
    from moodspeaker.timestamps import Timestamps

BATCH_SECONDS: Final = 15 * 60.0
"""The longest that a row grows."""
EMPTY_EVERY: Final = 5.0
"""Seconds between two records of looks that saw nobody."""
HOUR: Final = 3600.0
_INSERT: Final = "INSERT INTO looks (at, boot, monotonic, looks) VALUES (?, ?, ?, ?)"
_ALL: Final = f"SELECT {TIME} AS time, looks FROM looks WHERE time >= :oldest ORDER BY id"  # noqa: S608 - text of ours
_ERASE: Final = f"DELETE FROM looks WHERE {TIME} < :oldest - {BATCH_SECONDS}"  # noqa: S608 - text of ours


class Looks:
    """The table `looks` of a database, and the row that grows."""

    def __init__(self, database: Database, hours: float, timestamps: Timestamps) -> None:
        self._database, self._hours, self._timestamps = database, hours, timestamps
        self._begun: Moment | None = None
        self._row = bytearray()
        self._last: LookRecord | None = None

    def record(self, look: LookRecord) -> None:
        """Keep a look; a disk that refuses is the database's fault."""
        if not self._hours or (self._last is not None and _tells_nothing(self._last, look)):
            return
        if self._begun is not None and look.at.monotonic - self._begun.monotonic >= BATCH_SECONDS:
            self.flush()
        self._begun = self._begun or look.at
        self._row += packed(look, look.at.monotonic - self._begun.monotonic)
        self._last = look

    def all(self) -> Iterator[LookRecord]:
        """Yield those of the last `records.hours`, oldest first; their rows are read one at a time."""
        oldest = self._oldest()
        for row in self.rows():
            for look in unpacked(row.looks):
                at = self._timestamps.moment(row.wall + look.seconds)
                if at.wall >= oldest:
                    yield LookRecord(at, look.camera, expressions(look.faces))

    def rows(self) -> Sequence[LookRow]:
        """Return the rows of the last `records.hours`, oldest first: the first may be older in part."""
        parameters = self._timestamps.parameters() | {"oldest": self._oldest() - BATCH_SECONDS}
        rows = [LookRow(float(time), bytes(row)) for time, row in self._database.read(_ALL, parameters)]
        if self._begun is not None:
            rows.append(LookRow(self._timestamps.wall(self._begun), bytes(self._row)))
        return rows

    def _oldest(self) -> float:
        return self._timestamps.now().wall - self._hours * HOUR

    def flush(self) -> None:
        """Write the row that grows, correct times written under a wrong clock, erase what is too old."""
        parameters = self._timestamps.parameters()
        parameters |= {"oldest": parameters["wall"] - self._hours * HOUR}
        begun, blob = self._begun, bytes(self._row)

        def write(connection: sqlite3.Connection) -> None:
            for statement in self._timestamps.corrections("looks"):
                connection.execute(statement, parameters)
            if begun is not None:
                connection.execute(_INSERT, (*self._timestamps.columns(begun), blob))
            connection.execute(_ERASE, parameters)

        self._database.write(write)  # a refusing disk costs a quarter of an hour of looks, no memory
        self._begun, self._row = None, bytearray()

    def forget(self) -> None:
        """Erase the row that grows; those on the disk are the store's to erase."""
        self._begun, self._last, self._row = None, None, bytearray()


def _tells_nothing(last: LookRecord, look: LookRecord) -> bool:
    """Tell whether a look repeats that nobody is seen, or that the camera is as it was."""
    if look.expressions or last.expressions or look.camera is not last.camera:
        return False
    passed = look.at.monotonic - last.at.monotonic
    return look.camera is not CameraState.OK or passed < EMPTY_EVERY
