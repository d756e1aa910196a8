"""What the household knows of songs, in `library.db`: `ports.Household`; how it is joined: `music.household`.

Invariants
==========
1. What is told of this speaker is counted from its own tables `verdicts` and `plays`, each row once: the ids
   up to which they are counted are written together with the counts.  Killed at any point, nothing is lost
   or counted twice.
2. A database that was lost begins with another replica; so does one that was set back to an older state, or
   copied, as soon as it hears of its own replica what it does not know (`take`).  What it had counted stays
   with the old name.  Until that was heard nothing is counted: whoever uses this listens first.
3. `own` of each count is what this file's own tables tell: what was learned from others is the rest.
4. Nothing here raises but `forget`; while the disk refuses, nothing is learned.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.household import Member
from moodspeaker.errors import StoreError
from moodspeaker.library import household_moods as moods
from moodspeaker.library import household_songs as songs
from moodspeaker.library.household_rows import counted_plays, counted_verdicts, name_songs
from moodspeaker.music.household import (
    KEPT,
    PARTS,
    Cell,
    Knowledge,
    SongKey,
    part_of,
    period_of,
)
from moodspeaker.music.household_message import MOST_REPLICAS, Told
from moodspeaker.music.preference import What

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from moodspeaker.database import Database
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.timestamps import Timestamps

OURS: Final = "ours"
ANOTHERS: Final = "another's"
WITHDRAWN: Final = "withdrawn"
FORGOTTEN: Final = "forgotten"
"""What `household_replicas.standing` can be."""
OLDEST: Final = 20_000
"""Plays that a new replica begins with."""
WHATS: Final = {what.name.lower(): what for what in What}
_OURS: Final = (
    "SELECT replica, verdicts, plays FROM household_replicas WHERE household = :name AND standing = 'ours'"
)
_MEMBERS: Final = (
    "SELECT replica, speaker, heard, standing = 'withdrawn' FROM household_replicas "
    "WHERE household = :name AND standing IN ('another''s', 'withdrawn') ORDER BY speaker, replica"
)
_COUNTS: Final = (
    "SELECT replica, name, seconds, profile, mood, period, what, count FROM household_counts "
    "WHERE part = :part AND replica IN (SELECT value FROM json_each(:replicas))"
)
_NUMBER: Final = "(SELECT coalesce(max(changed), 0) + 1 FROM household_counts)"
_PUT: Final = (
    "INSERT INTO household_counts (replica, name, seconds, profile, mood, period, what, part, count, own, "  # noqa: S608
    f"changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {_NUMBER}) "
    "ON CONFLICT DO UPDATE SET changed = excluded.changed, "
)
_LEARN: Final = f"{_PUT} count = max(count, excluded.count)"
_COUNT: Final = f"{_PUT} count = count + 1, own = own + 1"
_HEAR: Final = (
    "INSERT INTO household_replicas (replica, household, speaker, standing, heard) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET household = excluded.household, speaker = excluded.speaker, "
    "heard = excluded.heard, "
    "standing = CASE standing WHEN 'withdrawn' THEN 'another''s' ELSE standing END"
)
_BEGIN: Final = (
    "INSERT INTO household_replicas (replica, household, speaker, standing, verdicts, plays) "
    "VALUES (?, ?, ?, 'ours', ?, ?)"
)


class SqliteHousehold:
    """`ports.Household` on the library's file; used by one thread."""

    def __init__(self, database: Database, timestamps: Timestamps, name: str, speaker: str) -> None:
        """Take the library's file, which its owner opens and closes, the household's name and our own."""
        self._database, self._timestamps = database, timestamps
        self._name, self._speaker = name, speaker
        self._tidied = False
        """Whether what is too old to count was erased since the start."""

    @property
    def replica(self) -> str:
        """The name under which this speaker counts; empty until it has begun to."""
        return self._ours()[0]

    def _ours(self) -> tuple[str, int, int]:
        rows = self._database.read(_OURS, {"name": self._name})
        return rows[0] if rows else ("", 0, 0)

    def members(self) -> Sequence[Member]:
        """Return the others."""
        rows = self._database.read(_MEMBERS, {"name": self._name})
        return [Member(replica, speaker, heard, bool(gone)) for replica, speaker, heard, gone in rows]

    # --- ours ---------------------------------------------------------------------------------------------

    def count(self) -> Collection[int] | None:
        """Count some of what was said and heard here since the last time; return the parts that changed.

        None where there was nothing to count, or it could not be kept.
        """
        replica, verdicts, plays = self._ours()
        if not replica:
            return self._begin()
        parameters = self._timestamps.parameters()
        said = counted_verdicts(self._database, {**parameters, "after": verdicts})
        heard = counted_plays(self._database, {**parameters, "after": plays})
        now = period_of(self._timestamps.now().wall)
        if not self._tidied:
            self._tidied = self._tidy(now)
        cells = [cell for _, cell in (*said, *heard) if cell is not None and _counts(cell, now)]
        if not said and not heard:
            return None
        verdicts = max((number for number, _ in said), default=verdicts)
        plays = max((number for number, _ in heard), default=plays)

        def write(db: sqlite3.Connection) -> None:
            db.executemany(_COUNT, [_row(replica, cell, 1, 1) for cell in cells])
            marks = "UPDATE household_replicas SET verdicts = ?, plays = ? WHERE replica = ?"
            db.execute(marks, (verdicts, plays, replica))

        return {part_of(cell.song.name) for cell in cells} if self._database.write(write) else None

    def _tidy(self, now: int) -> bool:
        """Erase what is too old to count."""

        def write(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM household_counts WHERE period <= ?", (now - max(KEPT.values()),))
            db.execute(songs.UNUSED)

        return self._database.write(write)

    def _begin(self) -> Collection[int] | None:
        """Begin to count under a new name, with what is known already; return all parts."""

        def write(db: sqlite3.Connection) -> None:
            if db.execute(_OURS, {"name": self._name}).fetchone():  # a read had failed
                return
            [(last,)] = db.execute("SELECT coalesce(max(id), 0) FROM plays")
            before = "SELECT 1 FROM household_replicas WHERE household = ? AND standing = 'forgotten'"
            verdicts, plays = 0, max(0, last - OLDEST)
            if db.execute(before, (self._name,)).fetchone():  # the others know all of it
                [(verdicts,)] = db.execute("SELECT coalesce(max(id), 0) FROM verdicts")
                plays = last
            replica = _new_name()
            db.execute(_BEGIN, (replica, self._name, self._speaker, verdicts, plays))
            moods.seed(db, replica)

        return range(PARTS) if self._database.write(write) else None

    def told(self, part: int, carried: Collection[str]) -> Told | None:
        """Return what is to be told of a part, our own and these others' replicas; None for nothing."""
        replica = self.replica
        songs.note_ours(self._database, replica, part)
        names = {member.replica: member.speaker for member in self.members() if member.replica in carried}
        speakers = {replica: self._speaker, **names}
        known = self._known(part, speakers)
        own = {song: given for song, given in known.moods.items() if given.stamp.replica in speakers}
        now = period_of(self._timestamps.now().wall)
        current = Knowledge(known.counts, own, known.recordings).current(now)
        named = {(who, cell.song) for who, cell in current.counts}
        named |= {(given.stamp.replica, song) for song, given in own.items()}
        recordings = frozenset(one for one in current.recordings if one[:2] in named)
        knowledge = Knowledge(current.counts, own, recordings)
        return Told(self._speaker, speakers, knowledge) if replica and knowledge else None

    # --- others -------------------------------------------------------------------------------------------

    def take(self, told: Told, part: int) -> bool:
        """Join what a message says of a part; tell whether there was anything new."""
        ours, verdicts, plays = self._ours()
        standing = dict(self._database.read("SELECT replica, standing FROM household_replicas", {}))
        if len(standing.keys() | told.speakers) > MOST_REPLICAS:
            return False
        wall = self._timestamps.now().wall
        refused = {replica for replica in told.speakers if standing.get(replica) == FORGOTTEN}
        news = told.knowledge.current(period_of(wall)).beyond(self._known(part, told.speakers))
        if not self._database.is_open:  # what is known could not be read
            return False
        taken = {key: count for key, count in news.counts.items() if key[0] not in refused}
        recordings = {one for one in news.recordings if one[0] not in refused}
        strange = told.speakers.keys() - standing
        if not (taken or news.moods or recordings or strange):
            return False
        sources = {replica for replica, _ in taken} | strange

        def write(db: sqlite3.Connection) -> None:
            db.executemany(_LEARN, [_row(key[0], key[1], count, 0) for key, count in taken.items()])
            moods.give(db, news.moods.items(), applied=False)
            songs.add(db, recordings, part)
            for replica in sources - {ours}:
                db.execute(_HEAR, (replica, self._name, told.speakers[replica], ANOTHERS, wall))
            if ours in sources:  # our database was set back, or copied
                db.execute("UPDATE household_replicas SET standing = ? WHERE replica = ?", (ANOTHERS, ours))
                db.execute(_BEGIN, (_new_name(), self._name, self._speaker, verdicts, plays))

        return self._database.write(write)

    def withdraw(self, replica: str) -> None:
        """Note that the owner of a replica took back what it had published."""
        change = "UPDATE household_replicas SET standing = ? WHERE replica = ? AND standing = ?"
        row = (WITHDRAWN, replica, ANOTHERS)
        self._database.write(lambda db: db.execute(change, row))

    def _known(self, part: int, replicas: Iterable[str]) -> Knowledge:
        parameters = {"part": part, "replicas": json.dumps(list(replicas))}
        rows = self._database.read(_COUNTS, parameters)
        counts = {
            (replica, Cell(SongKey(name, seconds), profile, mood, period, WHATS[what])): count
            for replica, name, seconds, profile, mood, period, what, count in rows
            if what in WHATS
        }
        recorded = songs.recordings(self._database, part, replicas)
        return Knowledge(counts, moods.in_part(self._database, part), recorded)

    # --- songs --------------------------------------------------------------------------------------------

    def correct(self, uri: str, mood: Emotion | None) -> int | None:
        """Keep the mood that a person gave to a song here; return its part, None where it was not kept."""
        replica = self.replica
        if not replica:
            return None  # it is told with all that was said before, once we begin to count
        return moods.say(self._database, uri, mood, replica, self._timestamps.now().wall)

    def name_songs(self) -> bool:
        """Find out by which names some songs of the index are known; tell whether there were any."""
        return name_songs(self._database)

    def corrections(self) -> Sequence[tuple[str, Emotion | None]]:
        """Return the songs of the index whose mood somebody changed in another room: URI and mood."""
        return moods.due(self._database)

    def note_corrected(self) -> None:
        """Note that what `corrections` returned is done."""
        moods.note_applied(self._database)

    # --- the end ------------------------------------------------------------------------------------------

    def published(self) -> Sequence[tuple[str, str]]:
        """Return our replicas of which the broker may keep something it should not: (household, replica)."""
        query = (
            "SELECT household, replica FROM household_replicas "
            "WHERE published AND (standing = 'forgotten' OR (standing = 'ours' AND household <> :name))"
        )
        return [
            (household, replica) for household, replica in self._database.read(query, {"name": self._name})
        ]

    def note_published(self, replica: str, *, published: bool) -> None:
        """Note that the broker may keep something of a replica of ours, before it does, or does no more."""
        change = "UPDATE household_replicas SET published = ? WHERE replica = ? AND published <> ?"
        row = (int(published), replica, int(published))
        self._database.write(lambda db: db.execute(change, row))

    def forget(self) -> None:
        """Erase what was learned from others, and begin anew as another replica.  Raises StoreError."""
        replica = self.replica

        def write(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM household_counts")
            db.execute("DELETE FROM household_moods")
            db.execute("DELETE FROM household_recordings")
            db.execute("DELETE FROM household_replicas WHERE standing NOT IN ('ours', 'forgotten')")
            db.execute("UPDATE household_replicas SET standing = ? WHERE replica = ?", (FORGOTTEN, replica))

        if not self._database.write(write):
            raise StoreError(self._database.fault)
        self._database.settle()


def _counts(cell: Cell, now: int) -> bool:
    return bool(Knowledge({("", cell): 1}).current(now))


def _row(replica: str, cell: Cell, count: int, own: int) -> tuple[Any, ...]:
    (name, seconds), profile, mood, period, what = cell
    return (replica, name, seconds, profile, mood, period, what.name.lower(), part_of(name), count, own)


def _new_name() -> str:
    return secrets.token_hex(8)
