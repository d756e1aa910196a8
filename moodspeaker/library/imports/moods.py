"""The words that name a mood: a column's cell, a playlist's name, a file's name."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS, Emotion

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Final[Mapping[str, Emotion]] = MappingProxyType(
    {str(emotion): emotion for emotion in EMOTIONS}
    | {
        "anger": Emotion.ANGRY,
        "disgusted": Emotion.DISGUST,
        "fearful": Emotion.FEAR,
        "happiness": Emotion.HAPPY,
        "sadness": Emotion.SAD,
        "surprised": Emotion.SURPRISE,
    }
)
_BEFORE: Final = re.compile(r"^mood\W+(?=\w)|^mood_")
_COPY: Final = re.compile(r"\s*\(\d{1,3}\)$")
"""What a browser adds to the name of a second download."""


def mood_of(word: str) -> Emotion | None:
    """Return the mood that a word names, such as `Happy`, `mood-happy` or `fearful`; None for others."""
    plain = _COPY.sub("", " ".join(word.casefold().split()))
    return WORDS.get(plain) or WORDS.get(_BEFORE.sub("", plain))
