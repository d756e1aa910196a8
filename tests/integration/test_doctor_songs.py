"""`moodspeaker doctor` on the index of songs: what it needs, how fresh it is."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from moodspeaker.cli.doctor import songs
from moodspeaker.cli.index import scan
from moodspeaker.config.load import load
from moodspeaker.domain.library import LeftOut
from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.domain.wording import NO_SONGS
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.index import SongIndex
from moodspeaker.library.migrations import FILE
from moodspeaker.library.songs import Sound
from moodspeaker.resources import models_folder, schema_folder

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.config.schema import Config

NOW = 1_795_000_000.0
DAY = 24 * 3600.0


@pytest.fixture
def config(root: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Settings with an own state folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    return load(sets=[f"paths.state={root}"])


def test_ffmpeg_decodes_songs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/ffmpeg")
    found = songs.decoder()
    assert (found.verdict, found.message) == ("ok", "ffmpeg decodes songs")


def test_soundfile_decodes_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "soundfile", sys)
    found = songs.decoder()
    assert found.verdict == "warn"
    assert found.message.startswith("soundfile decodes WAV")
    assert found.message.endswith("sudo apt install ffmpeg")


def test_without_either_moods_come_from_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    found = songs.decoder()
    assert found.verdict == "warn"
    assert found.message.startswith("nothing here can decode songs")


def test_a_music_model_that_was_changed_is_a_fault(root: Path, config: Config) -> None:
    assert songs.model(config).verdict == "ok"
    shutil.copytree(models_folder("") / "music", root / "models" / "music")
    file = root / "models" / "music" / "affect.npz"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    found = songs.model(load(sets=[f"models.path={root / 'models'}"]))
    assert found.verdict == "fault"
    assert "reinstall it" in found.message


@pytest.mark.parametrize(("days", "verdict"), [(0, "ok"), (0.9, "ok"), (3, "warn")])
def test_an_index_that_nobody_looked_after_is_told_with_the_cure(
    config: Config, root: Path, days: float, verdict: str
) -> None:
    with closing(SongIndex(root, schema_folder())) as index:
        index.set_state(songs="5", placed="5", heard="5", scanned_at=f"{NOW - days * DAY:.0f}")
    by_file = songs.index(config, None, NOW)
    told = {"songs": 5, "placed": 5, "heard": 5, "scanned_at": rfc3339(NOW - days * DAY), "reason": ""}
    by_speaker = songs.index(config, told, NOW)
    assert by_file == by_speaker
    assert by_file.verdict == verdict
    assert ("moodspeaker-index.timer" in by_file.message) == (verdict == "warn")


@pytest.mark.parametrize("silent", [True, False])
def test_a_song_that_has_no_mood_is_not_promised_one(config: Config, root: Path, *, silent: bool) -> None:
    with closing(SongIndex(root, schema_folder())) as index:
        index.take_listing([CatalogueSong("a.ogg", modified="t1")])
        if silent:
            index.add_sounds([(index.unheard("1")[0], Sound(60.0, reason="silent"))], "1", bytes.__eq__)
        index.set_state(songs="1", placed="0", heard="0", scanned_at=f"{NOW:.0f}")
    found = songs.index(config, None, NOW)
    assert found.verdict == ("ok" if silent else "warn")
    assert ("the rest comes with the next scan" in found.message) is not silent


def test_a_speaker_that_was_never_told_of_a_scan_says_so(config: Config) -> None:
    told = {"songs": 0, "placed": 0, "heard": 0, "scanned_at": None, "reason": "empty"}
    assert songs.index(config, told, NOW).message == "no song's mood is known yet: moodspeaker index scan"


def test_to_look_makes_no_file_that_a_later_scan_takes_for_an_emptied_one(config: Config, root: Path) -> None:
    assert songs.index(config, None, NOW).message == "no song's mood is known yet: moodspeaker index scan"
    assert list(root.iterdir()) == []


def test_a_server_without_songs_is_not_sent_to_the_next_scan_alone(config: Config, root: Path) -> None:
    with closing(SongIndex(root, schema_folder())) as index:
        index.set_state(songs="0", placed="0", heard="0", scanned_at=f"{NOW:.0f}")
    assert songs.index(config, None, NOW).message == NO_SONGS


def test_songs_that_are_left_out_are_told_with_the_cure(config: Config, root: Path) -> None:
    left_out = LeftOut(1, "odd/latin?.ogg").words
    with closing(SongIndex(root, schema_folder())) as index:
        index.set_state(songs="5", placed="5", heard="5", scanned_at=f"{NOW:.0f}", left_out=left_out)
    by_file = songs.index(config, None, NOW)
    assert by_file.verdict == "warn"
    assert by_file.message.endswith(
        "by their sound; 1 song left out: its file name is not UTF-8: rename it (odd/latin?.ogg)"
    )
    known = {"songs": 5, "placed": 5, "heard": 5, "scanned_at": rfc3339(NOW), "reason": ""}
    told = {**known, "left_out": left_out}
    assert songs.index(config, told, NOW) == by_file
    none = {**told, "songs": 0}
    assert songs.index(config, none, NOW).message == left_out, "it has songs"


def test_songs_that_a_new_version_hears_again_are_told_until_they_are_heard(
    config: Config, root: Path
) -> None:
    sound = Sound(60.0, estimate=Estimate(0.1, 0.2, 0.3, 0.6))
    with closing(SongIndex(root, schema_folder())) as index:
        index.take_listing([CatalogueSong(name, modified="t1") for name in ("a.ogg", "silent.ogg")])
        heard = zip(index.unheard("1"), (sound, Sound(60.0, reason="silent")), strict=True)
        index.add_sounds(list(heard), "1", bytes.__eq__)
        index.set_state(songs="2", placed="1", heard="1", scanned_at=f"{NOW:.0f}")
    assert songs.index(config, None, NOW).verdict == "ok"
    with closing(sqlite3.connect(root / FILE)) as file, file:
        file.execute("UPDATE songs SET analysed = NULL")
    found = songs.index(config, None, NOW)
    assert found.verdict == "warn"
    assert "the next scan listens to 1 of them again" in found.message


def test_a_scan_without_a_decoder_says_so_once_and_goes_by_tags(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scan.world(config).refused == ""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert scan.world(config).refused == "nothing here can decode songs: sudo apt install ffmpeg"
