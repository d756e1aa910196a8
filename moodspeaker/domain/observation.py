"""What is seen: frames, faces, one look at the room, and how the camera is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Probabilities  # noqa: TC001 - read at run time: the wire validates with it
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SMALL_FACE: Final = 28.0
"""Root of a face's area in pixels of the frame under which its expression is read badly."""


class CameraState(StrEnum):
    """What the camera gives."""

    OK = "ok"
    DARK = "dark"
    COVERED = "covered"
    LOST = "lost"
    OFF = "off"


class PictureHint(StrEnum):
    """What is wrong with the camera's picture, beside its state."""

    DIM = "dim"
    BLURRED = "blurred"
    TURNED_90 = "turned_90"
    TURNED_180 = "turned_180"
    TURNED_270 = "turned_270"
    FAR = "far"


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
    source: str = "camera"
    """Who looked: several sources may see one room."""
    picture: int | None = None
    """Number of the picture that was looked at, where somebody sent it in."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the frame in pixels."""


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
    locked: bool | None = None
    """Whether the privacy lock keeps it closed; None where there is no lock."""
    hints: tuple[PictureHint, ...] = ()
    """What is wrong with its picture."""
    takes_pictures: bool = False
    """Whether pictures are looked at that a browser sends in."""
    may_preview: bool = False
    """Whether its pictures may be shown to aim it."""
    previewing: bool = False
    """Whether they are shown now."""


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
