"""Tags in files of each format."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import mutagen
import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, ID3, RVA2, TBPM, TCON, TIT2, TKEY, TMOO, TXXX
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from support.servers import require, write_mp3, write_song

from moodspeaker.library.songs import FileTags
from moodspeaker.scan import file_tags, pictureless
from moodspeaker.scan.file_tags import read_tags

if TYPE_CHECKING:
    from pathlib import Path

    from mutagen.id3 import Frame


def convert(path: Path, *words: str) -> Path:
    """Return a second of silence in the format of the name."""
    silence = ("-f", "lavfi", "-i", "anullsrc=r=22050:cl=mono", "-t", "1")
    subprocess.run([require("ffmpeg"), "-v", "error", *silence, *words, str(path)], check=True)
    return path


EVERYTHING = {
    "title": "One", "artist": "Ann", "album": "First", "genre": "Folk", "MOOD": "Happy", "BPM": "128",
    "INITIALKEY": "8A", "REPLAYGAIN_TRACK_GAIN": "-6.50 dB", "comment": "warm",
}  # fmt: skip
READ = FileTags("One", "Ann", "First", "Folk", "Happy", 128.0, "Am", -6.5, "warm")


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_vorbis_comments(root: Path, suffix: str) -> None:
    words = [word for name, text in EVERYTHING.items() for word in ("-metadata", f"{name}={text}")]
    assert read_tags(convert(root / f"a.{suffix}", *words)) == READ


HUGE = bytes(300_000)


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is read of a file be so little that a test's picture is too large."""
    monkeypatch.setattr(file_tags, "MOST_AT_ONCE", 100_000)
    monkeypatch.setattr(pictureless, "LARGEST", 100_000)


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("first", [TIT2(3, ["One"]), APIC(3, "image/png", 3, "", HUGE)])
def test_a_huge_picture_in_an_mp3_is_passed_over(root: Path, version: int, first: Frame) -> None:
    song = root / "a.mp3"
    write_mp3(song, seconds=1, stated=1)
    ape = APEv2()
    ape["REPLAYGAIN_TRACK_GAIN"] = "-2.00 dB"
    ape.save(song)
    tags = ID3()
    for frame in (first, TIT2(3, ["One"]), APIC(3, "image/png", 4, "back", HUGE), TBPM(3, ["93"])):
        tags.add(frame)
    tags.save(song, v2_version=version)
    read = read_tags(song)
    assert (read.title, read.bpm, read.gain) == ("One", 93.0, -2.0)


@pytest.mark.usefixtures("little")
def test_a_huge_picture_of_itunes_is_passed_over(root: Path) -> None:
    song = root / "a.mp3"
    write_mp3(song, seconds=1, stated=1)
    tags = ID3()
    tags.add(APIC(3, "image/png", 3, "", HUGE))
    tags.add(TIT2(3, ["One"]))
    tags.save(song, v2_version=4)
    content = song.read_bytes()
    place = content.index(b"APIC") + 4
    size = sum(byte << shift for byte, shift in zip(content[place : place + 4], (21, 14, 7, 0), strict=True))
    song.write_bytes(content[:place] + size.to_bytes(4, "big") + content[place + 4 :])
    assert read_tags(song).title == "One"


@pytest.mark.usefixtures("little")
def test_a_huge_picture_in_a_flac_is_passed_over(root: Path) -> None:
    song = convert(root / "a.flac", "-metadata", "title=One", "-metadata", "BPM=93")
    tags = FLAC(song)
    picture = Picture()
    picture.data = HUGE
    tags.add_picture(picture)
    tags.save()
    assert read_tags(song) == FileTags("One", bpm=93.0)


@pytest.mark.usefixtures("little")
def test_a_huge_picture_in_an_mp4_is_passed_over(root: Path) -> None:
    song = convert(root / "a.m4a", "-metadata", "title=One")
    tags = MP4(song)
    tags["covr"] = [MP4Cover(HUGE)]
    tags["tmpo"] = [93]
    tags.save()
    assert read_tags(song) == FileTags("One", bpm=93.0)


