"""Generated sounds for tests of the analysis, and files made of them by ffmpeg."""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING

import numpy as np

from moodspeaker.analysis.sound import RATE
from moodspeaker.demo.music import PIECES, play
from support.servers import require

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@functools.cache
def piece(number: int, seconds: float = 20.0) -> NDArray[np.float32]:
    """The start of one of the demo's pieces, at the analysis's rate: one for all tests, read-only."""
    sound = play(PIECES[number])[: round(seconds * 22050)]
    at = np.arange(round(sound.size * RATE / 22050)) * (22050 / RATE)
    start = np.interp(at, np.arange(sound.size), sound).astype(np.float32)
    start.setflags(write=False)
    return start


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> NDArray[np.float32]:
    """White noise at the analysis's rate."""
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def write(path: Path, sound: NDArray[np.float32], *words: str) -> Path:
    """Encode a sound, in the form that the file's name and ffmpeg's words say."""
    raw = ("-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0")
    command = (require("ffmpeg"), "-nostdin", "-loglevel", "error", "-y", *raw, *words, f"file:{path}")
    subprocess.run(command, input=sound.tobytes(), check=True)
    return path
