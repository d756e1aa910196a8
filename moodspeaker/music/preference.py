"""How much a listener likes each song, from what they said of it and how its plays ended.

Theory of operation
===================
Each event is an opinion from -1 to 1 with a weight that falls by half in some time: what was said lasts
longer than how a play ended (`What`):

    finished                               +1       liked         +1
    skipped within EARLY seconds           -1       disliked      -1
    skipped later                         -0.5      wrong mood    -1, in that mood alone

A skip within `SWITCH` seconds of a switch of ours is about the switch, not the song, and counts nothing; nor
does a stop, or a queue that was replaced.

A song's value is the mean of its events, drawn while there are few to what is known of songs like it:

    song    (sum(weight * opinion) + PRIOR * artist) / (sum(weight) + PRIOR)
    artist  the same over all its songs, drawn to: genre + slopes * the song's place on the affect plane,
            of which no more than `LEANING` counts, + slopes * its timbre, of which no more than `SOUND`
    genre   the same over all its songs, drawn to: decade
    decade  the same over the songs of ten years, drawn to the mean of all songs

For the artist, the genre, the decade and the slopes no event weighs more than `IN_COMMON`.

Of a song's own events those of the mood that is asked for count whole, those of other moods `OTHER_MOOD`.  A
profile's value is drawn to the household's, which all profiles together make, in the same way: what a profile
never said, the household says.
"""

from __future__ import annotations

import json
from enum import Enum
from heapq import nlargest
from itertools import chain
from math import copysign, exp2
from operator import itemgetter, mul
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.domain.timbre import DEVIATION, MIDDLE, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from moodspeaker.domain.emotion import Affect, Emotion

DAY: Final = 86_400.0
EARLY: Final = 30.0
"""Seconds heard up to which a skip says no to the song itself."""
SWITCH: Final = 30.0
"""Seconds after a switch of ours within which a skip is about the switch."""
PRIOR: Final = 2.0
"""Weight of what is known of the artist; and of the household, where a profile is asked for."""
ARTIST_PRIOR: Final = 4.0
GENRE_PRIOR: Final = 8.0
ALL_PRIOR: Final = 4.0
"""Weights of what the artist, the genre (and the decade) and the mean of all are drawn to."""
SLOPE_PRIOR: Final = 12.0
"""Weight of a slope of nothing."""
LEANING: Final = 0.08
"""What its place alone makes a song more or less liked, at most: less than the mood of the room counts, or a
few dark evenings would let a happy room hear dark songs.
"""
TIMBRE_PRIOR: Final = 100.0
"""Weight of a slope of nothing along a direction of timbre, whose unit is a standard deviation."""
SOUND: Final = 0.1
"""What its timbre makes a song more or less liked, at most."""
OTHER_MOOD: Final = 0.4
"""What an event of another mood counts."""
IN_COMMON: Final = 1.0
"""What an event counts at most for songs that have something in common with its own: who says no to one
happy song says little of the others.
"""
FADING: Final = 180.0
"""Days in which what is known of artists, genres and favourites falls by half."""
LATEST: Final = 500.0
"""Half-lives beyond which a clock is wrong."""


class What(Enum):
    """What happened to a song: (opinion, weight, days in which the weight falls by half)."""

    FINISHED = (1.0, 0.5, 90.0)
    SKIPPED_EARLY = (-1.0, 0.8, 90.0)
    SKIPPED = (-0.5, 0.5, 90.0)
    LIKED = (1.0, 4.0, 720.0)
    DISLIKED = (-1.0, 6.0, 720.0)
    WRONG_MOOD = (-1.0, 4.0, 720.0)

    def __init__(self, opinion: float, weight: float, half_life: float) -> None:
        self.opinion, self.full, self.half_life = opinion, weight, half_life


WHATS: Final = tuple(What)
MOODS: Final = (*EMOTIONS, None)
_Sum: TypeAlias = list[float]
"""Total and weight of opinions, as they were worth at one moment: what is older is worth less."""


class Event(NamedTuple):
    """Something that happened to a song."""

    what: What
    at: float
    """Seconds since the epoch."""
    mood: Emotion | None = None
    """The mood that it was played for; None where that is not known."""
    profile: str = HOUSEHOLD


