"""Descriptors of rhythm: attacks, pulse, tempo, and how fast each part of the spectrum beats."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.analysis.spectrum import BANDS, FRAMES_A_SECOND, decibels

if TYPE_CHECKING:
    from moodspeaker.analysis.spectrum import Array, Spectrum

RISE_FRAMES: Final = 2
"""Frames in which an attack rises."""
PARTS: Final = ((0, 12), (12, 30), (30, BANDS))
"""Mel bands of bass, middle and treble."""
TEMPI: Final = np.geomspace(40, 240, 14)
"""Beats a minute at which the pulse is measured."""
USUAL_TEMPO: Final = 110.0
MODULATIONS: Final = (0.3, 1.0, 2.0, 4.0, 8.0)
"""Hertz: edges of the ranges in which an envelope beats; above, codecs flutter."""
MEDIAN_FRAMES: Final = 17
MEDIAN_BANDS: Final = 9
"""How long a steady tone, how wide a stroke is, at least."""


def rhythm(seen: Spectrum) -> dict[str, float]:
    """Return the descriptors of rhythm."""
    rises = np.clip(seen.levels[RISE_FRAMES:] - seen.levels[:-RISE_FRAMES], 0, None)
    whole = rises.mean(axis=1)
    found = _attacks("attack", whole)
    for name, (low, high) in zip(("bass", "middle", "treble"), PARTS, strict=True):
        part = rises[:, low:high].mean(axis=1)
        found[f"{name}_attack_deviation"] = float(part.std())
        found |= {f"{name}_{key}": value for key, value in _pulse(part).items() if key == "pulse_clarity"}
    return found | _pulse(whole) | _modulations(seen) | _strokes(seen)


def _attacks(name: str, envelope: Array) -> dict[str, float]:
    """Return how many attacks there are, and how strong."""
    mean, deviation = float(envelope.mean()), float(envelope.std()) + 1e-6
    width = 5
    around = np.lib.stride_tricks.sliding_window_view(np.pad(envelope, width, mode="edge"), 2 * width + 1)
    peaks = envelope[(envelope == around.max(axis=1)) & (envelope > around.mean(axis=1) + 1.0)]
    return {
        f"{name}_deviation": deviation,
        f"{name}_skew": float((((envelope - mean) / deviation) ** 3).mean()),
        f"{name}_rate": len(peaks) / (envelope.size / FRAMES_A_SECOND),
        f"{name}_strength": float(peaks.mean()) if len(peaks) else 0.0,
        f"{name}_strong": float(np.percentile(envelope, 95)),
    }


def _pulse(envelope: Array) -> dict[str, float]:
    """Return how periodic the attacks are, at which tempi."""
    width = round(FRAMES_A_SECOND)
    local = np.convolve(envelope, np.ones(width) / width, mode="same")
    centred = (envelope - local).astype(np.float32)
    size = 1 << (2 * centred.size - 1).bit_length()
    lines = np.fft.rfft(centred, size)
    again = np.fft.irfft(lines.real**2 + lines.imag**2, size)[: centred.size]
    again = again / (again[0] + 1e-6) * centred.size / np.arange(centred.size, 0, -1)
    lags = 60 * FRAMES_A_SECOND / TEMPI
    pulse = np.interp(lags, np.arange(again.size), again)
    fine = np.geomspace(40, 240, 160)
    curve = np.interp(60 * FRAMES_A_SECOND / fine, np.arange(again.size), again)
    preferred = np.exp(-0.5 * (np.log2(fine / USUAL_TEMPO) / 0.8) ** 2)
    best = int(np.argmax(np.clip(curve, 0, None) * preferred))
    positive = np.clip(curve, 1e-4, None)
    positive /= positive.sum()
    return {
        "pulse_clarity": float(curve.max()),
        "pulse_at_tempo": float(curve[best]),
        "tempo": float(np.log2(fine[best])),
        "pulse_entropy": float(-(positive * np.log(positive)).sum()),
        "pulse_double": float(
            np.interp(0.5 * 60 * FRAMES_A_SECOND / fine[best], np.arange(again.size), again)
        ),
    } | {f"pulse_{k}": float(pulse[k]) for k in range(len(TEMPI))}


def _modulations(seen: Spectrum) -> dict[str, float]:
    """Return the shares of slow and fast beating of each part of the spectrum, in dB."""
    found = {}
    levels = seen.levels[: len(seen.levels) // 2 * 2]
    window = np.hanning(len(levels))[:, None].astype(np.float32)
    rates = np.fft.rfftfreq(len(levels), 1 / FRAMES_A_SECOND)
    for name, (low, high) in zip(("bass", "middle", "treble"), PARTS, strict=True):
        part = levels[:, low:high]
        lines = np.fft.rfft((part - part.mean(axis=0)) * window, axis=0)
        energy = (lines.real**2 + lines.imag**2).mean(axis=1) / len(levels)
        for k, (slow, fast) in enumerate(pairwise(MODULATIONS)):
            inside = (rates >= slow) & (rates < fast)
            found[f"{name}_beating_{k}"] = float(10 * np.log10(energy[inside].sum() + 1e-2))
    return found


def _strokes(seen: Spectrum) -> dict[str, float]:
    """Return how much of the sound is strokes, how much steady tones (Fitzgerald 2010), and their spectra."""
    root = np.sqrt(seen.bands[:, ::2] + seen.bands[:, 1::2])
    half, wide = MEDIAN_FRAMES // 2, MEDIAN_BANDS // 2
    windows = np.lib.stride_tricks.sliding_window_view
    steady = np.median(
        windows(np.pad(root, ((half, half), (0, 0)), mode="edge"), MEDIAN_FRAMES, axis=0), axis=2
    )
    strokes = np.median(
        windows(np.pad(root, ((0, 0), (wide, wide)), mode="edge"), MEDIAN_BANDS, axis=1), axis=2
    )
    mask = strokes**2 / (strokes**2 + steady**2 + 1e-9)
    energy = root**2
    share = (mask * energy).sum(axis=1) / (energy.sum(axis=1) + 1e-9)
    low = (mask * energy)[:, :8].sum() / (energy[:, :8].sum() + 1e-9)
    high = (mask * energy)[:, 12:].sum() / (energy[:, 12:].sum() + 1e-9)
    found = {
        "strokes_mean": float(share.mean()),
        "strokes_deviation": float(share.std()),
        "strokes_low": float(low),
        "strokes_high": float(high),
    }
    for name, part in (("strokes", mask * energy), ("steady", (1 - mask) * energy)):
        levels = decibels(part[:, ::2] + part[:, 1::2])
        mean, deviation = levels.mean(axis=0), levels.std(axis=0)
        found |= {f"{name}_{k}_level": float(level) for k, level in enumerate(mean)}
        found |= {f"{name}_{k}_deviation": float(spread) for k, spread in enumerate(deviation)}
    return found
