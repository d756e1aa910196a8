"""How near a song's own mood is to the one that is wanted, and that in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Emotion, distance

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Affect
    from moodspeaker.music.choice import Wanted

REACH: Final = 0.5
"""Distance on the affect plane at which a song fits 0.6 times as well (the standard deviation)."""
UNKNOWN: Final = 0.3
"""How well a song fits of whose mood nothing is known."""
CLOSE: Final = 0.25
FAIRLY_CLOSE: Final = 0.55
"""Distances up to which songs are called close, and fairly close."""
ROOM: Final = {
    Emotion.ANGRY: "an angry room",
    Emotion.DISGUST: "a disgusted room",
    Emotion.FEAR: "an anxious room",
    Emotion.HAPPY: "a happy room",
    Emotion.SAD: "a sad room",
    Emotion.SURPRISE: "a surprised room",
    Emotion.NEUTRAL: "a quiet room",
}
"""Moods as people are told them."""


NONE_OF_ITS_OWN: Final = frozenset({Emotion.DISGUST, Emotion.SURPRISE})
"""Moods that no music is made for: songs in their neighbourhood are taken, and say so."""


def fit(song: Affect | None, wanted: Affect) -> float:
    """Return how well a song fits, 0 to 1: `song` is its place within the library."""
    if song is None:
        return UNKNOWN
    return math.exp(-((distance(song, wanted) / REACH) ** 2) / 2)


def in_words(song: Affect | None, wanted: Wanted, *, nothing_near: bool) -> str:
    """Return how near a song is to what is wanted, and whether no other is near it."""
    if song is None:
        return "its mood is not known yet"
    there = wanted.aim or ROOM[wanted.mood]
    far = distance(song, wanted.affect)
    if far <= FAIRLY_CLOSE:
        words = f"close to {wanted.aim or f'how {there} feels'}"
        words = words if far <= CLOSE else f"fairly {words}"
        none = not wanted.aim and wanted.mood in NONE_OF_ITS_OWN
        return f"{words}, for {wanted.mood} has no music of its own" if none else words
    words = f"{_difference(song, wanted.affect)} than {there}"
    return f"{words}, for nothing here is close to it" if nothing_near else words


def is_near(song: Affect | None, wanted: Affect) -> bool:
    """Tell whether a song is close, or fairly close, to what is wanted."""
    return song is not None and distance(song, wanted) <= FAIRLY_CLOSE


def _difference(song: Affect, wanted: Affect) -> str:
    """Return what a song is more than what is wanted."""
    valence, arousal = song.valence - wanted.valence, song.arousal - wanted.arousal
    if abs(valence) >= abs(arousal):
        return "brighter" if valence > 0 else "darker"
    return "livelier" if arousal > 0 else "calmer"