class Liking(NamedTuple):
    """What is known of a listener and a song."""

    value: float
    """-1 to 1."""
    weight: float
    """How much it rests on."""
    artist: bool = False
    """Whether other songs of its artist are liked, too."""
    sound: float = 0.0
    """How much of the value its timbre is, where nothing is known but that."""


def of_play(why: EndReason, heard: float, since_switch: float | None) -> What | None:
    """Return what the end of a play says; None where it says nothing.

    `heard` is in seconds, `since_switch` too: from our last switch to the end, None where there was none.
    """
    if why is EndReason.FINISHED:
        return What.FINISHED
    if why is not EndReason.SKIPPED or (since_switch is not None and since_switch <= SWITCH):
        return None
    return What.SKIPPED_EARLY if heard <= EARLY else What.SKIPPED


class Traits(NamedTuple):
    """What a song has in common with others."""

    artist: str = ""
    genre: str = ""
    place: Affect | None = None
    """Within the library; None where it is not known."""
    year: int | None = None
    """When it came out; None where it is not known."""
    timbre: bytes = b""
    """How it sounds (`domain.timbre`); empty where that is not known."""

    @property
    def decade(self) -> str:
        """Return its decade, such as "1980"; empty where it is not known."""
        return "" if self.year is None else str(self.year // 10 * 10)


class _Slope:
    """How opinions go with one axis of the affect plane, or one direction of timbre."""

    __slots__ = ("product", "square", "weight")

    def __init__(self, weight: float = 0.0, square: float = 0.0, product: float = 0.0) -> None:
        self.weight, self.square, self.product = weight, square, product

    def add(self, pull: float, value: float, weight: float) -> None:
        self.weight += weight * value
        self.square += weight * value * value
        self.product += pull * value

    def slope(self, mean: float, scale: float, prior: float) -> float:
        """Return how much more a song is liked a unit farther; `scale` is what a weight is worth now."""
        return scale * (self.product - mean * self.weight) / (scale * self.square + prior)


class _InCommon:
    """What all songs have in common at a moment, for one profile."""

    __slots__ = ("kinds", "mean", "middle", "scale", "slopes", "timbre")

    def __init__(self, scale: float, mean: float, slopes: Sequence[float], timbre: Sequence[float]) -> None:
        self.scale, self.mean = scale, mean
        """What a sum is worth, and the mean of all songs."""
        self.slopes, self.timbre = slopes, timbre
        """Of both axes of the affect plane, and of each direction of timbre."""
        self.middle = MIDDLE * sum(timbre)
        """What is taken off, so that a song in the middle of each direction counts nothing."""
        self.kinds: dict[tuple[int | None, str], float] = {}
        """How much songs are liked by year and genre, as far as it was asked."""


class Preferences:
    """All events of a library."""

    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = {}
        self._stored: dict[str, str] = {}
        """Of the other songs, as `as_json` gives them: most are never asked for."""
        self._favour: dict[str, float] = {}
        self._sums: dict[str, _Sum] = {}
        """By `_key`."""
        self._kinds: dict[tuple[str, ...], Sequence[_Sum]] = {}
        """The same by profile, decade, genre and artist together."""
        self._slopes = (_Slope(), _Slope())
        """Of valence and arousal."""
        self._timbre = [_Slope() for _ in range(NUMBERS)]
        self._in_common: tuple[object, _InCommon] | None = None
        """What `_of_all` returned last, behind what it was asked."""
        self._since: float | None = None
        """The moment as of which sums are kept."""

    def add(self, uri: str, traits: Traits, event: Event) -> None:
        """Take in what happened to a song."""
        events = self._of(uri)
        if not events:
            events = self._events[uri] = []
        events.append(event)
        what = event.what
        if what is What.WRONG_MOOD:  # it says nothing of other songs
            return
        if self._since is None:
            self._since = event.at
        self._in_common = None
        scale = self._worth(event.at)
        self._favour[uri] = self._favour.get(uri, 0.0) + what.full / scale * what.opinion
        weight = min(what.full, IN_COMMON) / scale
        pull = weight * what.opinion
        for found in self._sums_with(event.profile, traits):
            found[0] += pull
            found[1] += weight
        if traits.place is not None:
            valence, arousal = self._slopes
            valence.add(pull, traits.place.valence, weight)
            arousal.add(pull, traits.place.arousal, weight)
        for slope, number in zip(self._timbre, traits.timbre, strict=False):
            slope.add(pull, (number - MIDDLE) / DEVIATION, weight)

    def _of(self, uri: str) -> list[Event]:
        """Return the events of a song, for nobody to change where there are none."""
        stored = self._stored.pop(uri, None)
        if stored is not None:
            self._events[uri] = _events(json.loads(stored))
        return self._events.get(uri, [])

    def _sums_with(self, profile: str, traits: Traits) -> Sequence[_Sum]:
        """Return the sums that an event of such a song, heard in that profile, goes into."""
        kind = profile, traits.decade, traits.genre, traits.artist
        sums = self._kinds.get(kind)
        if sums is None:
            keys = [
                ("all", ""), ("decade", traits.decade), ("genre", traits.genre), ("artist", traits.artist)
            ]  # fmt: skip
            keys = [key for key in keys if key[0] == "all" or key[1]]
            names = [_key(whose, *key) for key in keys for whose in ("", profile)]
            sums = self._kinds[kind] = [self._sums.setdefault(name, [0.0, 0.0]) for name in names]
        return sums

    def _worth(self, at: float) -> float:
        """Return what a weight of one in the sums is worth at a moment."""
        later = (at - (self._since or at)) / (DAY * FADING)
        return exp2(-later if -LATEST < later < LATEST else copysign(LATEST, -later))

    def events(self, uri: str) -> tuple[Event, ...]:
        """Return what happened to a song, in the order in which it was taken in."""
        return tuple(self._of(uri))

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values, for `from_json`.

        It is made to be read quickly, whole, for a few songs: each URI stands once, a song's events are a
        text of their own, and sums are bytes (`_packed`), as this machine writes them.
        """
        events = {
            uri: json.dumps([value for event in events for value in _columns(event)])
            for uri, events in self._events.items()
        }
        stored = self._stored | events
        songs = [*self._favour, *(uri for uri in stored if uri not in self._favour)]
        return {
            "since": self._since,
            "songs": songs,
            "events": [stored[uri] for uri in songs],
            "favour": _packed(self._favour.values()),
            "names": [*self._sums],
            "sums": _packed(chain.from_iterable(self._sums.values())),
            "slopes": [
                [slope.weight, slope.square, slope.product] for slope in (*self._slopes, *self._timbre)
            ],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preferences:
        """Return what `as_json` gave; raises KeyError, TypeError or ValueError for anything else.

        The values are taken as they are: thousands of them would take longer to copy than to choose songs.
        """
        made = cls()
        made._since = values["since"]
        made._stored = dict(zip(values["songs"], values["events"], strict=True))
        made._favour = dict(zip(values["songs"], _unpacked(values["favour"]), strict=False))
        sums = _unpacked(values["sums"])
        pairs = map(list, zip(sums[::2], sums[1::2], strict=True))
        made._sums = dict(zip(values["names"], pairs, strict=True))
        valence, arousal, *timbre = (_Slope(*sums) for sums in values["slopes"])
        made._slopes, made._timbre = (valence, arousal), timbre
        return made

    def favourites(self, count: int) -> list[str]:
        """Return the URIs of the songs that the household likes best, whatever the mood."""
        best = nlargest(count, self._favour.items(), key=itemgetter(1))
        return [uri for uri, liked in best if liked > 0]

    def liking(self, uri: str, traits: Traits, mood: Emotion, profile: str, at: float) -> Liking:
        """Return how much a listener likes a song in a mood at a moment."""
        events = self._of(uri)
        total, weight = _sum(events, at, mood, None)
        sound = self._sounds(traits.timbre, profile, at)
        value = (total + PRIOR * self._kind(traits, sound, profile, at)) / (weight + PRIOR)
        artist = self._likes_artist(traits.artist, profile)
        if profile == HOUSEHOLD:
            return Liking(value, weight, artist, sound)
        total, own = _sum(events, at, mood, profile)
        return Liking((total + PRIOR * value) / (own + PRIOR), weight + own, artist, sound)

    def _likes_artist(self, artist: str, profile: str) -> bool:
        """Tell whether what a listener, else the household, heard of an artist was liked."""
        found = self._sums.get(_key(profile, "artist", artist)) or self._sums.get(_key("", "artist", artist))
        return found is not None and found[0] > 0

    def _sounds(self, timbre: bytes, profile: str, at: float) -> float:
        """Return how much more, or less, songs that sound like this one are liked."""
        if not timbre:
            return 0.0
        common = self._of_all(profile, at)
        leans: float = sum(map(mul, common.timbre, timbre)) - common.middle
        return max(-SOUND, min(leans, SOUND))

    def _kind(self, traits: Traits, sound: float, profile: str, at: float) -> float:
        """Return how much songs like this one are liked; `sound` is what its timbre counts."""
        common = self._of_all(profile, at)
        scale, slopes, place = common.scale, common.slopes, traits.place
        kind = traits.year, traits.genre
        value = common.kinds.get(kind)
        if value is None:
            value = self._drawn(profile, ("decade", traits.decade), scale, GENRE_PRIOR, common.mean)
            value = self._drawn(profile, ("genre", traits.genre), scale, GENRE_PRIOR, value)
            common.kinds[kind] = value
        if place is not None:
            leans = slopes[0] * place.valence + slopes[1] * place.arousal
            value += max(-LEANING, min(leans, LEANING))
        value = max(-1.0, min(value + sound, 1.0))
        return self._drawn(profile, ("artist", traits.artist), scale, ARTIST_PRIOR, value)

    def _of_all(self, profile: str, at: float) -> _InCommon:
        """Return what all songs have in common: some hundred of them ask for the same in one choice."""
        asked = profile, at
        if self._in_common is None or self._in_common[0] != asked:
            scale = self._worth(at)
            mean = self._drawn(profile, ("all", ""), scale, ALL_PRIOR, 0.0)
            slopes = [slope.slope(mean, scale, SLOPE_PRIOR) for slope in self._slopes]
            timbre = [slope.slope(mean, scale, TIMBRE_PRIOR) / DEVIATION for slope in self._timbre]
            self._in_common = asked, _InCommon(scale, mean, slopes, timbre)
        return self._in_common[1]

    def _drawn(self, profile: str, key: tuple[str, str], scale: float, prior: float, towards: float) -> float:
        """Return the mean of a sum, drawn to another value; a profile's own is drawn to that of all."""
        value = towards
        for whose in ("",) if profile == HOUSEHOLD else ("", profile):
            found = self._sums.get(_key(whose, *key))
            if found is not None:
                total, weight = found
                value = (scale * total + prior * value) / (scale * weight + prior)
        return value


def _key(whose: str, kind: str, name: str) -> str:
    """Return the name of a sum: whose ("" for all), `all`, `decade`, `genre` or `artist`, its name."""
    return f"{whose}\n{kind}\n{name}"


def _packed(numbers: Iterable[float]) -> str:
    """Return numbers as the base64 of their bytes: thousands in decimal take longer to read than all else."""
    from array import array  # noqa: PLC0415 - most processes write none
    from binascii import b2a_base64  # noqa: PLC0415

    return b2a_base64(array("d", numbers), newline=False).decode()


def _unpacked(text: str) -> Sequence[float]:
    """Return what `_packed` was given; raise TypeError or ValueError for what it never gives."""
    from binascii import a2b_base64  # noqa: PLC0415 - where nothing was heard there is none

    return memoryview(a2b_base64(text)).cast("d").tolist()


def _columns(event: Event) -> tuple[object, ...]:
    """Return an event as JSON values."""
    profile = None if event.profile == HOUSEHOLD else event.profile
    return WHATS.index(event.what), event.at, MOODS.index(event.mood), profile


def _events(values: Sequence[Any]) -> list[Event]:
    """Return the events whose columns these are."""
    columns = zip(values[::4], values[1::4], values[2::4], values[3::4], strict=True)
    return [Event(WHATS[what], at, MOODS[mood], profile or HOUSEHOLD) for what, at, mood, profile in columns]


def _sum(events: Iterable[Event], at: float, mood: Emotion, profile: str | None) -> tuple[float, float]:
    """Return the weighted sum of the opinions, and of the weights; of all profiles where it is None."""
    total = whole = 0.0
    for what, when, its_mood, whose in events:
        if profile is not None and whose != profile:
            continue
        weight = what.full * exp2(-max((at - when) / DAY, 0.0) / what.half_life)
        if its_mood is not mood and its_mood is not None:
            weight *= 0.0 if what is What.WRONG_MOOD else OTHER_MOOD
        total += weight * what.opinion
        whole += weight
    return total, whole
