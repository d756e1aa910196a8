"""Beats, keys and gains as tags write them.  Pure: a value that nobody understands is none at all."""

from __future__ import annotations

import math
import re
from typing import Final

SLOWEST: Final = 20.0
FASTEST: Final = 400.0
"""Beats a minute."""
LOUDEST: Final = 60.0
"""dB of a gain that may be true, up or down."""
_NUMBER: Final = re.compile(r"\s*([+-]?\d+(?:[.,]\d+)?)\s*(?:bpm|db)?\s*", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"([A-H])\s*(#|b|♯|♭|sharp|flat|)\s*(m|min|minor|maj|major|dur|moll|)", re.IGNORECASE
)
_WHEEL: Final = re.compile(r"0?(\d{1,2})\s*([ABdm])", re.IGNORECASE)
CAMELOT_MAJOR: Final = ("B", "F#", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E")
"""1B to 12B."""
CAMELOT_MINOR: Final = ("Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "Dbm")
"""1A to 12A."""
OPEN_KEY: Final = 7
"""Steps from the numbers of Open Key (1d is C) to those of Camelot (8B is C)."""
MINOR: Final = frozenset({"m", "min", "minor", "moll"})


def beats(text: str) -> float | None:
    """Return beats a minute."""
    found = _number(text)
    return found if found is not None and SLOWEST <= found <= FASTEST else None


def gain(text: str) -> float | None:
    """Return a gain in dB."""
    found = _number(text)
    return found if found is not None and abs(found) <= LOUDEST else None


def gain_of_opus(text: str) -> float | None:
    """Return the gain of an R128 tag (RFC 7845) in dB: it counts 256ths, to 5 dB less than ReplayGain."""
    found = _number(text)
    return gain(str(found / 256 + 5)) if found is not None else None


def musical_key(text: str) -> str:
    """Return a key as "C", "F#m" or "Bb", of its name or its place on the wheels of Camelot and Open Key."""
    text = text.strip()
    if found := _WHEEL.fullmatch(text):
        return _on_wheel(int(found[1]), found[2].upper())
    if found := _NAMED.fullmatch(text):
        sign = {"♯": "#", "sharp": "#", "♭": "b", "flat": "b"}.get(found[2].lower(), found[2].lower())
        minor = found[3] == "m" or found[3].lower() in MINOR
        return found[1].upper() + sign + ("m" if minor and found[3] != "M" else "")
    return ""


def _on_wheel(number: int, letter: str) -> str:
    if not 1 <= number <= len(CAMELOT_MAJOR):
        return ""
    if letter in "DM":
        number = (number + OPEN_KEY - 1) % len(CAMELOT_MAJOR) + 1
    return (CAMELOT_MAJOR if letter in "BD" else CAMELOT_MINOR)[number - 1]


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text[:40])
    if found is None:
        return None
    number = float(found[1].replace(",", "."))
    return number if math.isfinite(number) else None
