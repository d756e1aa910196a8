"""Looks as bytes: how they are kept on the disk, and handed to the process that replays a day.

A row holds up to a quarter of an hour: an hour of an empty room makes 4 kB, with one face in it at a look a
second 43 kB.  In it each look is its time since the row's in hundredths of a second (4 bytes), a byte with
the number of faces or the state of the camera, then seven bytes a face: probabilities in units of 1/255.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.observation import CameraState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from moodspeaker.domain.look_record import LookRecord

MOST_FACES: Final = 8
"""Faces that are kept of a look, the largest."""
_HEAD: Final = struct.Struct("<IB")
_SCALE: Final = 255
_STATES: Final[Mapping[CameraState, int]] = {
    state: 200 + place for place, state in enumerate(CameraState) if state is not CameraState.OK
}
"""The byte that stands for a state in place of the number of faces."""
_STATE_OF: Final = {byte: state for state, byte in _STATES.items()}


class LookRow(NamedTuple):
    """Up to a quarter of an hour of looks."""

    wall: float
    """When it begins, seconds since the epoch."""
    looks: bytes


class PackedLook(NamedTuple):
    """One look of a row."""

    seconds: float
    """Since the row began."""
    camera: CameraState
    faces: bytes
    """Seven bytes a face."""


def packed(look: LookRecord, seconds: float) -> bytes:
    """Return a look that was some seconds after its row began."""
    faces = look.expressions[:MOST_FACES]
    head = _HEAD.pack(round(100 * seconds), _STATES.get(look.camera, len(faces)))
    return head + bytes(round(_SCALE * share) for face in faces for share in face)


def unpacked(row: bytes) -> Iterator[PackedLook]:
    """Yield the looks of a row, as far as it can be read (another version, a bad disk)."""
    place = 0
    while place + _HEAD.size <= len(row):
        hundredths, byte = _HEAD.unpack_from(row, place)
        place += _HEAD.size
        if byte in _STATE_OF:
            yield PackedLook(hundredths / 100, _STATE_OF[byte], b"")
            continue
        end = place + byte * len(EMOTIONS)
        if byte > MOST_FACES or end > len(row):
            return  # where the next one begins nobody knows
        yield PackedLook(hundredths / 100, CameraState.OK, row[place:end])
        place = end


def expressions(faces: bytes) -> tuple[Probabilities, ...]:
    """Return the probabilities of each face, which sum to one."""
    seven = len(EMOTIONS)
    return tuple(_shares(faces[start : start + seven]) for start in range(0, len(faces), seven))


def _shares(face: bytes) -> Probabilities:
    total = sum(face) or 1
    return Probabilities.of(byte / total for byte in face)
