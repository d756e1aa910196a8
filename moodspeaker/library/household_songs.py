"""Which songs of ours a household means, and which recordings ours are.

Design notes
============
What a speaker tells is of a name and a length; beside it may stand the recordings (MusicBrainz' ids) that its
songs of that name are.  Such a word is meant for

    our songs of one of those recordings       whatever they are called here
    our songs of that name and length          unless both sides know the recordings, and they are others
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.music.household import SAME_LENGTH, SongKey

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from moodspeaker.database import Database

Recorded = tuple[str, SongKey, str]
"""A replica, a song as it names it, and a recording."""
_KEY: Final = "replica, part, name, seconds"
_IN_PART: Final = (
    "SELECT replica, name, seconds, recording FROM household_recordings "
    "WHERE part = :part AND replica IN (SELECT value FROM json_each(:replicas))"
)
_OURS: Final = (
    "SELECT DISTINCT told.name, told.seconds, recording, stated "
    "FROM (SELECT name, seconds FROM household_counts WHERE replica = :replica AND part = :part "
    "UNION SELECT name, seconds FROM household_moods WHERE replica = :replica AND part = :part) AS told "
    "JOIN household_songs AS named ON named.name = told.name "
    "JOIN songs ON songs.id = named.song AND gone IS NULL AND recording <> ''"
)
_PUT: Final = f"INSERT OR IGNORE INTO household_recordings ({_KEY}, recording) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - ours
_AGAIN: Final = (
    "UPDATE household_moods SET applied = 0 WHERE replica = ? AND part = ? AND name = ? AND seconds = ?"
)
_KNOWN: Final = (
    "household_recordings AS known WHERE (known.replica, known.part, known.name, known.seconds) = "
    "(told.replica, told.part, told.name, told.seconds)"
)
UNUSED: Final = (
    f"DELETE FROM household_recordings WHERE ({_KEY}) NOT IN "  # noqa: S608 - text of ours
    f"(SELECT {_KEY} FROM household_counts UNION SELECT {_KEY} FROM household_moods)"
)
"""Erases the recordings of songs of which nothing is told any more."""


def meant(table: str, columns: str, where: str) -> str:
    """Return a query for rows of a table, as `told`, with the songs of ours that each is meant for."""
    # Both halves look up by an index; a row is meant for a song once, by its recording or by its name.
    return (
        f"SELECT {columns} FROM {table} AS told "  # noqa: S608 - text of ours
        f"JOIN household_recordings AS known USING ({_KEY}) "
        "JOIN songs ON songs.recording = known.recording AND songs.recording <> '' AND songs.gone IS NULL "
        f"WHERE {where} UNION ALL SELECT {columns} FROM {table} AS told "
        "JOIN household_songs AS named ON named.name = told.name "
        f"JOIN songs ON songs.id = named.song AND songs.gone IS NULL WHERE {where} "
        f"AND (told.seconds = 0 OR stated IS NULL OR abs(stated - told.seconds) <= {SAME_LENGTH}) "
        f"AND (songs.recording = '' OR NOT EXISTS (SELECT 1 FROM {_KNOWN}))"
    )


def recordings(database: Database, part: int, replicas: Iterable[str]) -> frozenset[Recorded]:
    """Return what is known of a part of these replicas."""
    rows = database.read(_IN_PART, {"part": part, "replicas": json.dumps(list(replicas))})
    return frozenset((replica, SongKey(name, seconds), one) for replica, name, seconds, one in rows)


def note_ours(database: Database, replica: str, part: int) -> None:
    """Note which recordings our songs are of which something is told."""
    rows: list[tuple[Any, ...]] = database.read(_OURS, {"replica": replica, "part": part})
    ours = {
        (replica, SongKey(name, seconds), one)
        for name, seconds, one, stated in rows
        if round(stated or 0) == seconds
    }
    news = ours - recordings(database, part, [replica])
    if news:
        database.write(lambda db: add(db, news, part))


def add(db: sqlite3.Connection, news: Iterable[Recorded], part: int) -> None:
    """Write recordings; the moods of those songs may be meant for others than before."""
    rows = [(replica, part, *song, one) for replica, song, one in news]
    db.executemany(_PUT, rows)
    db.executemany(_AGAIN, [row[:-1] for row in rows])
