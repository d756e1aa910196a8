"""Drawn pictures, and the stand-in models that see them (tests/data/make_standins.py)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STANDINS: Final = Path(__file__).resolve().parents[1] / "data" / "standins"
"""Folder of the stand-in models."""


def white_square() -> NDArray[np.uint8]:
    """Return a frame, uint8 [240, 320], in which the stand-in detector finds one face at 112,72 of 64x64."""
    frame = np.full((240, 320), 40, np.uint8)
    frame[72:136, 112:176] = 255
    return frame


def half_lit(*, below: bool) -> NDArray[np.uint8]:
    """Return a face, uint8 [48, 48], that the stand-in net calls happy when it is lit from below, else
    sad.
    """
    face = np.full((48, 48), 30, np.uint8)
    face[24 if below else 0 : 48 if below else 24] = 220
    return face
