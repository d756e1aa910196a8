"""The songs that fit best, chosen from `library.db`: `ports.Chooser`.

Design notes
============
A library of any size is narrowed down by SQL to some hundreds of candidates, and only those are compared
(`music.hybrid`): songs near on the affect plane, favourites, songs that were heard together with the last
ones, and a few by chance.  Given songs (a stored playlist) are the only candidates, `GIVEN` of them at most.
Nothing here raises: a file that cannot be read has no songs.
"""

from __future__ import annotations

import json
import random
from heapq import nlargest
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.emotion import Affect
from moodspeaker.library.listening import Listening
from moodspeaker.music import content
from moodspeaker.music.collaborative import MEMORY, Named, Together
from moodspeaker.music.hybrid import APART, Candidate, arranged, suggestion, worth
from moodspeaker.music.preference import DAY, Traits
from moodspeaker.music.reasons import goes_with, reasons, sounds_like

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from moodspeaker.database import Database
    from moodspeaker.music.choice import Suggestion, Wanted
    from moodspeaker.timestamps import Timestamps

NEAREST: Final = 100
"""Candidates because they are nearest."""
NEAR: Final = 600
AROUND: Final = 60
"""Of the next nearest so many are candidates by chance."""
FAVOURITES: Final = 80
"""Candidates because they are liked."""
BESIDE: Final = 80
"""Candidates because they were heard together with the last songs."""
ANYWHERE: Final = 20
"""Candidates by chance alone."""
GIVEN: Final = 400
"""Given songs that are compared at most."""
WIDTHS: Final = (0.1, 0.3, 2.0)
"""How far around a point is looked, in turn, until there are songs enough."""
_PLACES: Final = (
    "SELECT id FROM songs WHERE gone IS NULL AND rank_valence IS NOT NULL "
    "AND rank_valence BETWEEN :valence - :width AND :valence + :width "
    "AND rank_arousal BETWEEN :arousal - :width AND :arousal + :width "
    "ORDER BY (rank_valence - :valence) * (rank_valence - :valence) + "
    "(rank_arousal - :arousal) * (rank_arousal - :arousal), id LIMIT :most"
)
_SONG: Final = (
    "SELECT uri, title, artist, album, genre, rank_valence, rank_arousal, year, timbre, "
    "correction IS NOT NULL FROM songs WHERE gone IS NULL AND "
)
_BY_ID: Final = f"{_SONG}id IN (SELECT value FROM json_each(:ids))"  # noqa: S608 - text of ours
_BY_URI: Final = f"{_SONG}uri IN (SELECT value FROM json_each(:uris))"  # noqa: S608 - text of ours
_FROM_ID: Final = f"{_SONG}id >= :id AND (mood IS NOT NULL OR model IS NULL) ORDER BY id LIMIT 1"
"""One whose sound has no mood, a silent one, is nothing to listen to."""
_MOST_ID: Final = "SELECT coalesce(max(id), 0) FROM songs WHERE gone IS NULL"

Row = tuple[Any, ...]
"""Of `_SONG`."""


