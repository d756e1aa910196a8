"""Descriptors of pitch: key and mode, chords, harmonic change, register, roughness."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from moodspeaker.analysis.sound import RATE
from moodspeaker.analysis.spectrum import LONG_FRAMES_A_SECOND, LONG_SIZE, long_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from moodspeaker.analysis.spectrum import Array

LOWEST_PITCH: Final = 36
HIGHEST_PITCH: Final = 96
"""MIDI numbers, 65 Hz to 2.1 kHz."""
Mode: TypeAlias = Literal["major", "minor"]
KEYS: Final[dict[Mode, NDArray[np.float64]]] = {
    "major": np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]),
    "minor": np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]),
}
"""How well each degree fits a key (Krumhansl & Kessler 1982)."""
CHORDS: Final = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "augmented": (0, 4, 8),
    "seventh": (0, 4, 7, 10),
    "major_seventh": (0, 4, 7, 11),
    "minor_seventh": (0, 3, 7, 10),
    "suspended": (0, 5, 7),
    "fifth": (0, 7),
}
PARTIALS: Final = 16
"""Peaks of a frame whose beating is summed."""
SHARPNESS: Final = 12.0
"""How much more the chord that fits best counts than one that fits less."""


def tonality(sound: Array) -> dict[str, float]:
    """Return the descriptors of pitch."""
    power = long_power(sound)
    low, high = _line(_hertz(LOWEST_PITCH - 0.5)), _line(_hertz(HIGHEST_PITCH + 0.5)) + 1
    lines = power[:, low:high]
    root = np.sqrt(lines / (lines.mean() + np.float32(1e-12)) + np.float32(1e-6))
    peaks = np.zeros(root.shape, bool)
    peaks[:, 1:-1] = (root[:, 1:-1] > root[:, :-2]) & (root[:, 1:-1] >= root[:, 2:])
    pitches = 69 + 12 * np.log2(np.arange(low, high) * RATE / LONG_SIZE / 440)
    tuning = _tuning(root, peaks, pitches)
    pitched = (root * peaks) @ _semitones(pitches - tuning)
    chroma = pitched[:, : 12 * (pitched.shape[1] // 12)].reshape(len(pitched), -1, 12).sum(axis=1)
    energy = chroma.sum(axis=1)
    heard = energy > 0.1 * energy.mean()
    chroma = chroma[heard] / energy[heard, None] if heard.any() else np.full((1, 12), 1 / 12)
    found = _key(chroma) | _chords(chroma) | _motion(chroma)
    return found | _register(pitched, root, peaks) | _roughness(root[::2], peaks[::2], low)


def _key(chroma: NDArray[np.floating]) -> dict[str, float]:
    """Return how clear the key is, how major, and how much each of its degrees sounds."""
    mean = chroma.mean(axis=0)
    major, minor = _fits(mean[None], "major")[0], _fits(mean[None], "minor")[0]
    best = max(float(major.max()), float(minor.max()))
    tonic = _tonic(chroma)
    width = max(1, round(2 * LONG_FRAMES_A_SECOND))
    count = max(1, len(chroma) // width)
    locally = np.stack([part.mean(axis=0) for part in np.array_split(chroma, count)])
    local = _fits(locally, "major").max(axis=1) - _fits(locally, "minor").max(axis=1)
    entropy = -(mean * np.log(mean + 1e-9)).sum()
    found = {
        "key_major": float(major.max()),
        "key_minor": float(minor.max()),
        "key_mode": float(major.max() - minor.max()),
        "key_mode_at_tonic": float(major[tonic] - minor[tonic]),
        "key_clarity": best - float(np.sort(np.maximum(major, minor))[-3]),
        "key_mode_local_mean": float(local.mean()),
        "key_mode_local_deviation": float(local.std()),
        "chroma_entropy": float(entropy),
        "chroma_frame_entropy": float(-(chroma * np.log(chroma + 1e-9)).sum(axis=1).mean()),
    }
    degrees = np.roll(mean, -tonic)
    found |= {f"degree_{k}": float(np.sqrt(degrees[k])) for k in range(12)}
    for k in range(1, 7):
        found[f"interval_{k}"] = float((chroma * np.roll(chroma, -k, axis=1)).sum(axis=1).mean() * 12)
        found[f"interval_mean_{k}"] = float((mean * np.roll(mean, -k)).sum() * 12)
    return found


def _fits(chroma: NDArray[np.floating], mode: Mode) -> NDArray[np.float64]:
    """Return the correlation of each chroma, [n, 12], with the keys on each tonic: [n, 12]."""
    centred = chroma - chroma.mean(axis=1, keepdims=True)
    centred = centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-9)
    return np.asarray(centred @ _key_on_each_tonic(mode))


@functools.cache
def _key_on_each_tonic(mode: Mode) -> NDArray[np.float64]:
    """Return how well each pitch class fits a key on each tonic, [12, 12], a column a tonic."""
    profile = KEYS[mode]
    shape = (profile - profile.mean()) / np.linalg.norm(profile - profile.mean())
    return np.stack([np.roll(shape, k) for k in range(12)]).T


@functools.cache
def _chord_on_each_root(name: str) -> NDArray[np.float64]:
    """Return the pitch classes of a chord on each root, [12, 12], a column a root."""
    template = np.zeros(12)
    template[list(CHORDS[name])] = 1 / np.sqrt(len(CHORDS[name]))
    return np.stack([np.roll(template, k) for k in range(12)]).T


def _chords(chroma: NDArray[np.floating]) -> dict[str, float]:
    """Return how well each kind of chord fits, half a second at a time, and on which degrees chords stand."""
    width = max(1, round(0.5 * LONG_FRAMES_A_SECOND))
    parts = np.stack([part.mean(axis=0) for part in np.array_split(chroma, max(1, len(chroma) // width))])
    unit = np.sqrt(parts)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True) + 1e-9
    fits = {}
    for name in CHORDS:
        fits[name] = unit @ _chord_on_each_root(name)
    found = {f"chord_{name}": float(fit.max(axis=1).mean()) for name, fit in fits.items()}
    mode = fits["major"].max(axis=1) - fits["minor"].max(axis=1)
    found["chord_mode"] = float(mode.mean())
    found["chord_major_share"] = float((mode > 0).mean())
    roots = np.concatenate([fits["major"], fits["minor"]], axis=1).argmax(axis=1)
    found["chord_changes"] = float((np.diff(roots) != 0).mean()) if len(roots) > 1 else 0.0
    found["chord_kinds"] = len(set(roots.tolist())) / len(roots)
    return found | _degrees_of_chords(fits, _tonic(chroma))


def _degrees_of_chords(fits: dict[str, NDArray[np.float64]], tonic: int) -> dict[str, float]:
    """Return how much a major and a minor chord sounds on each degree of the key."""
    both = np.concatenate([fits["major"], fits["minor"]], axis=1)
    weight = np.exp(SHARPNESS * (both - both.max(axis=1, keepdims=True)))
    share = np.sqrt((weight / weight.sum(axis=1, keepdims=True)).mean(axis=0))
    parts = (("major", np.roll(share[:12], -tonic)), ("minor", np.roll(share[12:], -tonic)))
    return {f"{mode}_on_{k}": float(part[k]) for mode, part in parts for k in range(12)}


def _tonic(chroma: NDArray[np.floating]) -> int:
    """Return the pitch class of the key that fits best, C is 0."""
    mean = chroma.mean(axis=0)[None]
    return int(np.argmax(np.maximum(_fits(mean, "major")[0], _fits(mean, "minor")[0])))


def _motion(chroma: NDArray[np.floating]) -> dict[str, float]:
    """Return how much the harmony moves."""
    angles = np.arange(12)[None] * np.pi * np.array([7 / 6, 3 / 2, 2 / 3])[:, None]
    plane = np.concatenate([np.sin(angles), np.cos(angles)])  # tonal centroid (Harte et al. 2006)
    centroid = chroma @ plane.T
    found = {
        f"tonal_centroid_{k}": float(np.hypot(centroid[:, k], centroid[:, k + 3]).mean()) for k in range(3)
    }
    for name, seconds in (("quick", 0.25), ("slow", 1.5)):
        lag = min(max(1, round(seconds * LONG_FRAMES_A_SECOND)), max(1, len(chroma) - 1))
        steps = np.linalg.norm(centroid[lag:] - centroid[:-lag], axis=1)
        found[f"harmonic_{name}_change"] = float(steps.mean()) if len(steps) else 0.0
    return found


def _register(pitched: Array, root: Array, peaks: NDArray[np.bool_]) -> dict[str, float]:
    """Return how high the pitches are, how many at a time, and how tonal the sound is."""
    shares = pitched / (pitched.sum(axis=1, keepdims=True) + np.float32(1e-9))
    places = np.arange(pitched.shape[1]) / 12
    height = shares @ places
    strong = root * peaks
    top = strong.max(axis=1)
    return {
        "height_mean": float(height.mean()),
        "height_deviation": float(height.std()),
        "height_spread": float(np.sqrt(np.maximum(shares @ places**2 - height**2, 0)).mean()),
        "octave_shares_low": float(shares[:, :12].sum(axis=1).mean()),
        "octave_shares_high": float(shares[:, 36:].sum(axis=1).mean()),
        "tonalness": float((strong.sum(axis=1) / (root.sum(axis=1) + 1e-9)).mean()),
        "partials": float((strong > 0.1 * top[:, None]).sum(axis=1).mean()),
        "peak_share": float((top / (strong.sum(axis=1) + 1e-9)).mean()),
    }


def _roughness(root: Array, peaks: NDArray[np.bool_], first: int) -> dict[str, float]:
    """Return how much neighbouring partials beat (Sethares 1993), a share of the sound."""
    strong = root * peaks
    best = np.argpartition(strong, -PARTIALS, axis=1)[:, -PARTIALS:]
    level = np.take_along_axis(strong, best, axis=1)
    level = level / (level.sum(axis=1, keepdims=True) + np.float32(1e-9))
    hertz = (best + first) * (RATE / LONG_SIZE)
    lower = np.minimum(hertz[:, :, None], hertz[:, None, :])
    apart = np.abs(hertz[:, :, None] - hertz[:, None, :]) * 0.24 / (0.0207 * lower + 18.96)
    beating = np.exp(-3.51 * apart) - np.exp(-5.75 * apart)
    rough = (level[:, :, None] * level[:, None, :] * beating).sum(axis=(1, 2))
    return {"roughness_mean": float(rough.mean()), "roughness_deviation": float(rough.std())}


def _tuning(root: Array, peaks: NDArray[np.bool_], pitches: NDArray[np.float64]) -> float:
    """Return how far the sound is tuned from A = 440 Hz, in semitones, -0.5 to 0.5."""
    weight = (root * peaks).sum(axis=0) * (pitches > 55)  # noqa: PLR2004 - below, lines are wider than a semitone
    turn = complex((weight * np.exp(2j * np.pi * pitches)).sum())
    return float(np.angle(turn) / (2 * np.pi)) if turn else 0.0


def _semitones(pitches: NDArray[np.float64]) -> Array:
    """Return the weights [lines, semitones] with which lines belong to semitones."""
    notes = np.arange(LOWEST_PITCH, HIGHEST_PITCH)
    return np.exp(-0.5 * ((pitches[:, None] - notes) / 0.3) ** 2).astype(np.float32)


def _hertz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def _line(hertz: float) -> int:
    return round(hertz * LONG_SIZE / RATE)
