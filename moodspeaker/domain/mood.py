"""The settled state of the room, and its changes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.domain.emotion import Emotion
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Affect


class RoomState(StrEnum):
    """What is said in place of a mood when none is known."""

    NOBODY = "nobody"
    DARK = "dark"
    COVERED = "covered"
    LOST = "lost"
    UNSURE = "unsure"
    PAUSED = "paused"


Mood: TypeAlias = Emotion | RoomState
"""The settled state of the room: an emotion, or a room state."""


@dataclass(frozen=True, slots=True)
class MoodChange:
    """The mood of the room became another."""

    previous: Mood
    """What it was."""
    current: Mood
    """What it is."""
    cause: str
    """`start`, `face`, `evidence` (of other sources alone), `absence`, `camera` or `sensing`."""
    confidence: float
    """Posterior of the current mood, 0 to 1."""
    affect: Affect
    """Where the room is on the circumplex."""
    at: float
    """Monotonic seconds."""
    sources: tuple[str, ...] = ()
    """The sources beside the cameras that took part."""