class SongChooser:
    """Chooses songs; used by one thread."""

    def __init__(self, database: Database, timestamps: Timestamps, household: str = "") -> None:
        """Take the library's file, which its owner opens and closes, and the household's name, if any."""
        self._database = database
        self._listening = Listening(database, timestamps, household)

    def prepare(self) -> None:
        """Read what was heard: the first choice need not do it while somebody waits."""
        self._listening.refresh()
        self._listening.keep()

    def keep(self) -> None:
        """Let the next process that chooses find what was read, where that was much."""
        self._listening.keep()

    def suggest(self, wanted: Wanted, count: int, seed: int) -> Sequence[Suggestion]:
        """Return at most `count` songs, the best first; the same seed and library give the same."""
        chance, heard = random.Random(seed), self._listening  # noqa: S311 - no secret
        heard.refresh()
        now = heard.now
        last = self._last(wanted)
        rows = self._rows(wanted, [song for song, _ in last], count, chance)
        candidates = [self._candidate(row, wanted, now) for row in rows]
        before = [song for song, _ in last]
        follows = [0.0] * len(candidates)
        if before:
            follows = Together([one.song for one in candidates], heard.sessions).scores(before)
        worths = worth(candidates, follows, wanted, now, chance)
        resting = self._resting(candidates, wanted, now)
        names = [(song.artist, album) for song, album in last[1 - APART :]]
        order = arranged(candidates, worths, names, resting, count)
        scores = accumulate((worths[n] for n in order), min)
        near = any(content.is_near(one.place, wanted.affect) for one in candidates)
        why = [
            self._in_words(candidates[n], wanted, before, now, candidates, nothing_near=not near)
            for n in order
        ]
        if alone := _alone(candidates, wanted):
            why = [{**words, "artist": alone} for words in why]
        return [
            suggestion(candidates[n], score, words)
            for n, score, words in zip(order, scores, why, strict=True)
        ]

    def reasons(self, uri: str, wanted: Wanted) -> Mapping[str, str]:
        """Return why a song fits what is wanted, in words; none of an unknown song."""
        self._listening.refresh()
        known = self._by_uri([uri])
        if not known and uri not in (wanted.songs or ()):
            return {}
        now = self._listening.now
        one = self._candidate(known[0] if known else _unknown(uri), wanted, now)
        before = [song for song, _ in self._last(wanted) if song.uri != uri]
        nearest = self._database.read(_BY_ID, {"ids": json.dumps(self._near(wanted.affect, 1))})
        near = any(content.is_near(_named(row).place, wanted.affect) for row in nearest)
        favourites = self._by_uri(self._listening.preferences.favourites(FAVOURITES))
        liked = [self._candidate(row, wanted, now) for row in favourites]
        return self._in_words(one, wanted, before, now, liked, nothing_near=not near)

    def _in_words(
        self,
        one: Candidate,
        wanted: Wanted,
        before: Sequence[Named],
        now: float,
        liked: Sequence[Candidate],
        *,
        nothing_near: bool,
    ) -> Mapping[str, str]:
        """Return why a song fits; `liked` are those that it may be told to sound like."""
        goes = goes_with(one.song, before, self._listening.sessions) if before else ""
        events = self._listening.preferences.events(one.song.uri)
        like = sounds_like(one, liked)
        return reasons(one, events, wanted, now, like=like, goes=goes, nothing_near=nothing_near)

    def knows_taste(self, songs: Collection[str]) -> bool:
        """Tell whether anything was heard to its end, skipped or said of any of these URIs."""
        self._listening.refresh()
        return any(self._listening.preferences.events(uri) for uri in songs)

    def _last(self, wanted: Wanted) -> list[tuple[Named, str]]:
        """Return the songs that were heard or queued last, the newest last, each with its album."""
        uris = [*(song.uri for song in self._listening.session()), *wanted.recent]
        newest = list(dict.fromkeys(reversed(uris)))[:MEMORY]
        known = {row[0]: row for row in self._by_uri(newest)}
        return [(_named(known[uri]), known[uri][3]) for uri in reversed(newest) if uri in known]

    def _resting(self, candidates: Iterable[Candidate], wanted: Wanted, now: float) -> dict[str, float]:
        """Return when each song was heard that was heard today, or is queued: those stand behind now."""
        today = {
            one.song.uri: one.heard for one in candidates if one.heard is not None and now - one.heard < DAY
        }
        return today | {uri: now + place for place, uri in enumerate(wanted.recent)}

    # --- candidates ---------------------------------------------------------------------------------------

    def _candidate(self, row: Row, wanted: Wanted, now: float) -> Candidate:
        named, (uri, _, _, album, *_, corrected) = _named(row), row
        traits = Traits(named.artist, named.genre, named.place, named.year, named.timbre)
        liking = self._listening.preferences.liking(uri, traits, wanted.mood, wanted.profile, now)
        heard = self._listening.heard.get(uri)
        return Candidate(named, album, named.place, bool(corrected), liking, heard)

    def _rows(self, wanted: Wanted, last: Sequence[Named], count: int, chance: random.Random) -> list[Row]:
        """Return the rows of the candidates, each song once."""
        if wanted.songs is not None:
            return self._given(wanted.songs, chance)
        beyond = len(set(wanted.recent))
        near = self._near(wanted.affect, NEAR + count + beyond)
        nearest, next_nearest = near[: NEAREST + count + beyond], near[NEAREST + count + beyond :]
        ids = nearest + chance.sample(next_nearest, min(AROUND, len(next_nearest)))
        rows = self._database.read(_BY_ID, {"ids": json.dumps(ids)})
        favourites = self._listening.preferences.favourites(FAVOURITES)
        rows += self._by_uri([*favourites, *self._beside(last)])
        rows += self._anywhere(chance)
        return list({row[0]: row for row in rows}.values())

    def _given(self, songs: Sequence[str], chance: random.Random) -> list[Row]:
        uris = list(dict.fromkeys(songs))
        if len(uris) > GIVEN:
            uris = chance.sample(uris, GIVEN)
        known = {row[0]: row for row in self._by_uri(uris)}
        return [known.get(uri, _unknown(uri)) for uri in uris]

    def _near(self, point: Affect, most: int) -> list[int]:
        """Return the ids of the nearest songs, the nearest first."""
        rows: list[Row] = []
        for width in WIDTHS:
            parameters = {"valence": point.valence, "arousal": point.arousal, "width": width, "most": most}
            rows = self._database.read(_PLACES, parameters)
            if len(rows) == most:
                break
        return [number for (number,) in rows]

    def _beside(self, last: Sequence[Named]) -> list[str]:
        """Return the URIs of the songs that were heard together with the last ones most."""
        found: dict[str, float] = {}
        for song in last:
            for uri, counted in self._listening.sessions.together(song.uri).items():
                found[uri] = found.get(uri, 0.0) + counted
        return nlargest(BESIDE, found, key=lambda uri: found[uri])

    def _anywhere(self, chance: random.Random) -> Iterator[Row]:
        [(most,)] = self._database.read(_MOST_ID, {}) or [(0,)]
        for _ in range(ANYWHERE if most else 0):
            yield from self._database.read(_FROM_ID, {"id": chance.randint(1, most)})

    def _by_uri(self, uris: Sequence[str]) -> list[Row]:
        return self._database.read(_BY_URI, {"uris": json.dumps(uris)})


def _alone(candidates: Sequence[Candidate], wanted: Wanted) -> str:
    """Return that all songs are by one artist, who therefore comes again and again; empty where not so."""
    artist, *others = {one.song.artist for one in candidates} or {""}
    if others or not artist or len(candidates) <= 1 or wanted.songs is not None:
        return ""
    return f"all music here is by {artist}"


def _unknown(uri: str) -> Row:
    """Return the row of a song that is not in the index."""
    return (uri, "", "", "", "", None, None, None, None, 0)


def _named(row: Row) -> Named:
    uri, title, artist, _, genre, valence, arousal, year, timbre, _ = row
    return Named(uri, title, artist, genre, _place(valence, arousal), year, timbre or b"")


def _place(valence: float | None, arousal: float | None) -> Affect | None:
    return None if valence is None or arousal is None else Affect(valence, arousal)
