"""The rows of `verdicts` and `plays` as a household counts them, and the names by which it knows songs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moodspeaker.database import bindable
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import Opinion
from moodspeaker.music.household import Cell, SongKey, period_of
from moodspeaker.music.preference import What, of_play
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.database import Database

PAGE: Final = 200
"""Rows that are counted, or songs that are named, at once: a name takes a moment."""
OPINIONS: Final = {
    str(Opinion.LIKE): What.LIKED,
    str(Opinion.DISLIKE): What.DISLIKED,
    str(Opinion.WRONG_MOOD): What.WRONG_MOOD,
}
REASONS: Final = {str(reason): reason for reason in EndReason}
_VERDICTS: Final = (
    f"SELECT said.id, {TIME}, said.uri, profile, said.mood, verdict, title, artist, stated "  # noqa: S608 - text of ours
    "FROM verdicts AS said LEFT JOIN songs ON songs.uri = said.uri AND songs.gone IS NULL "
    f"WHERE said.id > :after ORDER BY said.id LIMIT {PAGE}"
)
_PLAYS: Final = (
    f"SELECT ended.id, {TIME}, ended.uri, profile, coalesce(target, ended.mood), why, heard, since_switch, "  # noqa: S608
    "coalesce(songs.title, ended.title), coalesce(songs.artist, ended.artist), "
    "coalesce(songs.stated, ended.seconds) "
    "FROM plays AS ended LEFT JOIN songs ON songs.uri = ended.uri AND songs.gone IS NULL "
    f"WHERE ended.id > :after ORDER BY ended.id LIMIT {PAGE}"
)
_HEARD_AS: Final = (
    "SELECT title, artist, seconds FROM plays WHERE uri = CAST(:uri AS TEXT) ORDER BY id DESC LIMIT 1"
)
_UNNAMED: Final = (
    "SELECT id, title, artist, uri FROM songs WHERE gone IS NULL "  # noqa: S608 - text of ours
    f"AND id NOT IN (SELECT song FROM household_songs) LIMIT {PAGE}"
)


def counted_verdicts(database: Database, parameters: Mapping[str, Any]) -> Sequence[tuple[int, Cell | None]]:
    """Return the next verdicts after an id, each with what it counts for; None for nothing."""
    found: list[tuple[int, Cell | None]] = []
    for number, at, uri, profile, mood, verdict, *tags in database.read(_VERDICTS, parameters):
        said = tags if tags[0] is not None else _heard_as(database, uri)
        what = OPINIONS.get(verdict)
        found.append((number, what and Cell(_song(uri, *said), profile, _mood(mood), period_of(at), what)))
    return found


def counted_plays(database: Database, parameters: Mapping[str, Any]) -> Sequence[tuple[int, Cell | None]]:
    """Return the next plays after an id, each with what it counts for; None for nothing."""
    found: list[tuple[int, Cell | None]] = []
    for number, at, uri, profile, mood, why, heard, since_switch, *tags in database.read(_PLAYS, parameters):
        what = of_play(REASONS.get(why, EndReason.UNKNOWN), heard, since_switch)
        cell = what and Cell(_song(uri, *tags), profile, _mood(mood), period_of(at), what)
        found.append((number, cell))
    return found


def song_of(database: Database, uri: str) -> SongKey:
    """Return how a song is known, by its tags in the index, else by those that were shown when it played."""
    query = "SELECT title, artist, stated FROM songs WHERE uri = CAST(:uri AS TEXT) AND gone IS NULL"
    rows = database.read(query, {"uri": bindable(uri)})
    return _song(uri, *(rows[0] if rows else _heard_as(database, uri)))


def name_of(title: str, artist: str, uri: str) -> str:
    """Return the name by which a household knows a song."""
    from moodspeaker.library.names import known_as  # noqa: PLC0415 - tables of letters, for who shares

    return known_as(title, artist, uri)


def name_songs(database: Database) -> bool:
    """Give names to some songs of the index that have none yet; tell whether there were any."""
    rows = database.read(_UNNAMED, {})
    named = [(number, name_of(title, artist, uri)) for number, title, artist, uri in rows]
    put = "INSERT OR REPLACE INTO household_songs VALUES (?, CAST(? AS TEXT))"
    rows = [(number, bindable(name)) for number, name in named]
    return bool(rows) and database.write(lambda db: db.executemany(put, rows))


def _heard_as(database: Database, uri: str) -> Sequence[Any]:
    rows = database.read(_HEARD_AS, {"uri": bindable(uri)})
    return rows[0] if rows else ("", "", None)


def _song(uri: str, title: str, artist: str, seconds: float | None) -> SongKey:
    return SongKey(name_of(title, artist, uri), round(seconds or 0))


def _mood(word: str) -> str:
    return word if word in EMOTIONS else ""
