"""One SQLite file, opened, kept sound and brought forward: the only module that imports sqlite3.

Invariants
==========
1. Music never depends on the disk.  A folder that cannot be made, a full or a read-only disk are a `fault`,
   logged once; the file is opened again at the next write, and the first one that succeeds ends the fault.
2. A write is one transaction in WAL mode with synchronous=FULL: when `write` returns True it survives a power
   cut.  Of a file that is not `synced` it does so when `unsynced()`'s job is done, which another thread does:
   whoever writes never waits for a slow disk.
3. A damaged file is moved aside to `*.damaged` and a new one begun, in one transaction with what its owner
   puts into it in the place of what was lost (`opened`).  A power cut in between leaves no file that looks
   new: a file without a schema, and a missing one beside a `*.damaged`, count as lost too.
4. The schema only moves forward, by `PRAGMA user_version`, which is read again once the file is ours alone:
   of two processes that begin one file, the second finds the first one's.  A file of a newer version is left
   untouched.
5. Erased means gone: secure_delete, and after a `checkpoint` an empty journal too.  The file is private to
   its user (0600).
6. Text is any Python text, lone surrogates included: names of files need not be UTF-8.  Bind `bindable(text)`
   into `CAST(? AS TEXT)`; it is read as it was.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from logging import Logger
    from pathlib import Path

    Read = Callable[[str, Mapping[str, Any]], list[tuple[Any, ...]]]

BUSY_SECONDS: Final = 1.0
"""How long a write waits for another process's where nothing else is said."""
SMALL: Final = 4 << 20
"""Bytes up to which a file is checked whole whenever it is opened; a larger one when damage was met."""
PAUSE: Final = 0.02
"""Seconds between two tries to empty the journal."""
JOURNAL: Final = 4 << 20
"""Bytes above which a journal is emptied into its file."""
KEPT: Final = 500
"""Kibibytes of a file that the speaker keeps in memory, beside the kernel; SQLite's own rule is 2,000."""
DAMAGED: Final = ".damaged"


