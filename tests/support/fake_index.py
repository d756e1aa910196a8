"""An index of songs that a test fills; proven by tests/contract/test_mood_index.py."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.library import IndexSummary
from moodspeaker.errors import StoreError
from moodspeaker.music.choice import Suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from moodspeaker.music.choice import Wanted


class FakeIndex:
    """`ports.MoodIndex` in memory; empty at first."""

    def __init__(self) -> None:
        self.songs: dict[Emotion, list[str]] = {}
        self.told = IndexSummary()
        self.corrections: dict[str, Emotion | None] = {}
        self.fails = ""
        """Why corrections cannot be kept, else empty."""
        self.wanted: list[Wanted] = []
        """What songs were asked for."""
        self.liked: set[str] = set()
        """Songs of which a listener's taste is known."""
        self._scanned: dict[Emotion, list[str]] = {}
        self._changed = True

    def scan(self, **songs: Sequence[str]) -> None:
        """Have these songs, by the mood's name, as after a scan."""
        self._scanned = {Emotion(mood): list(uris) for mood, uris in songs.items()}
        self._place()
        count = len({uri for uris in songs.values() for uri in uris})
        self.told = IndexSummary(count, count, 0, 1_700_000_000.0)
        self._changed = True

    def changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def nearest(self, mood: Emotion) -> Sequence[str]:
        return list(self.songs.get(mood, ()))

    def suggest(self, wanted: Wanted, count: int, seed: int) -> Sequence[Suggestion]:
        """`ports.Chooser`: the songs of the mood in their order, those that were not there lately first."""
        self.wanted.append(wanted)
        songs = list(wanted.songs or self.songs.get(wanted.mood, []))
        fresh = [uri for uri in songs if uri not in wanted.recent]
        return [Suggestion(uri, uri, "", 1.0, {"mood": "near"}) for uri in (fresh or songs)[:count]]

    def reasons(self, uri: str, wanted: Wanted) -> Mapping[str, str]:
        known = {song for songs in self.songs.values() for song in songs} | {*(wanted.songs or ())}
        return {"mood": f"fits {wanted.aim or wanted.mood}"} if uri in known else {}

    def knows_taste(self, songs: Collection[str]) -> bool:
        return not self.liked.isdisjoint(songs)

    def summary(self) -> IndexSummary:
        return self.told

    def knows(self, uri: str) -> bool:
        return uri in self._met or self.corrections.get(uri) is not None

    def like(self, uri: str) -> str:
        return next(iter(difflib.get_close_matches(uri, sorted(self._met), 1, 0.7)), "")

    def correct(self, uri: str, mood: Emotion | None) -> None:
        if self.fails:
            raise StoreError(self.fails)
        self.corrections[uri] = mood
        self._place()

    @property
    def _met(self) -> set[str]:
        """The songs that a scan met."""
        return {uri for uris in self._scanned.values() for uri in uris}

    def _place(self) -> None:
        """Put the songs that were met where persons say, the others where the scan had them."""
        corrected = {
            uri: mood for uri, mood in self.corrections.items() if mood is not None and uri in self._met
        }
        self.songs = {
            mood: [uri for uri in uris if uri not in corrected] for mood, uris in self._scanned.items()
        }
        for uri, mood in corrected.items():
            self.songs.setdefault(mood, []).insert(0, uri)
        self._changed = True
