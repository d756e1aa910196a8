"""One play of a song: what a recommender learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.ending import EndReason
    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import Mood


@dataclass(frozen=True, slots=True)
class Play:
    """A song that was heard, whole or in part."""

    ended: Moment
    """When it ended."""
    uri: str
    """Its URI on the music server."""
    title: str
    """Its title as it was shown."""
    artist: str
    """Its artist, else empty."""
    seconds: float | None
    """Its stated length; None for a stream."""
    heard: float
    """Seconds of it that were played."""
    why: EndReason
    """How it came to its end."""
    mood: Mood
    """The mood of the room at its end."""
    target: Emotion | None
    """The mood that its programme served; None for music that was not ours."""
    since_switch: float | None
    """Seconds between our last switch and its end; None where there was none."""
    profile: str = HOUSEHOLD
    """Who listened."""
