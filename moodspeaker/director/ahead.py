"""The songs that stand ready in the queue behind the current one.

The queue is kept `ahead_songs` songs or `ahead_minutes` ahead, whichever is more, topped up when half of that
is left; never more than once through the mood's music, or two songs.

What a listener says of a song counts at once: where the index chose, what stands ahead is drawn again.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.director.effects import ExtendQueue, QueueProgramme, RequestMore
from moodspeaker.domain.player import PlayState
from moodspeaker.domain.song import BY_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.director.effects import PlayerEffect, ProgrammeReady
    from moodspeaker.director.settings import MusicSettings
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.song import Programme

MINUTE: Final = 60.0
MOST_AHEAD: Final = 200
"""Songs ahead at most, however short they are."""
TOP_UP_RETRY: Final = 20.0
"""Seconds before songs are appended again after a refusal."""


class Ahead:
    """Asks for more songs of the programme that plays."""

    def __init__(self, state: State, settings: MusicSettings, numbers: Iterator[int]) -> None:
        """Begin; `numbers` gives each request its own."""
        self.settings = settings
        self._state, self._numbers = state, numbers
        self._request: int | None = None
        """The open request."""
        self._instead = False
        """Whether those songs take the place of what stands ahead."""
        self._extension: ExtendQueue | None = None
        """Songs to append, until the player has them."""
        self._not_before = -math.inf

    @property
    def open(self) -> bool:
        """Whether songs are asked for, or on their way to the player."""
        return self._request is not None or self._extension is not None

    def wants(self, order: ExtendQueue) -> bool:
        """Tell whether an order is still to be carried out."""
        return order is self._extension

    def top_up(self, turn: Turn) -> None:
        """Ask for more songs when half of what is to be ahead is left."""
        programme = self._programme
        if programme is None or self._request is not None or turn.now.monotonic < self._not_before:
            return
        count = self._missing(programme)
        if count > 0 and self._state.report.state is not PlayState.STOP:
            self._ask(turn, programme, count, instead=False)

    def draw_again(self, turn: Turn) -> None:
        """Let other songs of the same programme stand ahead; the listener's own music stays in its order."""
        programme = self._programme
        if programme is None or programme.kind != BY_INDEX or not self._state.plays_ours:
            return
        song, songs = self._state.report.song, programme.songs
        uri = song.uri if song is not None else ""
        place = max((n for n, each in enumerate(songs) if each == uri), default=-1)
        heard = replace(programme, songs=songs[: place + 1] or songs[-1:])
        self._ask(turn, heard, self.settings.ahead_songs, instead=True)

    @property
    def _programme(self) -> Programme | None:
        """The programme that plays, where nothing else follows it."""
        state, report, programme = self._state, self._state.report, self._state.programme
        if programme is None or report.programme != programme.id or not report.ours:
            return None
        return None if state.pending is not None or self._extension is not None else programme

    def _ask(self, turn: Turn, programme: Programme, count: int, *, instead: bool) -> None:
        self._request, self._instead = next(self._numbers), instead
        turn.add(RequestMore(self._request, programme, count))

    def ready(self, turn: Turn, event: ProgrammeReady) -> QueueProgramme | None:
        """Let the songs that were asked for be appended; return them where they go in the place of others."""
        if event.request != self._request:
            return None
        self._request = None
        if self._state.report.programme != event.programme.id or self._state.pending is not None:
            return None  # what they belong to is over, or ends with this song
        if self._instead:
            return QueueProgramme(event.programme, None)
        self._extension = ExtendQueue(event.programme)
        turn.add(self._extension)
        return None

    def no_music(self, turn: Turn, request: int) -> bool:
        """Note that there are no more songs; return whether that was asked here."""
        if request != self._request:
            return False
        self._request, self._not_before = None, turn.now.monotonic + TOP_UP_RETRY
        return True

    def answered(self, effect: PlayerEffect) -> None:
        """Note that the player answered."""
        if effect is self._extension:
            self._extension = None

    def refused(self, turn: Turn) -> None:
        """Note that the player did not append songs."""
        self._not_before = turn.now.monotonic + TOP_UP_RETRY

    def drop(self) -> None:
        """Drop the open request: something newer is wanted."""
        self._request = None

    def lose(self) -> None:
        """Drop everything: the player is gone, and answers nothing more."""
        self._request = self._extension = None

    def _missing(self, programme: Programme) -> int:
        """Return how many songs are to be added now: none until half of what is to be ahead is left."""
        report = self._state.report
        if report.song is None or report.song.seconds is None or report.seconds_ahead is None:
            return 0  # a stream plays on
        mean = report.seconds_ahead / report.ahead if report.ahead else report.song.seconds
        for_time = math.ceil(self.settings.ahead_minutes * MINUTE / mean) if mean else 0
        most = min(MOST_AHEAD, max(programme.pool, 2))
        ahead = min(most, max(self.settings.ahead_songs, for_time))
        return ahead - report.ahead if report.ahead * 2 < ahead else 0