class Database:
    """A file in the state folder; used by one thread.  Nothing here raises: see `fault`.

    It is opened by the first `write`, after its owner has set `rescue` and `opened`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        migrations: Callable[[], Sequence[str]],
        patience: float = BUSY_SECONDS,
        *,
        synced: bool = True,
    ) -> None:
        """Take the path, and what returns one script a step of `user_version` (or raises StoreError).

        `patience` is how many seconds a write waits for another process's; `synced` whether it waits for the
        disk, too.
        """
        self._path, self._migrations, self._patience = os.fspath(path), migrations, patience
        self._synced = synced
        self._waits = self._settles = self._opened = False
        """Whether something is not on the disk yet, is to leave the journal, and may be in a new journal."""
        self._connection: sqlite3.Connection | None = None
        self._fault = ""
        self._created = False
        """Whether the file is one that we made and have not filled yet."""
        self._suspect = False
        """Whether damage was met since the file was last checked whole."""
        self.rescue: Callable[[], None] = lambda: None
        """Called before a damaged file is moved aside: `salvage` reads what can still be read."""
        self.opened: Callable[[sqlite3.Connection, bool], None] = lambda _connection, _lost: None
        """Called with each new connection, and whether what the file had held is lost."""

    @property
    def path(self) -> str:
        """Where the file is."""
        return self._path

    @property
    def fault(self) -> str:
        """Why nothing can be written, with the cure, else empty."""
        return self._fault

    @property
    def is_open(self) -> bool:
        """Whether the file could be opened and had no fault since."""
        return self._connection is not None

    def write(self, act: Callable[[sqlite3.Connection], object]) -> bool:
        """Perform one transaction; return whether it is kept: on the disk, or `unsynced` where that is so."""
        try:
            self._transact(act)
        except sqlite3.Error as error:
            if not is_damage(error) or self._suspect:
                return self._fail(error)
            self.close()
            self._suspect = True
            return self.write(act)
        except (OSError, StoreError) as error:
            return self._fail(error)
        self._suspect = False
        if self._fault:
            _log().info("%s can be written again", self._path)
            self._fault = ""
        return True

    def read(self, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a query; none while the file cannot be opened."""
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            self._suspect = is_damage(error)
            self._fail(error)
            return []

    def checkpoint(self) -> None:
        """Move what was written from the journal into the file, and empty the journal.

        Others who read it, or sync it beside, are waited for, as long as a write waits for them.
        """
        if self._connection is not None:
            ends = time.monotonic() + self._patience
            try:
                while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    if time.monotonic() >= ends:
                        return
                    time.sleep(PAUSE)
            except sqlite3.Error as error:
                self._fail(error)

    def settle(self) -> None:
        """Let what was written leave the journal once it is on the disk, and what was erased be gone."""
        if self._synced:
            self.checkpoint()
        else:
            self._settles = True

    def unsynced(self) -> Callable[[], None] | None:
        """Return what brings onto the disk what was written since the last call; None where nothing was.

        It is for any thread, and raises StoreError; `not_synced` wants to know of that.
        """
        if not self._waits:
            return None
        settles, opened = self._settles, self._opened
        self._waits = self._settles = self._opened = False
        return lambda: _sync(self._path, settles=settles, opened=opened)

    def not_synced(self, error: StoreError) -> None:
        """Take notice that what was written may not be on the disk."""
        self._fail(error)

    def salvage(self, query: str) -> list[tuple[Any, ...]] | None:
        """Return the rows of a file that cannot be written or is damaged; None where nothing can be read."""
        for mode in ("mode=ro", "mode=ro&immutable=1"):
            try:
                with closing(sqlite3.connect(f"{_uri(self._path)}?{mode}", uri=True)) as connection:
                    connection.text_factory = _text
                    return connection.execute(query).fetchall()
            except sqlite3.Error:
                continue
        return None

    def had_content(self) -> bool:
        """Tell whether there was a file at the start, or may be one where we cannot look."""
        return not self._created and (_is_there(self._path) or _is_there(_aside(self._path)))

    def close(self) -> None:
        """Close the file; a later write opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _fail(self, error: Exception) -> bool:
        self.close()
        fault = str(error) if isinstance(error, StoreError) else f"{self._path}: {_cause(error)}"
        if not self._fault:
            _log().warning("%s", fault)
        self._fault = fault
        return False

    def _transact(self, act: Callable[[sqlite3.Connection], object]) -> None:
        if self._connection is None:
            self._connection = self._open()
            self._opened = True
        with self._connection:
            act(self._connection)
        self._waits = not self._synced

    def _open(self) -> sqlite3.Connection:
        """Return the file ready for use; a damaged one is moved aside."""
        os.makedirs(os.path.dirname(self._path) or ".", mode=0o700, exist_ok=True)
        old = _is_there(self._path) and not self._created
        lost = not old and not self._created and _is_there(_aside(self._path))
        self._create()
        try:
            return self._prepared(old=old, lost=lost)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            self.rescue()
            _log().warning(
                "%s is damaged (%s): it is moved to %s and begun again", self._path, error, _aside(self._path)
            )
            self._move_aside()
            self._create()
            return self._prepared(old=False, lost=True)

    def _create(self) -> None:
        """Make the file where there is none, private to this user."""
        self._created = self._created or not _is_there(self._path)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def _move_aside(self) -> None:
        for suffix in ("-wal", "-shm", ""):  # the file itself last: until then it is damaged, not missing
            if os.path.exists(self._path + suffix):
                os.replace(self._path + suffix, _aside(self._path) + suffix)

    def _prepared(self, *, old: bool, lost: bool) -> sqlite3.Connection:
        """Return a connection to a sound file of this version.

        Raises sqlite3.Error for damage, StoreError for a newer version.
        """
        scripts = self._migrations()
        connection = sqlite3.connect(self._path, timeout=self._patience)
        try:
            connection.text_factory = _text
            connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
            )
            if not self._synced:
                connection.executescript(
                    f"PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-{KEPT};"
                )
            version = self._checked(connection, len(scripts))
            if version < len(scripts):
                connection.execute("BEGIN IMMEDIATE")
                version = self._checked(connection, len(scripts))  # another process may have been first
            if old and not version:
                lost = True
                _log().warning("%s was emptied: what it held is lost", self._path)
            with connection:
                for statement in _statements("".join(scripts[version:])):
                    connection.execute(statement)
                if version < len(scripts):
                    connection.execute(f"PRAGMA user_version={len(scripts)}")
                self.opened(connection, lost)
        except BaseException:
            connection.close()
            raise
        self._created = False
        return connection

    def _checked(self, connection: sqlite3.Connection, known: int) -> int:
        """Return the file's version, of which `known` is the newest."""
        [(version,)] = connection.execute("PRAGMA user_version")
        if version > known:
            message = (
                f"{self._path}: written by a newer moodspeaker (schema {version}, this one knows {known}): "
                "install that version again, or move the file away"
            )
            raise StoreError(message)
        if self._suspect or os.stat(self._path).st_size <= SMALL:
            [(verdict,)] = connection.execute("PRAGMA quick_check(1)")
            if verdict != "ok":
                damage = sqlite3.DatabaseError(verdict)
                damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damage
        return int(version)


