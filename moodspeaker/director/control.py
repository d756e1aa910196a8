"""Whose the music is.

OURS              ours to change
HELD              a person chose something else: left alone until a countdown ends, or `resume`
STOPPED_BY_USER   a person stopped or paused it: no countdown; only their play, or `play` or `resume`, ends it

a restart         no change, but what is over is over (`kept_holder`)
first contact     HELD stays
                  ours plays: OURS   other music plays: HELD
                  STOPPED_BY_USER stays where nothing plays
                  empty queue: OURS   our songs ran out: OURS   ours stood so before (`standing`): OURS
                  else stopped with songs: STOPPED_BY_USER
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

from dataclasses import replace
from enum import StrEnum

from moodspeaker.domain.moment import Moment, WallClock
from moodspeaker.values import dataclass


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

    def by(self, now: Moment) -> Holder:
        """Return it with its end as the wall clock, which may have been set since, shows it now."""
        if self.until is None or (wall := WallClock(now).wall(self.until)) == self.until.wall:
            return self
        return replace(self, until=Moment(self.until.monotonic, wall))
