"""Pictures on the vision socket: a line as for every message, then exactly `size` bytes, a JPEG.

    {"kind": "picture", "number": 7, "size": 21543}<newline><21543 bytes>

Only the line is parsed here and in the speaker; the bytes are looked into by vision alone.  A size above
`LONGEST_PICTURE` breaks the protocol, so that no message makes either side wait for, or hold, more.  Which
messages have such bytes is told by `wire.payload_size`.

In: `Picture`, what a browser's camera saw.  Out: `PreviewPicture`, what this one sees, after `Preview`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from moodspeaker.errors import PictureFault  # noqa: TC001 - read at run time by the validator
from moodspeaker.values import dataclass

LONGEST_PICTURE: Final = 512 * 1024
"""Bytes of one picture, at most."""
PayloadSize = Annotated[int, Ge(1), Le(LONGEST_PICTURE)]
"""How many bytes follow a line."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a browser sent in, for vision to look at."""

    number: int
    """Tells it from the others: the answer names it."""
    size: PayloadSize
    """Bytes that follow the line."""
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True)
class PictureRefused:
    """Vision does not look at a picture."""

    number: int
    """Which one; 0: a preview."""
    error: PictureFault
    """Why, in a word or two."""
    message: str
    """Cause and cure in one line."""
    kind: Literal["picture_refused"] = "picture_refused"


@dataclass(frozen=True, slots=True)
class Preview:
    """Show (on) what the camera sees, to aim it; it ends by itself."""

    on: bool
    kind: Literal["preview"] = "preview"


@dataclass(frozen=True, slots=True)
class PreviewPicture:
    """What the camera sees, while a preview is on."""

    size: PayloadSize
    """Bytes that follow the line."""
    kind: Literal["preview_picture"] = "preview_picture"
