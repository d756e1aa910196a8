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

A song's value is the mean of its events, drawn to the value of its artist while there are few, and that to 0:

    value = (sum(weight * opinion) + PRIOR * artist's value) / (sum(weight) + PRIOR)

Events of the mood that is asked for count whole, those of other moods `OTHER_MOOD`.  A profile's value is
drawn to the household's, which all profiles together make, in the same way: what a profile never said, the
household says.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from heapq import nlargest
from math import exp2
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.domain.player import EndReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from moodspeaker.domain.emotion import Emotion

DAY: Final = 86_400.0
EARLY: Final = 30.0
"""Seconds heard up to which a skip says no to the song itself."""
SWITCH: Final = 30.0
"""Seconds after a switch of ours within which a skip is about the switch."""
PRIOR: Final = 2.0
"""Weight of what is known of the artist; and of the household, where a profile is asked for."""
ARTIST_PRIOR: Final = 4.0
"""Weight of not knowing the artist."""
OTHER_MOOD: Final = 0.4
"""What an event of another mood counts."""


FAVOURITE: Final = 180.0
"""Days in which what is said of a favourite falls by half."""
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
        self.opinion, self._weight, self._half_life = opinion, weight, half_life

    def weight(self, days: float) -> float:
        """Return what it counts so many days later."""
        return self._weight * exp2(-max(days, 0.0) / self._half_life)


class Event(NamedTuple):
    """Something that happened to a song."""

    what: What
    at: float
    """Seconds since the epoch."""
    mood: Emotion | None = None
    """The mood that it was played for; None where that is not known."""
    profile: str = HOUSEHOLD


@dataclass(frozen=True, slots=True)
class Liking:
    """What is known of a listener and a song."""

    value: float
    """-1 to 1."""
    weight: float
    """How much it rests on."""


def of_play(why: EndReason, heard: float, since_switch: float | None) -> What | None:
    """Return what the end of a play says; None where it says nothing.

    `heard` is in seconds, `since_switch` too: from our last switch to the end, None where there was none.
    """
    if why is EndReason.FINISHED:
        return What.FINISHED
    if why is not EndReason.SKIPPED or (since_switch is not None and since_switch <= SWITCH):
        return None
    return What.SKIPPED_EARLY if heard <= EARLY else What.SKIPPED


class Preferences:
    """All events of a library."""

    def __init__(self) -> None:
        self._events: defaultdict[str, list[Event]] = defaultdict(list)
        self._artists: dict[str, str] = {}
        self._by_artist: defaultdict[str, set[str]] = defaultdict(set)
        self._liked: defaultdict[str, float] = defaultdict(float)
        """The sum of each song's opinions, as they were worth at `_since`: what is older is worth less."""
        self._since: float | None = None

    def add(self, uri: str, artist: str, event: Event) -> None:
        """Take in what happened to a song."""
        self._events[uri].append(event)
        if self._since is None:
            self._since = event.at
        later = (event.at - self._since) / DAY / FAVOURITE
        self._liked[uri] += event.what.opinion * event.what.weight(0.0) * exp2(min(later, LATEST))
        if artist and uri not in self._artists:
            self._artists[uri] = artist
            self._by_artist[artist].add(uri)

    def events(self, uri: str) -> tuple[Event, ...]:
        """Return what happened to a song, in the order in which it was taken in."""
        return tuple(self._events.get(uri, ()))

    def favourites(self, count: int) -> list[str]:
        """Return the URIs of the songs that the household likes best, whatever the mood."""
        best = nlargest(count, self._liked.items(), key=itemgetter(1))
        return [uri for uri, liked in best if liked > 0]

    def asked(self, mood: Emotion, profile: str, at: float) -> Asked:
        """Return what answers for one listener, mood and moment."""
        return Asked(self._events, self._by_artist, mood, profile, at)


class Asked:
    """Likings of one listener in one mood at one moment; an artist's is computed once."""

    def __init__(
        self,
        events: Mapping[str, list[Event]],
        by_artist: Mapping[str, set[str]],
        mood: Emotion,
        profile: str,
        at: float,
    ) -> None:
        self._events, self._by_artist = events, by_artist
        self._mood, self._profile, self._at = mood, profile, at
        self._of_artists: dict[str, float] = {}

    def liking(self, uri: str, artist: str) -> Liking:
        """Return how much the listener likes a song."""
        events = self._events.get(uri, ())
        total, weight = _sum(events, self._at, self._mood, None)
        value = (total + PRIOR * self._artist(artist)) / (weight + PRIOR)
        if self._profile == HOUSEHOLD:
            return Liking(value, weight)
        total, own = _sum(events, self._at, self._mood, self._profile)
        return Liking((total + PRIOR * value) / (own + PRIOR), weight + own)

    def _artist(self, artist: str) -> float:
        if artist not in self._of_artists:
            songs = self._by_artist.get(artist, ())
            sums = [_sum(self._events[uri], self._at, self._mood, None) for uri in songs]
            weight = sum(weight for _, weight in sums)
            self._of_artists[artist] = sum(total for total, _ in sums) / (weight + ARTIST_PRIOR)
        return self._of_artists[artist]


def _sum(events: Iterable[Event], at: float, mood: Emotion, profile: str | None) -> tuple[float, float]:
    """Return the weighted sum of the opinions, and of the weights; of all profiles where it is None."""
    total = whole = 0.0
    for what, when, its_mood, whose in events:
        if profile is not None and whose != profile:
            continue
        weight = what.weight((at - when) / DAY)
        if its_mood is not mood and its_mood is not None:
            weight *= 0.0 if what is What.WRONG_MOOD else OTHER_MOOD
        total += weight * what.opinion
        whole += weight
    return total, whole
