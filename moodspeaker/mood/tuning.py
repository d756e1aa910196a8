"""What other settings of the mood tracker would have made of a recorded day, and which fit it best.

Design notes
============
Nobody writes down how a room felt, so there is no truth to compare with.  Two things can be told without it:

- a change that is undone, or followed by another one, within `BRIEF` seconds did nobody any good;
- a mood that lasts `LASTING` seconds and more is one that music should have followed.

So the settings that fit best are those that find nearly as many lasting moods as the most eager ones
(`ENOUGH` of them), with the fewest brief changes among those; of equals the first: those in force stay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.mood import RoomState
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.mood import Mood, MoodChange
    from moodspeaker.mood.tracker import MoodSettings

BRIEF: Final = 180.0
"""Seconds within which a change that is followed by another one was too eager."""
LASTING: Final = 300.0
"""Seconds that a mood has to last to count as found."""
ENOUGH: Final = 0.9
"""Share of the lasting moods that settings have to find."""
WAITS: Final = ((1.5, 10.0), (3.0, 20.0), (6.0, 40.0), (12.0, 80.0))
"""Values of `confirm` and `dwell` that are tried together, in seconds."""
MARGINS: Final = (0.8, 0.92, 0.97)
"""Values of `margin` that are tried with each of them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What settings made of a day."""

    settings: MoodSettings
    """The settings."""
    changes: int
    """Changes of mood that faces caused."""
    brief: int
    """Those that were followed by another one within `BRIEF` seconds."""
    lasting: int
    """Moods that faces caused and that lasted `LASTING` seconds."""


def outcome_of(changes: Sequence[MoodChange], end: float, settings: MoodSettings) -> Outcome:
    """Return what settings made of a day that ended at a moment: these changes of mood, in order."""
    ends = [*(change.at for change in changes[1:]), end]
    by_faces = [
        (end - change.at, place) for place, (change, end) in enumerate(zip(changes, ends, strict=False))
        if change.cause == "face"
    ]  # fmt: skip
    last = len(changes) - 1
    return Outcome(
        settings,
        changes=len(by_faces),
        brief=sum(lasted < BRIEF and place < last for lasted, place in by_faces),
        lasting=sum(lasted >= LASTING for lasted, _ in by_faces),
    )


def candidates(settings: MoodSettings) -> list[MoodSettings]:
    """Return the settings that are tried; those in force come first."""
    found = [settings]
    for confirm, dwell in WAITS:
        for margin in MARGINS:
            other = replace(settings, confirm=confirm, dwell=dwell, margin=margin)
            if other not in found:
                found.append(other)
    return found


def best(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of the settings that fit best; the first one is that of the settings in force."""
    most = max(outcome.lasting for outcome in outcomes)
    found = [outcome for outcome in outcomes if outcome.lasting >= ENOUGH * most]
    return min(found, key=lambda outcome: (outcome.brief, outcome.changes - outcome.lasting))


def shares(changes: Sequence[MoodChange], begin: float, end: float) -> dict[Mood, float]:
    """Return the share of a day that each mood took, from its changes of mood, in order."""
    taken: dict[Mood, float] = {}
    mood: Mood = RoomState.UNSURE
    since = begin
    for change in changes:
        taken[mood] = taken.get(mood, 0.0) + change.at - since
        mood, since = change.current, change.at
    taken[mood] = taken.get(mood, 0.0) + end - since
    whole = max(end - begin, 1e-9)
    return {each: seconds / whole for each, seconds in taken.items() if seconds}
