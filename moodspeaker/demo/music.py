"""Short pieces of music, composed for the demo and synthesized in numpy: the project's own, free to keep.

Design notes
============
1. A piece is a `Piece`: chords by the bar, a melody in a small notation, a tempo and the timbres that play
   it.
2. Notation: `C#4:1.5` is a pitch and its length in beats, `-:1` a rest; `Am7` a chord on its root.
3. Mode, tempo, register and articulation carry the mood, as listeners report it (Juslin & Laukka 2004).
4. Files are RIFF WAVE, 16 bit mono, with title, artist and genre in a LIST INFO chunk, which MPD and every
   player read.
"""

from __future__ import annotations

import functools
import re
import struct
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from moodspeaker.domain.emotion import Emotion
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Sound: TypeAlias = NDArray[np.float32]
    """Samples, float32 [n], about -1 to 1."""

RATE: Final = 22050
"""Samples a second."""
ARTIST: Final = "The Moodspeaker House Band"
ALBUM: Final = "Demo Tape"
BEATS_A_BAR: Final = 4
PEAK: Final = 0.7
"""Level of the loudest sample, of the full range."""
SILENCE: Final = 1.2
"""Seconds left at the end for the room to ring out."""
STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
CHORDS: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "7": (0, 4, 7, 10),
    "5": (0, 7, 12),
    "sus": (0, 5, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
}


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a note sounds: partials under an envelope."""

    partials: tuple[tuple[float, float], ...]
    """(multiple of the pitch, level)."""
    attack: float
    """Seconds to full level."""
    half_life: float
    """Seconds in which the level halves; high partials fade faster."""
    release: float
    """Seconds to silence at the note's end."""
    drive: float = 0.0
    """Softly clipped when above 0."""


