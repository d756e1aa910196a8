"""Draws the songs of a programme, as they fit best.

Design notes
============
The `Chooser` names the songs that fit best: for this mood and this listener, none of those that were played
lately or that the programme had already.  Each draw is a new one, so what was said of a song meanwhile
counts.  It chooses from the index; from a stored playlist, a genre or a folder of a mood once something is
known of the taste for its songs.  Until then those are shuffled without bias (`music.programme`).

Why a song was chosen is kept in memory.  Of one that was chosen before a restart, or shuffled, the chooser
tells when it plays why it fits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.director.effects import NoProgramme, ProgrammeReady, RequestMore, RequestProgramme
from moodspeaker.domain.song import BY_INDEX, Programme
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moodspeaker.director.effects import MusicRequest
    from moodspeaker.domain.emotion import Affect, Emotion
    from moodspeaker.domain.song import MusicSource
    from moodspeaker.music.choice import Suggestion
    from moodspeaker.music.programme import Programmes
    from moodspeaker.ports import Chooser

JOURNEY: Final = "on the way"
"""The name of music that a journey chose."""
RECENT: Final = 300
"""Songs that were played, and those of a programme, that are not drawn again while there are others."""
REASONS: Final = 600
"""Songs whose reasons are known: more than stand in the queue at once."""


class Drawing:
    """Answers requests for songs."""

    def __init__(self, programmes: Programmes, chooser: Chooser, listener: Callable[[], str]) -> None:
        """Begin; `listener` tells whose taste counts."""
        self._programmes, self._chooser, self._listener = programmes, chooser, listener
        self._heard: deque[str] = deque(maxlen=RECENT)
        self._reasons: dict[tuple[int, str], Mapping[str, str]] = {}
        """By programme and song: the same song is chosen for another reason in another one."""

    def heard(self, uri: str) -> None:
        """Note that a song was played."""
        self._heard.append(uri)

    def answer(self, request: MusicRequest) -> ProgrammeReady | NoProgramme:
        """Return the answer to a request."""
        match request:
            case RequestProgramme(number, mood):
                drawn = self._begin(request)
            case RequestMore(number, programme):
                mood, drawn = programme.mood, self._go_on(request)
            case _:
                assert_never(request)
        return NoProgramme(number, mood) if drawn is None else ProgrammeReady(number, drawn)

    def _begin(self, request: RequestProgramme) -> Programme | None:
        """Return a new programme with its first songs; None where there is no music for it."""
        mood, near = request.mood, request.near
        source = self._programmes.source(mood) if near is None else None
        if near is None and not self._is_chosen(source):
            return self._programmes.begin(mood, request.count, request.avoid)
        number = self._programmes.new_id()
        songs = self._choose(mood, near, request.count, (request.avoid,), number, programme=number)
        if not songs:
            return None
        name, kind, all_of_it = (JOURNEY, BY_INDEX, ()) if source is None else astuple(source)
        return Programme(number, mood, name, kind, songs, max(len(all_of_it), len(songs)), len(songs), near)

    def _go_on(self, request: RequestMore) -> Programme | None:
        """Return a programme with its next songs; None where there is no music for it any more."""
        programme = request.programme
        mood, near = programme.mood, programme.near
        source = self._programmes.source(mood) if near is None else None
        kept = source is not None and source.kind == programme.kind
        if near is None and not (kept and self._is_chosen(source)):
            return self._programmes.go_on(programme, request.count)
        seed = programme.id + programme.drawn
        songs = self._choose(
            mood, near, request.count, programme.songs[-RECENT:], seed, programme=programme.id
        )
        return replace(programme, songs=songs, drawn=programme.drawn + len(songs)) if songs else None

    def _is_chosen(self, source: MusicSource | None) -> bool:
        """Tell whether a mood's songs are chosen, not shuffled."""
        return source is not None and (source.kind == BY_INDEX or self._chooser.knows_taste(source.songs))

    def _choose(
        self,
        mood: Emotion,
        near: Affect | None,
        count: int,
        recent: tuple[str, ...],
        seed: int,
        *,
        programme: int,
    ) -> tuple[str, ...]:
        songs = self._chooser.suggest(self._wanted(mood, near, tuple(filter(None, recent))), count, seed)
        for song in songs:
            self._keep(programme, song.uri, song.reasons)
        return tuple(song.uri for song in songs)

    def _wanted(self, mood: Emotion, near: Affect | None, recent: tuple[str, ...] = ()) -> Wanted:
        return Wanted(
            near or POINTS[mood],
            mood,
            self._listener(),
            (*self._heard, *recent),
            self._given(mood) if near is None else None,
            aim="this step of the way" if near is not None else "",
        )

    def _keep(self, programme: int, uri: str, reasons: Mapping[str, str]) -> None:
        self._reasons.pop((programme, uri), None)
        self._reasons[programme, uri] = reasons
        while len(self._reasons) > REASONS:
            del self._reasons[next(iter(self._reasons))]

    def reasons(self, programme: Programme, uri: str) -> Mapping[str, str]:
        """Return why a programme has a song, in words."""
        known = self._reasons.get((programme.id, uri))
        if known is None:
            known = self._chooser.reasons(uri, self._wanted(programme.mood, programme.near))
            self._keep(programme.id, uri, known)
        return known

    def songs(self, mood: Emotion, count: int) -> Sequence[Suggestion]:
        """Return the songs that fit a mood best, as they would be played now, with reasons."""
        return self._chooser.suggest(self._wanted(mood, None), count, seed=1)

    def _given(self, mood: Emotion) -> tuple[str, ...] | None:
        """Return the listener's own songs for a mood; None where the index has to find some."""
        source = self._programmes.source(mood)
        return None if source is None or source.kind == BY_INDEX else source.songs
