"""Which songs go together: co-occurrence in sessions, with what songs have in common as pseudo-counts.

Theory of operation
===================
A session is a list of songs that somebody heard or put together, in order.  How well a song follows another:

    (together + artists + words + genre + alike + artist) / (sqrt((n + 1) (m + 1)) + DAMPING)

with n and m, in how many sessions they stand, and

    together      each common session counts length^-1/2, more where both stand near each other, more still
                  where the one follows the other
    artists       how often their artists stand in a session, damped likewise
    words         rare words that their titles share
    genre         a little for the same genre, the smaller it is
    alike         beside a song that no session has, a little for sounding alike, else for lying near each
                  other on the affect plane, and for having come out in nearly the same year (`alike`)
    artist        a constant for the same artist, larger for one of few songs, and for a guest (feat.)

While little was heard, what songs have in common decides; the more was heard, the more that counts.  The
songs heard last count most.  The songs that fit best lend a share to those that follow them in
turn (the second step): a song that was never heard beside the last ones is reached through one that was.

After item-based collaborative filtering (Sarwar et al. 2001; Deshpande and Karypis 2004), the weighting of
sessions and places of Ludewig and Jannach (2018), and two-step walks (Christoffel et al. 2015).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache, cached_property
from math import exp, sqrt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from moodspeaker.domain.emotion import Affect

DAMPING: Final = 10.0
"""Of songs in few sessions: one session proves little."""
ANYWHERE: Final = 0.5
NEAR: Final = 1.8
FOLLOWING: Final = 0.8
"""What it counts to stand in one session, near each other, one behind the other."""
REACH: Final = 4.0
"""Songs by which "near" falls to 1/e."""
NEXT_REACH: Final = 2.0
"""The same of "behind"."""
SAME_ARTIST: Final = 1.0
SAME_RARE_ARTIST: Final = 2.0
"""What it counts to be of one artist; the second is divided by the root of the artist's songs."""
GUEST: Final = 0.5
"""What it counts to have an artist or guest in common, the artists being others."""
ARTISTS: Final = 1.0
"""What it counts that two artists often stand in one session."""
ARTIST_DAMPING: Final = 2.0
WORDS: Final = 0.5
"""What it counts to share a word that no other title has."""
GENRE: Final = 3.0
"""What it counts to be of one genre, divided by the root of its songs."""
COMMON_WORD: Final = 60
"""Songs with a word from which on it says nothing."""
MEMORY: Final = 20
"""Songs heard last that count."""
SLOW: Final = 0.85
FAST: Final = 0.5
FAST_SHARE: Final = 0.3
ARTIST_FAST_SHARE: Final = 1.5
"""How the weight of a song falls with each one that was heard after it; of its artist, faster."""
STEPS: Final = 50
"""Songs that lend to those which follow them."""
SECOND_STEP: Final = 0.2
"""How much they lend."""
ASKED: Final = 128
"""Artists whose neighbours are kept."""
_WORD: Final = r"\w+"
_GUESTS: Final = r"(?:\b(?:feat|ft|featuring)\b\.?|[(\[]with) ([^()\[\]]+)"
_NAMES: Final = r", | & | and | x |/|;"
"""Expressions that `_compiled` makes when they are used: a choice without songs before needs none."""
_SILENT: Final = frozenset(
    {
        "a", "album", "and", "be", "edit", "feat", "for", "from", "i", "in", "is", "it", "m", "me", "mix",
        "my", "no", "of", "on", "original", "radio", "re", "remaster", "remastered", "s", "single", "t",
        "that", "the", "to", "version", "we", "with", "you", "your",
    }
)  # fmt: skip
"""Words of titles that say nothing of a song."""


