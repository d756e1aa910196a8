"""What the music server tells."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.ending import EndReason
    from moodspeaker.domain.song import MusicSource, Song

UNMUTED: Final = "Mopidy's own output"
"""Name of the output of a server that can only be muted; it is off while `Mute` is on."""


class PlayState(StrEnum):
    """What the music server does; `down` and `off` are ours."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    DOWN = "down"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Output:
    """Where a music server's sound goes."""

    name: str
    """As its configuration names it."""
    plugin: str
    """What carries it, such as `alsa`, `pulse` or `null`; empty where the server does not tell."""
    on: bool
    """Whether it is switched on."""


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """What the music server does now."""

    state: PlayState
    """play, pause or stop."""
    song: Song | None = None
    """The current song."""
    elapsed: float = 0.0
    """Seconds played of it when this was reported; it grows on without another report."""
    length: int = 0
    """Songs in the queue."""
    ours: bool = False
    """Whether there are songs and every one of them was put there by a programme of ours."""
    programme: int | None = None
    """The programme that the current song was added for; None when it is not ours."""
    upcoming: int | None = None
    """The programme that the song which follows was added for; None when there is none or it is not ours."""
    ahead: int = 0
    """Songs that stand behind the current one."""
    seconds_ahead: float | None = 0.0
    """Seconds that they last; None when one of them is an endless stream."""
    error: str = ""
    """Why the server cannot play, in its own words and with the cure, else empty."""
    crossfade: float = 0.0
    """Seconds by which the server lets a song fade into the next one, as a person set it; 0: not at all."""
    volume: int | None = None
    """Percent; None where it has none, as MPD without a mixer, or stopped."""
    limits: str = ""
    """What a server that is not MPD itself cannot do, and what to do instead, else empty."""
    following: tuple[Song, ...] = ()
    """The next songs of the queue, a few at most; in the order of the queue, whatever MPD plays next."""
    stream: str = ""
    """URL of what it plays, where the server has such an output, else empty."""
    at: float | None = field(default=None, compare=False)
    """When `elapsed` was seen, in monotonic seconds; None: not known."""


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
    """Stopped the music, or had told the server to stop after the song (`single`)."""
    PAUSE = "pause"
    PLAY = "play"
    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class PersonActed:
    """A person used their own player: an act that is not one of our commands."""

    act: Act
    report: PlayerReport


@dataclass(frozen=True, slots=True)
class TrackEnded:
    """A song is over: told once a play, before the report in which another song stands."""

    song: Song
    """The song that ended."""
    heard: float
    """Seconds of it that were played."""
    why: EndReason
    """How it came to its end."""
    programme: int | None
    """The programme that it was added for; None when it was not ours."""
    lasted: float = field(default=0.0, compare=False)
    """Seconds since it began, pauses included."""


@dataclass(frozen=True, slots=True)
class MusicChanged:
    """Which music there is for each mood; a mood without any is absent."""

    music: Mapping[Emotion, MusicSource]


PlayerEvent: TypeAlias = (
    PlayerConnected | PlayerLost | PlayerChanged | PersonActed | TrackEnded | MusicChanged
)
