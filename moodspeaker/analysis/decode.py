"""The only door to ffmpeg: the sound of a file's middle, its true length, and whether it is whole.

Theory of operation
===================
1. ffmpeg runs as a process of its own and writes samples into a pipe: mono, at one rate, a minute at most.
   Memory does not grow with the file.
2. It gets `file:` paths of regular files and may open nothing else: a playlist named `.mp3` leads nowhere, a
   pipe is not waited for.  Only the first audio stream is decoded, no cover and no film.
3. ffmpeg exits with 0 on a file that was cut in half, so the end is asked for: packets that lie just before
   the stated end prove the length; else all packets are counted (not decoded).  A file that states its
   length and holds less is damaged.  A length that ffmpeg itself only guessed proves nothing.
4. Where there is no ffmpeg, `libsndfile` reads what it knows.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker import access
from moodspeaker.analysis import libsndfile
from moodspeaker.analysis.sound import RATE, SILENT, DecodeError, Excerpt, Range, middle, sound_alone
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

END: Final = 3.0
"""Seconds before the stated end at which packets must lie."""
TOLERANCE: Final = 1.0
"""Seconds that a whole file may lack: encoders count differently."""
TOLERANCE_SHARE: Final = 0.02
LONGEST_WAIT: Final = 300.0
"""Seconds for one run of ffmpeg; reading ten hours of music from a slow disk takes less."""
DURATION: Final = re.compile(r"^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
OUT_TIME: Final = re.compile(r"^out_time_(?:us|ms)=(\d+)", re.MULTILINE)
GUESSED: Final = "Estimating duration"


@dataclass(frozen=True, slots=True)
class _Length:
    """How long a file is."""

    seconds: float
    damaged: bool


def decoder() -> str:
    """Return what decodes songs on this machine: `ffmpeg`, `soundfile`, or empty where nothing does."""
    if shutil.which("ffmpeg") is not None:
        return "ffmpeg"
    return "soundfile" if libsndfile.is_there() else ""


def decode(path: Path, part: Range | None = None) -> Excerpt:
    """Return the middle minute of a file, or of a part of it; raise DecodeError with a person's reason."""
    _check(path)
    if shutil.which("ffmpeg") is None:
        return libsndfile.decode(path, part)
    length = _length(path)
    start, end = middle(length.seconds, part)
    if part is not None and start >= end:
        message = "damaged: it begins beyond the end of its file"
        raise DecodeError(message)
    sound = _sound(path, start, end - start)
    if sound.size and float(np.abs(sound).max()) < SILENT:  # perhaps two sides cancel each other
        sound = _sound(path, start, end - start, "-af", "pan=mono|c0=c0")
    if not sound.size:
        raise DecodeError("damaged: nothing can be decoded" if length.damaged else "no audio found")
    lacking = end - start - sound.size / RATE
    seconds = length.seconds if part is None else part.within(length.seconds)[1]
    return Excerpt(sound, seconds, damaged=length.damaged or lacking > _tolerance(end - start))


def _check(path: Path) -> None:
    """Raise DecodeError where there is no file to read."""
    try:
        status = path.stat()
    except PermissionError:
        raise DecodeError(access.denied(path)) from None
    except OSError as error:
        raise DecodeError((error.strerror or str(error)).lower()) from None
    if not stat.S_ISREG(status.st_mode):
        message = "not a regular file"
        raise DecodeError(message)
    if not status.st_size:
        message = "empty file"
        raise DecodeError(message)
    if reason := access.unreadable(path):
        raise DecodeError(reason)


def _length(path: Path) -> _Length:
    """Return the true length of a file, found by its packets."""
    # From near the end: what is there proves the length that the file states.
    reached, said = _packets(path, ("-sseof", f"-{END:g}"))
    found = DURATION.search(said)
    stated = 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3]) if found else 0.0
    sure = bool(found) and GUESSED not in said
    if sure and stated > END and END - TOLERANCE < reached < END + TOLERANCE:
        return _Length(stated, damaged=False)
    true, _ = _packets(path, ())
    return _Length(true, damaged=sure and stated - true > _tolerance(stated))


def _packets(path: Path, seek: Sequence[str]) -> tuple[float, str]:
    """Return how many seconds of packets follow, and what ffmpeg said; raise DecodeError."""
    words = (
        *seek,
        "-i",
        _name(path),
        "-map",
        "0:a:0",
        "-c",
        "copy",
        "-f",
        "null",
        "-progress",
        "pipe:1",
        "-",
    )
    done = _ffmpeg("info", words)
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        raise DecodeError(_reason(said))
    times = OUT_TIME.findall(done.stdout.decode(errors="replace"))
    return (int(times[-1]) / 1e6 if times else 0.0), said


def _sound(
    path: Path, start: float, seconds: float, *words: str
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return samples, float32 [n] at RATE, mono."""
    seek = ("-ss", f"{start:.3f}") if start > 0 else ()
    form = ("-ac", "1", "-ar", str(RATE), "-t", f"{seconds:.3f}", "-f", "f32le", "pipe:1")
    done = _ffmpeg("error", (*seek, "-i", _name(path), "-map", "0:a:0", *words, *form))
    sound = np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], "<f4")
    return sound_alone(np.asarray(sound, np.float32))


def _ffmpeg(level: str, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    quiet = ("-nostdin", "-hide_banner", "-nostats", "-loglevel", level, "-threads", "1")
    return _run(("ffmpeg", *quiet), words)


def _run(command: Sequence[str], words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run one of ffmpeg's programs, which may open nothing but files; raise DecodeError."""
    try:
        return subprocess.run(  # noqa: S603 - the words are ours, the name carries its protocol
            [*command, "-protocol_whitelist", "file,pipe", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{command[0]} did not end within {LONGEST_WAIT:.0f} s"
        raise DecodeError(message) from None
    except OSError as error:
        message = f"{command[0]} cannot be started: {error.strerror}"
        raise DecodeError(message) from None


def _reason(said: str) -> str:
    """Return why ffmpeg gave up, in words for a person."""
    if "moov atom not found" in said:
        return "damaged: its index is missing"
    return "no audio found"


def _name(path: Path) -> str:
    """Return a path as ffmpeg takes it, whatever it holds."""
    return f"file:{os.fspath(path)}"


def _tolerance(seconds: float) -> float:
    return max(TOLERANCE, TOLERANCE_SHARE * seconds)
