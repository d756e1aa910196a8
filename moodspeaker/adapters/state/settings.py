"""Durable values by name: what must not be lost when the power is cut.

Invariants
==========
1. `set` is durable: one short transaction, or StoreError.  A value that is set to what it is costs nothing.
   What keeps the camera closed leaves the journal, too: a disk that can only be read shows it then.
2. What is lost never opens the camera.  A damaged file is begun again with what could still be read of it;
   where nothing could, be it damaged, emptied by a power cut or not ours to read, `data_lost` says so, and
   the new file begins with `CLOSED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.database import bindable
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from moodspeaker.database import Database

CLOSED: Final = {"sensing": "off"}
"""What is kept in the place of what was lost."""
TABLES: Final = ("settings", "remembered")
"""Where they stand; `remembered` in a file of the first version that could not be brought forward."""


class Settings:
    """The table `settings` of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._values: dict[str, str] = {}
        self._data_lost = False
        database.rescue, database.opened = self._rescue, self._opened

    @property
    def data_lost(self) -> bool:
        """Whether there was a file at this start of which nothing could be read."""
        return self._data_lost

    def get(self, name: str, default: str) -> str:
        """Return the value kept under a name."""
        return self._values.get(name, default)

    def set(self, name: str, value: str) -> None:
        """Keep a value.  Raises StoreError, and then the old one stands."""
        if self._database.is_open and self._values.get(name) == value:
            return
        if not self._database.write(lambda connection: _put(connection, {name: value})):
            raise StoreError(self._database.fault)
        if name in CLOSED:
            self._database.settle()
        self._values[name] = value

    def read_only(self) -> None:
        """Take over what a file holds that cannot be opened for writing."""
        values = self._salvaged()
        self._data_lost = values is None and self._database.had_content()
        self._values = values or (dict(CLOSED) if self._data_lost else {})

    def _rescue(self) -> None:
        """Take over what a damaged file still holds, unless it is known already."""
        self._values = self._values or self._salvaged() or {}

    def _opened(self, connection: sqlite3.Connection, lost: bool) -> None:  # noqa: FBT001 - Database.opened
        """Take over what the file holds; give it what is known where it holds nothing."""
        held = dict(connection.execute("SELECT name, value FROM settings"))
        if held:
            self._values = held
            return
        if lost and not self._values:
            self._data_lost, self._values = True, dict(CLOSED)
        _put(connection, self._values)

    def _salvaged(self) -> dict[str, str] | None:
        for table in TABLES:
            rows = self._database.salvage(f"SELECT name, value FROM {table}")  # noqa: S608 - a name from above
            if rows is not None:
                return dict(rows)
        return None


def _put(connection: sqlite3.Connection, values: Mapping[str, str]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO settings VALUES (CAST(? AS TEXT), CAST(? AS TEXT))",
        [(bindable(name), bindable(value)) for name, value in values.items()],
    )
