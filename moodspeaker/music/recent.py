"""The programmes whose songs may still stand in a queue, as one line of text for the disk.

After a restart of this program, or of the music server with an older state file (a power cut), the songs of a
queue are known again by these: they are ours, and no person put them there.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.song import Programme

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST: Final = 12
"""Programmes that are kept."""
SONGS: Final = 600
"""Songs that are kept of each: more than stand in the queue at once."""


class RecentProgrammes:
    """The last programmes that the player took, oldest first."""

    def __init__(self, programmes: Iterable[Programme] = ()) -> None:
        """Begin with these."""
        self._programmes: dict[int, Programme] = {}
        for programme in programmes:
            self.add(programme)

    def __iter__(self) -> Iterator[Programme]:
        """Yield them, oldest first."""
        return iter(self._programmes.values())

    def add(self, programme: Programme) -> Programme:
        """Take in a programme, or later songs of one that is here; return it with all its songs."""
        earlier = self._programmes.pop(programme.id, None)
        whole = programme if earlier is None else earlier.remembering(programme, SONGS)
        self._programmes[programme.id] = whole
        while len(self._programmes) > MOST:
            del self._programmes[next(iter(self._programmes))]
        return whole

    def find(self, number: int | None) -> Programme | None:
        """Return the programme of that id."""
        return None if number is None else self._programmes.get(number)

    def to_text(self) -> str:
        """Return them as one line of text."""
        return json.dumps([asdict(programme) for programme in self])

    @classmethod
    def from_text(cls, text: str) -> RecentProgrammes:
        """Return what `to_text` wrote; what cannot be read is left out."""
        try:
            rows = json.loads(text) if text else []
        except (ValueError, RecursionError):
            rows = []
        read = (_programme(row) for row in rows) if isinstance(rows, list) else iter(())
        return cls(programme for programme in read if programme is not None)


def _programme(row: object) -> Programme | None:
    match row:
        case {
            "id": int(number),
            "mood": str(mood),
            "name": str(name),
            "rule": str(rule),
            "songs": [*songs],
            "pool": int(pool),
            "drawn": int(drawn),
        } if mood in list(Emotion) and all(isinstance(song, str) for song in songs):
            return Programme(number, Emotion(mood), name, rule, tuple(map(str, songs)), pool, drawn)
        case _:
            return None
