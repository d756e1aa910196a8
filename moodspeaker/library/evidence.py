"""What is known of a song's mood, from what the index keeps of it.  Pure.

A genre's word comes beside the sound, which has told much of it already: the more reliable the sound, the
less of the genre counts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.library.fusion import Estimate, Evidence
from moodspeaker.mood.affect import POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.emotion import Affect
    from moodspeaker.library.lexicon import Lexicon

GENRE_RELIABILITY: Final = (0.15, 0.30)
"""Valence and arousal: what a genre explains of people's ratings (correlations of about .4 and .55)."""
MOOD_RELIABILITY: Final = (0.40, 0.40)
"""The same of the words of a mood tag: somebody listened and wrote them."""
LABEL_RELIABILITY: Final = (0.60, 0.60)
"""The same of a mood that the listener's own playlists gave it."""
OVERLAP: Final = 1.6
"""Times a sound's reliability: the share of what a genre says that the sound has told already (measured by
models/training/music/music_genres.py).
"""
LOOKED_UP: Final = 4096
"""Tags whose words are remembered."""


class Words:
    """Reads songs by the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._points = lru_cache(LOOKED_UP)(self._look_up)

    def evidence(self, row: Sequence[Any]) -> Evidence:
        """Return what is known of a song.

        The row: artist, genre, moods of its tags, comment; valence, arousal and the reliability of each by
        its sound, None where it was not heard; the mood that a person gave it, and those of playlists, joined
        by commas, or None.
        """
        artist, genre, moods, comment, *of_sound, correction, labels = row
        sound = None if None in of_sound else Estimate(*of_sound)
        by_genre, by_mood = self._points(genre, moods, comment)
        told = []
        if by_genre is not None:
            estimate = Estimate(by_genre.valence, by_genre.arousal, *GENRE_RELIABILITY)
            told.append(estimate if sound is None else beside(estimate, sound))
        if by_mood is not None:
            told.append(Estimate(by_mood.valence, by_mood.arousal, *MOOD_RELIABILITY))
        told += _by_labels(labels or "")
        mood = Emotion(correction) if correction in EMOTIONS else None
        return Evidence(told, sound, mood, artist, genre)

    def _look_up(self, genre: str, moods: str, comment: str) -> tuple[Affect | None, Affect | None]:
        lexicon = self._lexicon
        return lexicon.genre(genre), lexicon.mood(moods) if moods else lexicon.moods_alone(comment)


def beside(genre: Estimate, sound: Estimate) -> Estimate:
    """Return what a genre says that the sound has not told."""
    valence = max(0.0, 1 - OVERLAP * sound.valence_reliability)
    arousal = max(0.0, 1 - OVERLAP * sound.arousal_reliability)
    return Estimate(
        valence * genre.valence,
        arousal * genre.arousal,
        valence * genre.valence_reliability,
        arousal * genre.arousal_reliability,
    )


def _by_labels(moods: str) -> list[Estimate]:
    """Return where the listener's own playlists place a song."""
    points = [POINTS[Emotion(mood)] for mood in moods.split(",") if mood in EMOTIONS]
    if not points:
        return []
    valence = sum(point.valence for point in points) / len(points)
    arousal = sum(point.arousal for point in points) / len(points)
    return [Estimate(valence, arousal, *LABEL_RELIABILITY)]
