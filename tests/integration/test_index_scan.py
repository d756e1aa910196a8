"""`moodspeaker index scan` and `show` as processes, on a real MPD with made-up songs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.scanning import PROMPT
from support.servers import RealMpd, require, short_folder
from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.library.browsing import SongBrowser
from moodspeaker.scan.files import GONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHECKOUT = Path(__file__).resolve().parents[2]
GENRES = ("Metal", "Ambient", "Dance", "Folk")
COUNT = 8


class Indexed:
    """A private MPD with songs that sound, and the scan of them."""

    def __init__(self, mpd: RealMpd, root: Path) -> None:
        self.mpd, self.root = mpd, root
        self.state = root / "state"

    def words(self, *more: str) -> list[str]:
        sets = [
            f"mpd.host={self.mpd.socket}",
            f"paths.state={self.state}",
            f"paths.runtime={self.root}",
            *more,
        ]
        return [word for one in sets for word in ("--set", one)]

    def start(self, *words: str, program: Sequence[str] = PROMPT) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*program, "index", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "XDG_CONFIG_HOME": str(self.root)},
            cwd=self.root,
        )

    def call(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=110)
        return process.returncode, out, err

    def scan(self, *more: str) -> str:
        code, out, err = self.call("scan", *self.words(*more))
        assert (code, out) == (0, ""), err
        return err

    def show(self) -> dict[str, dict[str, Any]]:
        code, out, err = self.call("show", "--json", *self.words())
        assert code == 0, err
        rows = [json.loads(line) for line in out.splitlines()]
        return {row["uri"]: row for row in rows}


@pytest.fixture
def indexed() -> Iterator[Indexed]:
    """A running MPD with COUNT songs of eight seconds, in four genres."""
    require("ffmpeg")
    with short_folder() as root, short_folder() as folder, RealMpd(folder) as mpd:
        for number in range(COUNT):
            mpd.add_song(
                f"songs/{number}.wav",
                seconds=8,
                title=f"Song {number}",
                artist="Ann",
                genre=GENRES[number % len(GENRES)],
                hertz=150 + 100 * number,
            )
        mpd.update()
        yield Indexed(mpd, root)


def test_a_library_without_a_playlist_has_a_mood_for_every_song(indexed: Indexed) -> None:
    said = indexed.scan()
    assert f"{COUNT} songs: {COUNT} have a mood, {COUNT} of them by their sound" in said
    songs = indexed.show()
    assert len(songs) == COUNT
    for song in songs.values():
        assert {"uri", "title", "artist", "album", "genre", "seconds", "valence", "arousal"} <= song.keys()
        assert song["source"] == "tags+sound"
        assert 0 < song["confidence"] <= 1
        assert song["seconds"] == pytest.approx(8, abs=0.1)
    arousal = {genre: [s["arousal"] for s in songs.values() if s["genre"] == genre] for genre in GENRES}
    assert sum(arousal["Metal"]) > sum(arousal["Ambient"])
    mark = b"not heard again"
    with contextlib.closing(sqlite3.connect(indexed.state / "library.db")) as database:
        database.execute("UPDATE songs SET fingerprint = ?", (mark,))
        database.commit()
        assert f"{COUNT} songs" in indexed.scan()
        marks = database.execute("SELECT DISTINCT fingerprint FROM songs").fetchall()
    assert marks == [(mark,)], "no song is listened to twice"


def test_how_far_a_scan_is_can_be_seen_from_outside(indexed: Indexed) -> None:
    browser = SongBrowser(indexed.state)
    process = indexed.start("scan", *indexed.words())
    eventually(lambda: browser.scan().is_at_work, 60, "the scan is at work")
    process.kill()
    process.communicate()
    assert not browser.scan().is_at_work
    indexed.scan()
    scan = browser.scan()
    assert (scan.is_at_work, scan.songs, scan.placed, scan.heard) == (False, COUNT, COUNT, COUNT)
    assert (scan.files, scan.fault) == ("", "")
    assert scan.scanned_at == pytest.approx(time.time(), abs=120)


def test_a_scan_takes_what_nobody_else_wants(indexed: Indexed) -> None:
    process = indexed.start("scan", *indexed.words(), program=(sys.executable, "-m", "moodspeaker"))
    eventually(lambda: os.getpriority(os.PRIO_PROCESS, process.pid) == 19, 30, "the lowest priority")
    process.kill()
    process.communicate()


def test_killed_at_any_moment_it_goes_on_and_loses_nothing(indexed: Indexed) -> None:
    for wait in (0.8, 1.3, 2.0, 3.0):
        process = indexed.start("scan", *indexed.words())
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    indexed.scan()
    songs = indexed.show()
    assert len(songs) == COUNT
    assert {song["source"] for song in songs.values()} == {"tags+sound"}


def test_files_that_are_renamed_retagged_replaced_and_deleted_while_it_scans(indexed: Indexed) -> None:
    indexed.scan()
    music = indexed.mpd.music / "songs"
    before = indexed.show()
    (music / "0.wav").rename(music / "renamed.wav")
    (music / "1.wav").unlink()
    shutil.copy(music / "2.wav", music / "3.wav")
    indexed.mpd.add_song("songs/4.wav", seconds=8, title="Retagged", artist="Ann", hertz=550)
    process = indexed.start("scan", *indexed.words())  # MPD has not heard of it yet
    process.communicate(timeout=110)
    assert process.returncode == 0
    indexed.mpd.update()
    indexed.scan()
    songs = indexed.show()
    assert len(songs) == COUNT - 1
    assert songs["songs/renamed.wav"]["rank"] == pytest.approx(before["songs/0.wav"]["rank"], abs=0.4)
    assert songs["songs/3.wav"]["title"] == "Song 2"
    assert songs["songs/4.wav"]["title"] == "Retagged"


def test_a_file_that_is_gone_before_mpd_says_so_is_named(indexed: Indexed) -> None:
    (indexed.mpd.music / "songs" / "5.wav").unlink()
    assert f"songs/5.wav: {GONE}" in indexed.scan()
    assert indexed.show()["songs/5.wav"]["source"] == "tags"


def test_songs_whose_names_are_not_utf8_are_counted_and_one_is_named(indexed: Indexed) -> None:
    odd = [indexed.mpd.music / "odd" / os.fsdecode(name) for name in (b"latin\xe9.wav", b"\xc4rzte.wav")]
    (indexed.mpd.music / "odd").mkdir()
    for file in odd:
        shutil.copy(indexed.mpd.music / "songs" / "0.wav", file)
    indexed.mpd.update()
    said = indexed.scan("index.music_dir=/nowhere")
    left_out = "2 songs left out: their file names are not UTF-8: rename them (odd/latin?.wav is one)"
    known = f"{COUNT} songs: {COUNT} have a mood, 0 of them by their sound"
    assert said.splitlines()[-1] == f"{known}; {left_out}"
    assert len(indexed.show()) == COUNT
    assert left_out in indexed.scan("index.music_dir=/nowhere"), "a scan that lists nothing again says so too"
    assert SongBrowser(indexed.state).scan().left_out == left_out
    for file in odd:
        file.unlink()
    indexed.mpd.update()
    assert "left out" not in indexed.scan("index.music_dir=/nowhere")


def test_mpd_away_is_told_and_nothing_is_lost(indexed: Indexed) -> None:
    indexed.scan()
    before = indexed.show()
    indexed.mpd.stop()
    code, _, err = indexed.call("scan", *indexed.words())
    assert code == 1
    assert "the songs stay as they were listed last: no MPD answers" in err
    assert indexed.show() == before


def test_a_remote_mpd_is_scanned_by_its_tags_unless_the_folder_is_named(indexed: Indexed) -> None:
    remote = ("mpd.host=127.0.0.1", f"mpd.port={indexed.mpd.port}")
    said = indexed.scan(*remote)
    assert "tags alone tell the moods" in said
    assert "index.music_dir" in said
    assert {song["source"] for song in indexed.show().values()} == {"tags"}
    indexed.scan(*remote, f"index.music_dir={indexed.mpd.music}")
    assert {song["source"] for song in indexed.show().values()} == {"tags+sound"}


def test_two_songs_of_a_cue_sheet_are_heard_in_their_parts(indexed: Indexed) -> None:
    folder = indexed.mpd.music / "album"
    folder.mkdir()
    tone = (
        "-f",
        "lavfi",
        "-i",
        "aevalsrc='if(lt(t,8),0.3*sin(2*PI*220*t),0.1*sin(2*PI*880*t))':s=22050:d=16",
    )
    subprocess.run([require("ffmpeg"), "-v", "error", *tone, folder / "album.flac"], check=True)
    (folder / "album.cue").write_text(
        'FILE "album.flac" WAVE\n TRACK 01 AUDIO\n  TITLE "First"\n  INDEX 01 00:00:00\n'
        ' TRACK 02 AUDIO\n  TITLE "Second"\n  INDEX 01 00:08:00\n'
    )
    indexed.mpd.update()
    indexed.scan()
    songs = indexed.show()
    first, second = (songs[f"album/album.cue/track000{number}"] for number in (1, 2))
    assert [first["title"], second["title"]] == ["First", "Second"]
    assert first["source"] == second["source"] == "sound"
    assert first["seconds"] == pytest.approx(8, abs=0.2)
    assert (first["valence"], first["arousal"]) != (second["valence"], second["arousal"])


def test_other_players_see_the_moods(indexed: Indexed) -> None:
    theirs = "Mood – Sad"  # noqa: RUF001 - as they are called
    with indexed.mpd.client() as client:
        client.playlistadd("mood-happy", "songs/0.wav")
        client.playlistadd(theirs, "songs/1.wav")
    indexed.scan()
    songs = indexed.show()
    with indexed.mpd.client() as client:
        for uri, song in songs.items():
            for name in ("valence", "arousal"):  # `show` rounds to thousandths, the sticker to hundredths
                told = int(client.sticker_get("song", uri, f"moodspeaker.{name}"))
                assert told == pytest.approx(100 * song[name], abs=0.551)
        names = {row["playlist"] for row in client.listplaylists()}
        assert names == {"mood-happy", *(f"Mood – {mood.capitalize()}" for mood in EMOTIONS)}  # noqa: RUF001
        assert client.listplaylist("mood-happy") == ["songs/0.wav"]
        assert client.listplaylist(theirs) == ["songs/1.wav"]
        assert len(client.listplaylist("Mood – Happy")) == COUNT  # noqa: RUF001
    indexed.scan("index.playlists=false")
    with indexed.mpd.client() as client:
        assert {row["playlist"] for row in client.listplaylists()} == {"mood-happy", theirs}


def test_what_other_players_know_of_a_song_survives_its_renaming(indexed: Indexed) -> None:
    with indexed.mpd.client() as client:
        client.sticker_set("song", "songs/3.wav", "like", "2")
        client.sticker_set("song", "songs/3.wav", "playCount", "7")
    indexed.scan()
    assert indexed.show()["songs/3.wav"]["liked"] is True
    (indexed.mpd.music / "songs" / "3.wav").rename(indexed.mpd.music / "songs" / "renamed.wav")
    indexed.mpd.update()
    assert "those of 1 songs that moved are given back" in indexed.scan()
    with indexed.mpd.client() as client:
        told = client.sticker_list("song", "songs/renamed.wav")
    assert (told["like"], told["playCount"]) == ("2", "7")
    assert indexed.show()["songs/renamed.wav"]["plays"] == 7


def test_a_server_without_stickers_and_playlists_is_no_fault() -> None:
    require("ffmpeg")
    lacks = ("sticker_file", "playlist_directory")
    with short_folder() as root, short_folder() as folder, RealMpd(folder, lacks=lacks) as mpd:
        mpd.add_song("one.wav", seconds=8, title="One", genre="Rock", hertz=300)
        mpd.update()
        said = Indexed(mpd, root).scan()
    assert "stickers: other players do not see the moods there" in said
    assert "playlists: other players do not see the moods there" in said
    assert "1 songs: 1 have a mood" in said


def test_an_index_that_is_not_there_is_named(root: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "moodspeaker", "index", "show", "--set", f"paths.state={root}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "XDG_CONFIG_HOME": str(root)},
        cwd=root,
        check=False,
    )
    assert process.returncode == 1
    assert "moodspeaker index scan" in process.stderr
    assert list(root.iterdir()) == []


def test_the_speaker_plays_what_the_scan_found(indexed: Indexed) -> None:
    settings = ["camera.source=none", f"mpd.host={indexed.mpd.socket}", "vision.spawn=false"]
    with SpeakerProcess(indexed.root, settings) as speaker:
        assert "moodspeaker index scan" in speaker.status()["index"]["reason"]
        indexed.scan()
        eventually(lambda: speaker.status()["index"]["heard"] == COUNT, 60, "the speaker sees the scan")
        speaker.ask("/api/command", {"override": "sad"})
        speaker.ask("/api/command", {"play": "on"})
        eventually(lambda: speaker.status()["player"]["state"] == "play", 20, "music plays")
        selection = speaker.status()["selection"]
        assert (selection["mood"], selection["rule"]) == ("sad", "index")
        assert speaker.status()["player"]["uri"].startswith("songs/")
        for uri, cure in (("songs/0.wave", "did you mean songs/0.wav"), ("../../etc/passwd", "index show")):
            refused = command(indexed, {"song_mood": {"uri": uri, "mood": "sad"}})
            assert (refused.returncode, refused.stdout) == (1, "")
            assert f"{uri}: neither the index nor the music server knows this song: " in refused.stderr
            assert cure in refused.stderr
        indexed.mpd.add_song("songs/new.wav", title="New")
        indexed.mpd.update()
        assert command(indexed, {"song_mood": {"uri": "songs/new.wav", "mood": "fear"}}).returncode == 0
        assert len(indexed.show()) == COUNT
        indexed.scan("index.music_dir=/nowhere")
        assert indexed.show()["songs/new.wav"]["mood"] == "fear"


def command(indexed: Indexed, one: dict[str, object]) -> subprocess.CompletedProcess[str]:
    """Give the running speaker a command, as a person does."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "moodspeaker",
            "command",
            json.dumps(one),
            *indexed.words(f"paths.runtime={indexed.root}/run"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "XDG_CONFIG_HOME": str(indexed.root)},
        cwd=indexed.root,
    )


def test_root_leaves_the_index_to_the_user_of_the_service(root: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root acts as another user")
    state, nobody = root / "state", 65534
    state.mkdir()
    os.chown(state, nobody, nobody)
    script = (
        "import os, pathlib, moodspeaker.cli.owner as owner; "
        f"owner.act_as_owner(pathlib.Path({str(state)!r})); print(os.getuid(), os.getgid())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        check=False,
    )
    assert ran.stdout.split() == [str(nobody), str(nobody)], ran.stderr
