"""The programmes whose songs may still stand in a queue, as one line of text for the disk.

After a restart of this program, or of the music server with an older state file (a power cut), the songs of a
queue are known again by these: they are ours, and no person put them there.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.song import Programme

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST: Final = 12
"""Programmes that are kept."""
SONGS: Final = 300
"""Songs that are kept of each, the last ones: more than stand in the queue at once."""


class RecentProgrammes:
    """The last programmes that the player took, oldest first."""

    def __init__(self, programmes: Iterable[Programme] = (), current: int | None = None) -> None:
        """Begin with these; `current` is the id of the one that plays."""
        self._programmes: dict[int, Programme] = {}
        self._current = current
        for programme in programmes:
            self.add(programme)

    def __iter__(self) -> Iterator[Programme]:
        """Yield them, oldest first."""
        return iter(self._programmes.values())

    @property
    def current(self) -> Programme | None:
        """The programme that plays, or played last."""
        return self.find(self._current)

    def add(self, programme: Programme) -> Programme:
        """Take in a programme, or later songs of one that is here; return it with all its songs.

        Songs that were drawn before, and are played again, are not taken in twice.
        """
        earlier = self._programmes.pop(programme.id, None)
        if earlier is None:
            whole = programme
        elif programme.drawn <= earlier.drawn:
            whole = earlier
        else:
            whole = earlier.followed_by(programme, SONGS)
        self._programmes[programme.id] = whole
        while len(self._programmes) > MOST:
            oldest = next(number for number in self._programmes if number != self._current)
            del self._programmes[oldest]
        return whole

    def plays(self, programme: Programme) -> None:
        """Note which of them plays."""
        self._current = programme.id

    def find(self, number: int | None) -> Programme | None:
        """Return the programme of that id."""
        return None if number is None else self._programmes.get(number)

    def newer(self, programme: Programme) -> bool:
        """Tell whether the player took a programme after the one that plays."""
        order = list(self._programmes)
        return self._current in order and order.index(programme.id) > order.index(self._current)

    def to_text(self) -> str:
        """Return them as one line of text."""
        programmes = [_row(programme) for programme in self]
        return json.dumps({"current": self._current, "programmes": programmes})

    @classmethod
    def from_text(cls, text: str) -> RecentProgrammes:
        """Return what `to_text` wrote; what cannot be read is left out."""
        try:
            value = json.loads(text) if text else None
        except (ValueError, RecursionError):
            value = None
        match value:
            case {"current": int(number) | (None as number), "programmes": [*rows]}:
                read = (_programme(row) for row in rows)
                return cls((programme for programme in read if programme is not None), number)
            case _:
                return cls()


def _row(programme: Programme) -> dict[str, object]:
    row = asdict(programme)
    row["rule"] = row.pop("kind")  # what earlier versions wrote, and read
    row["near"] = None if programme.near is None else programme.near._asdict()
    return row


def _programme(row: object) -> Programme | None:
    match row:
        case {
            "id": int(number),
            "mood": str(mood),
            "name": str(name),
            "rule": str(kind),
            "songs": [str(), *_] as songs,
            "pool": int(pool),
            "drawn": int(drawn),
            **more,
        } if mood in list(Emotion) and all(isinstance(song, str) for song in songs):
            near = _point(more.get("near"))
            uris = tuple(map(str, songs))
            return Programme(number, Emotion(mood), name, kind, uris, pool, drawn, near)
        case _:
            return None


def _point(value: object) -> Affect | None:
    match value:
        case {"valence": int() | float() as valence, "arousal": int() | float() as arousal}:
            return Affect(float(valence), float(arousal))
        case _:
            return None