def test_a_file_of_which_too_much_would_be_read_has_no_tags(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = convert(root / "a.ogg", "-metadata", "title=One")
    assert read_tags(song).title == "One"
    monkeypatch.setattr(file_tags, "MOST", 100)
    assert read_tags(song) == FileTags()


@pytest.mark.parametrize("suffix", ["flac", "wma"])
def test_many_tags_are_walked_through_once(root: Path, suffix: str) -> None:
    song = convert(root / f"a.{suffix}", "-metadata", "title=One")
    tags = mutagen.File(song)
    value = tags["title"][0]
    tags.tags.extend((f"K{number}", value) for number in range(10_000))
    tags.save()
    begun = time.process_time()
    assert read_tags(song).title == "One"
    assert (
        time.process_time() - begun < 0.5
    )  # half a second for each of them with the others would be minutes


def test_id3(root: Path) -> None:
    song = root / "a.mp3"
    write_mp3(song, seconds=1, stated=1)
    tags = ID3()
    for frame in (
        TIT2(3, ["One"]),
        TMOO(3, ["Calm", "Warm"]),
        TXXX(3, "MOOD", ["Calm"]),
        TBPM(3, ["93"]),
        TKEY(3, ["F#m"]),
        TCON(3, ["(17)"]),
        RVA2("track", 1, -3.5, 1.0),
        COMM(3, "eng", "iTunNORM", ["00000A1B 00000A1B"]),
        COMM(3, "deu", "", ["warm"]),
    ):
        tags.add(frame)
    tags.save(song)
    assert read_tags(song) == FileTags(
        "One", genre="Rock", moods="Calm; Warm", bpm=93.0, key="F#m", gain=-3.5, comment="warm"
    )


def test_ape_tags_add_what_id3_lacks(root: Path) -> None:
    song = root / "a.mp3"
    write_mp3(song, seconds=1, stated=1)
    ape = APEv2()
    ape["Mood"] = "Sad"
    ape["REPLAYGAIN_TRACK_GAIN"] = "-2.00 dB"
    ape.save(song)
    assert read_tags(song) == FileTags(moods="Sad", gain=-2.0)
    tags = ID3()
    tags.add(TMOO(3, ["Calm"]))
    tags.save(song)
    assert read_tags(song) == FileTags(moods="Calm", gain=-2.0)


def test_mp4(root: Path) -> None:
    song = convert(root / "a.m4a", "-metadata", "title=One", "-metadata", "comment=warm")
    tags = MP4(song)
    tags["----:com.apple.iTunes:MOOD"] = [MP4FreeForm("Düster".encode())]
    tags["----:com.apple.iTunes:initialkey"] = [MP4FreeForm(b"8A")]
    tags["----:com.apple.iTunes:replaygain_track_gain"] = [MP4FreeForm(b"-6.5 dB")]
    tags["tmpo"] = [128]
    tags.save()
    assert read_tags(song) == FileTags("One", moods="Düster", bpm=128.0, key="Am", gain=-6.5, comment="warm")


def test_opus_counts_its_gain_otherwise(root: Path) -> None:
    assert read_tags(convert(root / "a.opus", "-metadata", "R128_TRACK_GAIN=-1024")).gain == 1.0


def test_the_info_list_of_a_wav(root: Path) -> None:
    words = ("-metadata", "title=One", "-metadata", "artist=Ann", "-metadata", "comment=warm")
    song = convert(root / "a.wav", *words)
    assert read_tags(song) == FileTags("One", "Ann", comment="warm")
    content = song.read_bytes()
    song.write_bytes(content.replace(b"One\x00", b"\xd6ne\x00"))  # as Windows writes it
    assert read_tags(song).title == "Öne"
    for size in range(0, 120, 7):
        song.write_bytes(content[:size])
        read_tags(song)  # no error


def test_a_file_with_the_name_of_another_format(root: Path) -> None:
    song = convert(root / "a.flac", "-metadata", "title=One").rename(root / "a.mp3")
    assert read_tags(song) == FileTags("One")


def test_what_has_none_or_is_none_says_nothing(root: Path) -> None:
    write_song(root / "a.wav", seconds=1, title="One")
    (root / "notes.mp3").write_text("Songs to buy\n" * 50)
    (root / "empty.flac").touch()
    os.mkfifo(root / "pipe.mp3")
    names = ("notes.mp3", "empty.flac", "missing.ogg", "pipe.mp3")
    assert [read_tags(root / name) for name in names] == [FileTags()] * 4
    assert read_tags(root / "a.wav").moods == ""
