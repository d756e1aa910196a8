"""What is kept between two starts, in one SQLite file: `<state folder>/moodspeaker.db`.

`settings` are durable at once, `decisions` and `looks` are written in batches; all share one connection
(`database`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.state.decisions import Decisions
from moodspeaker.adapters.state.looks import Looks
from moodspeaker.adapters.state.settings import Settings
from moodspeaker.database import Database
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from moodspeaker.domain.decision import Decision
    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.domain.look_rows import LookRow
    from moodspeaker.timestamps import Timestamps

FILE: Final = "moodspeaker.db"
MIGRATIONS: Final = (
    """
    CREATE TABLE remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE decisions (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,       -- seconds since the epoch
        verb TEXT NOT NULL,
        mood TEXT NOT NULL,
        rule TEXT NOT NULL,
        evidence TEXT NOT NULL  -- a JSON object
    ) STRICT;
    CREATE INDEX decisions_by_time ON decisions (at);
    """,
    """
    ALTER TABLE remembered RENAME TO settings;
    -- rule: the name of a Rule; in rows of the first version a sentence
    ALTER TABLE decisions ADD COLUMN details TEXT NOT NULL DEFAULT '{}';  -- a JSON object
    ALTER TABLE decisions ADD COLUMN boot TEXT;
    ALTER TABLE decisions ADD COLUMN monotonic REAL NOT NULL DEFAULT 0;
    DROP INDEX decisions_by_time;
    """,
    """
    CREATE TABLE looks (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,       -- of the first of them, seconds since the epoch
        boot TEXT,
        monotonic REAL NOT NULL,
        looks BLOB NOT NULL     -- moodspeaker/adapters/state/looks.py says how
    ) STRICT;
    """,
)
"""One script for each step of `user_version`; a released one is never edited."""


class SqliteStore:
    """`ports.Store` on one file; used by one thread.  The constructor never raises: see `fault`."""

    def __init__(self, folder: Path, hours: float, timestamps: Timestamps, *, synced: bool = True) -> None:
        """Open the file; `synced`: whether who writes waits for the disk (`Database`)."""
        self.database = Database(folder / FILE, lambda: MIGRATIONS, synced=synced)
        """Its file, open from now on."""
        self._settings = Settings(self.database)
        self._decisions = Decisions(self.database, hours, timestamps)
        self._looks = Looks(self.database, hours, timestamps)
        self.flush()
        if not self.database.is_open:
            self._settings.read_only()

    @property
    def fault(self) -> str:
        """Why nothing can be written, else empty."""
        return self.database.fault

    @property
    def data_lost(self) -> bool:
        """Whether there was a file at this start of which nothing could be read."""
        return self._settings.data_lost

    def get(self, name: str, default: str) -> str:
        """Return the value kept under a name."""
        return self._settings.get(name, default)

    def set(self, name: str, value: str) -> None:
        """Keep a value, durably.  Raises StoreError, and then the old one stands."""
        self._settings.set(name, value)

    def record(self, decision: Decision) -> None:
        """Keep a decision; written in batches.  Never raises: a disk that refuses is a `fault`."""
        self._decisions.record(decision)

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the last decisions, newest first, as JSON values.

        Each is {"at": RFC 3339, "verb", "mood", "rule": a sentence, "reason": {"rule": name, details},
        "evidence": {}}.
        """
        return self._decisions.latest(count)

    def record_look(self, look: LookRecord) -> None:
        """Keep a look's seven numbers; written in batches.  Never raises."""
        self._looks.record(look)

    def looks(self) -> Iterator[LookRecord]:
        """Yield the looks of the last `records.hours`, oldest first."""
        return self._looks.all()

    def look_rows(self) -> Sequence[LookRow]:
        """Return the same as bytes, at a fraction of the work."""
        return self._looks.rows()

    def flush(self) -> None:
        """Write what waits and erase what is too old, from the journal too.

        Never raises: a disk that refuses is a `fault`.
        """
        self._decisions.flush()
        self._looks.flush()
        self.database.settle()

    def forget(self) -> None:
        """Erase all records of decisions and looks at once; settings stay.  Raises StoreError.

        What was heard (`ports.History`) is the listener's taste, no record of the room: it stays too.
        """
        self._decisions.forget()
        self._looks.forget()
        if not self.database.write(_erase):
            raise StoreError(self.database.fault)
        self.database.settle()

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        self.database.close()


def _erase(connection: sqlite3.Connection) -> None:
    for table in ("decisions", "looks"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table