@contextmanager
def reading(path: Path, functions: Mapping[str, Callable[[str], int]]) -> Iterator[Read]:
    """Open a file on a connection of its own, in whichever thread, and give what returns a query's rows.

    All queries see the file as it was at the first one.  `functions` are those that a query may call by name,
    with a text.  Raises StoreError where the file is not there or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{_uri(path)}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.text_factory = _text
            for name, function in functions.items():
                connection.create_function(name, 1, function, deterministic=True)
            connection.execute("BEGIN")
            yield lambda query, parameters: connection.execute(query, parameters).fetchall()
    except sqlite3.Error as error:
        message = f"{path}: {_cause(error)}"
        raise StoreError(message) from None


def _sync(path: str, *, settles: bool, opened: bool) -> None:
    """Bring a file's journal onto the disk, and what is in it into the file where that is wanted, or due.

    Raises StoreError.
    """
    journal = f"{path}-wal"
    try:
        for name in (journal, os.path.dirname(path)) if opened else (journal,):
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        if settles or os.stat(journal).st_size > JOURNAL:
            with closing(sqlite3.connect(path)) as connection:
                _empty_journal(connection)
    except FileNotFoundError:  # the file was closed meanwhile: all of it is in place
        return
    except (OSError, sqlite3.Error) as error:
        message = f"{path}: {_cause(error)}"
        raise StoreError(message) from None


def _empty_journal(connection: sqlite3.Connection) -> None:
    """Move what is in the journal into the file, and begin the journal anew, so that no other writer waits.

    The syncs come first, while others may write; then it is emptied, for which nobody may; and the first
    write after that, which syncs the journal's header, is our own.
    """
    connection.execute("PRAGMA synchronous=NORMAL")
    for mode in ("PASSIVE", "TRUNCATE"):
        connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
    [(version,)] = connection.execute("PRAGMA user_version")
    connection.execute(f"PRAGMA user_version={version}")


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; each begins on a line of its own."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _log() -> Logger:
    """Return this module's log."""
    import logging  # noqa: PLC0415 - what goes well needs none, and takes half as long without

    return logging.getLogger(__name__)


def bindable(text: str) -> str | bytes:
    """Return text as SQLite takes it for `CAST(? AS TEXT)`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that the file's content is damaged, or ends in the middle of a page."""
    short = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ
    return short or _primary(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _text(content: bytes) -> str:
    """Return a text as it was bound; what a bad disk changed is marked, not refused."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace")


def _is_there(path: str) -> bool:
    """Tell whether there is a file, or may be one where we cannot look."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _aside(path: str) -> str:
    return path + DAMAGED


def _uri(path: str | os.PathLike[str]) -> str:
    from pathlib import Path  # noqa: PLC0415 - what goes well needs none

    return Path(path).absolute().as_uri()


def _primary(error: Exception) -> int:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return int(code) & 0xFF


def _cause(error: Exception) -> str:
    """Return cause and cure in words."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}: make the folder writable, or choose another with paths.state"
    cures = {
        sqlite3.SQLITE_FULL: "free some space on that disk",
        sqlite3.SQLITE_READONLY: "make it writable, or choose another folder with paths.state",
        sqlite3.SQLITE_CANTOPEN: "make it writable, or choose another folder with paths.state",
        sqlite3.SQLITE_BUSY: "another program holds it: end that one",
    }
    cure = cures.get(_primary(error), "check the disk, or choose another folder with paths.state")
    return f"{error}: {cure}"
