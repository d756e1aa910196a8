"""What `library.db` knows of the listeners: sessions and preferences, kept in memory as they grow.

Design notes
============
Read once, then only what is new, whenever songs are chosen: plays and verdicts by their ids.  What other
processes change as a whole (imports, stickers, playlists, songs that moved) is read again when it did.  What
other speakers of the household tell is counts, of which only what was added is read.  The last `MOST` rows of
each table count: some megabytes at most.
"""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.emotion import EMOTIONS, Affect
from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.listener import HOUSEHOLD, Opinion
from moodspeaker.domain.player import EndReason
from moodspeaker.library.taste import taste_of
from moodspeaker.music.collaborative import Named, Sessions
from moodspeaker.music.household import SAME_LENGTH, moment_of
from moodspeaker.music.preference import Event, Preferences, Traits, What, of_play
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from moodspeaker.database import Database
    from moodspeaker.timestamps import Timestamps

MOST: Final = 5_000
"""Rows of each table that are read, the newest."""
LISTED: Final = 20_000
"""Songs of stored playlists that are read, those of the playlists that were changed last."""
GAP: Final = 30 * 60.0
"""Seconds of silence that end a session."""
LONGEST: Final = 50
"""Songs of a session at most."""
HEARD: Final = 30.0
"""Seconds from which on a song was heard."""
WHAT: Final = {
    str(Opinion.LIKE): What.LIKED,
    str(Opinion.DISLIKE): What.DISLIKED,
    str(Opinion.WRONG_MOOD): What.WRONG_MOOD,
}
REASONS: Final = {reason.encode(): reason for reason in EndReason}
TOLD: Final = {what.name.lower(): what for what in What}
OFTEN: Final = 50
"""Times that one thing of one song counts at most, in a period and as one speaker tells it."""
UNKNOWN: Final = (Named("", "", ""), Traits())
"""A song that is not in the index."""
MOODS: Final = {mood.encode(): mood for mood in EMOTIONS}
_PLAYS: Final = (
    f"SELECT uri, id, {TIME}, heard, CAST(why AS BLOB), CAST(coalesce(target, mood) AS BLOB), "  # noqa: S608
    "since_switch, nullif(profile, 'household') FROM plays WHERE id > :after ORDER BY id DESC LIMIT :most"
)
"""Words as bytes, the usual profile as NULL: thousands of texts take their time."""
_NAMES: Final = (
    "SELECT uri, title, artist, max(id) FROM plays "
    "WHERE uri IN (SELECT value FROM json_each(:uris)) GROUP BY uri"
)
_VERDICTS: Final = (
    f"SELECT uri, id, {TIME}, verdict, CAST(mood AS BLOB), profile "  # noqa: S608 - text of ours
    "FROM verdicts WHERE id > :after ORDER BY id DESC LIMIT :most"
)
_IMPORTED_PLAYS: Final = (
    "SELECT uri, at, heard, CAST(why AS BLOB) FROM imported_plays ORDER BY at DESC LIMIT :most"
)
_IMPORTED_VERDICTS: Final = "SELECT uri, at, liked FROM imported_verdicts ORDER BY at DESC LIMIT :most"
_STICKERS: Final = (
    "SELECT uri, verdict, rating FROM shared_stickers "
    "WHERE verdict IS NOT NULL OR rating IS NOT NULL LIMIT :most"
)
_PLAYLISTS: Final = "SELECT uri, playlist FROM stored_playlists ORDER BY playlist, place LIMIT :most"
_SONGS: Final = (
    "SELECT uri, title, artist, genre, rank_valence, rank_arousal FROM songs "
    "WHERE gone IS NULL AND uri IN (SELECT value FROM json_each(:uris))"
)
_NEWS: Final = (
    "SELECT (SELECT coalesce(max(changed), 0) FROM household_counts), (SELECT count(*) FROM household_songs)"
)
_HOUSEHOLD: Final = (
    "SELECT songs.uri, what, told.mood, profile, period, count - own, told.replica, told.seconds "  # noqa: S608
    "FROM household_counts AS told JOIN household_replicas USING (replica) "
    "JOIN household_songs ON household_songs.name = told.name JOIN songs ON songs.id = household_songs.song "
    "WHERE household = :household AND changed > :after AND count > own AND gone IS NULL "
    f"AND (told.seconds = 0 OR stated IS NULL OR abs(stated - told.seconds) <= {SAME_LENGTH}) "
    "ORDER BY what IN ('liked', 'disliked', 'wrong_mood') DESC, changed DESC LIMIT :most"
)
_OTHERS: Final = (
    "SELECT (SELECT count(*) FROM imported_plays), "
    "(SELECT count(*) || ' ' || total(liked) FROM imported_verdicts), "
    "(SELECT count(*) || ' ' || total(verdict) || ' ' || total(rating) FROM shared_stickers), "
    "(SELECT count(*) FROM moves), (SELECT value FROM scan_state WHERE name = 'playlists_seen')"
)


