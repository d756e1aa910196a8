"""Who listens, and what they say of a song.

A profile is a name that a person chooses (`{"profile": NAME}`), never a face: `household` is the taste of all
together, `guest` one that is not kept.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import Mood

HOUSEHOLD: Final = "household"
"""The profile where nobody is named."""
GUEST: Final = "guest"
"""The profile of people whose listening teaches nothing."""


class Opinion(StrEnum):
    """What a listener says of a song."""

    LIKE = "like"
    DISLIKE = "dislike"
    WRONG_MOOD = "wrong_mood"
    """It does not fit the mood that it was played for."""


class Verdict(NamedTuple):
    """What a listener said of a song."""

    at: Moment
    """When."""
    uri: str
    """The song's URI on the music server."""
    opinion: Opinion
    mood: Mood
    """The mood that it was played for; the room's where the music was not ours."""
    corrected: Emotion | None
    """The mood that it has instead, they say; None where they did not say."""
    profile: str
    """Who said it."""
