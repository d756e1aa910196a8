"""Descriptors and fingerprints of generated sounds."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.sounds import noise, piece

from moodspeaker.analysis.descriptors import NothingToDescribeError, describe
from moodspeaker.analysis.fingerprint import alike, fingerprint
from moodspeaker.analysis.sound import RATE
from moodspeaker.demo.music import PIECES

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spread() -> tuple[list[str], NDArray[np.float64]]:
    """The descriptors' names, and how much they differ between the demo's pieces."""
    described = [describe(piece(number)) for number in range(len(PIECES))]
    return list(described[0]), np.std([list(one.values()) for one in described], axis=0) + 1e-3


def test_the_level_changes_nothing() -> None:
    names, deviation = spread()
    whole, quiet = describe(piece(0)), describe(piece(0) * np.float32(0.05))
    far = np.abs([whole[name] - quiet[name] for name in names]) / deviation
    assert far.max() < 0.05


def test_what_lies_above_six_kilohertz_changes_nothing() -> None:
    sound = piece(1)
    lines = np.fft.rfft(np.asarray(noise(20), np.float64)[: sound.size])
    lines[: round(6300 * sound.size / RATE)] = 0
    hiss = np.fft.irfft(lines, sound.size).astype(np.float32)
    names, deviation = spread()
    plain, bright = describe(sound), describe(sound + np.float32(0.05) * hiss)
    far = np.abs([plain[name] - bright[name] for name in names]) / deviation
    assert np.percentile(far, 95) < 0.1
    assert far.max() < 0.5


def test_fast_music_has_more_attacks_and_a_major_key_a_higher_mode() -> None:
    by_title = {one.title: describe(piece(number)) for number, one in enumerate(PIECES)}
    happy, sad = by_title["Sunny Side Up"], by_title["Rain on the Sill"]
    assert happy["attack_rate"] > 1.5 * sad["attack_rate"]
    assert happy["key_mode"] > sad["key_mode"]


def chord(*pitches: int, seconds: float = 1.0) -> NDArray[np.float32]:
    """A chord of tones and their octaves, by their MIDI numbers."""
    moment = np.arange(round(seconds * RATE)) / RATE
    tones = [440 * 2 ** ((pitch - 69) / 12) * partial for pitch in pitches for partial in (1, 2)]
    return np.asarray(sum(np.sin(2 * np.pi * hertz * moment) for hertz in tones) / 20, np.float32)


@pytest.mark.parametrize("up", [0, 5])
def test_chords_are_told_by_their_degree_of_the_key(up: int) -> None:
    one, four, six = ([pitch + up for pitch in notes] for notes in ((60, 64, 67), (65, 69, 72), (57, 60, 64)))
    found = describe(np.concatenate([chord(*notes) for notes in (one, four, one, six, one, one) * 2]))
    degrees = {name: value for name, value in found.items() if name.startswith(("major_on_", "minor_on_"))}
    assert sorted(degrees, key=lambda name: -degrees[name])[:3] == ["major_on_0", "minor_on_9", "major_on_5"]


def test_strokes_and_steady_tones_have_their_own_spectra() -> None:
    tone, beats = chord(45, 52, seconds=10), noise(10, 0.5)
    beats[np.arange(beats.size) % (RATE // 2) > RATE // 50] = 0
    plain, beaten = describe(tone), describe(tone + beats)
    for part in range(5, 12):  # where the tone has nothing
        assert beaten[f"strokes_{part}_level"] > plain[f"strokes_{part}_level"] + 2
        assert beaten[f"strokes_{part}_deviation"] > 5
        assert beaten[f"steady_{part}_level"] == pytest.approx(plain[f"steady_{part}_level"], abs=0.2)


def test_a_song_and_a_clip_of_it_are_on_one_scale() -> None:
    names, deviation = spread()
    clip, song = describe(piece(4, 10)), describe(np.tile(piece(4, 10), 5))
    far = np.abs([clip[name] - song[name] for name in names]) / deviation
    assert np.median(far) < 0.05


def test_a_long_pause_is_not_described() -> None:
    names, deviation = spread()
    sound = piece(0, 20)
    pause = np.zeros(sound.size // 2, np.float32)
    whole, paused = describe(sound), describe(np.concatenate([pause, sound, pause]))
    far = np.abs([whole[name] - paused[name] for name in names]) / deviation
    assert far.max() < 0.01


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (np.zeros(10 * RATE, np.float32), "silent"),
        (noise(10, 1e-6), "silent"),
        (noise(1.5), "too short"),
        (np.zeros(0, np.float32), "too short"),
    ],
)
def test_what_cannot_be_described_has_a_reason(sound: NDArray[np.float32], reason: str) -> None:
    with pytest.raises(NothingToDescribeError, match=reason):
        describe(sound)


@pytest.mark.parametrize(
    "sound",
    [
        noise(5),
        np.sin(np.arange(5 * RATE) * 0.1).astype(np.float32),
        np.eye(1, 5 * RATE, 2 * RATE, dtype=np.float32)[0],
        np.sign(np.sin(np.arange(5 * RATE) * 0.01)).astype(np.float32),
        np.concatenate([np.zeros(4 * RATE, np.float32), noise(1)]),
        np.ones(5 * RATE, np.float32),
    ],
)
def test_whatever_sounds_has_numbers(sound: NDArray[np.float32]) -> None:
    try:
        described = describe(sound)
    except NothingToDescribeError:
        return
    assert np.isfinite(list(described.values())).all()


def test_fingerprints_tell_songs_apart_and_copies_not() -> None:
    sounds = [piece(number) for number in range(len(PIECES))]
    prints = [fingerprint(sound) for sound in sounds]
    assert not any(alike(one, other) for one, other in combinations(prints, 2))
    for sound, own in zip(sounds, prints, strict=True):
        assert fingerprint(sound.copy()) == own
        assert alike(own, fingerprint(sound * np.float32(0.25) + noise(30, 1e-4)[: sound.size]))


def test_nothing_has_no_fingerprint_and_is_like_nothing() -> None:
    assert fingerprint(np.zeros(RATE * 5, np.float32)) == b""
    assert fingerprint(noise(0.5)) == b""
    assert not alike(b"", b"")
