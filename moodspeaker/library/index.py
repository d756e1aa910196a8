"""The songs and their moods in `library.db`, as the scan writes them and `index show` reads them.

Invariants
==========
1. The daemon reads while the scan writes (WAL).  Every write is a short transaction, so the daemon's own are
   hardly kept waiting; only that of moved songs with their history is as long as it must be, for it is whole.
2. Killed at any point, the file is sound and the next scan goes on: what was found before is not looked for
   again, and no song is lost or there twice.
3. A song that is not listed any more is gone, not deleted: it comes back with its history.  As many gone
   songs are kept as there are songs, and `GONE` at least.
4. What is raised is StoreError.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.database import Database, bindable
from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.library import SharedStickers, SongAffect
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.errors import StoreError
from moodspeaker.library import stickers
from moodspeaker.library.evidence import Words
from moodspeaker.library.fusion import place
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.library.moods import SqliteMoodIndex, correct_met
from moodspeaker.library.songs import (
    IndexedSong,
    KnownSong,
    Unheard,
    compare,
    digest_of,
    key_of,
)
from moodspeaker.library.taste import taste_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from moodspeaker.library.fusion import Placement
    from moodspeaker.library.lexicon import Lexicon
    from moodspeaker.library.songs import Changes, Sound

PATIENCE: Final = 30.0
"""Seconds for which the scan waits for the daemon's writes."""
KEYED: Final = ("imported_labels", "imported_verdicts", "imported_plays", "shared_stickers")
"""Tables, beside `plays` and `verdicts`, of what is known under a song's URI; it is part of their key."""
PAGE: Final = 2000
"""Rows of a read, and of a write."""
GONE: Final = 1000
"""Songs that are kept at least of those that are not listed any more."""
SAME_DECODED: Final = 0.5
"""Seconds by which the decoded length of one sound may differ."""
PLAYLISTS_SEEN: Final = "playlists_seen"
"""The state that changes with `stored_playlists`."""
PLAYLISTS_AT: Final = "playlists_at"
"""The state that tells when the playlists of moods were looked at; empty: they are to be looked at now."""
VISIBLE: Final = 0.005
"""A difference of place that is worth a write."""

_TEXT: Final = "CAST(? AS TEXT)"
_TAGS: Final = ("uri", "title", "artist", "album", "genre", "moods", "modified", "recording")
_OF_FILE: Final = (
    "analysed", "model", "decoded", "damaged", "file_moods", "bpm", "musical_key", "gain", "comment", "timbre"
)  # fmt: skip
_SET_TAGS: Final = (
    ", ".join(f"{name} = {_TEXT}" for name in _TAGS) + ", stated = ?, starts = ?, ends = ?, year = ?"
)
_VALUES: Final = ", ".join([_TEXT] * len(_TAGS))
_INSERT: Final = (
    f"INSERT INTO songs ({', '.join(_TAGS)}, stated, starts, ends, year) VALUES ({_VALUES}, ?, ?, ?, ?)"  # noqa: S608 - text of ours
)
_UPDATE: Final = f"UPDATE songs SET {_SET_TAGS}, gone = NULL WHERE id = ?"  # noqa: S608 - text of ours
_UNSHARE: Final = "UPDATE songs SET shared_valence = NULL, shared_arousal = NULL WHERE id = ?"
_KNOWN: Final = (
    "SELECT id, uri, title, artist, album, genre, moods, modified, stated, starts, ends, recording, year, "
    "gone IS NOT NULL "
    "FROM songs WHERE id > :after ORDER BY id LIMIT :page"
)
_UNHEARD: Final = (
    "FROM songs WHERE gone IS NULL AND (analysed IS NOT modified OR model IS NOT :version) AND id > :after"
)
_HEARD: Final = (
    "UPDATE songs SET analysed = CAST(? AS TEXT), model = ?, decoded = ?, damaged = ?, fingerprint = ?, "
    "sound_valence = ?, sound_arousal = ?, valence_reliability = ?, arousal_reliability = ?, "
    "sound_reason = ?, file_moods = CAST(? AS TEXT), bpm = ?, musical_key = ?, gain = ?, "
    "comment = CAST(? AS TEXT), timbre = ? WHERE id = ?"
)
_EVIDENCE: Final = (
    "SELECT id, artist, genre, CASE moods WHEN '' THEN file_moods ELSE moods END, comment, "
    "sound_valence, sound_arousal, valence_reliability, arousal_reliability, correction, "
    "(SELECT group_concat(told.mood) FROM imported_labels AS told WHERE told.uri = songs.uri), "
    "mood, rank_valence, rank_arousal, source, confidence FROM songs "
    "WHERE gone IS NULL AND id > :after ORDER BY id LIMIT :page"
)
_PLACE: Final = (
    "UPDATE songs SET valence = ?, arousal = ?, rank_valence = ?, rank_arousal = ?, mood = ?, distance = ?, "
    "confidence = ?, source = ? WHERE id = ?"
)
_UNSHARED: Final = (
    "SELECT uri, cast(round(100 * valence) AS INTEGER) AS v, cast(round(100 * arousal) AS INTEGER) AS a "
    "FROM songs WHERE gone IS NULL AND valence IS NOT NULL "
    "AND (shared_valence IS NOT v OR shared_arousal IS NOT a) LIMIT :page"
)
_SHOW: Final = (
    "SELECT id, songs.uri, title, artist, album, genre, coalesce(decoded, stated), valence, arousal, "
    "rank_valence, rank_arousal, mood, confidence, source, sound_reason, damaged, bpm, musical_key, gain, "
    "verdict, rating, plays, skips FROM songs LEFT JOIN shared_stickers ON shared_stickers.uri = songs.uri "
    "WHERE gone IS NULL AND id > :after ORDER BY id LIMIT :page"
)
NOT_YET: Final = "its tags say nothing of a mood, and its sound is not analysed yet"


