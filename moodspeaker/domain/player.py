"""What the music server tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.song import Song, Source


class PlayState(StrEnum):
    """What the music server does; `down` and `off` are ours."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    DOWN = "down"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """What the music server does now."""

    state: PlayState
    """play, pause or stop."""
    song: Song | None
    """The current song."""
    elapsed: float
    """Seconds played of it."""
    queue: tuple[str, ...]
    """URIs of the whole queue in order."""


@dataclass(frozen=True, slots=True)
class PlayerConnected:
    """First contact, or contact after a loss."""

    report: PlayerReport


@dataclass(frozen=True, slots=True)
class PlayerLost:
    """The link is gone, or was refused."""

    reason: str
    """Cause and cure."""


@dataclass(frozen=True, slots=True)
class PlayerChanged:
    """Something changed, by us or by itself; nobody's act."""

    report: PlayerReport


class Act(StrEnum):
    """What a person did with their own player."""

    QUEUE = "queue"
    """Edited or replaced the queue."""
    SONG = "song"
    """Chose another song of the queue."""
    SEEK = "seek"
    """Moved within the song."""
    STOP = "stop"
    PAUSE = "pause"
    PLAY = "play"
    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class PersonActed:
    """A person used their own player: an act that is not in our ledger."""

    act: Act
    report: PlayerReport


@dataclass(frozen=True, slots=True)
class MusicChanged:
    """Which music there is for each mood; a mood without any is absent."""

    music: Mapping[Emotion, Source]


PlayerEvent: TypeAlias = PlayerConnected | PlayerLost | PlayerChanged | PersonActed | MusicChanged
