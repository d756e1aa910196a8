"""What `library.db` knows of the listeners: sessions and preferences, kept in memory as they grow.

Design notes
============
Read once, then only what is new, whenever songs are chosen: plays and verdicts by their ids.  What other
processes change as a whole (imports, stickers, songs that moved) is read again when it did.  The last `MOST`
rows of each table count: some megabytes at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.listener import Opinion
from moodspeaker.domain.player import EndReason
from moodspeaker.library.taste import taste_of
from moodspeaker.music.collaborative import Named, Sessions
from moodspeaker.music.preference import Event, Preferences, What, of_play
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
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
WHAT: Final = {
    str(Opinion.LIKE): What.LIKED,
    str(Opinion.DISLIKE): What.DISLIKED,
    str(Opinion.WRONG_MOOD): What.WRONG_MOOD,
}
REASONS: Final = {str(reason): reason for reason in EndReason}
MOODS: Final = {str(mood): mood for mood in EMOTIONS}
_PLAYS: Final = (
    f"SELECT id, {TIME}, uri, title, artist, heard, why, coalesce(target, mood), since_switch, profile "  # noqa: S608
    "FROM (SELECT * FROM plays WHERE id > :after ORDER BY id DESC LIMIT :most) ORDER BY id"
)
_VERDICTS: Final = (
    f"SELECT verdicts.id, {TIME}, verdicts.uri, coalesce(artist, ''), verdict, verdicts.mood, profile "  # noqa: S608
    "FROM (SELECT * FROM verdicts WHERE id > :after ORDER BY id DESC LIMIT :most) AS verdicts "
    "LEFT JOIN songs ON songs.uri = verdicts.uri AND songs.gone IS NULL ORDER BY verdicts.id"
)
_IMPORTED_PLAYS: Final = (
    "SELECT played.at, played.uri, coalesce(title, ''), coalesce(artist, ''), heard, why "
    "FROM (SELECT * FROM imported_plays ORDER BY at DESC LIMIT :most) AS played "
    "LEFT JOIN songs ON songs.uri = played.uri AND songs.gone IS NULL ORDER BY played.at"
)
_IMPORTED_VERDICTS: Final = (
    "SELECT said.at, said.uri, coalesce(artist, ''), liked "
    "FROM (SELECT * FROM imported_verdicts ORDER BY at DESC LIMIT :most) AS said "
    "LEFT JOIN songs ON songs.uri = said.uri AND songs.gone IS NULL"
)
_STICKERS: Final = (
    "SELECT shared.uri, coalesce(artist, ''), verdict, rating, plays, skips, last_played, last_skipped "
    "FROM shared_stickers AS shared LEFT JOIN songs ON songs.uri = shared.uri AND songs.gone IS NULL "
    "WHERE verdict IS NOT NULL OR rating IS NOT NULL LIMIT :most"
)
_OTHERS: Final = (
    "SELECT (SELECT count(*) FROM imported_plays), "
    "(SELECT count(*) || ' ' || total(liked) FROM imported_verdicts), "
    "(SELECT count(*) || ' ' || total(verdict) || ' ' || total(rating) FROM shared_stickers), "
    "(SELECT count(*) FROM moves)"
)


class Listening:
    """Sessions, preferences and when each song was heard last; used by one thread."""

    def __init__(self, database: Database, timestamps: Timestamps) -> None:
        """Take the library's file, which its owner opens and closes."""
        self._database, self._timestamps = database, timestamps
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
        self._last_play = self._last_verdict = 0

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
        self._read_plays()
        self._read_verdicts()
        if self.now - self._ended > GAP:
            self._close()

    def _read_plays(self) -> None:
        parameters = {**self._timestamps.parameters(), "after": self._last_play, "most": MOST}
        for number, at, uri, title, artist, heard, why, mood, since_switch, profile in self._database.read(
            _PLAYS, parameters
        ):
            self._last_play = number
            reason = REASONS.get(why, EndReason.UNKNOWN)
            self._hear(Named(uri, title, artist), at, heard, reason)
            what = of_play(reason, heard, since_switch)
            if what is not None:
                self.preferences.add(uri, artist, Event(what, at, MOODS.get(mood), profile))

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
        parameters = {**self._timestamps.parameters(), "after": self._last_verdict, "most": MOST}
        for number, at, uri, artist, verdict, mood, profile in self._database.read(_VERDICTS, parameters):
            self._last_verdict = number
            if verdict in WHAT:
                self.preferences.add(uri, artist, Event(WHAT[verdict], at, MOODS.get(mood), profile))

    def _read_others(self) -> None:
        """Read what came from other programs."""
        for at, uri, title, artist, heard, why in self._database.read(_IMPORTED_PLAYS, {"most": MOST}):
            reason = REASONS.get(why, EndReason.UNKNOWN)
            seconds = HEARD if heard is None and reason is EndReason.FINISHED else heard or 0.0
            self._hear(Named(uri, title, artist), at, seconds, reason)
            what = of_play(reason, seconds, None)
            if what is not None:
                self.preferences.add(uri, artist, Event(what, at))
        self._close()
        for at, uri, artist, liked in self._database.read(_IMPORTED_VERDICTS, {"most": MOST}):
            self.preferences.add(uri, artist, Event(What.LIKED if liked > 0 else What.DISLIKED, at))
        now = self.now
        for uri, artist, *stickers in self._database.read(_STICKERS, {"most": MOST}):
            liked = taste_of(SharedStickers(uri, *stickers)).liked
            if liked is not None:
                self.preferences.add(uri, artist, Event(What.LIKED if liked else What.DISLIKED, now))
