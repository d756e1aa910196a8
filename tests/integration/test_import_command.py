"""`moodspeaker import` on a real MPD, and the speaker that plays what was imported."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOON
from support.import_library import HORSE, SONGS, write_flac
from support.mpd_story import Told, tell
from support.servers import RealMpd, short_folder
from support.speaker_process import CHECKOUT, SpeakerProcess, eventually

from moodspeaker.adapters.mpd import player as player_module
from moodspeaker.adapters.mpd.address import Address
from moodspeaker.adapters.mpd.catalogue import read_catalogue
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.database import Database
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import MusicChanged, PlayerConnected
from moodspeaker.domain.song import MusicSource
from moodspeaker.errors import PlayerError
from moodspeaker.library.imported import LibraryImports
from moodspeaker.library.imports.facts import Label
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.resources import schema_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[1] / "data" / "imports"
SECRETS = (b"somebody", b"192.0.2.7", b"ZZ", b"listener", b"android", b"kitchen")
"""What the exports say of people and places."""


@pytest.fixture(scope="module")
def server() -> Iterator[RealMpd]:
    """A running MPD with the library of `support.import_library`."""
    with short_folder() as folder, RealMpd(folder) as running:
        for song in SONGS:
            write_flac(running.music / song.uri, song)
        running.update()
        yield running


class Command:
    """`moodspeaker import` with its own state folder."""

    def __init__(self, server: RealMpd, state: Path) -> None:
        self.state = state
        self._settings = ("--set", f"mpd.host={server.socket}", "--set", f"paths.state={state}")

    def __call__(self, *words: str | Path, cwd: Path = DATA) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "moodspeaker", "import", *self._settings, *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        return subprocess.run(
            argv, capture_output=True, text=True, env=environment, cwd=cwd, timeout=60, check=False
        )

    def json(self, *words: str | Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self("--json", *words).stdout.splitlines()]

    def stored(self) -> list[Any]:
        with closing(sqlite3.connect(self.state / FILE)) as reader:
            return [
                reader.execute(f"SELECT * FROM imported_{name}").fetchall()
                for name in ("labels", "plays", "verdicts")
            ]


@pytest.fixture
def command(server: RealMpd, root: Path) -> Command:
    return Command(server, root / "state")


def test_a_line_a_row_and_one_a_file(command: Command) -> None:
    first, second, third, last = command.json("soundiiz/neutral.csv", "--mood", "sad")
    file = {"file": "soundiiz/neutral.csv"}
    match = {"status": "match", "mood": "neutral"}
    assert first == file | match | {"where": "2", "uri": "brook/lanterns.flac"}
    assert second == file | match | {"where": "3", "uri": "far/雨のうた.flac"}
    assert third == file | {"where": "4", "status": "no match", "reason": "no such song is here"}
    assert last == file | {
        "summary": {
            "form": "table", "rows": 3, "match": 2, "no match": 1, "bad": 0, "ignored": 0, "dry_run": False,
            "moods": {"neutral": 2}, "new": {"moods of songs": 2, "plays": 0, "verdicts": 0},
        }
    }  # fmt: skip
    history = command.json("spotify/Streaming_History_Audio_2025_0.json")
    assert (history[1]["at"], history[1]["end"]) == ("2025-11-20T19:03:47Z", "skipped")


def test_exit_codes(command: Command, root: Path) -> None:
    (root / "binary").write_bytes(bytes(100))
    (root / "good.csv").write_text("title,artist\nHush,Ana Aubry-Stone\n")
    assert command(root / "good.csv").returncode == 0
    assert command(root / "good.csv", "emotion-csv/fearful.csv").returncode == 1
    refused = command(root / "binary", "emotion-csv/fearful.csv", "--json")
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"moodspeaker: {root}/binary: it is of no form that import knows")
    first, *others = [json.loads(line) for line in refused.stdout.splitlines()]
    assert "no form" in first["summary"]["refused"]
    assert others[-1]["summary"]["match"] == 1
    assert command(root / "nowhere.csv").returncode == 2
    assert command("--mood", "cheesy", root / "good.csv").returncode == 2


def test_a_second_import_changes_nothing_and_names_of_people_are_not_kept(command: Command) -> None:
    files = sorted(path for path in DATA.rglob("*.*") if path.is_file() and "zip" not in path.parts)
    command(*files)
    before = command.stored()
    assert [len(table) > 2 for table in before[:2]] == [True, True]
    again = command.json(*files)
    assert {tuple(line["summary"]["new"].values()) for line in again if "summary" in line} == {(0, 0, 0)}
    assert command.stored() == before
    for path in command.state.iterdir():
        content = path.read_bytes()
        assert [secret for secret in SECRETS if secret in content] == []
        assert b"Bily" not in content


def test_a_dry_run_keeps_nothing(command: Command) -> None:
    lines = command.json("--dry-run", "soundiiz/neutral.csv")
    assert lines[-1]["summary"]["dry_run"] is True
    assert lines[-1]["summary"]["moods"] == {"neutral": 2}
    assert not command.state.exists()


def test_a_person_is_told_what_to_look_at(command: Command) -> None:
    done = command("exportify/late.csv", "emotion-csv/surprised.csv")
    assert "exportify/late.csv:5: no match: no such song is here" in done.stdout
    assert "songs whose mood nothing tells: 4" in done.stdout
    assert "--mood" in done.stdout
    assert "Harvest by Reed Choir (reed/harvest.flac)" in done.stdout
    assert "new in the library: 1 moods of songs" in done.stdout


def test_without_a_server_or_songs_the_cure_is_told(command: Command, root: Path) -> None:
    assert "set it to the music server" in command("uris/moods.csv", "--set", "mpd.host=").stderr
    absent = command("uris/moods.csv", "--set", f"mpd.host={root}/none")
    assert (absent.returncode, "no MPD answers" in absent.stderr) == (1, True)
    with short_folder() as folder, RealMpd(folder) as empty:
        done = command("uris/moods.csv", "--set", f"mpd.host={empty.socket}")
        assert (done.returncode, "mpc update" in done.stderr) == (1, True)
        odd = os.fsdecode(os.fsencode(empty.music) + b"/latin\xe9.wav")
        shutil.copy(empty.music / empty.add_song("one.wav"), odd)
        empty.update()
        assert "1 song left out" in command("uris/moods.csv", "--set", f"mpd.host={empty.socket}").stderr
        (empty.music / "one.wav").unlink()
        empty.update()
        done = command("uris/moods.csv", "--set", f"mpd.host={empty.socket}")
        assert (done.returncode, "rename it (latin?.wav)" in done.stderr) == (1, True)


# --- the catalogue


def test_all_songs_of_mpd_with_their_tags(server: RealMpd, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in (5000, 5, len(SONGS)):
        monkeypatch.setattr("moodspeaker.adapters.mpd.catalogue.PAGE", page)
        found = asyncio.run(read_catalogue(MpdSettings(), [Address(str(server.socket), 0)]))
        assert all(song.modified for song in found.songs)
        songs = [replace(song, modified="") for song in found.songs]
        assert sorted(songs, key=lambda song: song.uri) == sorted(SONGS, key=lambda song: song.uri)
        assert found.schemes == frozenset()
        assert found.folder == str(server.music)


def test_a_catalogue_that_is_known_is_not_read_again(server: RealMpd) -> None:
    address = Address(str(server.socket), 0)
    found = asyncio.run(read_catalogue(MpdSettings(), [address]))
    again = asyncio.run(read_catalogue(MpdSettings(), [address], found.mark))
    assert (again.mark, again.songs) == (found.mark, ())


def test_no_server_is_an_error(root: Path) -> None:
    with pytest.raises(PlayerError, match="no MPD answers"):
        asyncio.run(read_catalogue(MpdSettings(), [Address(str(root / "none"), 0)]))


# --- what the speaker plays


@pytest.fixture
def imports(root: Path) -> Iterator[LibraryImports]:
    with closing(Database(root / FILE, lambda: migrations(schema_folder()))) as database:
        database.write(lambda _: None)
        yield LibraryImports(database)


def keep(imports: LibraryImports, mood: Emotion, *uris: str) -> None:
    imports.keep(lambda: [Label(uri, mood) for uri in uris], "table", NOON)


def test_imported_songs_come_after_the_stored_playlist_and_before_genre(
    mpd_server: RealMpd, imports: LibraryImports
) -> None:
    for name in ("one", "two"):
        mpd_server.add_song(f"happy/{name}.wav", genre="sad")
    mpd_server.store_playlist("mood-fear", ("happy/one.wav",))
    mpd_server.update()
    keep(imports, Emotion.FEAR, "happy/two.wav")
    keep(imports, Emotion.SAD, "happy/two.wav", "gone.wav", "spotify:track:1", 'odd "name".wav')
    keep(imports, Emotion.HAPPY, "gone.wav")

    async def story(_: MpdPlayer, heard: Told) -> None:
        music = (await heard.next(MusicChanged)).music
        assert music[Emotion.FEAR].kind == "stored playlist"
        assert music[Emotion.SAD] == MusicSource("imported sad", "imported", ("happy/two.wav",))
        assert music[Emotion.HAPPY].kind == "folder"

    tell(MpdPlayer(MpdSettings(host=str(mpd_server.socket)), imported=imports), story)


def test_songs_that_are_imported_meanwhile_are_told(
    server: RealMpd, imports: LibraryImports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_module, "PULSE", 0.05)

    async def story(_: MpdPlayer, heard: Told) -> None:
        assert (await heard.next(MusicChanged)).music == {}
        await heard.next(PlayerConnected)
        keep(imports, Emotion.SAD, HORSE)
        assert (await heard.next(MusicChanged)).music[Emotion.SAD].songs == (HORSE,)

    tell(MpdPlayer(MpdSettings(host=str(server.socket)), imported=imports), story)


def test_the_speaker_plays_what_was_imported(mpd_server: RealMpd, root: Path) -> None:
    for number in range(4):
        mpd_server.add_song(f"{number}.wav", title=f"Song {number}", artist="Ann")
    mpd_server.update()
    (root / "sad.csv").write_text("title,artist\nSong 2,Ann\n")
    settings = [f"mpd.host={mpd_server.socket}", "camera.source=none", "mqtt.host="]
    with SpeakerProcess(root, settings) as speaker:
        assert Command(mpd_server, root / "state")(root / "sad.csv").returncode == 0
        speaker.ask("/api/command", {"override": "sad"})

        def plays() -> bool:
            speaker.ask("/api/command", {"play": "on"})
            return (speaker.status()["selection"] or {}).get("rule") == "imported"

        eventually(plays, 30, "what was imported while it runs plays")
        assert speaker.status()["selection"]["name"] == "imported sad"
        with mpd_server.client() as client:
            eventually(lambda: client.currentsong().get("file") == "2.wav", 10, "MPD plays it")