KEYS: Final = Timbre(
    ((1, 1), (2, 0.45), (3, 0.22), (4, 0.12), (5, 0.06)), attack=0.008, half_life=0.55, release=0.25
)
MUSIC_BOX: Final = Timbre(((1, 1), (2.76, 0.35), (5.4, 0.12)), attack=0.003, half_life=0.35, release=0.3)
PLUCK: Final = Timbre(
    ((1, 1), (2, 0.6), (3, 0.4), (4, 0.25), (6, 0.1)), attack=0.004, half_life=0.18, release=0.08
)
PAD: Final = Timbre(
    ((1, 0.7), (1.004, 0.7), (2, 0.25), (2.997, 0.12)), attack=0.5, half_life=6.0, release=0.9
)
CELLO: Final = Timbre(
    ((1, 1), (2, 0.55), (3, 0.35), (4, 0.22), (5, 0.1)), attack=0.16, half_life=3.0, release=0.35
)
BASS: Final = Timbre(((1, 1), (2, 0.3), (3, 0.08)), attack=0.012, half_life=0.5, release=0.1)
GRIT: Final = Timbre(
    ((1, 1), (2, 0.7), (3, 0.6), (4, 0.4), (5, 0.3)), attack=0.006, half_life=1.2, release=0.08, drive=3.0
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of music."""

    title: str
    mood: Emotion
    tempo: float
    """Beats a minute."""
    chords: str
    """One chord a bar."""
    melody: str
    """Notes; repeated until the chords end."""
    voice: Timbre
    """Plays the melody."""
    comping: tuple[tuple[float, float], ...]
    """(beat, length in beats) at which the chord is struck in each bar."""
    backing: Timbre
    """Plays the chords."""
    bass: tuple[tuple[float, int], ...]
    """(beat, semitones above the root) of the bass line in each bar."""
    rounds: int = 2
    """How often the chords are played."""
    shaker: float = 0.0
    """Level of a shaker on every half beat."""
    reverb: float = 0.25
    """Level of the room."""
    genre: str = ""
    """Its genre and folder; empty: those of its mood, by which it is found."""


PIECES: Final = (
    Piece(
        "Sunny Side Up",
        Emotion.HAPPY,
        132,
        "C F G C Am F G G",
        "E5:.5 G5:.5 C6:1 B5:.5 A5:.5 G5:1 A5:.5 C6:.5 F5:1 A5:.5 G5:.5 F5:1 "
        "D5:.5 G5:.5 B5:1 D6:.5 C6:.5 B5:1 C6:1 G5:.5 E5:.5 C5:1 -:1 "
        "E5:.5 A5:.5 C6:1 E6:.5 D6:.5 C6:1 A5:.5 C6:.5 D6:1 C6:.5 A5:.5 F5:1 "
        "G5:.5 A5:.5 B5:.5 C6:.5 D6:1 B5:1 D6:.5 B5:.5 G5:1 G5:.5 A5:.5 B5:1",
        PLUCK,
        ((0.5, 0.4), (1.5, 0.4), (2.5, 0.4), (3.5, 0.4)),
        KEYS,
        ((0, 0), (1, 7), (2, 0), (3, 7)),
        shaker=0.05,
    ),
    Piece(
        "Paper Kites",
        Emotion.HAPPY,
        144,
        "G D Em C G D C G",
        "D5:1 G5:.5 B5:.5 D6:1 B5:1 A5:1 F#5:.5 A5:.5 D6:1.5 -:.5 "
        "E6:.5 D6:.5 B5:.5 G5:.5 B5:1 E5:1 G5:.5 E5:.5 C6:1 B5:.5 A5:.5 G5:1 "
        "B5:.5 D6:.5 G6:1 D6:.5 B5:.5 G5:1 A5:.5 D6:.5 F#6:1 E6:.5 D6:.5 A5:1 "
        "C6:.5 E6:.5 G6:1 E6:.5 C6:.5 A5:1 B5:.5 A5:.5 G5:2 -:1",
        MUSIC_BOX,
        ((0, 0.5), (1, 0.5), (1.5, 0.5), (2.5, 0.5), (3, 0.5)),
        PLUCK,
        ((0, 0), (1.5, 12), (2, 7), (3.5, 7)),
        shaker=0.06,
    ),
    Piece(
        "Rain on the Sill",
        Emotion.SAD,
        60,
        "Am F Dm E7 Am Dm Am Am",
        "E5:2 D5:1 C5:1 A4:3 -:1 F4:1.5 A4:.5 D5:2 C5:1 B4:2 -:1 C5:2 B4:1 A4:1 F4:2 E4:1 D4:1 E4:3 -:1 A4:4",
        KEYS,
        ((0, 4),),
        PAD,
        ((0, 0),),
        rounds=1,
        reverb=0.55,
    ),
    Piece(
        "The Last Train",
        Emotion.SAD,
        54,
        "Dm A#maj7 Gm A Dm Gm Dm",
        "A4:1.5 F4:.5 D4:2 D4:1 F4:1 A4:2 A#4:2 A4:1 G4:1 E4:3 -:1 "
        "F4:1.5 E4:.5 D4:2 G4:1 F4:1 D4:1 C#4:1 D4:4",
        CELLO,
        ((0, 4),),
        PAD,
        ((0, 0),),
        rounds=1,
        reverb=0.5,
    ),
    Piece(
        "Kitchen Light",
        Emotion.NEUTRAL,
        84,
        "Fmaj7 Am7 Dm7 Gm7",
        "C5:2 A4:1 G4:1 E4:3 -:1 F4:1 A4:1 C5:1.5 A4:.5 G4:3 -:1 "
        "A4:2 C5:1 E5:1 D5:3 -:1 C5:1 A4:1 F4:1.5 G4:.5 D4:3 -:1",
        KEYS,
        ((0, 1.5), (2.5, 1.2)),
        KEYS,
        ((0, 0), (2.5, 7)),
        reverb=0.3,
    ),
    Piece(
        "Half Past Three",
        Emotion.NEUTRAL,
        92,
        "Cmaj7 Em7 Fmaj7 Gsus",
        "G4:1.5 B4:.5 E5:2 D5:1.5 B4:.5 G4:2 A4:1 C5:1 E5:1.5 C5:.5 D5:3 -:1 "
        "E5:1.5 D5:.5 C5:2 B4:1.5 G4:.5 E4:2 F4:1 A4:1 C5:1.5 A4:.5 G4:3 -:1",
        MUSIC_BOX,
        ((0, 2), (2, 2)),
        KEYS,
        ((0, 0), (2, 7)),
        reverb=0.35,
    ),
    Piece(
        "Jack in the Box",
        Emotion.SURPRISE,
        152,
        "Caug D7 Edim F#aug G7 Caug Adim G7",
        "C5:.5 E5:.5 G#5:.5 C6:.5 -:1 F#6:1 -:1 D5:.5 A5:.5 C6:.5 -:.5 D6:1 "
        "E5:.25 G5:.25 A#5:.25 E6:.25 -:1 C#6:.5 A#5:.5 G5:1 F#5:.5 A#5:.5 D6:1 -:2 "
        "G5:.5 B5:.5 F6:1 -:1 D6:.5 B5:.5 C6:.5 G#5:.5 E5:.5 C5:.5 -:2 "
        "A5:.25 C6:.25 D#6:.25 A6:.25 -:1 F#6:1 D#6:1 G6:.5 -:.5 G5:.5 -:.5 B5:1 -:1",
        MUSIC_BOX,
        ((0, 0.3), (2.5, 0.3)),
        PLUCK,
        ((0, 0), (1.5, 6), (3, 12)),
        shaker=0.04,
        genre="Breakbeat",
    ),
    Piece(
        "Slammed Doors",
        Emotion.ANGRY,
        150,
        "E5 F5 E5 G5 E5 F5 D5 E5",
        "E3:.5 E3:.5 G3:.5 E3:.5 A#3:1 A3:1 F3:.5 F3:.5 C4:.5 F3:.5 B3:1 A3:1 "
        "E3:.5 E3:.5 G3:.5 E3:.5 A#3:.5 A3:.5 G3:1 G3:.5 D4:.5 C#4:.5 C4:.5 B3:1 A#3:1",
        GRIT,
        ((0, 0.8), (1.5, 0.4), (2, 0.8), (3.5, 0.4)),
        GRIT,
        ((0, 0), (0.5, 0), (1, 0), (2, 0), (2.5, 0), (3, 1)),
        shaker=0.1,
        reverb=0.12,
    ),
)


def write_music(folder: Path) -> None:
    """Write every piece as `<mood or genre>/<title>.wav` into a folder that exists."""
    for piece in PIECES:
        place = folder / (piece.genre.casefold() or piece.mood)
        place.mkdir(exist_ok=True)
        (place / f"{piece.title}.wav").write_bytes(wave_file(piece, play(piece)))


def play(piece: Piece) -> Sound:
    """Return the sound of a piece."""
    beat = 60 / piece.tempo
    bars = [chord for _ in range(piece.rounds) for chord in piece.chords.split()]
    sound = np.zeros(round((len(bars) * BEATS_A_BAR * beat + SILENCE) * RATE), np.float32)
    for start, pitch, length in _melody(piece.melody, len(bars) * BEATS_A_BAR):
        _add(sound, start * beat, 0.50 * _note(piece.voice, pitch, length * beat))
    for bar, chord in enumerate(bars):
        root, intervals = _chord(chord)
        begin = bar * BEATS_A_BAR
        for at, length in piece.comping:
            for interval in intervals:
                _add(sound, (begin + at) * beat, 0.16 * _note(piece.backing, root + interval, length * beat))
        ends = [at for at, _ in piece.bass[1:]] + [BEATS_A_BAR]
        for (at, interval), end in zip(piece.bass, ends, strict=True):
            _add(
                sound, (begin + at) * beat, 0.38 * _note(BASS, root - 12 + interval, (end - at) * beat * 0.9)
            )
        if piece.shaker:
            for half in range(2 * BEATS_A_BAR):
                _add(sound, (begin + half / 2) * beat, (1.5 if half % 2 else 1) * piece.shaker * _shake())
    sound = sound + piece.reverb * _room(sound)
    return np.asarray(sound * (PEAK / np.abs(sound).max()), np.float32)


def wave_file(piece: Piece, sound: Sound) -> bytes:
    """Return a WAVE file with its tags."""
    tags = {b"INAM": piece.title, b"IART": ARTIST, b"IPRD": ALBUM, b"IGNR": piece.genre or str(piece.mood)}
    listing = b"INFO" + b"".join(_chunk(name, text.encode() + b"\0") for name, text in tags.items())
    samples = np.rint(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    return _chunk(
        b"RIFF", b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", listing) + _chunk(b"data", samples)
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _pitch(name: str) -> int:
    """Return the MIDI number of a pitch such as C#4."""
    return STEPS[name[0]] + name.count("#") + 12 * (int(name[-1]) + 1)


def _chord(name: str) -> tuple[int, tuple[int, ...]]:
    """Return the root, between G2 and F#3, and the intervals of a chord."""
    found = re.fullmatch(r"([A-G]#?)(.*)", name)
    if found is None:
        message = f"no chord: {name}"
        raise ValueError(message)
    step = STEPS[found[1][0]] + found[1].count("#")
    return 43 + (step - 7) % 12, CHORDS[found[2]]


def _melody(notation: str, beats: float) -> Iterator[tuple[float, int, float]]:
    """Yield (beat, MIDI number, length in beats), from the start again until `beats` are full."""
    at = 0.0
    while at < beats:
        for word in notation.split():
            name, _, length = word.partition(":")
            if name != "-" and at + float(length) <= beats:
                yield at, _pitch(name), float(length)
            at += float(length)


@functools.cache
def _note(timbre: Timbre, pitch: int, seconds: float) -> Sound:
    """Return one note."""
    time = np.arange(round((seconds + timbre.release) * RATE), dtype=np.float32) / np.float32(RATE)
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    sound = np.zeros_like(time)
    for multiple, level in timbre.partials:
        if multiple * frequency < 0.45 * RATE:
            fade = np.exp2(-time * np.float32(0.5 * (1 + multiple) / timbre.half_life))
            sound += np.float32(level) * fade * np.sin(np.float32(2 * np.pi * multiple * frequency) * time)
    sound *= np.minimum(1, time / np.float32(timbre.attack)) * np.clip(
        (time[-1] - time) / np.float32(timbre.release), 0, 1
    )
    if timbre.drive:
        sound = np.tanh(timbre.drive * sound) / np.float32(1.5)
    return np.asarray(sound, np.float32)


@functools.cache
def _shake() -> Sound:
    """Return one stroke of a shaker."""
    noise = np.random.default_rng(7).standard_normal(RATE // 12).astype(np.float32)
    fade = np.exp2(-np.arange(noise.size, dtype=np.float32) / 250)
    return np.asarray(np.diff(noise, prepend=np.float32(0)) * fade, np.float32)


def _room(sound: Sound) -> Sound:
    """Return how a room answers: the sound folded with fading noise."""
    length = round(1.1 * RATE)
    fade = np.exp2(-np.arange(length) / (0.16 * RATE))
    echo = np.random.default_rng(3).standard_normal(length) * fade
    echo = np.convolve(echo, np.ones(6) / 6, mode="same") / np.sqrt((fade**2).sum() / 6)
    size = 1 << (sound.size + length).bit_length()
    answer = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size), size)[: sound.size]
    return np.asarray(answer, np.float32)


def _add(sound: Sound, at: float, note: Sound) -> None:
    """Mix a note into the sound at a time in seconds."""
    start = round(at * RATE)
    part = sound[start : start + note.size]
    part += note[: part.size]
