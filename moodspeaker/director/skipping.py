"""Skips: what was asked, and which song it was that somebody skipped.

A song that ended tells of a skip before it is known who skipped: an open command, or the person of the report
that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.director.effects import GoToNext
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import Act

if TYPE_CHECKING:
    from moodspeaker.director.effects import GoToPrevious, PlayerEffect
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.player import TrackEnded


class Skipping:
    """Asks the player to skip, and records what was skipped by whom."""

    def __init__(self, state: State) -> None:
        """Begin; nothing is open."""
        self._state = state
        self._open: list[GoToNext | GoToPrevious] = []
        """What the player was asked and has not answered."""
        self._skipped = ""
        """The song of ours that ended last, if somebody skipped it and the next report tells who."""

    @property
    def open(self) -> int:
        """How many skips the player was asked for and has not answered."""
        return len(self._open)

    def ask(self, turn: Turn, skip: GoToNext | GoToPrevious) -> None:
        """Ask the player to skip, where it is there and plays."""
        if self._state.playing:
            self._open.append(skip)
            turn.add(skip)
        elif self._state.connected:
            turn.decline(Rule.NOTHING_TO_SKIP)
        else:
            turn.decline(Rule.NO_PLAYER, reason=self._state.lost)

    def ended(self, turn: Turn, event: TrackEnded) -> bool:
        """Record the skip of a command, or wait for the report that tells who skipped.

        Returns whether a command went on to the next song.
        """
        if event.why is not EndReason.SKIPPED:
            return False
        if not self._open:
            self._skipped = event.song.name if event.programme is not None else ""
            return False
        skip = self._open.pop(0)
        turn.record_why(skip.why, song=event.song.name)
        return isinstance(skip, GoToNext)

    def person(self, turn: Turn, act: Act) -> bool:
        """Record that a person skipped a song of ours; return whether they went on to the next one."""
        if self._skipped:
            turn.record(Verb.SKIPPED, Rule.SKIPPED_BY_PERSON, song=self._skipped, act=str(act))
        return bool(self._skipped) and act is Act.NEXT

    def reported(self) -> None:
        """Note a report: what was skipped before it is told."""
        self._skipped = ""

    def answered(self, effect: PlayerEffect) -> None:
        """Note that the player answered."""
        self._open = [skip for skip in self._open if skip is not effect]

    def lose(self) -> None:
        """Note that the player is gone and answers nothing more."""
        self._open = []
