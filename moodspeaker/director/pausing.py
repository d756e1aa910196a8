"""Pauses that we ask for: nobody has been there for a while, or a person asked for one.

Only what paused because nobody was there plays on by itself when someone is back.  A pause that a person
asked for is asked again, until the player pauses or a person does something else.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from moodspeaker.director.ahead import MINUTE
from moodspeaker.director.control import Control
from moodspeaker.director.effects import PausePlaying
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import PlayState

if TYPE_CHECKING:
    from moodspeaker.director.flow import MusicFlow
    from moodspeaker.director.settings import ListenSettings
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.moment import Moment


class Pausing:
    """Asks the player to pause, and knows why it paused."""

    def __init__(self, state: State, flow: MusicFlow, settings: ListenSettings) -> None:
        """Begin; nothing is paused."""
        self.settings = settings
        self._state, self._flow = state, flow
        self._order: PausePlaying | None = None
        """What the player was asked and has not answered."""
        self._owed = False
        """Whether a person asked for a pause that has not come yet."""
        self._nobody_was_there = False
        """Whether the music pauses because nobody was there."""
        self._absence_counts_from = -math.inf

    @property
    def paused_for_absence(self) -> bool:
        """Whether the music pauses because nobody was there."""
        return self._nobody_was_there and self._state.report.state is PlayState.PAUSE

    @property
    def owed(self) -> bool:
        """Whether music plays that a person asked to pause."""
        stopped = self._state.holder.control is Control.STOPPED_BY_USER
        return self._owed and stopped and self._state.playing

    def somebody_is_there(self, now: Moment) -> None:
        """Note that a person acted or commanded: somebody is there."""
        self._absence_counts_from = now.monotonic

    def forget(self) -> None:
        """Note that a person used their player, or that music started: what paused before is outdated."""
        self._owed = self._nobody_was_there = False

    def first_contact(self, *, paused: bool) -> None:
        """Note whether the music pauses since before a restart, and not because a person wanted it."""
        self._nobody_was_there = paused

    def tick(self, turn: Turn) -> None:
        """Pause when nobody has been there for long enough (`listen.absence_pause`)."""
        state, minutes = self._state, self.settings.absence_pause
        if minutes <= 0 or state.mood is not RoomState.NOBODY or state.override is not None:
            return
        absent_since = max(state.since.monotonic, self._absence_counts_from)
        long_enough = turn.now.monotonic - absent_since >= minutes * MINUTE
        if long_enough and state.plays_ours and self._order is None:
            self._ask(turn, Rule.NOBODY, minutes=minutes)

    def pause_for_person(self, turn: Turn) -> None:
        """Pause because a person asked for it."""
        self._owed = True
        self._ask(turn, Rule.PAUSE_ASKED)

    def owe(self) -> None:
        """Note that a person asks for a pause while the player is gone: it is asked when it is back."""
        self._owed = True

    def _ask(self, turn: Turn, rule: Rule, **details: float) -> None:
        self._order = PausePlaying(turn.why(Verb.PAUSED, rule, **details))
        turn.add(self._order)

    def confirmed(self, effect: PausePlaying) -> None:
        """Note that the player paused."""
        self._close(effect)
        self._owed = False
        self._nobody_was_there = effect.why.rule is Rule.NOBODY
        self._flow.should_play = self._state.plays_ours

    def failed(self, turn: Turn, effect: PausePlaying) -> None:
        """Note that it did not: a person's pause is asked again, an absence counts from here again."""
        self._close(effect)
        self._absence_counts_from = turn.now.monotonic
        if self._owed:
            self._flow.faults.retry_later(turn)

    def lose(self) -> None:
        """Note that the player is gone and answers nothing more."""
        self._order = None

    def _close(self, effect: PausePlaying) -> None:
        if effect is self._order:
            self._order = None
