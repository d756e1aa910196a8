"""The songs of each mood, as the speaker reads them while another process scans: `ports.MoodIndex`.

Design notes
============
A mood's songs are those that the scan gave to it, nearest to its point first.  Where they are few, the songs
that are nearest to it of all moods make up for it: a small library has something for every mood.
Everything but `like` is answered from an index of the table or from counts that the scan left, so the
speaker's loop never waits long.
The mood that a person gives to a song which no scan has met yet waits for the scan that meets it
(`early_corrections`): nothing is offered of which nobody knows that the music server has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodspeaker.database import bindable, reading
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.library import IndexSummary
from moodspeaker.errors import StoreError
from moodspeaker.mood.affect import POINTS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from moodspeaker.database import Database

MOST: Final = 500
"""Songs of a mood."""
LEAST: Final = 12
"""Songs of a mood, where there are as many in all."""
_OWN: Final = "SELECT uri FROM songs WHERE mood = :mood AND gone IS NULL ORDER BY distance, id LIMIT :most"
_NEAR: Final = (
    "SELECT uri FROM songs WHERE mood <> :mood AND gone IS NULL ORDER BY (rank_valence - :valence) * "
    "(rank_valence - :valence) + (rank_arousal - :arousal) * (rank_arousal - :arousal), id LIMIT :most"
)
_THERE: Final = "SELECT 1 FROM songs WHERE uri = CAST(:uri AS TEXT) AND gone IS NULL"
_KNOWN: Final = f"{_THERE} UNION ALL SELECT 1 FROM early_corrections WHERE uri = CAST(:uri AS TEXT)"  # noqa: S608
_WAIT: Final = "INSERT OR REPLACE INTO early_corrections VALUES (CAST(? AS TEXT), ?)"
_FORGET_EARLY: Final = "DELETE FROM early_corrections WHERE uri = CAST(? AS TEXT)"
_MET: Final = (
    "SELECT uri, mood FROM early_corrections WHERE uri IN (SELECT uri FROM songs WHERE gone IS NULL)"
)
_CORRECT: Final = (
    "UPDATE songs SET correction = ?, valence = ?, arousal = ?, rank_valence = ?, rank_arousal = ?, "
    "mood = ?, distance = 0, confidence = 1, source = 'correction' "
    "WHERE uri = CAST(? AS TEXT) AND gone IS NULL"
)
_PLACED: Final = "valence, arousal, rank_valence, rank_arousal, mood, distance, confidence, source"
_REMEMBER: Final = (
    f"INSERT OR IGNORE INTO before_corrections SELECT id, {_PLACED} FROM songs "  # noqa: S608 - text of ours
    "WHERE uri = CAST(? AS TEXT) AND gone IS NULL AND correction IS NULL"
)
_RESTORE: Final = (
    f"UPDATE songs SET ({_PLACED}) = (SELECT {_PLACED} FROM before_corrections WHERE song = id) "  # noqa: S608 - text of ours
    "WHERE uri = CAST(? AS TEXT) AND gone IS NULL AND id IN (SELECT song FROM before_corrections)"
)
_UNCORRECT: Final = (
    "UPDATE songs SET correction = NULL WHERE uri = CAST(? AS TEXT) AND gone IS NULL RETURNING id"
)
_FORGET: Final = "DELETE FROM before_corrections WHERE song = ?"


class SqliteMoodIndex:
    """`ports.MoodIndex` on the library's file; used by one thread."""

    def __init__(self, database: Database) -> None:
        """Take the library's file, which its owner opens and closes."""
        self._database = database
        self._version: int | None = None

    def changed(self) -> bool:
        """Tell whether another connection wrote since the last call; true at the first."""
        rows = self._database.read("PRAGMA data_version", {})
        before, self._version = self._version, rows[0][0] if rows else None
        return self._version is not None and self._version != before

    def nearest(self, mood: Emotion) -> Sequence[str]:
        """Return the URIs of a mood's songs, the nearest first; none while there are none."""
        rows = self._database.read(_OWN, {"mood": str(mood), "most": MOST})
        if len(rows) < LEAST:
            point = POINTS[mood]
            rows += self._database.read(
                _NEAR,
                {
                    "mood": str(mood),
                    "valence": point.valence,
                    "arousal": point.arousal,
                    "most": LEAST - len(rows),
                },
            )
        return [uri for (uri,) in rows]

    def summary(self) -> IndexSummary:
        """Return how much is known of how many songs, as the last scan left it."""
        state = dict(self._database.read("SELECT name, value FROM scan_state", {}))
        scanned_at = state.get("scanned_at")
        return IndexSummary(
            int(state.get("songs", 0)),
            int(state.get("placed", 0)),
            int(state.get("heard", 0)),
            None if scanned_at is None else float(scanned_at),
            state.get("files", ""),
            state.get("left_out", ""),
        )

    def knows(self, uri: str) -> bool:
        """Tell whether a scan has met a song, or its mood waits for one that does."""
        return bool(self._database.read(_KNOWN, {"uri": bindable(uri)}))

    def like(self, uri: str) -> str:
        """Return the URI of the song whose URI is most like this one, empty where none is.  In any thread."""
        from moodspeaker.library.similar_uris import most_similar  # noqa: PLC0415 - where somebody mistyped one

        try:
            with reading(Path(self._database.path), {}) as read:
                return most_similar(read, uri)
        except StoreError:  # not scanned yet, or not to be read: there is nothing like it
            return ""

    def correct(self, uri: str, mood: Emotion | None) -> None:
        """Give a song the mood that a person says; None puts it back where the models had placed it.

        Raises StoreError.  The mood of a song that no scan has met yet waits for the one that does.
        """

        def write(db: sqlite3.Connection) -> None:
            if db.execute(_THERE, {"uri": bindable(uri)}).fetchone() is not None:
                _correct(db, uri, mood)
            elif mood is None:
                db.execute(_FORGET_EARLY, (bindable(uri),))
            else:
                db.execute(_WAIT, (bindable(uri), str(mood)))

        if not self._database.write(write):
            raise StoreError(self._database.fault)
        self._version = None  # one's own change counts


def correct_met(db: sqlite3.Connection) -> None:
    """Give the songs that a scan has met now the moods that persons had given them before."""
    for uri, mood in db.execute(_MET).fetchall():
        _correct(db, uri, Emotion(mood))
        db.execute(_FORGET_EARLY, (bindable(uri),))


def _correct(db: sqlite3.Connection, uri: str, mood: Emotion | None) -> None:
    name = bindable(uri)
    if mood is None:
        db.execute(_RESTORE, (name,))
        db.executemany(_FORGET, db.execute(_UNCORRECT, (name,)).fetchall())
        return
    db.execute(_REMEMBER, (name,))
    point = (POINTS[mood].valence, POINTS[mood].arousal)
    db.execute(_CORRECT, (str(mood), *point, *point, str(mood), name))
