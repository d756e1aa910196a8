"""Decoding generated files through ffmpeg, and without it."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.nobody import as_nobody
from support.servers import require
from support.sounds import noise, piece, write

from moodspeaker.analysis import decode as decoding
from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.libsndfile import resample
from moodspeaker.analysis.sound import RATE, DecodeError, Range

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _needs_ffmpeg() -> None:
    require("ffmpeg")


def tone(hertz: float, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def pitch(sound: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    lines = np.abs(np.fft.rfft(sound))
    return float(np.argmax(lines) * RATE / sound.size)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3", "a.opus", "a.m4a", "a.wav"])
def test_a_song_is_whole_and_as_long_as_it_is(tmp_path: Path, name: str) -> None:
    excerpt = decode(write(tmp_path / name, piece(0, 12)))
    assert not excerpt.damaged
    assert excerpt.seconds == pytest.approx(12, abs=0.15)
    assert excerpt.sound.dtype == np.float32
    assert excerpt.sound.size / RATE == pytest.approx(12, abs=0.15)


def test_of_a_long_song_only_the_middle_is_kept(tmp_path: Path) -> None:
    sound = np.concatenate([tone(300, 70), tone(500, 60), tone(700, 70)])
    excerpt = decode(write(tmp_path / "long.flac", sound))
    assert excerpt.seconds == pytest.approx(200, abs=0.1)
    assert excerpt.sound.size == 60 * RATE
    assert pitch(excerpt.sound) == pytest.approx(500, abs=1)


def test_a_song_of_a_sheet_is_its_range(tmp_path: Path) -> None:
    file = write(tmp_path / "album.flac", np.concatenate([tone(300, 12), tone(600, 12)]))
    first, second = decode(file, Range(0, 12)), decode(file, Range(12))
    assert (first.seconds, second.seconds) == pytest.approx((12, 12), abs=0.1)
    assert (pitch(first.sound), pitch(second.sound)) == pytest.approx((300, 600), abs=1)
    beyond = Range(30, 5)
    with pytest.raises(DecodeError, match="beyond the end"):
        decode(file, beyond)


def test_a_file_that_was_cut_is_damaged_and_as_long_as_what_is_left(tmp_path: Path) -> None:
    file = write(tmp_path / "cut.flac", noise(20))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 6 // 10])
    excerpt = decode(file)
    assert excerpt.damaged
    assert excerpt.seconds == pytest.approx(12, abs=0.5)


def test_a_length_that_a_pipe_could_not_write_is_no_damage(tmp_path: Path) -> None:
    file = write(tmp_path / "piped.wav", noise(12))
    content = bytearray(file.read_bytes())
    content[4:8] = b"\xff" * 4
    where = content.index(b"data") + 4
    content[where : where + 4] = b"\xff" * 4
    file.write_bytes(content)
    excerpt = decode(file)
    assert (excerpt.damaged, excerpt.seconds) == (False, pytest.approx(12, abs=0.1))


def test_all_channels_are_heard(tmp_path: Path) -> None:
    words = ("-af", "pan=5.1|c0=0*c0|c1=0*c0|c2=0*c0|c3=0*c0|c4=c0|c5=c0")
    assert np.abs(decode(write(tmp_path / "behind.flac", noise(5), *words)).sound).max() > 0.05


def test_sides_that_cancel_each_other_are_heard(tmp_path: Path) -> None:
    words = ("-af", "pan=stereo|c0=c0|c1=-1*c0")
    assert np.abs(decode(write(tmp_path / "karaoke.flac", noise(5), *words)).sound).max() > 0.05


@pytest.mark.parametrize("name", ["two\nlines.ogg", "-i.ogg", "100%d.ogg", "a:b.ogg", "F\u0075\u0308r.ogg"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    assert decode(write(tmp_path / "plain.ogg", noise(5)).rename(tmp_path / name)).seconds > 4.9


def test_a_film_is_its_sound(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=6", "-metadata", "title=A Film", "-shortest")
    film = write(tmp_path / "film.mp4", noise(6), *picture, "-c:v", "mpeg4", "-c:a", "aac")
    assert decode(film).sound.size / RATE == pytest.approx(6, abs=0.3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"Songs to buy:\n- something slow\n" * 80, "no audio found"),
        (b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(4072), "no audio found"),
        (b"#EXTM3U\n#EXTINF:5,\nhttp://192.0.2.1/a.mp3\n", "no audio found"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "no audio found"),
    ],
)
def test_what_is_no_song_is_said(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "notes.mp3"
    file.write_bytes(content)
    with pytest.raises(DecodeError, match=reason):
        decode(file)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(DecodeError, match="not a regular file"):
        decode(tmp_path / "pipe.mp3")


def test_a_folder_and_a_missing_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="not a regular file"):
        decode(tmp_path)
    with pytest.raises(DecodeError, match="no such file"):
        decode(tmp_path / "none.ogg")


def test_a_closed_file_is_said_with_the_user(tmp_path: Path) -> None:
    file = write(tmp_path / "closed.ogg", noise(5))
    file.chmod(0)
    with as_nobody(), pytest.raises(DecodeError, match=r"permission denied: .*is closed to user"):
        decode(file)


def test_a_long_file_costs_no_more_memory_than_a_song(tmp_path: Path) -> None:
    file = write(tmp_path / "hours.flac", np.zeros(RATE * 60 * 60, np.float32) + np.float32(0.1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    excerpt = decode(file)
    assert excerpt.seconds == pytest.approx(3600, abs=0.5)
    assert excerpt.sound.size == 60 * RATE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024


def test_without_ffmpeg_and_soundfile_the_cure_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.wav", noise(5))
    monkeypatch.setattr(decoding.shutil, "which", lambda _name: None)
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)
    with pytest.raises(DecodeError, match="apt install ffmpeg"):
        decode(file)


def test_resampling_keeps_pitch_length_and_level() -> None:
    time = np.arange(44100 * 5) / 44100
    sound = (0.3 * np.sin(2 * np.pi * 440 * time) + 0.3 * np.sin(2 * np.pi * 12000 * time)).astype(np.float32)
    found = resample(sound, 44100)
    assert found.size == 5 * RATE
    assert pitch(found) == pytest.approx(440, abs=0.5)
    assert np.sqrt(np.mean(found**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.01)
