"""The only door to soundfile (libsndfile): the sound of WAV, FLAC, Ogg and MP3 where there is no ffmpeg.

It is an extra (`pip install moodspeaker[sound]`): a machine that has ffmpeg needs it for nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from moodspeaker.analysis.sound import RATE, DecodeError, Excerpt, Range, middle, sound_alone

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CURE: Final = "nothing here can decode it: sudo apt install ffmpeg"
BLOCK: Final = 1 << 16
"""Frames read at a time."""


def is_there() -> bool:
    """Tell whether soundfile is installed, with the library that it needs."""
    try:
        import soundfile  # noqa: F401, PLC0415 - an extra
    except (ImportError, OSError):
        return False
    return True


def decode(path: Path, part: Range | None = None) -> Excerpt:
    """Return the middle minute of a file, or of a part of it; raise DecodeError."""
    try:
        import soundfile  # noqa: PLC0415 - an extra
    except (ImportError, OSError):
        raise DecodeError(CURE) from None
    try:
        with soundfile.SoundFile(path) as file:
            return _read(file, part)
    except soundfile.LibsndfileError:
        message = "no audio found, or of a kind that only ffmpeg knows: sudo apt install ffmpeg"
        raise DecodeError(message) from None


def _read(file: Any, part: Range | None) -> Excerpt:  # noqa: ANN401 - soundfile has no types
    stated = file.frames / file.samplerate
    start, end = middle(stated, part)
    file.seek(round(start * file.samplerate))
    wanted = round((end - start) * file.samplerate)
    blocks: list[NDArray[np.float32]] = []
    while wanted > 0:
        block = file.read(min(BLOCK, wanted), dtype="float32", always_2d=True)
        if not len(block):
            break
        blocks.append(sound_alone(block).mean(axis=1))
        wanted -= len(block)
    if not blocks:
        message = "damaged: nothing can be decoded"
        raise DecodeError(message)
    sound = resample(np.concatenate(blocks), file.samplerate)
    seconds = stated if part is None else part.within(stated)[1]
    return Excerpt(sound, seconds, damaged=wanted > file.samplerate)


def resample(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return a sound of `rate` samples a second at RATE, without what lies above its half."""
    step = math.gcd(rate, RATE)
    pad = -sound.size % (rate // step)  # so that both lengths are whole
    lines = np.fft.rfft(np.pad(sound, (0, pad)))
    size = (sound.size + pad) * RATE // rate
    kept = np.zeros(size // 2 + 1, lines.dtype)
    count = min(kept.size, lines.size)
    kept[:count] = lines[:count]
    return np.asarray(np.fft.irfft(kept, size) * (size / (sound.size + pad)), np.float32)