class SongIndex:
    """The index; used by one thread of one process that scans or shows."""

    def __init__(self, folder: Path, schema: Path) -> None:
        """Open the file in the state folder; raise StoreError."""
        self._database = Database(folder / FILE, lambda: migrations(schema), PATIENCE)
        self._write(lambda _: None)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # --- the tags -----------------------------------------------------------------------------------------

    def take_listing(self, listed: Sequence[CatalogueSong]) -> Changes:
        """Take over a whole listing of the music server; a URI stands in it once.  Return what it changed."""
        changes = compare(self._known(), listed)
        number = int(self.state("scan") or 0) + 1
        self.set_state(scan=str(number))
        if changes.gone:  # they may stand in the playlists of moods
            self.set_state(**{PLAYLISTS_AT: ""})
        self._write_rows("UPDATE songs SET gone = ? WHERE id = ?", [(number, song) for song in changes.gone])
        if changes.moved:
            self._write(lambda db: _move(db, changes.moved))
        self._write_rows(_UPDATE, [(*_columns(tags), song) for song, tags in changes.same])
        self._write_rows(_INSERT, [_columns(tags) for tags in changes.fresh])
        self._write(_follow_late)
        self._write(correct_met)
        self._write(lambda db: _erase_long_gone(db, len(listed)))
        return changes

    def _known(self) -> Iterator[KnownSong]:
        for number, uri, title, artist, *rest, seconds, start, end, recording, year, gone in self._pages(
            _KNOWN
        ):
            album, genre, moods, modified = rest
            tags = CatalogueSong(
                uri, title, (artist,), album, seconds, genre, moods, modified, start, end, recording, year
            )
            yield KnownSong(
                number, uri, key_of(uri, title, artist), digest_of(tags), seconds, gone=bool(gone)
            )

    def some_uris(self, count: int) -> Sequence[str]:
        """Return the URIs of some songs that are there."""
        query = "SELECT uri FROM songs WHERE gone IS NULL ORDER BY id LIMIT :count"
        return [uri for (uri,) in self._read(query, {"count": count})]

    # --- the sound ----------------------------------------------------------------------------------------

    def unheard(self, version: str, after: int = 0) -> Sequence[Unheard]:
        """Return the next songs, in the order of their ids, that were not analysed as they are now."""
        rows = self._read(
            f"SELECT id, uri, modified, starts, ends, sound_reason {_UNHEARD} ORDER BY id LIMIT 100",
            {"version": version, "after": after},
        )
        return [Unheard(*row) for row in rows]

    def count_unheard(self, version: str) -> int:
        """Return how many songs were not analysed as they are now."""
        [(count,)] = self._read(f"SELECT count(*) {_UNHEARD}", {"version": version, "after": 0})
        return int(count)

    def add_sounds(
        self, found: Sequence[tuple[Unheard, Sound]], version: str, alike: Callable[[bytes, bytes], bool]
    ) -> None:
        """Keep what was heard, and know songs again by it: `alike` compares two fingerprints."""

        def write(db: sqlite3.Connection) -> None:
            for song, sound in found:
                new = db.execute("SELECT 1 FROM songs WHERE id = ? AND model IS NULL", (song.id,))
                is_new = new.fetchone() is not None
                analysed = None if sound.passing else bindable(song.modified)
                estimate = sound.estimate
                of_sound = (None,) * 4 if estimate is None else astuple(estimate)
                known = (analysed, None if sound.passing else version, sound.seconds, sound.damaged)
                tags = sound.tags
                rest = (bindable(tags.moods), tags.bpm, tags.key, tags.gain, bindable(tags.comment))
                of_song = (sound.timbre or None, song.id)
                db.execute(_HEARD, (*known, sound.fingerprint, *of_sound, sound.reason, *rest, *of_song))
                if is_new and sound.fingerprint is not None:
                    _know_again(db, song.id, sound, alike)

        self._write(write)

    # --- what other players know --------------------------------------------------------------------------

    def take_stickers(self, told: Mapping[str, SharedStickers]) -> Mapping[str, SharedStickers]:
        """Keep what other players know of songs, by URI; return what the server lost of songs that moved."""
        self._write_rows(stickers.TAKE, stickers.news(told, stickers.by_uri(self._read(stickers.KNOWN, {}))))
        return stickers.lost(stickers.by_uri(self._read(stickers.MOVED, {})), told)

    def take_playlists(self, playlists: Sequence[Sequence[str]], mark: str) -> None:
        """Keep the stored playlists in the place of those that were known, and their mark."""
        rows = [
            (number, place, bindable(uri))
            for number, uris in enumerate(playlists)
            for place, uri in enumerate(uris)
        ]

        def write(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM stored_playlists")
            db.executemany("INSERT INTO stored_playlists VALUES (?, ?, CAST(? AS TEXT))", rows)
            db.execute("INSERT OR REPLACE INTO scan_state VALUES (?, ?)", (PLAYLISTS_SEEN, mark))

        self._write(write)

    # --- moods --------------------------------------------------------------------------------------------

    def place(self, lexicon: Lexicon) -> None:
        """Give every song its place and mood by all that is known now."""
        rows = list(self._pages(_EVIDENCE))
        known = Words(lexicon)
        placements = place([known.evidence(row[1:11]) for row in rows])
        changed = [
            (*_place_columns(placement), row[0])
            for row, placement in zip(rows, placements, strict=True)
            if _is_visible(row, placement)
        ]
        self._write_rows(_PLACE, changed)
        self.set_state(
            songs=str(len(rows)),
            placed=str(sum(placement is not None for placement in placements)),
            heard=str(sum(row[5] is not None for row in rows)),
        )

    # --- sharing ------------------------------------------------------------------------------------------

    def unshared(self) -> Sequence[SongAffect]:
        """Return some songs whose place is another than their stickers say."""
        return [SongAffect(*row) for row in self._read(_UNSHARED, {"page": PAGE})]

    def note_shared(self, songs: Sequence[SongAffect]) -> None:
        """Note what the stickers of songs say now."""
        statement = (
            "UPDATE songs SET shared_valence = ?, shared_arousal = ? "
            "WHERE uri = CAST(? AS TEXT) AND gone IS NULL"
        )
        self._write_rows(statement, [(song.valence, song.arousal, bindable(song.uri)) for song in songs])

    def nearest(self, mood: Emotion, count: int) -> Sequence[str]:
        """Return the URIs of the songs that are nearest to a mood."""
        return SqliteMoodIndex(self._database).nearest(mood)[:count]

    # --- showing ------------------------------------------------------------------------------------------

    def songs(self) -> Iterator[IndexedSong]:
        """Yield every song that is there."""
        for _, uri, title, artist, album, genre, seconds, *rest in self._pages(_SHOW):
            valence, arousal, rank_valence, rank_arousal, mood, confidence, source, reason, damaged = rest[:9]
            bpm, key, gain, verdict, rating, plays, skips = rest[9:]
            placed = mood is not None
            yield IndexedSong(
                uri, title or uri.rsplit("/", 1)[-1], artist, album, genre, seconds,
                Affect(valence, arousal) if placed else None,
                Affect(rank_valence, rank_arousal) if placed else None,
                mood, confidence, source,
                reason or ("" if placed else NOT_YET),
                bool(damaged), bpm, key, gain,
                taste_of(SharedStickers(verdict, rating, plays or 0, skips or 0)),
            )  # fmt: skip

    def state(self, name: str) -> str:
        """Return what is known of the last scan under a name, else empty."""
        rows = self._read("SELECT value FROM scan_state WHERE name = :name", {"name": name})
        return str(rows[0][0]) if rows else ""

    def set_state(self, **values: str) -> None:
        """Keep what is known of the scan."""
        rows = [(name, bindable(value)) for name, value in values.items()]
        statement = "INSERT OR REPLACE INTO scan_state VALUES (?, CAST(? AS TEXT))"
        self._write(lambda db: db.executemany(statement, rows))

    # --- the file -----------------------------------------------------------------------------------------

    def _write(self, act: Callable[[sqlite3.Connection], object]) -> None:
        if not self._database.write(act):
            raise StoreError(self._database.fault)

    def _write_rows(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Carry out a statement for each row, some at a time."""
        for start in range(0, len(rows), PAGE):
            self._write(lambda db, start=start: db.executemany(statement, rows[start : start + PAGE]))  # type: ignore[misc] # bound at once

    def _read(self, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        rows = self._database.read(query, parameters)
        if not self._database.is_open:
            raise StoreError(self._database.fault)
        return rows

    def _pages(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query by `:after` and `:page`, whose first column is the id."""
        after = 0
        while rows := self._read(query, {"after": after, "page": PAGE}):
            yield from rows
            after = rows[-1][0]


def _columns(tags: CatalogueSong) -> tuple[object, ...]:
    texts = (
        tags.uri, tags.title, tags.artist, tags.album, tags.genre, tags.moods, tags.modified, tags.recording
    )  # fmt: skip
    return (*map(bindable, texts), tags.seconds, tags.start, tags.end, tags.year)


# --- moved songs and their history --------------------------------------------------------------------------


def _move(db: sqlite3.Connection, moved: Sequence[tuple[int, str, CatalogueSong]]) -> None:
    """Give songs their new URIs and tags, with all that is written under their old ones."""
    db.executemany(_UPDATE, [(*_columns(tags), song) for song, _, tags in moved])
    db.executemany(_UNSHARE, [(song,) for song, _, _ in moved])  # stickers stay with the URI
    _follow(db, [(song, was, tags.uri) for song, was, tags in moved if was != tags.uri])


def _follow(db: sqlite3.Connection, moves: Sequence[tuple[int, str, str]]) -> None:
    """Let what is written under earlier URIs follow: (song, earlier URI, URI now).  Two may change places."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS moving (was TEXT PRIMARY KEY, now TEXT NOT NULL)")
    rows = [(bindable(was), bindable(now)) for _, was, now in moves]
    db.executemany("INSERT OR REPLACE INTO moving VALUES (CAST(? AS TEXT), CAST(? AS TEXT))", rows)
    theirs = "uri IN (SELECT was FROM moving)"
    new_uri = "uri = (SELECT now FROM moving WHERE was = uri)"
    for table in ("plays", "verdicts"):
        db.execute(f"UPDATE {table} SET {new_uri} WHERE {theirs}")  # noqa: S608 - text of ours
    for table in KEYED:  # a key that two of them exchange is never there twice
        db.execute(f"CREATE TEMP TABLE following AS SELECT * FROM {table} WHERE {theirs}")  # noqa: S608
        db.execute(f"DELETE FROM {table} WHERE {theirs}")  # noqa: S608 - text of ours
        db.execute(f"UPDATE following SET {new_uri}")  # noqa: S608 - text of ours
        db.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM following")  # noqa: S608 - text of ours
        db.execute("DROP TABLE following")
    db.execute("DELETE FROM moving")
    statement = "INSERT OR REPLACE INTO moves VALUES (CAST(? AS TEXT), ?)"
    db.executemany(statement, [(bindable(was), song) for song, was, _ in moves])


def _follow_late(db: sqlite3.Connection) -> None:
    """Let follow what the daemon or an import wrote under an earlier URI after the song had moved.

    A URI that is a song's again says nothing of the earlier one any more.
    """
    db.execute("DELETE FROM moves WHERE was IN (SELECT uri FROM songs WHERE gone IS NULL)")
    late = " UNION ".join(f"SELECT uri FROM {table}" for table in ("plays", "verdicts", *KEYED))  # noqa: S608
    rows = db.execute(
        "SELECT song, was, songs.uri FROM moves JOIN songs ON songs.id = song "  # noqa: S608 - text of ours
        f"WHERE gone IS NULL AND was IN ({late})"
    ).fetchall()
    if rows:
        _follow(db, rows)


def _know_again(
    db: sqlite3.Connection, new: int, sound: Sound, alike: Callable[[bytes, bytes], bool]
) -> None:
    """Where a song sounds like one that is gone, it is that one."""
    rows = db.execute(
        "SELECT id, uri, fingerprint FROM songs WHERE gone IS NOT NULL AND fingerprint IS NOT NULL "
        "AND decoded BETWEEN :seconds - :same AND :seconds + :same ORDER BY gone DESC, id",
        {"seconds": sound.seconds, "same": SAME_DECODED},
    )
    print_there = sound.fingerprint or b""
    found = next(((old, was) for old, was, print_gone in rows if alike(print_there, print_gone)), None)
    if found is None:
        return
    old, was = found
    taken = ", ".join((*_TAGS, "stated", "starts", "ends", "year", *_OF_FILE, "gone"))
    values = db.execute(f"SELECT {taken} FROM songs WHERE id = ?", (new,)).fetchone()  # noqa: S608 - ours
    db.execute("DELETE FROM songs WHERE id = ?", (new,))
    bound = [bindable(value) if isinstance(value, str) else value for value in values]
    places = ", ".join(_TEXT if isinstance(value, str) else "?" for value in values)
    db.execute(f"UPDATE songs SET ({taken}) = ({places}) WHERE id = ?", (*bound, old))  # noqa: S608 - ours
    db.execute(_UNSHARE, (old,))
    if was != values[0]:
        _follow(db, [(old, was, values[0])])


def _erase_long_gone(db: sqlite3.Connection, there: int) -> None:
    kept = max(GONE, there)
    oldest = "SELECT id FROM songs WHERE gone IS NOT NULL ORDER BY gone DESC, id DESC LIMIT -1 OFFSET ?"
    db.execute(f"DELETE FROM songs WHERE id IN ({oldest})", (kept,))  # noqa: S608 - text of ours


# --- places ------------------------------------------------------------------------------------


def _place_columns(placement: Placement | None) -> tuple[object, ...]:
    if placement is None:
        return (None, None, None, None, None, None, 0.0, "")
    affect, rank = placement.affect, placement.rank
    return (
        affect.valence, affect.arousal, rank.valence, rank.arousal, str(placement.mood), placement.distance,
        placement.confidence, placement.source,
    )  # fmt: skip


def _is_visible(row: tuple[Any, ...], placement: Placement | None) -> bool:
    """Tell whether a place differs from the one that is written."""
    *_, mood, rank_valence, rank_arousal, source, confidence = row
    if placement is None or mood is None:
        return placement is not None or mood is not None
    return bool(
        mood != placement.mood
        or source != placement.source
        or abs(rank_valence - placement.rank.valence) > VISIBLE
        or abs(rank_arousal - placement.rank.arousal) > VISIBLE
        or abs(confidence - placement.confidence) > VISIBLE
    )
