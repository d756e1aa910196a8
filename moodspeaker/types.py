"""The words of the house: frozen values, enums and units.

Times inside are monotonic seconds; `Moment` carries the wall clock beside them for storage and display.
Probabilities of the seven emotions are tuples in FER2013 order: angry, disgust, fear, happy, sad, surprise, neutral.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NewType, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Seconds = NewType("Seconds", float)
"""A duration, or a moment of the monotonic clock."""


class Emotion(StrEnum):
    """A FER2013 label, in FER2013 order."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


class Honest(StrEnum):
    """What is said in place of a mood when none is known."""

    NOBODY = "nobody"
    DARK = "dark"
    COVERED = "covered"
    LOST = "lost"
    UNSURE = "unsure"
    PAUSED = "paused"


Mood: TypeAlias = Emotion | Honest
"""The settled state of the room: an emotion, or an honest state."""

EMOTIONS: tuple[Emotion, ...] = tuple(Emotion)


class CameraState(StrEnum):
    """What the camera gives."""

    OK = "ok"
    DARK = "dark"
    COVERED = "covered"
    LOST = "lost"
    OFF = "off"


class PlayState(StrEnum):
    """What the music server does; `down` and `off` are ours."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    DOWN = "down"
    OFF = "off"


class BrokerState(StrEnum):
    """The link to the MQTT broker."""

    OK = "ok"
    DOWN = "down"
    REFUSED = "refused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks."""

    monotonic: float
    """Seconds of the monotonic clock: what decisions are made with."""
    wall: float
    """Seconds since the epoch: what people are shown."""


# --- seeing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the camera; it lives in memory only."""

    luma: NDArray[np.uint8]
    """Pixels, uint8 [height, width]."""
    captured_at: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the full frame."""

    x: float
    """Left edge."""
    y: float
    """Top edge."""
    width: float
    """Width."""
    height: float
    """Height."""


Probabilities: TypeAlias = tuple[float, float, float, float, float, float, float]
"""Seven probabilities in FER2013 order that sum to one."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a look and the expression read from it."""

    box: Box
    """Where it is."""
    score: float
    """The detector's score, 0 to 1."""
    probabilities: Probabilities
    """Its expression."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look at the room saw; it carries no pixels."""

    at: float
    """Monotonic seconds at which the frame was captured."""
    faces: tuple[Face, ...]
    """The faces, largest first; empty when nobody is seen."""


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """How the camera and the vision process are."""

    state: CameraState
    """What the camera gives."""
    open: bool
    """Whether the device is open."""
    source: str = ""
    """Which source is in use, in words of `camera.source`."""
    reason: str = ""
    """Cause and cure when there is a fault, else empty."""
    last_frame_at: float | None = None
    """Monotonic seconds of the last frame."""
    inference_ms: float | None = None
    """Milliseconds that one look takes, smoothed."""
    duty: float = 0.0
    """Share of the time spent looking, 0 to 1."""
    frames_written: int = 0
    """Frames that left memory: always 0."""


@dataclass(frozen=True, slots=True)
class ModelVersions:
    """Versions of the two models in use, or why one is refused."""

    face: str = ""
    """Version of the face detector; empty when it is refused."""
    emotion: str = ""
    """Version of the expression net; empty when it is refused."""
    refused: str = ""
    """Cause and cure when a model is refused, else empty."""


@dataclass(frozen=True, slots=True)
class VisionLost:
    """The vision process is gone or silent."""

    reason: str
    """What was seen of it."""


# --- deciding -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Affect:
    """A point of the circumplex (Russell 1980)."""

    valence: float
    """Pleasantness, -1 to 1."""
    arousal: float
    """Activation, -1 to 1."""


@dataclass(frozen=True, slots=True)
class MoodChange:
    """The mood of the room became another."""

    previous: Mood
    """What it was."""
    current: Mood
    """What it is."""
    cause: str
    """`start`, `face`, `absence`, `camera` or `sensing`."""
    confidence: float
    """Posterior of the current mood, 0 to 1."""
    affect: Affect
    """Where the room is on the circumplex."""
    at: float
    """Monotonic seconds."""


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


# --- commands: one vocabulary for CLI, HTTP and MQTT -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sensing:
    """Open or close the camera."""

    on: bool


@dataclass(frozen=True, slots=True)
class Override:
    """Play to this mood whatever the faces say; None follows the faces again."""

    mood: Emotion | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave the music alone for some minutes; None takes `hold.minutes`."""

    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """End a hold or a person's stop."""


@dataclass(frozen=True, slots=True)
class Play:
    """Start music: a person's wish."""


@dataclass(frozen=True, slots=True)
class Next:
    """Skip the song: a person's wish."""


Command: TypeAlias = Sensing | Override | Hold | Resume | Play | Next


# --- what the player tells ------------------------------------------------------------------------------------------


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
