"""A fingerprint of a song's sound: 30 bytes by which a file that was renamed or moved is found again.

It is made of signs: whether, from one of sixteen moments to the next, a part of the spectrum grew more than
its neighbour (Haitsma & Kalker 2002, coarsely).  Level drops out, and a copy by another codec differs in few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.analysis.sound import RATE, SILENT
from moodspeaker.analysis.spectrum import HIGHEST, LOWEST

if TYPE_CHECKING:
    from moodspeaker.analysis.spectrum import Array

MOMENTS: Final = 16
PARTS: Final = 16
BITS: Final = MOMENTS * (PARTS - 1)
SHORTEST: Final = 0.1
"""Seconds from one moment to the next, at least."""
ALIKE: Final = 0.15
"""Share of the bits in which copies of one song may differ; different songs differ in about half."""


def fingerprint(sound: Array) -> bytes:
    """Return the fingerprint of a sound, float32 [n] at RATE; empty where it is silent or too short."""
    if sound.size < SHORTEST * RATE * (MOMENTS + 1) or float(np.abs(sound).max()) < SILENT:
        return b""
    parts = np.array_split(sound, MOMENTS + 1)
    size = 1 << int(parts[0].size - 1).bit_length()  # transforms of such sizes are fast
    edges = np.rint(np.geomspace(LOWEST, HIGHEST, PARTS + 1) * size / RATE).astype(int)
    shares = [np.add.reduceat(np.abs(np.fft.rfft(part, size)) ** 2, edges)[:PARTS] for part in parts]
    levels = np.log(np.stack(shares) + np.float32(1e-9) * np.mean(shares))
    signs = np.diff(np.diff(levels, axis=1), axis=0) > 0
    return np.packbits(signs.ravel()).tobytes()


def alike(one: bytes, other: bytes) -> bool:
    """Return whether two fingerprints are of the same sound."""
    if len(one) != len(other) or not one:
        return False
    different = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return different.bit_count() <= ALIKE * BITS
