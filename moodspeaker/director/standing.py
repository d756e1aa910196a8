"""Our music that stands still though nobody stopped it: nobody was there, a fault, or it came to its end.

That is kept over a restart, for after one the player looks as if a person had stopped or paused it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.director.control import Control
from moodspeaker.director.effects import SaveSetting
from moodspeaker.domain.player import PlayState

if TYPE_CHECKING:
    from moodspeaker.director.state import State, Turn

STANDS: Final = "stands"
"""The setting under which it is kept."""


def from_text(text: str) -> PlayState | None:
    """Return how our music stood still before a restart; None where it did not."""
    return PlayState(text) if text in {PlayState.PAUSE, PlayState.STOP} else None


class Standing:
    """Knows whether our music stands still of itself."""

    def __init__(self, state: State, kept: PlayState | None) -> None:
        """Begin as before a restart."""
        self._state, self._kept = state, kept

    @property
    def as_before(self) -> PlayState | None:
        """How our music stands still, where it does so as it did when we last saw it."""
        report = self._state.report
        return self._kept if report.ours and report.state is self._kept else None

    def tick(self, turn: Turn) -> None:
        """Keep it where that has changed; what lasts less than from tick to tick is not worth a write."""
        state, report = self._state, self._state.report
        if not state.connected:
            return
        of_itself = report.ours and not state.playing and state.holder.control is not Control.STOPPED_BY_USER
        stands = report.state if of_itself else None
        if stands is not self._kept:
            self._kept = stands
            turn.add(SaveSetting(STANDS, stands or ""))
