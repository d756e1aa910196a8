"""The mood tag in files of each format."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TMOO, TXXX
from mutagen.mp4 import MP4, MP4FreeForm
from support.servers import require, write_mp3, write_song

from moodspeaker.scan.file_tags import mood_words

if TYPE_CHECKING:
    from pathlib import Path


def convert(path: Path, *words: str) -> Path:
    """Return a second of silence in the format of the name."""
    silence = ("-f", "lavfi", "-i", "anullsrc=r=22050:cl=mono", "-t", "1")
    subprocess.run([require("ffmpeg"), "-v", "error", *silence, *words, str(path)], check=True)
    return path


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_vorbis_comments(root: Path, suffix: str) -> None:
    assert mood_words(convert(root / f"a.{suffix}", "-metadata", "MOOD=Happy")) == "Happy"


def test_id3(root: Path) -> None:
    song = root / "a.mp3"
    write_mp3(song, seconds=1, stated=1)
    tags = ID3()
    tags.add(TMOO(3, ["Calm", "Warm"]))
    tags.add(TXXX(3, "MOOD", ["Calm"]))
    tags.save(song)
    assert mood_words(song) == "Calm; Warm"


def test_ape_tags_alone(root: Path) -> None:
    song = root / "a.mp3"
    write_mp3(song, seconds=1, stated=1)
    tags = APEv2()
    tags["Mood"] = "Sad"
    tags.save(song)
    assert mood_words(song) in {"", "Sad"}  # mutagen takes it for an MP3 without tags


def test_mp4(root: Path) -> None:
    song = convert(root / "a.m4a")
    tags = MP4(song)
    tags["----:com.apple.iTunes:MOOD"] = [MP4FreeForm("Düster".encode())]
    tags.save()
    assert mood_words(song) == "Düster"


def test_what_has_none_or_is_none_says_nothing(root: Path) -> None:
    write_song(root / "a.wav", seconds=1, title="One")
    (root / "notes.mp3").write_text("Songs to buy\n" * 50)
    (root / "empty.flac").touch()
    names = ("a.wav", "notes.mp3", "empty.flac", "missing.ogg")
    assert [mood_words(root / name) for name in names] == [""] * 4
