"""What was said and heard elsewhere: in other programs, by other players, on other speakers of the household.

All of it goes into a `Listening`: what other programs and players tell as a whole, what the household tells
as it grows.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.library import SharedStickers
from moodspeaker.library.household_songs import meant
from moodspeaker.library.listening import HEARD, MOODS, REASONS, UNKNOWN
from moodspeaker.library.taste import taste_of
from moodspeaker.music.collaborative import Named
from moodspeaker.music.household import moment_of
from moodspeaker.music.preference import Event, Traits, What, of_play

if TYPE_CHECKING:
    from moodspeaker.library.listening import Listening

LISTED: Final = 20_000
"""Songs of stored playlists that are read, those of the playlists that were changed last."""
TOLD: Final = {what.name.lower(): what for what in What}
OFTEN: Final = 50
"""Times that one thing of one song counts at most, in a period and as one speaker tells it."""
_IMPORTED_PLAYS: Final = (
    "SELECT uri, at, heard, CAST(why AS BLOB) FROM imported_plays ORDER BY at DESC LIMIT :most"
)
_IMPORTED_VERDICTS: Final = "SELECT uri, at, liked FROM imported_verdicts ORDER BY at DESC LIMIT :most"
_STICKERS: Final = (
    "SELECT uri, verdict, rating FROM shared_stickers "
    "WHERE verdict IS NOT NULL OR rating IS NOT NULL LIMIT :most"
)
_PLAYLISTS: Final = "SELECT uri, playlist FROM stored_playlists ORDER BY playlist, place LIMIT :most"
_NEWS: Final = (
    "SELECT (SELECT coalesce(max(changed), 0) FROM household_counts), "
    "(SELECT count(*) FROM household_songs), (SELECT count(*) FROM household_recordings)"
)
_MEANT: Final = meant(
    "household_counts",
    "songs.uri, what, told.mood, profile, period, count - own, told.replica, told.name, told.seconds, "
    "changed",
    "changed > :after AND count > own "
    "AND told.replica IN (SELECT replica FROM household_replicas WHERE household = :household)",
)
_HOUSEHOLD: Final = (
    f"SELECT * FROM ({_MEANT}) "  # noqa: S608 - text of ours
    "ORDER BY what IN ('liked', 'disliked', 'wrong_mood') DESC, changed DESC LIMIT :most"
)


def is_another(listening: Listening) -> bool:
    """Tell whether what other speakers had told is gone, or is meant for other songs than before."""
    news, _, recorded = _news(listening)
    return news < listening.last_news or recorded != listening.recorded


def _news(listening: Listening) -> tuple[int, int, int]:
    [(news, named, recorded)] = listening.database.read(_NEWS, {}) or [(0, 0, 0)]
    return news, named, recorded


def read_household(listening: Listening, household: str) -> None:
    """Read what other speakers tell, of all songs again where some are known by their names only now."""
    news, named, listening.recorded = _news(listening)
    if named != listening.named:
        listening.named, listening.last_news = named, 0
    if news == listening.last_news:
        return
    rows = listening.newest(_HOUSEHOLD, {"household": household, "after": listening.last_news})
    listening.last_news = news
    known = listening.songs(rows)
    now = listening.now
    for uri, what, mood, profile, period, count, *which, _ in (row for row in rows if row[1] in TOLD):
        key = (uri, what, mood, profile, period, *which)
        _, traits = known.get(uri, UNKNOWN)
        event = Event(TOLD[what], moment_of(period, now), MOODS.get(mood.encode()), profile)
        for _ in range(min(count, OFTEN) - listening.learned.get(key, 0)):
            listening.preferences.add(uri, traits, event)
        listening.learned[key] = min(count, OFTEN)


def read_others(listening: Listening) -> None:
    """Read what came from other programs and players."""
    _read_playlists(listening)
    rows = listening.newest(_IMPORTED_PLAYS, {})
    known = listening.songs(rows)
    for uri, at, heard, why in rows:
        named, traits = known.get(uri) or (Named(uri, "", ""), Traits())
        reason = REASONS.get(why, EndReason.UNKNOWN)
        seconds = HEARD if heard is None and reason is EndReason.FINISHED else heard or 0.0
        listening.hear(named, at, seconds, reason)
        what = of_play(reason, seconds, None)
        if what is not None:
            listening.preferences.add(uri, traits, Event(what, at))
    listening.close_session()
    said = [(uri, at, liked > 0) for uri, at, liked in listening.newest(_IMPORTED_VERDICTS, {})]
    for uri, verdict, rating in listening.newest(_STICKERS, {}):
        liked = taste_of(SharedStickers(verdict, rating)).liked
        if liked is not None:
            said.append((uri, listening.now, liked))
    known = listening.songs(said)
    for uri, at, liked in said:
        _, traits = known.get(uri, UNKNOWN)
        listening.preferences.add(uri, traits, Event(What.LIKED if liked else What.DISLIKED, at))


def _read_playlists(listening: Listening) -> None:
    """Read what people put together; songs that are not there any more are left out."""
    rows = listening.read(_PLAYLISTS, {}, LISTED)
    known = listening.songs(rows)
    for _, songs in groupby(rows, key=itemgetter(1)):
        there = [known[uri][0] for uri, _ in songs if uri in known]
        if len(there) > 1:
            listening.sessions.add(there, heard=False)