class Named(NamedTuple):
    """A song as far as its tags say with what it goes."""

    uri: str
    title: str
    artist: str
    genre: str = ""
    """Several separated by "; "; empty where it is not known."""
    place: Affect | None = None
    """Its valence and arousal; None where they are not known."""
    year: int | None = None
    """When it came out; None where it is not known."""
    timbre: bytes = b""
    """How it sounds (`domain.timbre`); empty where that is not known."""

    def genres(self) -> frozenset[str]:
        """Return its genres, in lower case."""
        return frozenset(filter(None, (name.strip() for name in self.genre.casefold().split(";"))))

    def names(self) -> frozenset[str]:
        """Return its artists and guests, in lower case: those of its title, and each of a tag of several."""
        artist, guest = self.artist.casefold(), _compiled(_GUESTS)
        texts = [guest.sub("", artist), *guest.findall(artist), *guest.findall(self.title.casefold())]
        parts = (name.strip(" .-") for text in texts for name in _compiled(_NAMES).split(text))
        return frozenset(filter(None, (artist, *parts)))

    def words(self) -> frozenset[str]:
        """Return the words of its title that say something."""
        return frozenset(_compiled(_WORD).findall(self.title.lower())) - _SILENT


class Sessions:
    """What was heard, or put together, in one go."""

    def __init__(self) -> None:
        self._songs: list[str] = []
        """Their URIs; a song's number is its place here."""
        self._artists: list[str] = []
        self._sessions: list[Sequence[int]] = []
        """The songs of each, by their numbers, in order."""
        self._artists_in: list[Sequence[int]] = []
        self._heard: list[int] = []
        """1 for each that was heard, 0 for one that was put together."""
        self._with_song: list[list[int]] = []
        """In which sessions each song stands."""
        self._with_artist: list[list[int]] = []
        self._whole = 0
        """How many songs stand in all of them."""
        self._asked: dict[str, Mapping[str, float]] = {}
        """What `artists` returned lately: a choice asks for the same ones again and again."""

    @cached_property
    def _number(self) -> dict[str, int]:
        return {uri: n for n, uri in enumerate(self._songs)}

    @cached_property
    def _artist_number(self) -> dict[str, int]:
        return {name: n for n, name in enumerate(self._artists)}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sessions)

    def add(self, songs: Sequence[Named], *, heard: bool = True) -> None:
        """Take in a session, heard or put together; a song counts once in it, where it came first."""
        session = len(self._sessions)
        uris = dict.fromkeys(song.uri for song in songs)
        artists = sorted({song.artist for song in songs if song.artist})
        self._sessions.append(_numbered(uris, self._number, self._songs, self._with_song, session))
        self._artists_in.append(
            _numbered(artists, self._artist_number, self._artists, self._with_artist, session)
        )
        self._heard.append(int(heard))
        self._whole += len(uris)
        self._asked.clear()

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values, for `from_json`."""
        return {
            "songs": self._songs,
            "artists": self._artists,
            "sessions": self._sessions,
            "artists_in": self._artists_in,
            "heard": self._heard,
            "with_song": self._with_song,
            "with_artist": self._with_artist,
            "whole": self._whole,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Sessions:
        """Return what `as_json` gave; raises KeyError for anything else.

        The values are taken as they are: thousands of them would take longer to copy than to choose songs.
        """
        made = cls()
        made._songs, made._artists, made._whole = values["songs"], values["artists"], values["whole"]
        made._sessions, made._artists_in = values["sessions"], values["artists_in"]
        made._with_song, made._with_artist = values["with_song"], values["with_artist"]
        made._heard = values["heard"]
        return made

    def count(self, uri: str) -> int:
        """Return in how many a song stands."""
        return len(self._with(uri))

    def _with(self, uri: str) -> Sequence[int]:
        """Return in which a song stands."""
        n = self._number.get(uri)
        return () if n is None else self._with_song[n]

    def _with_the(self, artist: str) -> Sequence[int]:
        """Return in which an artist stands."""
        n = self._artist_number.get(artist)
        return () if n is None else self._with_artist[n]

    def common(self, one: str, other: str) -> tuple[int, int]:
        """Return in how many that were heard both stand, and in how many that were put together."""
        both = set(self._with(one)) & set(self._with(other))
        heard = sum(self._heard[session] for session in both)
        return heard, len(both) - heard

    def together(self, uri: str) -> Mapping[str, float]:
        """Return the songs that stand in one session with this one, and what that counts."""
        found: defaultdict[int, float] = defaultdict(float)
        mine = self._number.get(uri)
        for session in self._with(uri):
            songs = self._sessions[session]
            share, here = self._share(session), songs.index(mine)
            for place, other in enumerate(songs):
                if place != here:
                    found[other] += share * _worth(place - here)
        return {self._songs[n]: counted for n, counted in found.items()}

    def meet(self, artist: str, other: str) -> bool:
        """Tell whether both artists stand in one session."""
        return not set(self._with_the(artist)).isdisjoint(self._with_the(other))

    def artists(self, artist: str) -> Mapping[str, float]:
        """Return the artists that stand in one session with this one, and what that counts."""
        counted = self._asked.get(artist)
        if counted is None:
            if len(self._asked) >= ASKED:
                self._asked.clear()
            counted = self._asked[artist] = self._count_artists(artist)
        return counted

    def _count_artists(self, artist: str) -> Mapping[str, float]:
        found: defaultdict[int, float] = defaultdict(float)
        sessions = self._with_the(artist)
        for session in sessions:
            share = self._share(session)
            for other in self._artists_in[session]:
                found[other] += share
        mine = len(sessions) + 1
        return {
            self._artists[n]: both / (sqrt(mine * (len(self._with_artist[n]) + 1)) + ARTIST_DAMPING)
            for n, both in found.items()
            if self._artists[n] != artist
        }

    def _share(self, session: int) -> float:
        """Return what a session counts: 1 where it is as long as they are on average, less where longer."""
        return sqrt(self._whole / len(self._sessions) / len(self._sessions[session]))


def _numbered(
    names: Iterable[str],
    numbers: dict[str, int],
    known: list[str],
    sessions_with: list[list[int]],
    session: int,
) -> list[int]:
    """Return the numbers of songs or artists, new ones for new ones; note that they stand in a session."""
    found = []
    for name in names:
        n = numbers.get(name)
        if n is None:
            n = numbers[name] = len(known)
            known.append(name)
            sessions_with.append([])
        sessions_with[n].append(session)
        found.append(n)
    return found


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@cache
def _worth(ahead: int) -> float:
    """Return what it counts that a song stands so many places behind another."""
    following = FOLLOWING * exp((1 - ahead) / NEXT_REACH) if ahead > 0 else 0.0
    return ANYWHERE + NEAR * exp(-abs(ahead) / REACH) + following


class Together:
    """How well each song of a pool goes with others."""

    def __init__(self, pool: Iterable[Named], sessions: Sessions) -> None:
        """Compare these songs by the sessions as they are now."""
        from moodspeaker.music.alike import Alike  # noqa: PLC0415 - a choice without songs before has no use for it

        self.pool: Final = tuple(pool)
        self._sessions, self._alike = sessions, Alike(self.pool)
        self._place = {song.uri: n for n, song in enumerate(self.pool)}
        self._rows: dict[str, Sequence[float]] = {}
        self._by_artist: defaultdict[str, list[int]] = defaultdict(list)
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_genre: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        for n, song in enumerate(self.pool):
            if song.artist:
                self._by_artist[song.artist].append(n)
            for name in song.names():
                self._by_name[name].append(n)
            for genre in song.genres():
                self._by_genre[genre].append(n)
            for word in song.words():
                self._by_word[word].append(n)

    def scores(self, history: Sequence[Named]) -> list[float]:
        """Return how well each song of the pool, in its order, follows these; the newest is the last."""
        scores = [0.0] * len(self.pool)
        for age, song in enumerate(reversed(history[-MEMORY:])):
            scores = _added(scores, self.follows(song), SLOW**age + FAST_SHARE * FAST**age)
            for n, value in self._same_artist(song):
                scores[n] += (ARTIST_FAST_SHARE - FAST_SHARE) * FAST**age * value
        known = {song.uri for song in history}
        first = sorted(range(len(scores)), key=lambda n: -scores[n])[: STEPS + len(known)]
        steps = [n for n in first if scores[n] > 0 and self.pool[n].uri not in known][:STEPS]
        whole, lent = sum(scores), sum(scores[n] for n in steps)
        for n, share in [(n, scores[n] / lent) for n in steps]:
            row = self.follows(self.pool[n])
            scores = _added(scores, row, SECOND_STEP * whole * share / (sum(row) or 1.0))
        return scores

    def follows(self, song: Named) -> Sequence[float]:
        """Return how well each song of the pool follows one."""
        row = self._rows.get(song.uri)
        if row is None:
            row = self._rows[song.uri] = self._row(song)
        return row

    @cached_property
    def _roots(self) -> Sequence[float]:
        return [self._root(song) for song in self.pool]

    def _row(self, song: Named) -> Sequence[float]:
        row = self._in_common(song)
        for uri, counted in self._sessions.together(song.uri).items():
            n = self._place.get(uri)
            if n is not None:
                row[n] += counted
        for artist, counted in self._sessions.artists(song.artist).items():
            for n in self._by_artist.get(artist, ()):
                row[n] += ARTISTS * counted
        root = self._root(song)
        row = [value / (root * other + DAMPING) for value, other in zip(row, self._roots, strict=True)]
        for n, value in self._same_artist(song):
            row[n] += value
        here = self._place.get(song.uri)
        if here is not None:
            row[here] = 0.0
        return row

    def _in_common(self, song: Named) -> list[float]:
        """Return what it counts what songs have in common with one."""
        known = self._sessions.count(song.uri)
        row = [0.0] * len(self.pool) if known else self._alike.row(song)
        for word in song.words():
            titles = self._by_word.get(word, ())
            if 1 < len(titles) <= COMMON_WORD:
                for n in titles:
                    row[n] += WORDS / len(titles)
        for genre in song.genres():
            songs = self._by_genre.get(genre, ())
            for n in songs:
                row[n] += GENRE / sqrt(len(songs))
        return row

    def _same_artist(self, song: Named) -> list[tuple[int, float]]:
        """Return the places of the other songs of its artist, and of its guests, and what they count."""
        mine, root = self._by_artist.get(song.artist, ()), self._root(song)
        counted = dict.fromkeys(mine, SAME_ARTIST + SAME_RARE_ARTIST / sqrt(len(mine) or 1))
        for name in song.names():
            for n in self._by_name.get(name, ()):
                counted.setdefault(n, GUEST)
        return [
            (n, value / (root * self._roots[n] + DAMPING))
            for n, value in counted.items()
            if self.pool[n].uri != song.uri
        ]

    def _root(self, song: Named) -> float:
        return sqrt(self._sessions.count(song.uri) + 1)


class Ranking:
    """Names the songs that are expected next."""

    def __init__(self, library: Iterable[Named], sessions: Sessions) -> None:
        self._together = Together(library, sessions)
        self._sessions = sessions

    def next(self, history: Sequence[Named], count: int) -> list[Named]:
        """Return the songs that are expected after these, the likeliest first, none of these.

        Where nothing is known of what goes together, those heard most often, each artist in turn.
        """
        pool = self._together.pool
        heard = [self._sessions.count(song.uri) for song in pool]
        scores = self._together.scores(history)
        known = {song.uri for song in history}
        if not any(scores):
            order = _in_turn(pool, heard)
        else:
            order = sorted(range(len(pool)), key=lambda n: (-scores[n], -heard[n]))
        return [pool[n] for n in order if pool[n].uri not in known][:count]


def _in_turn(pool: Sequence[Named], heard: Sequence[int]) -> list[int]:
    """Return the places of the songs heard most often, each artist's second behind every artist's first."""
    turns: Counter[str] = Counter()
    order = []
    for n in sorted(range(len(pool)), key=lambda n: -heard[n]):
        order.append((turns[pool[n].artist], n))
        turns[pool[n].artist] += 1
    return [n for _, n in sorted(order, key=lambda turn: (turn[0], -heard[turn[1]]))]


def _added(scores: Sequence[float], row: Sequence[float], weight: float) -> list[float]:
    return [score + weight * value for score, value in zip(scores, row, strict=True)]