class Listening:
    """Sessions, preferences and when each song was heard last; used by one thread."""

    def __init__(self, database: Database, timestamps: Timestamps, household: str = "") -> None:
        """Take the library's file, which its owner opens and closes.

        What other speakers of a household tell counts too where it has a name.
        """
        self._database, self._timestamps, self._household = database, timestamps, household
        self._version: object = None
        self._others: object = None
        self._clear()

    def _clear(self) -> None:
        self.sessions, self.preferences = Sessions(), Preferences()
        self.heard: dict[str, float] = {}
        """When each song was heard last, in seconds since the epoch."""
        self._open: list[Named] = []
        self._ended = 0.0
        """When the last song ended."""
        self._last_play = self._last_verdict = self._last_news = self._named = 0
        self._learned: dict[tuple[Any, ...], int] = {}
        """How often each thing that other speakers tell of was counted."""

    @property
    def now(self) -> float:
        """The time in seconds since the epoch."""
        return self._timestamps.now().wall

    def session(self) -> list[Named]:
        """Return the songs that were heard in the session that still goes on, the newest last."""
        return list(self._open)

    def refresh(self) -> None:
        """Take in what is new on the disk."""
        version = self._database.read("PRAGMA data_version", {})
        if version != self._version:
            self._version = version
            others = self._database.read(_OTHERS, {})
            if others != self._others:
                self._others = others
                self._clear()
                self._read_others()
        if self._household:
            self._read_household()
        self._read_plays()
        self._read_verdicts()
        if self.now - self._ended > GAP:
            self._close()

    def _read_plays(self) -> None:
        rows = self._newest(_PLAYS, {**self._timestamps.parameters(), "after": self._last_play})
        known = dict(self._songs(rows))
        known |= self._as_played({row[0] for row in rows} - known.keys())
        for uri, number, at, heard, why, mood, since_switch, profile in rows:
            self._last_play = number
            named, traits = known.get(uri, UNKNOWN)
            reason = REASONS.get(why, EndReason.UNKNOWN)
            self._hear(named, at, heard, reason)
            what = of_play(reason, heard, since_switch)
            if what is not None:
                event = Event(what, at, MOODS.get(mood), profile or HOUSEHOLD)
                self.preferences.add(uri, traits, event)

    def _hear(self, song: Named, ended: float, heard: float, why: EndReason) -> None:
        """Note that a song was heard; a session ends where none was for a while."""
        if heard < HEARD:
            return
        self.heard[song.uri] = max(ended, self.heard.get(song.uri, 0.0))
        if abs(ended - heard - self._ended) > GAP or len(self._open) >= LONGEST:
            self._close()
        self._ended = ended
        if why is not EndReason.SKIPPED:
            self._open.append(song)

    def _close(self) -> None:
        if len(self._open) > 1:
            self.sessions.add(self._open)
        self._open = []

    def _read_verdicts(self) -> None:
        rows = self._newest(_VERDICTS, {**self._timestamps.parameters(), "after": self._last_verdict})
        known = self._songs(rows)
        for uri, number, at, verdict, mood, profile in rows:
            self._last_verdict = number
            if verdict in WHAT:
                _, traits = known.get(uri, UNKNOWN)
                self.preferences.add(uri, traits, Event(WHAT[verdict], at, MOODS.get(mood), profile))

    def _read_household(self) -> None:
        """Read what other speakers tell, of all songs again where some are known by their names only now."""
        [(news, named)] = self._database.read(_NEWS, {}) or [(0, 0)]
        if news < self._last_news:  # it was erased
            self._clear()
            self._read_others()
        if named != self._named:
            self._named, self._last_news = named, 0
        if news == self._last_news:
            return
        rows = self._newest(_HOUSEHOLD, {"household": self._household, "after": self._last_news})
        self._last_news = news
        known = self._songs(rows)
        now = self.now
        for uri, what, mood, profile, period, count, *which in (row for row in rows if row[1] in TOLD):
            key = (uri, what, mood, profile, period, *which)
            _, traits = known.get(uri, UNKNOWN)
            event = Event(TOLD[what], moment_of(period, now), MOODS.get(mood.encode()), profile)
            for _ in range(min(count, OFTEN) - self._learned.get(key, 0)):
                self.preferences.add(uri, traits, event)
            self._learned[key] = min(count, OFTEN)

    def _read_others(self) -> None:
        """Read what came from other programs."""
        self._read_playlists()
        rows = self._newest(_IMPORTED_PLAYS, {})
        known = self._songs(rows)
        for uri, at, heard, why in rows:
            named, traits = known.get(uri) or (Named(uri, "", ""), Traits())
            reason = REASONS.get(why, EndReason.UNKNOWN)
            seconds = HEARD if heard is None and reason is EndReason.FINISHED else heard or 0.0
            self._hear(named, at, seconds, reason)
            what = of_play(reason, seconds, None)
            if what is not None:
                self.preferences.add(uri, traits, Event(what, at))
        self._close()
        said = [(uri, at, liked > 0) for uri, at, liked in self._newest(_IMPORTED_VERDICTS, {})]
        for uri, verdict, rating in self._newest(_STICKERS, {}):
            liked = taste_of(SharedStickers(verdict, rating)).liked
            if liked is not None:
                said.append((uri, self.now, liked))
        known = self._songs(said)
        for uri, at, liked in said:
            _, traits = known.get(uri, UNKNOWN)
            self.preferences.add(uri, traits, Event(What.LIKED if liked else What.DISLIKED, at))

    def _read_playlists(self) -> None:
        """Read what people put together; songs that are not there any more are left out."""
        rows = self._database.read(_PLAYLISTS, {"most": LISTED})
        known = self._songs(rows)
        for _, songs in groupby(rows, key=itemgetter(1)):
            there = [known[uri][0] for uri, _ in songs if uri in known]
            if len(there) > 1:
                self.sessions.add(there, heard=False)

    def _newest(self, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the newest rows of a query that gives the newest first, the oldest of them first."""
        return self._database.read(query, {**parameters, "most": MOST})[::-1]

    def _as_played(self, uris: Collection[str]) -> Mapping[str, tuple[Named, Traits]]:
        """Return songs that the index does not have, as they were named when they were played."""
        found = self._database.read(_NAMES, {"uris": json.dumps(sorted(uris))}) if uris else []
        return {uri: (Named(uri, title, artist), Traits(artist)) for uri, title, artist, _ in found}

    def _songs(self, rows: Iterable[tuple[Any, ...]]) -> Mapping[str, tuple[Named, Traits]]:
        """Return the songs of the index whose URIs stand first in some rows."""
        uris = sorted({row[0] for row in rows})
        found = self._database.read(_SONGS, {"uris": json.dumps(uris)}) if uris else []
        return {
            uri: (Named(uri, title, artist), Traits(artist, genre, _place(valence, arousal)))
            for uri, title, artist, genre, valence, arousal in found
        }


def _place(valence: float | None, arousal: float | None) -> Affect | None:
    return None if valence is None or arousal is None else Affect(valence, arousal)
