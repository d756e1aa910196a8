"""A journey as one line of text for the disk: after a restart it goes on at the step where it was.

What is kept is where it leads, which step is its turn and why, and how often it was skipped; not the seconds
that a step has played, which would be written all the time: after a restart a step begins its time again.
"""

from __future__ import annotations

import json
from typing import Final

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.music.journey import Journey, Step, details

LASTS: Final = 3 * 3600.0
"""Seconds after its last step, or skip, from which on a restart does not take it up: that mood is gone."""
AIMS: Final = frozenset({Aim.LIFT, Aim.CALM})
STEPS: Final = frozenset(
    {Rule.STEP_FIRST, Rule.STEP_PLANNED, Rule.STEP_ANSWERED, Rule.STEP_TIME, Rule.STEP_LATE}
)
ENDS: Final = frozenset({Rule.JOURNEY_ARRIVED, Rule.JOURNEY_SKIPPED, Rule.JOURNEY_NO_SONGS})
"""Why a step is there, or a journey over."""


def stage(journey: Journey | None) -> tuple[object, ...]:
    """Return what of a journey is worth a write to the disk once it changes."""
    if journey is None:
        return ()
    points = tuple(step.affect for step in journey.steps)
    return (journey.mood, journey.aim, points, journey.at, journey.playing, journey.skips, journey.ended)


def to_text(journey: Journey | None, wall: float) -> str:
    """Return it as text, with when that was, in seconds since the epoch; empty where there is none."""
    if journey is None:
        return ""
    return json.dumps(
        {
            "mood": str(journey.mood),
            "aim": str(journey.aim),
            "steps": [
                {
                    "valence": step.affect.valence,
                    "arousal": step.affect.arousal,
                    "rule": str(step.reason.rule),
                    "minutes": step.reason.details.get("minutes"),
                    "song": step.song,
                }
                for step in journey.steps
            ],
            "at": journey.at,
            "playing": journey.playing,
            "skips": journey.skips,
            "ended": None if journey.ended is None else str(journey.ended.rule),
            "kept": round(wall),
        }
    )


def from_text(text: str, wall: float) -> Journey | None:
    """Return what `to_text` wrote; None for what is none, or was too long ago by then."""
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    match value:
        case {
            "mood": str(mood),
            "aim": str(aim),
            "steps": [_, *_] as rows,
            "at": int(at),
            "playing": int(playing),
            "skips": int(skips),
            "ended": str() | None as ended,
            "kept": int(kept),
        } if mood in list(Emotion) and aim in AIMS and wall - kept <= LASTS:
            steps = [_step(row, Emotion(mood), Aim(aim), n, len(rows)) for n, row in enumerate(rows)]
            known = tuple(step for step in steps if step is not None)
            whole = len(known) == len(rows) and 0 <= at < len(rows) and -1 <= playing < len(rows)
            if not whole or not (ended is None or ended in ENDS):
                return None
            over = ended and Reason(Rule(ended), details(Emotion(mood), Aim(aim), at, len(rows)))
            return Journey(Emotion(mood), Aim(aim), known, at, playing, 0.0, skips, over or None)
        case _:
            return None


def _step(row: object, mood: Emotion, aim: Aim, at: int, steps: int) -> Step | None:
    match row:
        case {
            "valence": int() | float() as valence,
            "arousal": int() | float() as arousal,
            "rule": str(rule),
            "minutes": int() | None as minutes,
            "song": str(song),
        } if rule in STEPS:
            told = {"minutes": minutes or 0} if rule not in {Rule.STEP_FIRST, Rule.STEP_PLANNED} else {}
            reason = Reason(Rule(rule), {**details(mood, aim, at, steps), **told})
            return Step(Affect(float(valence), float(arousal)), reason, song)
        case _:
            return None
