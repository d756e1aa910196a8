"""What follows from the rows of an export, and is kept in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.ending import EndReason


@dataclass(frozen=True, slots=True)
class Label:
    """A song is of a mood."""

    uri: str
    mood: Emotion


@dataclass(frozen=True, slots=True)
class Verdict:
    """A song is liked or not."""

    uri: str
    liked: int
    """1 or -1."""
    at: float
    """When the listener said so, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class ImportedPlay:
    """A song was heard elsewhere."""

    uri: str
    at: int
    """As the export tells it, in seconds since the epoch."""
    to_minute: bool
    """Whether it tells no seconds."""
    heard: float | None
    """Seconds; None where they are not known."""
    why: EndReason


Fact: TypeAlias = Label | Verdict | ImportedPlay
