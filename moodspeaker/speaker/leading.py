"""What the music does with the mood, and the way of a journey, as they are shown."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from moodspeaker.domain.decision import Reason
from moodspeaker.domain.wording import sentence
from moodspeaker.music.journey import GOALS
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.director.state import State
    from moodspeaker.domain.decision import Rule
    from moodspeaker.music.journey import Journey, Step


@dataclass(frozen=True, slots=True)
class TargetView:
    """What the music does with the mood."""

    aim: str | None
    """`match`, `lift`, `calm` or `off`; None while no mood is known."""
    chosen: str | None
    """What a person chose for this mood (or, while none is known, for the next one); None: as set."""
    mood: str | None
    """The mood that it is for."""
    reason: str
    """Why, in words; empty while no mood is known."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a journey."""

    valence: float
    """Of its music, -1 to 1."""
    arousal: float
    """The same."""
    state: str
    """`done`, `plays`, `waits` (for the song's end), `to come` or `left out`."""
    song: str | None
    """Its song that plays, or played last."""
    reason: str
    """Why it is there, or why it was begun, in words."""


@dataclass(frozen=True, slots=True)
class JourneyView:
    """A way to brighter or calmer music."""

    aim: str
    """`lift` or `calm`."""
    mood: str
    """The mood that it set out from."""
    valence: float
    """Of its goal."""
    arousal: float
    """The same."""
    step: int
    """The step whose turn it is; the first is 1."""
    skips: int
    """Songs of it that were skipped: two end it."""
    ended: str | None
    """Why it is over, in words; None while it leads on."""
    steps: tuple[StepView, ...]


def target_view(state: State) -> TargetView:
    """Return what the music does with the mood."""
    lead, chosen = state.lead, state.chosen
    aim = str(chosen.aim) if chosen is not None else None
    if lead is None or lead.mood is not state.target:
        return TargetView(None, aim, None, "")
    reason = lead.reason
    return TargetView(str(lead.aim), aim, str(lead.mood), _words(reason.rule, tuple(reason.details.items())))


@lru_cache(maxsize=8)  # it is shown every second, and seldom another one
def _words(rule: Rule, details: tuple[tuple[str, str | float | None], ...]) -> str:
    return sentence(Reason(rule, dict(details)))


def journey_view(state: State) -> JourneyView | None:
    """Return the way that is under way, or was last for this mood; None where there is none."""
    journey = state.journey
    if journey is None:
        return None
    goal = GOALS[journey.aim]
    return JourneyView(
        str(journey.aim),
        str(journey.mood),
        goal.valence,
        goal.arousal,
        journey.at + 1,
        journey.skips,
        sentence(journey.ended) if journey.ended is not None else None,
        tuple(_step(journey, at, step) for at, step in enumerate(journey.steps)),
    )


def _step(journey: Journey, at: int, step: Step) -> StepView:
    if at == journey.playing and journey.leads:
        state = "plays"
    elif at <= max(journey.playing, journey.at - 1):
        state = "done" if step.song else "left out"
    elif not journey.leads:
        state = "left out"
    else:
        state = "waits" if at == journey.at else "to come"
    valence, arousal = round(step.affect.valence, 2), round(step.affect.arousal, 2)
    return StepView(valence, arousal, state, step.song or None, sentence(step.reason))
