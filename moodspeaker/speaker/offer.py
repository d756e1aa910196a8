"""The music there is for each mood: the listener's own choice, else the nearest songs of the index.

A stored playlist, a genre or a folder of a mood is the listener's word and always goes first.  The index is
read again when another process has changed it, at most every `AGAIN` seconds: a scan writes all the time.
One that is empty is read at every change, for its first songs are waited for.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.library import IndexSummary
from moodspeaker.domain.player import MusicChanged
from moodspeaker.domain.song import BY_INDEX, MusicSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.ports import MoodIndex

AGAIN: Final = 30.0
"""Seconds between two readings of the index at least."""


class Offer:
    """Joins what the music server has with the index."""

    def __init__(self, index: MoodIndex) -> None:
        self._index = index
        self._nearest: Mapping[Emotion, MusicSource] = MappingProxyType({})
        self._theirs: Mapping[Emotion, MusicSource] | None = None
        """What the music server has for each mood; None until it was told."""
        self._read_at: float | None = None
        self.summary = IndexSummary()
        """How much is known of how many songs."""

    def take(self, told: MusicChanged) -> MusicChanged:
        """Take what the music server has; return it with what the index adds."""
        self._theirs = told.music
        return self._joined(told.music)

    def look(self, now: float) -> MusicChanged | None:
        """Look at the index, at a monotonic moment; return the music where it became another."""
        if self.summary.songs and self._read_at is not None and now - self._read_at < AGAIN:
            return None
        if not self._index.changed():
            return None
        self._read_at = now
        self.summary = self._index.summary()
        nearest = {
            emotion: MusicSource(f"nearest to {emotion}", BY_INDEX, tuple(songs))
            for emotion in EMOTIONS
            if (songs := self._index.nearest(emotion))
        }
        if nearest == self._nearest:
            return None
        self._nearest = MappingProxyType(nearest)
        return None if self._theirs is None else self._joined(self._theirs)

    def correct(self, uri: str, mood: Emotion | None) -> None:
        """Give a song the mood that a person says; the next look sees it.  Raises StoreError."""
        self._index.correct(uri, mood)
        self._read_at = None

    def _joined(self, theirs: Mapping[Emotion, MusicSource]) -> MusicChanged:
        return MusicChanged(MappingProxyType({**self._nearest, **theirs}))
