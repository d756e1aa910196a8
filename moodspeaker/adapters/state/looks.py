"""The records of looks: the raw material of `moodspeaker tune` and of a day replayed with other settings.

Theory of operation
===================
A row of the table `looks` holds up to a quarter of an hour as one blob: an hour of an empty room makes 4 kB,
with one face in it at a look a second 43 kB.  In the blob each look is its time since the row's in hundredths
of a second (4 bytes), a byte with the number of faces or the state of the camera, then seven bytes a face:
probabilities in units of 1/255.  Of looks that saw nobody one is kept every `EMPTY_EVERY` seconds.

Like decisions they are written in batches, erased after `records.hours` and by `forget`; with 0 hours none
are kept.  A row that another version wrote, or that a bad disk changed, is read as far as it can be.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.observation import CameraState
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from moodspeaker.database import Database
    from moodspeaker.domain.moment import Moment
    from moodspeaker.timestamps import Timestamps

BATCH_SECONDS: Final = 15 * 60.0
"""The longest that a row grows."""
EMPTY_EVERY: Final = 5.0
"""Seconds between two records of looks that saw nobody."""
MOST_FACES: Final = 8
"""Faces that are kept of a look, the largest."""
HOUR: Final = 3600.0
_HEAD: Final = struct.Struct("<IB")
_SCALE: Final = 255
_STATES: Final[Mapping[CameraState, int]] = {
    state: 200 + place for place, state in enumerate(CameraState) if state is not CameraState.OK
}
"""The byte that stands for a state in place of the number of faces."""
_STATE_OF: Final = {byte: state for state, byte in _STATES.items()}
_INSERT: Final = "INSERT INTO looks (at, boot, monotonic, looks) VALUES (?, ?, ?, ?)"
_ALL: Final = f"SELECT {TIME} AS time, looks FROM looks WHERE time >= :oldest ORDER BY id"  # noqa: S608 - text of ours
_ERASE: Final = f"DELETE FROM looks WHERE {TIME} < :oldest - {BATCH_SECONDS}"  # noqa: S608 - text of ours


class Looks:
    """The table `looks` of a database, and the row that grows."""

    def __init__(self, database: Database, hours: float, timestamps: Timestamps) -> None:
        self._database, self._hours, self._timestamps = database, hours, timestamps
        self._begun: Moment | None = None
        self._row = bytearray()
        self._last: LookRecord | None = None

    def record(self, look: LookRecord) -> None:
        """Keep a look; a disk that refuses is the database's fault."""
        if not self._hours or (self._last is not None and _tells_nothing(self._last, look)):
            return
        if self._begun is not None and look.at.monotonic - self._begun.monotonic >= BATCH_SECONDS:
            self.flush()
        self._begun = self._begun or look.at
        self._row += _encoded(look, look.at.monotonic - self._begun.monotonic)
        self._last = look

    def all(self) -> Iterator[LookRecord]:
        """Yield those of the last `records.hours`, oldest first; their rows are read one at a time."""
        oldest = self._timestamps.now().wall - self._hours * HOUR
        parameters = self._timestamps.parameters() | {"oldest": oldest - BATCH_SECONDS}
        rows = [(float(time), bytes(blob)) for time, blob in self._database.read(_ALL, parameters)]
        if self._begun is not None:
            rows.append((self._timestamps.wall(self._begun), bytes(self._row)))
        for time, blob in rows:
            yield from (look for look in self._decoded(time, blob) if look.at.wall >= oldest)

    def flush(self) -> None:
        """Write the row that grows, correct times written under a wrong clock, erase what is too old."""
        parameters = self._timestamps.parameters()
        parameters |= {"oldest": parameters["wall"] - self._hours * HOUR}
        begun, blob = self._begun, bytes(self._row)

        def write(connection: sqlite3.Connection) -> None:
            for statement in self._timestamps.corrections("looks"):
                connection.execute(statement, parameters)
            if begun is not None:
                connection.execute(_INSERT, (*self._timestamps.columns(begun), blob))
            connection.execute(_ERASE, parameters)

        self._database.write(write)  # a refusing disk costs a quarter of an hour of looks, no memory
        self._begun, self._row = None, bytearray()

    def forget(self) -> None:
        """Erase the row that grows; those on the disk are the store's to erase."""
        self._begun, self._last, self._row = None, None, bytearray()

    def _decoded(self, time: float, blob: bytes) -> Iterator[LookRecord]:
        place = 0
        while place + _HEAD.size <= len(blob):
            hundredths, byte = _HEAD.unpack_from(blob, place)
            place += _HEAD.size
            at = self._timestamps.moment(time + hundredths / 100)
            if byte in _STATE_OF:
                yield LookRecord(at, _STATE_OF[byte])
                continue
            end = place + byte * len(EMOTIONS)
            if byte > MOST_FACES or end > len(blob):
                return  # of another version, or damaged: where the next one begins nobody knows
            faces = (blob[start : start + len(EMOTIONS)] for start in range(place, end, len(EMOTIONS)))
            yield LookRecord(at, CameraState.OK, tuple(map(_shares, faces)))
            place = end


def _tells_nothing(last: LookRecord, look: LookRecord) -> bool:
    """Tell whether a look repeats that nobody is seen, or that the camera is as it was."""
    if look.expressions or last.expressions or look.camera is not last.camera:
        return False
    passed = look.at.monotonic - last.at.monotonic
    return look.camera is not CameraState.OK or passed < EMPTY_EVERY


def _encoded(look: LookRecord, seconds: float) -> bytes:
    faces = look.expressions[:MOST_FACES]
    head = _HEAD.pack(round(100 * seconds), _STATES.get(look.camera, len(faces)))
    return head + bytes(round(_SCALE * share) for face in faces for share in face)


def _shares(face: bytes) -> Probabilities:
    """Return seven bytes as probabilities that sum to one."""
    total = sum(face) or 1
    return Probabilities.of(byte / total for byte in face)
