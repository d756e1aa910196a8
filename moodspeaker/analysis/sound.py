"""An excerpt of a song's sound: what decoding gives and analysis takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.errors import MoodspeakerError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE: Final = 16000
"""Samples a second of all sound here."""
EXCERPT: Final = 60.0
"""Seconds in the middle of a song that are listened to."""

SILENT: Final = 10**-3.7
"""Peak of what is taken for silence, of full scale: -74 dB."""


LOUDEST: Final = 100.0
"""What is beyond, 40 dB above full scale, is no sound but damage."""


class DecodeError(MoodspeakerError):
    """A file's sound cannot be read; the text is the reason alone, without the file's name."""


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a file: a song of a CUE sheet."""

    start: float
    """Seconds."""
    seconds: float | None = None
    """None: up to the end."""

    def within(self, length: float) -> tuple[float, float]:
        """Return the start and the length, in seconds, of what of it lies in a file of `length` seconds."""
        start = min(max(0.0, self.start), length)
        rest = length - start
        return start, rest if self.seconds is None else min(self.seconds, rest)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The middle of a song."""

    sound: NDArray[np.float32]
    """Samples, float32 [n] at RATE, mono, about -1 to 1."""
    seconds: float
    """Length of the whole song, as decoding found it."""
    damaged: bool = False
    """The file holds less than it states."""


def middle(length: float, part: Range | None) -> tuple[float, float]:
    """Return where the excerpt of a file of `length` seconds starts and ends, in seconds."""
    start, seconds = (part or Range(0.0)).within(length)
    start += max(0.0, (seconds - EXCERPT) / 2)
    return start, start + min(seconds, EXCERPT)


def sound_alone(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return samples with silence in place of what is no number, or none that sound has."""
    is_sound = np.abs(samples) <= LOUDEST  # of no number that is false
    return np.where(is_sound, samples, np.float32(0))
