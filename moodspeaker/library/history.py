"""What was heard and how it ended: the table `plays`, the raw material of what is chosen later.

Invariants
==========
1. Plays wait in memory and are written in batches, every 15 minutes at most and on `flush`: SD cards wear
   out.  A skip is a word of the listener, and written at once: what is chosen next knows of it.  Nothing here
   raises; while the disk refuses, the last `IN_MEMORY` wait on.
2. The table is bounded: the last `KEPT` plays stay.
3. Plays are the listener's taste, no record of the room: `moodspeaker forget` leaves them.
4. A play that another version wrote, or that a bad disk changed, is read as far as it can be.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.database import Database, bindable
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.play import Play
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from moodspeaker.domain.mood import Mood
    from moodspeaker.timestamps import Timestamps

BATCH_SECONDS: Final = 15 * 60.0
"""The longest that a play waits in memory while others follow it."""
IN_MEMORY: Final = 1000
"""Plays that wait at most."""
KEPT: Final = 100_000
"""Plays on the disk: four years of six hours a day."""
_INSERT: Final = (
    "INSERT INTO plays (at, boot, monotonic, uri, title, artist, seconds, heard, why, mood, target, "
    "since_switch, profile) "
    "VALUES (?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?)"
)
_LAST: Final = (
    f"SELECT {TIME}, uri, title, artist, seconds, heard, why, mood, target, since_switch, "  # noqa: S608 - text of ours
    "profile FROM plays ORDER BY id DESC LIMIT :count"
)
_BOUND: Final = f"DELETE FROM plays WHERE id <= (SELECT max(id) FROM plays) - {KEPT}"  # noqa: S608 - text of ours
TIMED: Final = ("plays", "verdicts")
"""The tables whose times are corrected with each write."""
REASONS: Final = frozenset(EndReason)
STATES: Final = frozenset(RoomState)


class SqliteHistory:
    """`ports.History` on the library's file; used by one thread."""

    def __init__(self, folder: Path, schema: Path, timestamps: Timestamps, *, synced: bool = True) -> None:
        """Take the state folder and the folder of the library's `migrations`.

        `synced`: whether who writes waits for the disk (`Database`).
        """
        self.database = Database(folder / FILE, lambda: migrations(schema), synced=synced)
        """The library's file, open from now on."""
        self._timestamps = timestamps
        self._waiting: deque[Play] = deque(maxlen=IN_MEMORY)
        self.flush()

    @property
    def fault(self) -> str:
        """Why nothing can be written, with the cure, else empty."""
        return self.database.fault

    def add(self, play: Play) -> None:
        """Keep a play; written in batches, a skip at once."""
        self._waiting.append(play)
        waited = play.ended.monotonic - self._waiting[0].ended.monotonic
        if play.why is EndReason.SKIPPED or waited >= BATCH_SECONDS:
            self.flush()

    def plays(self, count: int) -> Sequence[Play]:
        """Return the last plays, newest first; `ended` is before this boot where it is negative."""
        waiting = list(reversed(self._waiting))[:count]
        left = self._timestamps.parameters() | {"count": count - len(waiting)}
        return waiting + [self._play(row) for row in self.database.read(_LAST, left)]

    def flush(self) -> None:
        """Write what waits, and correct what was written under a wrong clock."""
        rows = [self._row(play) for play in self._waiting]
        parameters = self._timestamps.parameters()

        def write(connection: sqlite3.Connection) -> None:
            for table in TIMED:
                for statement in self._timestamps.corrections(table):
                    connection.execute(statement, parameters)
            connection.executemany(_INSERT, rows)
            connection.execute(_BOUND)

        if self.database.write(write):
            self._waiting.clear()

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        self.database.close()

    def _row(self, play: Play) -> tuple[object, ...]:
        texts = (bindable(text) for text in (play.uri, play.title, play.artist))
        target = None if play.target is None else str(play.target)
        return (
            *self._timestamps.columns(play.ended), *texts, play.seconds, play.heard, str(play.why),
            str(play.mood), target, play.since_switch, play.profile,
        )  # fmt: skip

    def _play(self, row: tuple[Any, ...]) -> Play:
        at, uri, title, artist, seconds, heard, why, mood, target, since_switch, profile = row
        return Play(
            ended=self._timestamps.moment(at),
            uri=uri,
            title=title,
            artist=artist,
            seconds=seconds,
            heard=heard,
            why=EndReason(why) if why in REASONS else EndReason.UNKNOWN,
            mood=mood_of(mood),
            target=Emotion(target) if target in EMOTIONS else None,
            since_switch=since_switch,
            profile=profile,
        )


def mood_of(word: str) -> Mood:
    """Return the mood of a stored word; unsure where it is none."""
    if word in EMOTIONS:
        return Emotion(word)
    return RoomState(word) if word in STATES else RoomState.UNSURE
