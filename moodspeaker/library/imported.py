"""What the listener brought along from other programs, in the library's file.

Invariants
==========
1. What follows from one file is kept in one transaction, or not at all; kept twice it changes nothing.
2. Two exports of one play count it once.  One that tells no seconds is the same as any play of the song in
   its minute, and gives way to the one that tells them.
3. Only songs, moods, verdicts, times and ends are kept: no name of a file, a person or a place.
"""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, assert_never

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.errors import StoreError
from moodspeaker.library.imports.facts import ImportedPlay, Label, Verdict
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from moodspeaker.database import Database
    from moodspeaker.library.imports.facts import Fact

MINUTE: Final = 60
_SONGS: Final = "SELECT mood, uri FROM imported_labels ORDER BY mood, uri"
_LABEL: Final = "INSERT OR IGNORE INTO imported_labels (uri, mood, source, at) VALUES (?, ?, ?, ?)"
_VERDICT: Final = (
    "INSERT INTO imported_verdicts (uri, liked, source, at) VALUES (?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE "
    "SET liked = excluded.liked, source = excluded.source, at = excluded.at WHERE excluded.at > at"
)
_IN_MINUTE: Final = "SELECT 1 FROM imported_plays WHERE uri = ? AND at BETWEEN ? AND ?"
_PRECISER: Final = (
    "UPDATE OR IGNORE imported_plays SET at = ?, to_minute = 0, heard = ?, why = ?, source = ? "
    "WHERE uri = ? AND at = ? AND to_minute"
)
_PLAY: Final = (
    "INSERT OR IGNORE INTO imported_plays (uri, at, to_minute, heard, why, source) VALUES (?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file added to the library."""

    labels: int = 0
    plays: int = 0
    verdicts: int = 0

    def by_name(self) -> dict[str, int]:
        """Return the counts as people and programs are shown them."""
        return {"moods of songs": self.labels, "plays": self.plays, "verdicts": self.verdicts}


class LibraryImports:
    """`ports.ImportedSongs` on the library's file; used by one thread."""

    def __init__(self, database: Database) -> None:
        """Take the library's file; where it is not open it is read all the same."""
        self._database = database
        self._version: object = None
        """Another one when another connection has written."""
        self._songs: Mapping[Emotion, tuple[str, ...]] = MappingProxyType({})

    def songs(self) -> Mapping[Emotion, tuple[str, ...]]:
        """Return the URIs for each mood that has any, as they are on the disk now.

        Where the file cannot be read they are those of the last reading.
        """
        if not self._database.is_open:
            rows = self._database.salvage(_SONGS)
        else:
            version = self._database.read("PRAGMA data_version", {})
            if version == self._version:
                return self._songs
            rows = self._database.read(_SONGS, {})
            self._version = version if self._database.is_open else None
        if rows is not None and (rows or self._database.is_open):
            self._songs = _by_mood(rows)
        return self._songs

    def keep(self, facts: Callable[[], Iterable[Fact]], source: str, at: float) -> Kept:
        """Keep what follows from a file and return what was new.

        `facts` gives them from the beginning whenever it is called; `source` is the form of the file, `at`
        the time of the import in seconds since the epoch.  Raises StoreError where they cannot be kept.
        """
        counts: dict[type[Fact], int] = {}

        def write(connection: sqlite3.Connection) -> None:
            counts.clear()
            for fact in facts():
                counts[type(fact)] = counts.get(type(fact), 0) + _write(connection, fact, source, at)

        if not self._database.write(write):
            raise StoreError(self._database.fault)
        self._version = None
        return Kept(counts.get(Label, 0), counts.get(ImportedPlay, 0), counts.get(Verdict, 0))


def _by_mood(rows: Iterable[tuple[Any, ...]]) -> Mapping[Emotion, tuple[str, ...]]:
    found: defaultdict[Emotion, list[str]] = defaultdict(list)
    for mood, uri in rows:
        if mood in EMOTIONS:
            found[Emotion(mood)].append(uri)
    return MappingProxyType({mood: tuple(uris) for mood, uris in found.items()})


def _write(connection: sqlite3.Connection, fact: Fact, source: str, at: float) -> int:
    """Write a fact; return how many rows it changed: none where it was known."""
    match fact:
        case Label(uri, mood):
            return connection.execute(_LABEL, (uri, str(mood), source, at)).rowcount
        case Verdict(uri, liked, said_at):
            return connection.execute(_VERDICT, (uri, liked, source, said_at)).rowcount
        case ImportedPlay():
            return _write_play(connection, fact, source)
        case _:
            assert_never(fact)


def _write_play(connection: sqlite3.Connection, play: ImportedPlay, source: str) -> int:
    minute = play.at // MINUTE * MINUTE
    if play.to_minute:
        if connection.execute(_IN_MINUTE, (play.uri, minute, minute + MINUTE - 1)).fetchone():
            return 0
    else:
        better = (play.at, play.heard, str(play.why), source, play.uri, minute)
        if connection.execute(_PRECISER, better).rowcount:
            return 0
    row = (play.uri, play.at, int(play.to_minute), play.heard, str(play.why), source)
    return connection.execute(_PLAY, row).rowcount
