"""Whose the music is.

OURS              ours to change
HELD              a person chose something else: left alone until a countdown ends, or `resume`
STOPPED_BY_USER   a person stopped or paused it: no countdown; only their play, or `play` or `resume`, ends it

first contact     empty queue: OURS   playing: HELD (our songs of before a restart: OURS)
                  stopped with songs: STOPPED_BY_USER
contact again     other songs: HELD when they play, else STOPPED_BY_USER   ours play: OURS   a hold stays
a person          queue, other song, seek: HELD   stop, pause, an empty queue: STOPPED_BY_USER
                  next, previous: no change within our songs, else HELD   play: OURS if ours, else HELD
`hold`            HELD; STOPPED_BY_USER stays
`pause`           STOPPED_BY_USER
`resume`, `play`  OURS
countdown over    OURS; their endless stream is left alone for as long as it plays;
                  their songs stand still: STOPPED_BY_USER
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.moment import Moment


class Control(StrEnum):
    """Whose the music is."""

    OURS = "ours"
    HELD = "held"
    STOPPED_BY_USER = "stopped_by_user"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose the music is, and for how long."""

    control: Control = Control.OURS
    until: Moment | None = None
    """When a hold ends; None beside HELD: for as long as their stream plays."""
    minutes: float | None = None
    """How long a hold was to last when it began; None where it has no end."""

    @property
    def ours(self) -> bool:
        """Whether the music is ours to change."""
        return self.control is Control.OURS

    def over(self, now: Moment) -> bool:
        """Tell whether a hold's countdown has ended."""
        return (
            self.control is Control.HELD and self.until is not None and now.monotonic >= self.until.monotonic
        )
