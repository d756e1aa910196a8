"""The choice of songs: preference first, mood as a soft re-rank, a little chance.

Theory of operation
===================
Each candidate is worth

    MOOD * fit + TASTE * liking + GOES * (how well it follows the last songs) + damped chance - fatigue

`fit` is `content.fit`, `liking` is `preference`'s, from -1 to 1, and how well it follows is
`collaborative`'s, from 0 to 1 among the candidates.  Chance is the larger the less is known of a song, so
what was never heard gets its turn (after Thompson 1933); fatigue falls with the days since it was heard last.

The list then obeys what people mind in a programme: an artist comes once among `APART` songs, the last ones
heard included, and so does an album, but not at any price where its songs are by others (`SAMPLER`): in a
library of one soundtrack the sad songs are on it.  What was heard within a day, or stands in the queue, comes
behind all others, the oldest first.  Each rule gives way where there is nothing else.

In the data that this was learned from (SiTunes, Grigorev et al. 2024), how much somebody likes a song
explains what it does to them far better than the song's own mood: so taste weighs more than mood.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.domain.emotion import Emotion
from moodspeaker.music import content
from moodspeaker.music.choice import Suggestion
from moodspeaker.music.preference import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from moodspeaker.domain.emotion import Affect
    from moodspeaker.music.choice import Wanted
    from moodspeaker.music.collaborative import Named
    from moodspeaker.music.preference import Liking

MOOD: Final = 0.4
NEUTRAL_MOOD: Final = 0.2
"""The same for a neutral room, which gets the listener's own mix."""
MOOD_ON_THE_WAY: Final = 1.5
"""The same where a way leads to other music: the least at which songs lie nearer to their own step than to
the next one (docs/recommender.md)."""
TASTE: Final = 1.5
GOES: Final = 0.25
CHANCE: Final = 0.06
"""By how much chance moves a song of which nothing is known (the standard deviation)."""
FATIGUE: Final = 0.15
REST: Final = 1.5
"""Days in which fatigue falls by half."""
APART: Final = 4
"""Songs among which an artist, and an album, comes once."""
SAMPLER: Final = 0.06
"""How much less a song may be worth that is taken for one of an album of several artists that was just
heard: as much as a third of the affect plane's unit off the mood.
"""
STEEP: Final = 3.0
MIDDLE: Final = 0.4
"""Of the curve that makes 0 to 1 of what a song is worth."""


class Candidate(NamedTuple):
    """A song that may be chosen, and what is known of it."""

    song: Named
    album: str
    place: Affect | None
    """Within the library; None where its mood is not known."""
    corrected: bool
    """Whether a person gave it its mood."""
    liking: Liking
    heard: float | None
    """When it was heard last, in seconds since the epoch; None: never."""


def worth(
    candidates: Sequence[Candidate], follows: Sequence[float], wanted: Wanted, now: float, chance: Random
) -> list[float]:
    """Return what each candidate is worth, 0 to 1; `follows` is how well each goes with the last songs."""
    most = max(follows, default=0.0) or 1.0
    mood = _weight_of_mood(wanted)
    return [
        _squashed(
            mood * content.fit(one.place, wanted.affect)
            + TASTE * one.liking.value
            + GOES * goes / most
            + chance.gauss(0.0, CHANCE) / math.sqrt(1 + one.liking.weight)
            - _fatigue(one, now)
        )
        for one, goes in zip(candidates, follows, strict=True)
    ]


def _weight_of_mood(wanted: Wanted) -> float:
    if wanted.aim:
        return MOOD_ON_THE_WAY
    if wanted.songs is not None:  # the listener said themselves that these fit
        return 0.0
    return NEUTRAL_MOOD if wanted.mood is Emotion.NEUTRAL else MOOD


def _fatigue(one: Candidate, now: float) -> float:
    if one.heard is None:
        return 0.0
    return FATIGUE * math.exp2(-max(now - one.heard, 0.0) / DAY / REST)


def _squashed(value: float) -> float:
    return 1 / (1 + math.exp(-STEEP * (value - MIDDLE)))


def arranged(
    candidates: Sequence[Candidate],
    worths: Sequence[float],
    last: Sequence[tuple[str, str]],
    resting: Mapping[str, float],
    count: int,
) -> list[int]:
    """Return the places of the songs to play, in order, at most `count`.

    `last` holds artist and album of the songs before, the newest last; `resting` the URIs that were heard
    lately, and when.
    """
    order = sorted(range(len(candidates)), key=lambda n: -worths[n])
    fresh = [n for n in order if candidates[n].song.uri not in resting]
    tired = [n for n in order if candidates[n].song.uri in resting]
    tired.sort(key=lambda n: resting[candidates[n].song.uri])
    names = deque(last, maxlen=APART - 1)
    ahead = _spread(fresh, candidates, names, count, worths)
    return [*ahead, *_spread(tired, candidates, names, count - len(fresh), [0.0] * len(worths))]


def _spread(
    order: Sequence[int],
    candidates: Sequence[Candidate],
    names: deque[tuple[str, str]],
    count: int,
    worths: Sequence[float],
) -> Iterator[int]:
    left = list(order)
    for _ in range(min(count, len(left))):
        n = left.pop(_next(left, candidates, names, worths))
        names.append((candidates[n].song.artist, candidates[n].album))
        yield n


def _next(
    left: Sequence[int],
    candidates: Sequence[Candidate],
    names: Sequence[tuple[str, str]],
    worths: Sequence[float],
) -> int:
    """Return the place of the next song among those left."""
    first = None
    for place, n in enumerate(left):
        if first is not None and worths[n] < worths[left[first]] - SAMPLER:
            break
        if not _nearness(candidates[n], names):
            if candidates[n].album not in {album for _, album in names if album}:
                return place
            first = place if first is None else first
    if first is not None:
        return first
    return min(range(len(left)), key=lambda place: _nearness(candidates[left[place]], names))


def _nearness(one: Candidate, names: Sequence[tuple[str, str]]) -> int:
    """Return 0 where a song shares no artist with the last ones, else more the nearer.

    One of the same album does, where the artist of either is not known.
    """
    mine = one.song.artist
    same = (
        turn
        for turn, (artist, album) in enumerate(names, 1)
        if (mine and mine == artist) or (one.album and one.album == album and not (mine and artist))
    )
    return max(same, default=0)


def suggestion(one: Candidate, score: float, reasons: Mapping[str, str]) -> Suggestion:
    """Return a chosen song as it is told."""
    title = one.song.title or one.song.uri.rsplit("/", 1)[-1]
    return Suggestion(one.song.uri, title, one.song.artist, score, reasons)
