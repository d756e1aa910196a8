"""The moods that people gave to songs in any room (`household_moods`), and the songs of ours they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.database import bindable
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.library.household_rows import name_of, song_of
from moodspeaker.library.household_songs import meant
from moodspeaker.music.household import (
    BELIEVED,
    Given,
    SongKey,
    Stamp,
    next_stamp,
    part_of,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from moodspeaker.database import Database

_STAMP: Final = "milliseconds, tick, replica"
_GIVE: Final = (
    f"INSERT INTO household_moods (name, seconds, part, {_STAMP}, mood, applied) "  # noqa: S608 - text of ours
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET milliseconds = excluded.milliseconds, "
    "tick = excluded.tick, replica = excluded.replica, mood = excluded.mood, applied = excluded.applied "
    "WHERE (excluded.milliseconds, excluded.tick, excluded.replica, excluded.mood) > "
    "(household_moods.milliseconds, household_moods.tick, household_moods.replica, household_moods.mood)"
)
_IN_PART: Final = f"SELECT name, seconds, {_STAMP}, mood FROM household_moods WHERE part = :part"  # noqa: S608
_LATEST: Final = (
    f"SELECT {_STAMP} FROM household_moods WHERE milliseconds <= :believed "  # noqa: S608 - text of ours
    "ORDER BY milliseconds DESC, tick DESC LIMIT 1"
)
_MEANT: Final = meant(
    "household_moods",
    "songs.id AS song, songs.uri AS uri, correction, milliseconds, tick, told.replica AS replica, "
    "told.mood AS given, applied, told.part AS part, told.name AS name, told.seconds AS seconds",
    "1",
)
_DUE: Final = (
    f"WITH meant AS MATERIALIZED ({_MEANT}) SELECT uri, correction, {_STAMP}, given FROM meant "  # noqa: S608 - ours
    "WHERE song IN (SELECT song FROM meant WHERE applied = 0)"
)
_SAID: Final = f"SELECT {_STAMP}, given FROM ({_MEANT}) WHERE uri = CAST(:uri AS TEXT)"  # noqa: S608 - text of ours
_APPLIED: Final = (
    "UPDATE household_moods SET applied = 1 WHERE applied = 0 AND (part, name, seconds) IN "  # noqa: S608 - ours
    f"(SELECT part, name, seconds FROM ({_MEANT}))"
)
_CORRECTED: Final = (
    "SELECT title, artist, uri, stated, correction FROM songs WHERE correction IS NOT NULL AND gone IS NULL"
)


def in_part(database: Database, part: int) -> dict[SongKey, Given]:
    """Return the moods of a part."""
    rows = database.read(_IN_PART, {"part": part})
    return {SongKey(name, seconds): Given(Stamp(*stamp), mood) for name, seconds, *stamp, mood in rows}


def give(db: sqlite3.Connection, moods: Iterable[tuple[SongKey, Given]], *, applied: bool) -> None:
    """Write moods where they are later than what is there."""
    rows = [(*song, part_of(song.name), *given.stamp, given.mood, int(applied)) for song, given in moods]
    db.executemany(_GIVE, rows)


def say(database: Database, uri: str, mood: Emotion | None, replica: str, wall: float) -> int | None:
    """Keep the mood that a person gave to a song here; return its part, None where it was not kept."""
    song = song_of(database, uri)
    part = part_of(song.name)
    before = [Stamp(*stamp) for *stamp, _ in database.read(_SAID, {"uri": bindable(uri)})]
    if song in (known := in_part(database, part)):
        before.append(known[song].stamp)
    latest = database.read(_LATEST, {"believed": int(wall * 1000) + BELIEVED})
    stamp = next_stamp(wall, replica, Stamp(*latest[0]) if latest else None, max(before, default=None))
    given = Given(stamp, "" if mood is None else str(mood))
    kept = database.write(lambda db: give(db, [(song, given)], applied=True))
    return part if kept else None


def seed(db: sqlite3.Connection, replica: str) -> None:
    """Take in the moods that people gave to songs before; whatever is said from now on counts before them."""
    given = [
        (SongKey(name_of(title, artist, uri), round(seconds or 0)), Given(Stamp(0, 0, replica), mood))
        for title, artist, uri, seconds, mood in db.execute(_CORRECTED)
    ]
    give(db, given, applied=True)


def due(database: Database) -> Sequence[tuple[str, Emotion | None]]:
    """Return the songs of the index whose mood somebody changed in another room: URI and mood."""
    latest: dict[str, tuple[Given, str]] = {}
    for uri, correction, *stamp, mood in database.read(_DUE, {}):
        given = Given(Stamp(*stamp), mood)
        if uri not in latest or given > latest[uri][0]:
            latest[uri] = (given, correction or "")
    return [
        (uri, Emotion(given.mood) if given.mood in EMOTIONS else None)
        for uri, (given, correction) in latest.items()
        if correction != given.mood
    ]


def note_applied(database: Database) -> None:
    """Note that what was `due` is done."""
    database.write(lambda db: db.execute(_APPLIED))
