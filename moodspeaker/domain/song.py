"""Songs, where they come from, and those chosen for a mood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the queue."""

    uri: str
    """Its URI on the music server."""
    title: str = ""
    """Its title, else its file's name."""
    artist: str = ""
    """Its artist, else empty."""
    seconds: float | None = None
    """Its length; None for an endless stream."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the music of a mood comes from."""

    name: str
    """The stored playlist, genre or folder."""
    rule: str
    """`stored playlist`, `genre` or `folder`."""
    songs: tuple[str, ...]
    """URIs in the order in which the music server gives them; never empty."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The songs chosen for a mood: desired state, re-asserted whole after a loss."""

    mood: Emotion
    """The mood it serves."""
    name: str
    """The source's name."""
    rule: str
    """The source's rule."""
    songs: tuple[str, ...]
    """URIs in playing order."""
    seed: int
    """Seed of the draw that ordered them."""
