"""`moodspeaker index classify`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from support.servers import require
from support.sounds import noise, piece, write

from moodspeaker.cli import main
from moodspeaker.domain.emotion import EMOTIONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _needs_ffmpeg() -> None:
    require("ffmpeg")


def test_each_file_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    song = write(
        tmp_path / "two\nlines.ogg", piece(0, 12), "-metadata", "title=Sunny", "-metadata", "artist=Ada"
    )
    silent = write(tmp_path / "silent.flac", noise(12, 0.0))
    notes = tmp_path / "notes.mp3"
    notes.write_text("Songs to buy\n" * 100)
    os.mkfifo(tmp_path / "pipe.mp3")
    files = [str(song), str(silent), str(notes), str(tmp_path / "pipe.mp3")]
    assert main(["index", "classify", "--json", *files]) == 1
    lines = capsys.readouterr().out.splitlines()
    rows = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert [row["file"] for row in rows] == files
    heard, quiet, text, pipe = rows
    assert (heard["title"], heard["artist"]) == ("Sunny", "Ada")
    assert heard["seconds"] == pytest.approx(12, abs=0.1)
    assert -1 <= heard["valence"] <= 1
    assert -1 <= heard["arousal"] <= 1
    assert 0 < heard["confidence"] < 1
    assert heard["mood"] in EMOTIONS
    assert heard["source"] == "sound"
    assert "reason" not in heard
    assert (quiet["valence"], quiet["arousal"], quiet["mood"], quiet["reason"]) == (
        None,
        None,
        None,
        "silent",
    )
    assert quiet["seconds"] == pytest.approx(12, abs=0.1)
    assert (text["mood"], text["reason"], text["seconds"]) == (None, "no audio found", None)
    assert (pipe["mood"], pipe["reason"]) == (None, "not a regular file")


def test_a_damaged_file_is_judged_by_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "cut.flac", piece(0, 20))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 6 // 10])
    assert main(["index", "classify", "--json", str(file)]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["damaged"] is True
    assert row["mood"] in EMOTIONS


def test_a_person_reads_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    song = write(tmp_path / "A Song.ogg", piece(0, 12))
    (tmp_path / "empty.mp3").write_bytes(b"")
    assert main(["index", "classify", str(song), str(tmp_path / "empty.mp3")]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("A Song (")
    assert "valence" in first
    assert second.endswith("not judged: empty file")


def test_a_missing_model_is_said_with_the_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "classify", "--set", f"models.path={tmp_path}", "a.ogg"]) == 2
    assert "reinstall" in capsys.readouterr().err
