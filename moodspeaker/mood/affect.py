"""Circumplex arithmetic: from seven probabilities to valence and arousal (Russell 1980).

The points are the usual places of the basic emotions on the circumplex, after the centroids of people's
ratings of faces (Russell 1980; Mollahosseini et al. 2017 give the same quadrants for photographs); neutral is
the origin.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS, Affect, Emotion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

POINTS: Final[Mapping[Emotion, Affect]] = {
    Emotion.ANGRY: Affect(-0.45, 0.60),
    Emotion.DISGUST: Affect(-0.60, 0.30),
    Emotion.FEAR: Affect(-0.45, 0.75),
    Emotion.HAPPY: Affect(0.75, 0.35),
    Emotion.SAD: Affect(-0.65, -0.40),
    Emotion.SURPRISE: Affect(0.20, 0.75),
    Emotion.NEUTRAL: Affect(0.0, 0.0),
}
"""Where each emotion lies."""
_VALENCES: Final = tuple(POINTS[emotion].valence for emotion in EMOTIONS)
_AROUSALS: Final = tuple(POINTS[emotion].arousal for emotion in EMOTIONS)


def affect_of(probabilities: Sequence[float]) -> Affect:
    """Return the mean point of seven probabilities in FER2013 order."""
    return Affect(sum(map(mul, probabilities, _VALENCES)), sum(map(mul, probabilities, _AROUSALS)))
