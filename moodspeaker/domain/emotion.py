"""The seven emotions of FER2013 (Goodfellow et al. 2013), shares of them, points of the affect plane."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Emotion(StrEnum):
    """A FER2013 label, in FER2013 order."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


EMOTIONS: tuple[Emotion, ...] = tuple(Emotion)
NAMES: tuple[str, ...] = tuple(map(str, EMOTIONS))
"""As plain text: what JSON, the wire and the models' labels hold."""


class Probabilities(NamedTuple):
    """Seven probabilities in FER2013 order that sum to one."""

    angry: float
    disgust: float
    fear: float
    happy: float
    sad: float
    surprise: float
    neutral: float

    @classmethod
    def of(cls, seven: Iterable[float]) -> Probabilities:
        """Return seven numbers in FER2013 order as probabilities; raise TypeError for more or fewer."""
        return cls(*seven)

    @classmethod
    def named(cls, shares: Mapping[str, float]) -> Probabilities:
        """Return shares by the emotions' names; raise KeyError, TypeError or ValueError for what is none."""
        return cls(*(float(shares[emotion]) for emotion in EMOTIONS))

    @classmethod
    def mean(cls, several: Sequence[Probabilities]) -> Probabilities:
        """Return the mean of one distribution or more."""
        return cls(*(sum(column) / len(several) for column in zip(*several, strict=True)))

    def by_name(self, digits: int) -> dict[str, float]:
        """Return each emotion's share by its name, rounded, as JSON shows it."""
        return {name: round(share, digits) for name, share in zip(NAMES, self, strict=True)}


class Affect(NamedTuple):
    """A point of the circumplex (Russell 1980)."""

    valence: float
    """Pleasantness, -1 to 1."""
    arousal: float
    """Activation, -1 to 1."""


def distance(one: Affect, other: Affect) -> float:
    """Return how far two points of the affect plane are apart."""
    return math.hypot(one.valence - other.valence, one.arousal - other.arousal)
