"""What `library.db` knows of the listeners: sessions and preferences, kept in memory as they grow.

Design notes
============
Read once, then only what is new, whenever songs are chosen: plays and verdicts by their ids.  What other
processes change as a whole (a scan, imports, stickers, playlists, songs that moved) is read again when it
did (`elsewhere`).  What other speakers of the household tell is counts, of which only what was added is read.
The last `MOST` rows of each table count: some megabytes at most.

So that a process which chooses once need not read all of that, what it comes to is kept in the file, too
(`digest`): whoever read much writes it, whoever begins reads it and what is newer.  It says nothing that the
tables do not, and is made again where it is missing, or where what it rests on has changed.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from moodspeaker import __version__
from moodspeaker.domain.emotion import EMOTIONS, Affect
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import HOUSEHOLD, Opinion
from moodspeaker.library import digest
from moodspeaker.music.collaborative import Named, Sessions
from moodspeaker.music.preference import (
    EARLY,
    FADING,
    IN_COMMON,
    SWITCH,
    Event,
    Preferences,
    Traits,
    What,
    of_play,
)
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from moodspeaker.database import Database
    from moodspeaker.timestamps import Timestamps

MOST: Final = 5_000
"""Rows of each table that are read, the newest."""
GAP: Final = 30 * 60.0
"""Seconds of silence that end a session."""
LONGEST: Final = 50
"""Songs of a session at most."""
HEARD: Final = 30.0
"""Seconds from which on a song was heard."""
MUCH: Final = 200
"""Rows from which on it is worth a write that nobody need read them again."""
WHAT: Final = {
    str(Opinion.LIKE): What.LIKED,
    str(Opinion.DISLIKE): What.DISLIKED,
    str(Opinion.WRONG_MOOD): What.WRONG_MOOD,
}
REASONS: Final = {reason.encode(): reason for reason in EndReason}
UNKNOWN: Final = (Named("", "", ""), Traits())
"""A song that is not in the index."""
MOODS: Final = {mood.encode(): mood for mood in EMOTIONS}
MOST_KEPT: Final = 3 * MOST
"""Rows beyond which a digest is made again of the newest."""
FORM: Final = 5
"""Of a digest: raised when `as_json` of what it holds gives something else than before."""
MEANING: Final = (MOST, GAP, LONGEST, HEARD, EARLY, SWITCH, FADING, IN_COMMON, [what.value for what in What])
"""What decides how rows are read."""
_PLAYS: Final = (
    f"SELECT uri, id, CAST({TIME} AS INTEGER), heard, CAST(why AS BLOB), "  # noqa: S608 - text of ours
    "CAST(coalesce(target, mood) AS BLOB), since_switch, nullif(profile, 'household') "
    "FROM plays WHERE id > :after ORDER BY id DESC LIMIT :most"
)
"""Words as bytes, the usual profile as NULL: thousands of texts take their time."""
_NAMES: Final = (
    "SELECT uri, title, artist, max(id) FROM plays "
    "WHERE uri IN (SELECT value FROM json_each(:uris)) GROUP BY uri"
)
_VERDICTS: Final = (
    f"SELECT uri, id, CAST({TIME} AS INTEGER), verdict, CAST(mood AS BLOB), profile "  # noqa: S608 - text of ours
    "FROM verdicts WHERE id > :after ORDER BY id DESC LIMIT :most"
)
_SONGS: Final = (
    "SELECT uri, title, artist, genre, rank_valence, rank_arousal, year, timbre FROM songs "
    "WHERE gone IS NULL AND uri IN (SELECT value FROM json_each(:uris))"
)
_OTHERS: Final = (
    "SELECT EXISTS (SELECT 1 FROM imported_plays) OR EXISTS (SELECT 1 FROM imported_verdicts) "
    "OR EXISTS (SELECT 1 FROM shared_stickers) OR EXISTS (SELECT 1 FROM stored_playlists), "
    "(SELECT count(*) FROM imported_plays), "
    "(SELECT count(*) || ' ' || total(liked) FROM imported_verdicts), "
    "(SELECT count(*) || ' ' || total(verdict) || ' ' || total(rating) FROM shared_stickers), "
    "(SELECT count(*) FROM moves), "
    "(SELECT group_concat(name || value) FROM scan_state WHERE name IN ('playlists_seen', 'scan', 'heard'))"
)


class Listening:
    """Sessions, preferences and when each song was heard last; used by one thread."""

    def __init__(self, database: Database, timestamps: Timestamps, household: str = "") -> None:
        """Take the library's file, which its owner opens and closes.

        What other speakers of a household tell counts too where it has a name.
        """
        self.database: Final = database
        self._timestamps, self._household = timestamps, household
        self._version: object = None
        self._others: list[tuple[Any, ...]] | None = None
        """What was told elsewhere, as of `_OTHERS`: first whether anything was."""
        self._clear()

    def _clear(self) -> None:
        self._sessions = Sessions()
        self._stored_sessions = b""
        """As JSON, until they are asked for."""
        self._closed: list[list[Named]] = []
        """Those that came to their end since, until then."""
        self.preferences = Preferences()
        self.heard: dict[str, float] = {}
        """When each song was heard last, in seconds since the epoch."""
        self._open: list[Named] = []
        self._ended = 0.0
        """When the last song ended."""
        self._last_play = self._last_verdict = self._rows = 0
        self._unkept = 0
        """Rows that no digest has."""
        self.last_news = self.named = self.recorded = 0
        """How much of what other speakers tell was taken in, and of which songs; `learned` how often what."""
        self.learned: dict[tuple[Any, ...], int] = {}

    @property
    def now(self) -> float:
        """The time in seconds since the epoch."""
        return self._timestamps.now().wall

    @property
    def sessions(self) -> Sessions:
        """What was heard, or put together, in one go."""
        if self._stored_sessions:
            self._sessions = Sessions.from_json(json.loads(self._stored_sessions))
            self._stored_sessions = b""
        for songs in self._closed:
            self._sessions.add(songs)
        self._closed.clear()
        return self._sessions

    def session(self) -> list[Named]:
        """Return the songs that were heard in the session that still goes on, the newest last."""
        return list(self._open)

    def refresh(self) -> None:
        """Take in what is new on the disk."""
        version = self.database.read("PRAGMA data_version", {})
        if version != self._version:
            self._version = version
            others = self.database.read(_OTHERS, {})
            if others != self._others:
                self._others = others
                self._begin()
        if self._household:
            self._read_household()
        self._read_plays()
        self._read_verdicts()
        if self.now - self._ended > GAP:
            self.close_session()

    def keep(self) -> None:
        """Write what all this comes to, where that spares others much."""
        if self._unkept < MUCH:
            return
        preferences = self.preferences.as_json()
        others = dict(self.heard)
        heard = [others.pop(uri, None) for uri in preferences["songs"]]
        taste = {"preferences": preferences, "heard": heard, "others_heard": others}
        content = (
            [*self._counts(), self._ended, [song[:3] for song in self._open], list(self.learned.items())],
            taste,
            self.sessions.as_json(),
        )
        clock = self._timestamps.parameters()
        parts = (json.dumps(part).encode() for part in content)
        digest.write(self.database, self._key(), clock, digest.Digest(*parts))
        self._unkept = 0

    def _counts(self) -> list[int]:
        return [self._last_play, self._last_verdict, self._rows, self.last_news, self.named, self.recorded]

    def _key(self) -> str:
        """Return what a digest rests on, beside the rows of plays and verdicts."""
        return repr((__version__, FORM, sys.byteorder, MEANING, self._household, self._others))

    def _begin(self) -> None:
        """Forget all, and read what others told, or what is kept of all together."""
        self._clear()
        kept = digest.read(self.database, self._key(), self._timestamps.parameters())
        if kept is None:
            self._read_others()
        else:
            self._take(kept)

    def _take(self, kept: digest.Digest) -> None:
        """Go on where a digest ends."""
        (*counts, ended, going_on, learned), taste = json.loads(kept.counts), json.loads(kept.taste)
        if counts[2] > MOST_KEPT:
            self._read_others()
            return
        self._last_play, self._last_verdict, self._rows, *news = counts
        self.last_news, self.named, self.recorded = news
        self._ended = ended
        self._open = [Named(*song) for song in going_on]
        self.learned = {tuple(key): count for key, count in learned}
        self.preferences = Preferences.from_json(taste["preferences"])
        songs = zip(taste["preferences"]["songs"], taste["heard"], strict=True)
        self.heard = {uri: at for uri, at in songs if at is not None} | taste["others_heard"]
        self._stored_sessions = kept.sessions

    def _read_others(self) -> None:
        if not (self._others and self._others[0][0]):
            return
        from moodspeaker.library.elsewhere import read_others  # noqa: PLC0415 - a digest has all of it

        read_others(self)

    def _read_household(self) -> None:
        from moodspeaker.library import elsewhere  # noqa: PLC0415 - few speakers share a household

        if elsewhere.is_another(self):
            self._clear()
            self._read_others()
        elsewhere.read_household(self, self._household)

    def _read_plays(self) -> None:
        rows = self.newest(_PLAYS, {**self._timestamps.parameters(), "after": self._last_play})
        known = dict(self.songs(rows))
        known |= self._as_played({row[0] for row in rows} - known.keys())
        self._rows += len(rows)
        for uri, number, at, heard, why, mood, since_switch, profile in rows:
            self._last_play = number
            named, traits = known.get(uri, UNKNOWN)
            reason = REASONS.get(why, EndReason.UNKNOWN)
            self.hear(named, at, heard, reason)
            what = of_play(reason, heard, since_switch)
            if what is not None:
                event = Event(what, at, MOODS.get(mood), profile or HOUSEHOLD)
                self.preferences.add(uri, traits, event)

    def hear(self, song: Named, ended: float, heard: float, why: EndReason) -> None:
        """Note that a song was heard; a session ends where none was for a while."""
        if heard < HEARD:
            return
        self.heard[song.uri] = max(ended, self.heard.get(song.uri, 0.0))
        if abs(ended - heard - self._ended) > GAP or len(self._open) >= LONGEST:
            self.close_session()
        self._ended = ended
        if why is not EndReason.SKIPPED:
            self._open.append(song)

    def close_session(self) -> None:
        """End the session that goes on."""
        if len(self._open) > 1:
            self._closed.append(self._open)
        self._open = []

    def _read_verdicts(self) -> None:
        rows = self.newest(_VERDICTS, {**self._timestamps.parameters(), "after": self._last_verdict})
        known = self.songs(rows)
        self._rows += len(rows)
        for uri, number, at, verdict, mood, profile in rows:
            self._last_verdict = number
            if verdict in WHAT:
                _, traits = known.get(uri, UNKNOWN)
                self.preferences.add(uri, traits, Event(WHAT[verdict], at, MOODS.get(mood), profile))

    def read(self, query: str, parameters: Mapping[str, Any], most: int = MOST) -> list[tuple[Any, ...]]:
        """Return the rows of a query that wants `:most`."""
        rows = self.database.read(query, {**parameters, "most": most})
        self._unkept += len(rows)
        return rows

    def newest(self, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the newest rows of a query that gives the newest first, the oldest of them first."""
        return self.read(query, parameters)[::-1]

    def _as_played(self, uris: Collection[str]) -> Mapping[str, tuple[Named, Traits]]:
        """Return songs that the index does not have, as they were named when they were played."""
        found = self.database.read(_NAMES, {"uris": json.dumps(sorted(uris))}) if uris else []
        return {uri: (Named(uri, title, artist), Traits(artist)) for uri, title, artist, _ in found}

    def songs(self, rows: Iterable[tuple[Any, ...]]) -> Mapping[str, tuple[Named, Traits]]:
        """Return the songs of the index whose URIs stand first in some rows."""
        uris = sorted({row[0] for row in rows})
        found = self.database.read(_SONGS, {"uris": json.dumps(uris)}) if uris else []
        return {row[0]: (Named(*row[:3]), _traits(row)) for row in found}


def _traits(row: tuple[Any, ...]) -> Traits:
    _, _, artist, genre, valence, arousal, year, timbre = row
    return Traits(artist, genre, _place(valence, arousal), year, timbre or b"")


def _place(valence: float | None, arousal: float | None) -> Affect | None:
    return None if valence is None or arousal is None else Affect(valence, arousal)
