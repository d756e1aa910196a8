"""The messages on the vision socket: newline-delimited JSON, one object a line, versioned.

vision speaks first (`Hello`), then sends `Look` after every look and `Status` whenever it changes and every
few seconds. The speaker sends `Sense`, `Calibrate` and `Reload`.  Only where the configuration that vision
reads for itself lets them, the speaker sends `Picture`, what a browser's camera saw, and vision sends
`PreviewPicture`, what its camera sees, for a while after `Preview` (`pictures`).  No other message carries
pixels: the largest line is a handful of boxes.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final, Literal, TypeAlias, TypeVar, assert_never

from annotated_types import Ge, Le
from pydantic import Discriminator, TypeAdapter, ValidationError

from moodspeaker.domain.emotion import NAMES
from moodspeaker.domain.observation import (  # noqa: TC001 - read at run time by the validator
    CameraStatus,
    ModelVersions,
    Observation,
)
from moodspeaker.errors import WireError
from moodspeaker.values import dataclass
from moodspeaker.wire.pictures import Picture, PictureRefused, Preview, PreviewPicture

PROTOCOL: Final = 1
"""Version of this protocol; a client of another version is refused."""
LONGEST_LINE: Final = 65536
"""Bytes; a longer line is an error."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Hello:
    """The first line of vision."""

    models: ModelVersions
    protocol: int = PROTOCOL
    labels: tuple[str, ...] = NAMES
    kind: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the room."""

    observation: Observation
    kind: Literal["look"] = "look"


@dataclass(frozen=True, slots=True)
class Status:
    """How the camera and the models are."""

    camera: CameraStatus
    models: ModelVersions
    kind: Literal["status"] = "status"


@dataclass(frozen=True, slots=True)
class Sense:
    """Open (on) or close (off) the camera."""

    on: bool
    kind: Literal["sense"] = "sense"


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Look as often as you can for some seconds: somebody holds still for it."""

    seconds: Annotated[float, Ge(0), Le(60)]
    kind: Literal["calibrate"] = "calibrate"


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again; the speaker has validated it."""

    kind: Literal["reload"] = "reload"


FromVision: TypeAlias = Hello | Look | Status | PictureRefused
ToVision: TypeAlias = Sense | Calibrate | Reload | Picture | Preview


@cache
def _from_vision() -> TypeAdapter[FromVision | PreviewPicture]:
    """Return the validator, made with the first message: a start does not wait for it."""
    return TypeAdapter(Annotated[FromVision | PreviewPicture, Discriminator("kind")])


@cache
def _to_vision() -> TypeAdapter[ToVision]:
    return TypeAdapter(Annotated[ToVision, Discriminator("kind")])


def encode(message: FromVision | PreviewPicture | ToVision) -> bytes:
    """Return the message as one line, newline included."""
    match message:
        case Hello() | Look() | Status() | PictureRefused() | PreviewPicture():
            return _from_vision().dump_json(message) + b"\n"
        case Sense() | Calibrate() | Reload() | Picture() | Preview():
            return _to_vision().dump_json(message) + b"\n"
        case _:
            assert_never(message)


def payload_size(message: FromVision | PreviewPicture | ToVision) -> int:
    """Return how many bytes follow the line of a message."""
    return message.size if isinstance(message, Picture | PreviewPicture) else 0


def decode_from_vision(line: bytes) -> FromVision | PreviewPicture:
    """Return the message of a line that vision sent; raise WireError."""
    message = _decode(_from_vision(), line)
    if isinstance(message, Hello) and message.protocol != PROTOCOL:
        reason = (
            f"vision speaks protocol {message.protocol}, this speaker {PROTOCOL}: "
            "restart both after an update"
        )
        raise WireError(reason)
    return message


def decode_to_vision(line: bytes) -> ToVision:
    """Return the message of a line that the speaker sent; raise WireError."""
    return _decode(_to_vision(), line)


def _decode(adapter: TypeAdapter[_T], line: bytes) -> _T:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "its start"
        reason = f"a line on the vision socket is refused: {first['msg']} at {where}"
        raise WireError(reason) from None
