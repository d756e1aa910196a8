"""Draws the songs of a programme: a listener's own music in an unbiased order, the index's as they fit best.

Design notes
============
A stored playlist, a genre or a folder of a mood is shuffled (`music.programme`).  Where the index is the
source, the `Chooser` names the songs that fit best: for this mood and this listener, none of those that the
programme had already.  Each draw is a new one, so what was said of a song
meanwhile counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.song import BY_INDEX, Programme
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.director.effects import RequestMore, RequestProgramme
    from moodspeaker.domain.emotion import Affect, Emotion
    from moodspeaker.music.programme import Programmes
    from moodspeaker.ports import Chooser

RECENT: Final = 300
"""Songs of a programme that are not drawn again while there are others."""


class Drawing:
    """Answers requests for songs."""

    def __init__(self, programmes: Programmes, chooser: Chooser, listener: Callable[[], str]) -> None:
        """Begin; `listener` tells whose taste counts."""
        self._programmes, self._chooser, self._listener = programmes, chooser, listener

    def begin(self, request: RequestProgramme) -> Programme | None:
        """Return a new programme with its first songs; None where there is no music for it."""
        mood, source = request.mood, self._programmes.source(request.mood)
        if source is None or source.rule != BY_INDEX:
            return self._programmes.begin(mood, request.count, request.avoid)
        number = self._programmes.new_id()
        songs = self._choose(mood, POINTS[mood], request.count, (request.avoid,), number)
        if not songs:
            return None
        pool = len(source.songs)
        return Programme(number, mood, source.name, source.rule, songs, pool, len(songs))

    def go_on(self, request: RequestMore) -> Programme | None:
        """Return a programme with its next songs; None where there is no music for it any more."""
        programme = request.programme
        source = self._programmes.source(programme.mood)
        if source is None or source.rule != BY_INDEX or programme.rule != BY_INDEX:
            return self._programmes.go_on(programme, request.count)
        seed = programme.id + programme.drawn
        songs = self._choose(
            programme.mood, POINTS[programme.mood], request.count, programme.songs[-RECENT:], seed
        )
        if not songs:
            return None
        return replace(programme, songs=songs, pool=len(source.songs), drawn=programme.drawn + len(songs))

    def _choose(
        self, mood: Emotion, near: Affect, count: int, recent: tuple[str, ...], seed: int
    ) -> tuple[str, ...]:
        wanted = Wanted(near, mood, self._listener(), tuple(filter(None, recent)))
        return tuple(song.uri for song in self._chooser.suggest(wanted, count, seed))
