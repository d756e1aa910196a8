"""What listeners say of songs: the table `verdicts`.

Invariants
==========
1. A verdict is written when `add` returns, and synced with its file (`Database`); where the disk refuses it
   is not kept at all (StoreError).
2. The table is bounded: the last `KEPT` verdicts stay.
3. Verdicts are the listener's taste, no record of the room: `moodspeaker forget` leaves them.
4. A verdict that another version wrote, or that a bad disk changed, is left out.
5. Their times are corrected with those of the plays (`history`), as far as the wall clock was wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moodspeaker.database import bindable
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.listener import Opinion, Verdict
from moodspeaker.errors import StoreError
from moodspeaker.library.history import mood_of
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from moodspeaker.database import Database
    from moodspeaker.timestamps import Timestamps

KEPT: Final = 100_000
"""Verdicts on the disk."""
_INSERT: Final = (
    "INSERT INTO verdicts (at, boot, monotonic, uri, verdict, mood, corrected, profile) "
    "VALUES (?, ?, ?, CAST(? AS TEXT), ?, ?, ?, ?)"
)
_LAST: Final = (
    f"SELECT {TIME}, uri, verdict, mood, corrected, profile "  # noqa: S608 - text of ours
    "FROM verdicts ORDER BY id DESC LIMIT :count"
)
_BOUND: Final = f"DELETE FROM verdicts WHERE id <= (SELECT max(id) FROM verdicts) - {KEPT}"  # noqa: S608 - text of ours
OPINIONS: Final = frozenset(Opinion)


class SqliteVerdicts:
    """`ports.Verdicts` on the library's file; used by one thread."""

    def __init__(self, database: Database, timestamps: Timestamps) -> None:
        """Take the library's file, which its owner opens and closes."""
        self._database, self._timestamps = database, timestamps

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict, durably.  Raises StoreError."""
        corrected = None if verdict.corrected is None else str(verdict.corrected)
        row = (
            *self._timestamps.columns(verdict.at), bindable(verdict.uri), str(verdict.opinion),
            str(verdict.mood), corrected, verdict.profile,
        )  # fmt: skip

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(_INSERT, row)
            connection.execute(_BOUND)

        if not self._database.write(write):
            raise StoreError(self._database.fault)

    def verdicts(self, count: int) -> Sequence[Verdict]:
        """Return the last verdicts, newest first."""
        parameters = self._timestamps.parameters() | {"count": count}
        rows = self._database.read(_LAST, parameters)
        return [self._verdict(row) for row in rows if row[2] in OPINIONS]

    def _verdict(self, row: tuple[Any, ...]) -> Verdict:
        at, uri, opinion, mood, corrected, profile = row
        return Verdict(
            self._timestamps.moment(at),
            uri,
            Opinion(opinion),
            mood_of(mood),
            Emotion(corrected) if corrected in EMOTIONS else None,
            profile,
        )
