"""What the music is to do with a mood."""

from __future__ import annotations

from enum import StrEnum


class Aim(StrEnum):
    """What the music is to do with a mood."""

    MATCH = "match"
    """Play to it."""
    LIFT = "lift"
    """Begin where the room is, and lead to brighter music in small steps."""
    CALM = "calm"
    """Begin where the room is, and lead to calm music in small steps."""
    OFF = "off"
    """Nothing: what plays goes on."""
