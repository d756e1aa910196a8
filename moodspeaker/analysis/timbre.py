"""Descriptors of timbre and dynamics: the shape of the spectrum, and how it and the loudness move."""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.analysis.sound import RATE
from moodspeaker.analysis.spectrum import BANDS, FRAMES_A_SECOND, SIZE

if TYPE_CHECKING:
    from moodspeaker.analysis.spectrum import Array, Spectrum

COEFFICIENTS: Final = 20
"""Of the cosine transform of the levels."""
GROUPS: Final = 8
"""Parts of the mel scale whose shares of the energy are told."""
CONTRAST_EDGES: Final = (60, 200, 400, 800, 1600, 3200, 6000)
"""Hertz."""
EDGE_SHARE: Final = 0.2
"""Of the lines of a part: the strongest and weakest that make its contrast."""
QUIETER: Final = -3.0
"""dB below the mean."""
CHANGES: Final = 2
"""Coefficients whose change is told; that of higher ones is a codec's more than the song's."""
LAG: Final = 4
"""Frames across which change is measured."""


def timbre(seen: Spectrum) -> dict[str, float]:
    """Return the descriptors of the spectrum's shape."""
    found: dict[str, float] = {}
    coefficients = seen.levels @ _cosines()
    changes = coefficients[LAG:] - coefficients[:-LAG]
    for k in range(COEFFICIENTS):
        if k:  # the first one is the level
            found[f"cepstrum_{k}_mean"] = float(coefficients[:, k].mean())
        found[f"cepstrum_{k}_deviation"] = float(coefficients[:, k].std())
        if k < CHANGES:
            found[f"cepstrum_{k}_change"] = float(np.abs(changes[:, k]).mean())
    shares = seen.bands / (seen.bands.sum(axis=1, keepdims=True) + np.float32(1e-9))
    places = np.arange(BANDS, dtype=np.float32) / BANDS
    centre = shares @ places
    weights = np.sqrt(seen.bands.sum(axis=1))
    weights /= weights.sum()
    spread = np.sqrt(np.maximum(shares @ places**2 - centre**2, 0))
    flat = seen.levels.mean(axis=1) - 10 * np.log10(seen.bands.mean(axis=1) * BANDS + 1e-4)
    sums = np.cumsum(shares, axis=1)
    for name, values in (
        ("centre", centre),
        ("spread", spread),
        ("flatness", flat),
        ("rolloff", (sums < 0.85).mean(axis=1)),  # noqa: PLR2004 - the usual share
        ("half", (sums < 0.5).mean(axis=1)),  # noqa: PLR2004 - the usual share
    ):
        mean = float(weights @ values)
        found[f"{name}_mean"] = mean
        found[f"{name}_deviation"] = float(np.sqrt(weights @ (values - mean) ** 2))
    return found | _groups(seen) | _contrast(seen)


def dynamics(seen: Spectrum) -> dict[str, float]:
    """Return the descriptors of the loudness."""
    loud = seen.loudness
    low, quarter, half, three, high = np.percentile(loud, (5, 25, 50, 75, 95))
    second = round(FRAMES_A_SECOND)
    slow = np.convolve(loud, np.ones(second) / second, mode="valid") if loud.size > second else loud
    return {
        "loudness_deviation": float(loud.std()),
        "loudness_peaks": float(high - half),
        "loudness_valleys": float(half - low),
        "loudness_quartiles": float(three - quarter),
        "loudness_slow_deviation": float(slow.std()),
        "loudness_change": float(np.abs(np.diff(loud)).mean()),
        "quiet_share": float((loud < QUIETER).mean()),
    }


def _groups(seen: Spectrum) -> dict[str, float]:
    """Return the shares of parts of the mel scale, in dB, and how they move."""
    parts = seen.bands.reshape(len(seen.bands), GROUPS, -1).sum(axis=2)
    mean = 10 * np.log10(parts.mean(axis=0) + 1e-4)
    moving = (10 * np.log10(parts + 1e-3)).std(axis=0)
    return {f"share_{k}": float(mean[k]) for k in range(GROUPS)} | {
        f"share_{k}_deviation": float(moving[k]) for k in range(GROUPS)
    }


def _contrast(seen: Spectrum) -> dict[str, float]:
    """Return how far peaks stand above valleys in each octave, in dB."""
    found = {}
    power = seen.power[::2]
    for k, (low, high) in enumerate(pairwise(CONTRAST_EDGES)):
        lines = np.sort(power[:, round(low * SIZE / RATE) : round(high * SIZE / RATE)], axis=1)
        count = max(1, round(EDGE_SHARE * lines.shape[1]))
        weak, strong = lines[:, :count].mean(axis=1), lines[:, -count:].mean(axis=1)
        contrast = 10 * np.log10((strong + 1e-6) / (weak + 1e-6))
        found[f"contrast_{k}_mean"] = float(contrast.mean())
        found[f"contrast_{k}_deviation"] = float(contrast.std())
    return found


@functools.cache
def _cosines() -> Array:
    """Return the cosine transform, [BANDS, COEFFICIENTS]."""
    band, k = np.arange(BANDS)[:, None], np.arange(COEFFICIENTS)[None, :]
    return np.asarray(np.cos(np.pi * k * (2 * band + 1) / (2 * BANDS)) * np.sqrt(2 / BANDS), np.float32)
