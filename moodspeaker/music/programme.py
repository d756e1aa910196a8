"""Programmes: the songs of a mood, drawn a few at a time.

Design notes
============
A programme is an endless sequence of songs: its source's songs shuffled, then shuffled again, round after
round.  The order follows from the programme's id alone, so a draw can go on where the last one ended without
a list of thousands of songs being kept or sent: `drawn` counts how far it is.  Each round is a Fisher-Yates
shuffle (`random.Random.shuffle`): every order is equally likely.  No song plays twice in a row where there
are two.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from moodspeaker.domain.song import Programme

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.song import MusicSource

IDS = 2**48
"""How many ids there are: two programmes that live at the same time do not share one by chance."""


class Programmes:
    """Draws programmes from the music there is for each mood."""

    def __init__(self, chance: random.Random) -> None:
        """Begin with no music at all; `chance` gives each programme its id."""
        self._chance = chance
        self._music: Mapping[Emotion, MusicSource] = MappingProxyType({})

    def offer(self, music: Mapping[Emotion, MusicSource]) -> None:
        """Draw from this music from now on."""
        self._music = music

    def source(self, mood: Emotion) -> MusicSource | None:
        """Return where the music of a mood comes from; None where it has none."""
        return self._music.get(mood)

    def new_id(self) -> int:
        """Return the id of a new programme."""
        return self._chance.randrange(1, IDS)

    def begin(self, mood: Emotion, count: int, avoid: str = "") -> Programme | None:
        """Return a new programme with its first songs; None where the mood has no music.

        At most `count` songs, each of them once at most.  The first is not `avoid` where there is another.
        """
        source = self._music.get(mood)
        if source is None:
            return None
        songs = sorted(set(source.songs))
        number = self.new_id()
        while len(songs) > 1 and next(_sequence(number, songs, 0)) == avoid:
            number = self.new_id()  # another order: every one that is left is equally likely
        first = tuple(islice(_sequence(number, songs, 0), min(count, len(songs))))
        return Programme(number, mood, source.name, source.kind, first, len(songs), len(first))

    def go_on(self, programme: Programme, count: int) -> Programme | None:
        """Return the programme with its next `count` songs; None where its mood has no music any more."""
        source = self._music.get(programme.mood)
        if source is None:
            return None
        songs = sorted(set(source.songs))
        more = tuple(islice(_sequence(programme.id, songs, programme.drawn), count))
        return replace(
            programme,
            name=source.name,
            kind=source.kind,
            songs=more,
            pool=len(songs),
            drawn=programme.drawn + len(more),
        )


def _sequence(number: int, songs: Sequence[str], start: int) -> Iterator[str]:
    """Yield the songs of a programme from a place on, for ever."""
    turn, place = divmod(start, len(songs))
    while True:
        yield from _round(number, songs, turn)[place:]
        turn, place = turn + 1, 0


def _round(number: int, songs: Sequence[str], turn: int) -> list[str]:
    """Return one round of a programme; it does not begin with the song that the round before ended with."""
    if len(songs) <= 2:  # noqa: PLR2004 - two songs take turns
        return _shuffled(number, songs, 0)
    order = _shuffled(number, songs, turn)
    if turn and order[0] == _shuffled(number, songs, turn - 1)[-1]:
        order[0], order[1] = order[1], order[0]  # the last place stays: the next round may ask for it
    return order


def _shuffled(number: int, songs: Sequence[str], turn: int) -> list[str]:
    order = list(songs)
    random.Random(f"{number}:{turn}").shuffle(order)  # noqa: S311 - no secret
    return order
