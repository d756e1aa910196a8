"""What another source than a camera says of the room: a heart-rate strap, a button, another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.plain_name import plain_name
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SOURCE: Final = 40
"""Letters of a source's name."""
GREATEST_WEIGHT: Final = 10.0
LONGEST: Final = 86400.0
"""Seconds that evidence may count."""
NEEDED: Final = frozenset({"source", "weight", "seconds"})
SAID: Final = frozenset({"valence", "arousal", "emotion"})
VALUES: Final = (
    '{"source": NAME, "weight": 0 to 10, "seconds": up to 86400, and one or more of "valence": -1 to 1,'
    f' "arousal": -1 to 1, "emotion": one of {", ".join(EMOTIONS)}}}'
)
"""What is taken, for a person."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One source's word on the mood of the room."""

    source: str
    """Who says it; a newer word of the same source takes its place."""
    weight: float
    """How much it counts beside the camera's 1; it fades to nothing in `seconds`.  0 takes it back."""
    seconds: float
    """How long it counts."""
    valence: float | None = None
    """-1 to 1; None: nothing is said of it."""
    arousal: float | None = None
    """-1 to 1; None: nothing is said of it."""
    emotion: Emotion | None = None

    def weight_after(self, seconds: float) -> float:
        """Return how much it still counts after some seconds."""
        return max(0.0, self.weight * (1 - max(0.0, seconds) / self.seconds))


def evidence_of(content: Mapping[str, Any]) -> Evidence | None:
    """Return the evidence of a JSON object; None where it is malformed."""
    if not content.keys() >= NEEDED or not NEEDED < content.keys() <= NEEDED | SAID:
        return None
    given, emotion = content["source"], content.get("emotion")
    source = plain_name(given, LONGEST_SOURCE) if isinstance(given, str) else None
    if source is None:
        return None
    if emotion is not None and (not isinstance(emotion, str) or emotion.casefold() not in EMOTIONS):
        return None
    limits = {"weight": (0.0, GREATEST_WEIGHT), "seconds": (0.001, LONGEST)}
    limits |= {name: (-1.0, 1.0) for name in ("valence", "arousal") if content.get(name) is not None}
    if not all(_within(content[name], *limit) for name, limit in limits.items()):
        return None
    if emotion is None and limits.keys() == {"weight", "seconds"}:
        return None
    return Evidence(
        source=source,
        emotion=None if emotion is None else Emotion(emotion.casefold()),
        **{name: float(content[name]) for name in limits},
    )


def _within(number: object, low: float, high: float) -> bool:
    """Tell whether something is a number within limits; what is no number at all, NaN, is not."""
    return isinstance(number, int | float) and not isinstance(number, bool) and low <= number <= high
