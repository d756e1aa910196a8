"""What was decided, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import Mood


class Verb(StrEnum):
    """What the director decided."""

    SWITCHED = "switched"
    PENDING = "pending"
    KEPT = "kept"
    HELD = "held"
    RESUMED = "resumed"
    STARTED = "started"
    PAUSED = "paused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision or refusal with its reasons."""

    at: Moment
    """When."""
    verb: Verb
    """What."""
    mood: Mood
    """The mood it was decided for."""
    rule: str
    """The rule that decided, in a few words a listener understands."""
    evidence: Mapping[str, str | float | int | None] = field(default_factory=lambda: MappingProxyType({}))
    """What it was decided from."""
