"""Spectra of a stretch of sound, relative to its own mean level, up to 6 kHz.

Design notes
============
1. Everything is relative to the stretch's mean power, with a floor 30 dB below it: a copy at another level
   gives the same numbers, and the holes that a codec leaves in quiet corners are below the floor (with one
   15 dB lower, copies at 40 kbit/s in stereo moved twice as far).
2. Nothing above 6 kHz is looked at: codecs cut and fill there.
3. Short frames (64 ms) show time, long ones (512 ms) show pitch.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from moodspeaker.analysis.sound import RATE
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]

SIZE: Final = 1024
"""Samples of a short frame."""
HOP: Final = 256
"""Samples from one short frame to the next."""
FRAMES_A_SECOND: Final = RATE / HOP
LONG_SIZE: Final = 8192
LONG_HOP: Final = 2048
LONG_FRAMES_A_SECOND: Final = RATE / LONG_HOP
LOWEST: Final = 60.0
HIGHEST: Final = 6000.0
"""Hertz between which the sound is looked at."""
BANDS: Final = 48
"""Mel bands."""
FLOOR: Final = 1e-3
"""Power, as a share of the mean, that is taken for nothing."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The short frames of a stretch of sound."""

    power: Array
    """[frames, bins]: power as a share of the mean of all frames' total; bins of RATE / SIZE Hz."""
    bands: Array
    """[frames, BANDS]: the same in mel bands."""
    levels: Array
    """[frames, BANDS]: `bands` in dB, BANDS times it being 0 dB, and not below the floor."""
    loudness: Array
    """[frames]: level of each frame in dB relative to the mean."""


def spectrum(sound: Array) -> Spectrum:
    """Return the short frames of a sound, float32 [n], n at least SIZE; it must not be silent."""
    power = _power(sound, SIZE, HOP)
    bands = power @ mel_weights()
    mean = max(float(bands.sum(axis=1).mean()), 1e-9)
    power /= np.float32(mean)
    bands /= np.float32(mean)
    levels = decibels(bands * np.float32(BANDS))
    return Spectrum(power, bands, levels, decibels(bands.sum(axis=1)))


def long_power(sound: Array) -> Array:
    """Return power [frames, bins] of long frames; a sound shorter than one is padded."""
    if sound.size < LONG_SIZE:
        sound = np.pad(sound, (0, LONG_SIZE - sound.size))
    return _power(sound, LONG_SIZE, LONG_HOP)


def decibels(share: Array) -> Array:
    """Return power relative to 1 in dB, not below the floor."""
    level: Array = 10 * np.log10(share + np.float32(FLOOR))
    return level


def _power(sound: Array, size: int, hop: int) -> Array:
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]
    lines = np.fft.rfft(frames * _window(size), axis=1)
    return np.asarray(lines.real**2 + lines.imag**2, np.float32)


@functools.cache
def _window(size: int) -> Array:
    return np.hanning(size + 1)[:-1].astype(np.float32)


@functools.cache
def mel_weights(
    bands: int = BANDS, lowest: float = LOWEST, highest: float = HIGHEST, size: int = SIZE
) -> Array:
    """Return the triangles [bins, bands] that gather a spectrum into mel bands."""
    edges = 700 * (np.exp(np.linspace(_mel(lowest), _mel(highest), bands + 2)) - 1)
    bins = np.fft.rfftfreq(size, 1 / RATE)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rise, fall = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.asarray(np.clip(np.minimum(rise, fall), 0, None), np.float32)


def _mel(hertz: float) -> float:
    return float(np.log1p(hertz / 700))
