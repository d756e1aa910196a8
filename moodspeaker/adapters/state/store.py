"""What is remembered, in one SQLite file: `<state folder>/moodspeaker.db`.

The law of this module
======================
1. `remember` is durable: one short transaction in WAL mode with synchronous=FULL, on the disk and out of the
   journal when it returns, or StoreError.
2. Decisions wait in memory and are written in batches, every 15 minutes at most and on `flush`: SD cards wear
   out.  Writing them never raises; what cannot be written waits on, and the last ones can always be read.
3. Music never depends on the disk.  A folder that cannot be made, a full or a read-only disk are a `fault`,
   logged once; the file is opened anew at the next write, and the first one that succeeds ends the fault.
4. A damaged file is moved aside to `*.damaged` and a new one begun with what could still be read of the
   remembered values: above all `sensing`, so that a bad SD card does not open the camera.  Where nothing can
   be read of a file that is there, be it damaged, emptied by a power cut or not ours to read, `forgot` says
   so, and the new file begins with the camera closed.
5. The schema only moves forward, by `PRAGMA user_version`.  A file of a newer version is left untouched.
6. Records older than `records.hours` are erased; with 0 none are written.  Erased means gone: secure_delete,
   and after `forget` an empty journal too.  The file is private to its user (0600).
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from collections import deque
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from moodspeaker.domain.decision import Decision

FILE: Final = "moodspeaker.db"
BATCH_SECONDS: Final = 15 * 60.0
"""The longest that a decision waits in memory while others follow it."""
CLOSED: Final = {"sensing": "off"}
"""What is remembered in the place of what was lost."""
IN_MEMORY: Final = 1000
"""Decisions kept in memory."""
BUSY_SECONDS: Final = 1.0
"""How long a write waits for another process's."""
HOUR: Final = 3600.0
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
)
"""One script for each step of `user_version`; a released one is never edited."""

_log = logging.getLogger(__name__)


class SqliteStore:
    """`ports.Store` on one file; used by one thread.  The constructor never raises: see `fault`."""

    def __init__(self, folder: Path, hours: float, wall: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE
        self._hours = hours
        self._wall = wall
        self._database: sqlite3.Connection | None = None
        self._fault = ""
        self._forgot = False
        self._remembered: dict[str, str] = {}
        self._waiting: deque[Decision] = deque(maxlen=IN_MEMORY)
        """Decisions that are not on the disk: not yet, or never with `records.hours` = 0."""
        self.flush()
        if self._database is None:
            readable = _readable(self._path)
            self._forgot = readable is None and _is_there(self._path)
            self._remembered = readable or {}

    @property
    def fault(self) -> str:
        """Why nothing can be written, else empty."""
        return self._fault

    @property
    def forgot(self) -> bool:
        """Whether there was a file at this start of which nothing could be read."""
        return self._forgot

    def recall(self, name: str, default: str) -> str:
        """Return the value kept under a name."""
        return self._remembered.get(name, default)

    def remember(self, name: str, value: str) -> None:
        """Keep a value; it is on the disk when this returns.  Raises StoreError, and then the old value stands."""
        if self._database is not None and self._remembered.get(name) == value:
            return
        self._write(lambda database: _keep(database, {name: value}))
        if self._fault:
            raise StoreError(self._fault)
        self._write(lambda database: database.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        self._remembered[name] = value

    def record(self, decision: Decision) -> None:
        """Keep a decision; written in batches.  Never raises: a disk that refuses is a `fault`."""
        self._waiting.append(decision)
        if self._hours and decision.at.monotonic - self._waiting[0].at.monotonic >= BATCH_SECONDS:
            self.flush()

    def decisions(self, count: int) -> list[Mapping[str, object]]:
        """Return the last decisions, newest first: {"at": RFC 3339, "verb", "mood", "rule", "evidence"}."""
        found = [_row(d.at.wall, d.verb, d.mood, d.rule, dict(d.evidence)) for d in reversed(self._waiting)][
            :count
        ]
        if self._database is None or len(found) == count:
            return found
        try:
            written = self._database.execute(
                "SELECT at, verb, mood, rule, evidence FROM decisions WHERE at >= ? ORDER BY id DESC LIMIT ?",
                (self._oldest(), count - len(found)),
            ).fetchall()
        except sqlite3.Error as error:
            self._fail(error)
            return found
        return found + [_row(at, verb, mood, rule, _evidence(text)) for at, verb, mood, rule, text in written]

    def flush(self) -> None:
        """Write what waits and erase what is too old.  Never raises: a disk that refuses is a `fault`."""
        waiting = self._waiting if self._hours else ()
        rows = [(d.at.wall, d.verb, d.mood, d.rule, json.dumps(dict(d.evidence))) for d in waiting]

        def write(database: sqlite3.Connection) -> None:
            database.executemany(
                "INSERT INTO decisions (at, verb, mood, rule, evidence) VALUES (?, ?, ?, ?, ?)", rows
            )
            database.execute("DELETE FROM decisions WHERE at < ?", (self._oldest(),))

        self._write(write)
        if self._hours and not self._fault:
            self._waiting.clear()

    def forget(self) -> None:
        """Erase all records at once, those in memory too; what is remembered stays.  Raises StoreError."""
        self._waiting.clear()
        self._write(lambda database: database.execute("DELETE FROM decisions"))
        self._write(lambda database: database.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        if self._fault:
            raise StoreError(self._fault)

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        self._close()

    def _oldest(self) -> float:
        return self._wall() - self._hours * HOUR

    def _write(self, act: Callable[[sqlite3.Connection], object]) -> None:
        """Perform one transaction; what goes wrong is the `fault`."""
        try:
            if self._database is None:
                self._database = self._open()
            with self._database:
                act(self._database)
        except (sqlite3.Error, OSError, StoreError) as error:
            self._fail(error)
            return
        if self._fault:
            _log.info("store: %s can be written again", self._path)
            self._fault = ""

    def _fail(self, error: Exception) -> None:
        self._close()
        fault = str(error) if isinstance(error, StoreError) else f"{self._path}: {_cause(error)}"
        if not self._fault:
            _log.warning("store: %s", fault)
        self._fault = fault

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        """Return the file ready for use, and take over what it remembers; a damaged one is moved aside."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        emptied = self._path.exists() and not self._path.stat().st_size
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        try:
            database = _prepared(self._path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            rescued = self._remembered or _readable(self._path) or {}
            _log.warning(
                "store: %s is damaged (%s): it is moved to %s.damaged and begun anew", self._path, error, FILE
            )
            for suffix in ("", "-wal", "-shm"):
                part = self._path.with_name(FILE + suffix)
                if part.exists():
                    part.replace(self._path.with_name(f"{FILE}.damaged{suffix}"))
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            database = _prepared(self._path)
            with database:
                _keep(database, rescued or CLOSED)
            self._forgot = not rescued
            emptied = False
        if emptied:
            _log.warning("store: %s was emptied: what it held is lost", self._path)
            with database:
                _keep(database, self._remembered or CLOSED)
            self._forgot = not self._remembered
        self._remembered = dict(database.execute("SELECT name, value FROM remembered"))
        return database


def _prepared(path: Path) -> sqlite3.Connection:
    """Return a connection to a file that is sound and of this version; raise sqlite3.Error, or StoreError for
    a newer one.
    """
    database = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;")
        _check(database, path)
        [(version,)] = database.execute("PRAGMA user_version")
        for step, script in enumerate(MIGRATIONS[version:], version + 1):
            database.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={step}; COMMIT;")
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection, path: Path) -> None:
    [(version,)] = database.execute("PRAGMA user_version")
    if version > len(MIGRATIONS):
        message = (
            f"{path}: written by a newer moodspeaker (schema {version}, this one knows {len(MIGRATIONS)}): "
            "install that version again, or move the file away"
        )
        raise StoreError(message)
    [(verdict,)] = database.execute("PRAGMA quick_check(1)")
    if verdict != "ok":
        damage = sqlite3.DatabaseError(verdict)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _keep(database: sqlite3.Connection, values: Mapping[str, str]) -> None:
    database.executemany("INSERT OR REPLACE INTO remembered VALUES (?, ?)", values.items())


def _is_there(path: Path) -> bool:
    """Tell whether there is a file, or may be one where we cannot look."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _readable(path: Path) -> dict[str, str] | None:
    """Return what a file remembers that cannot be opened for writing or is damaged; None where nothing can be
    read.
    """
    for mode in ("mode=ro", "immutable=1"):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as database:
                return dict(database.execute("SELECT name, value FROM remembered"))
        except sqlite3.Error:
            continue
    return None


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _cause(error: Exception) -> str:
    """Return cause and cure in words."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}: make the folder writable, or choose another with paths.state"
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    cures = {
        sqlite3.SQLITE_FULL: "free some space on that disk",
        sqlite3.SQLITE_READONLY: "make it writable, or choose another folder with paths.state",
        sqlite3.SQLITE_CANTOPEN: "make it writable, or choose another folder with paths.state",
        sqlite3.SQLITE_BUSY: "another program holds it: end that one",
    }
    return f"{error}: {cures.get(primary, 'check the disk, or choose another folder with paths.state')}"


def _evidence(text: str) -> Mapping[str, object]:
    """Return the evidence of a row; none where a bad disk changed it."""
    try:
        evidence = json.loads(text)
    except ValueError:
        return {}
    return evidence if isinstance(evidence, dict) else {}


def _row(at: float, verb: str, mood: str, rule: str, evidence: Mapping[str, object]) -> Mapping[str, object]:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return {"at": moment, "verb": str(verb), "mood": str(mood), "rule": rule, "evidence": evidence}
