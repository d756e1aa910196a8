"""Two speakers of one household, each with a music server and files of its own, on one real broker: what is
said in one room counts in the other, whatever happens to the link, the broker, the clocks and the disks.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.scanning import PROMPT
from support.servers import RealMpd, require, short_folder
from support.speaker_process import SpeakerProcess, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.servers import RealMosquitto

pytestmark = pytest.mark.timeout(300)

CHECKOUT = Path(__file__).resolve().parents[2]
RECORDING = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"
"""Of the fifth song, which the rooms' tags call by different names."""
AN_HOUR_AHEAD = """
import runpy, sys, time
now = time.time
time.time = lambda: now() + 3600
runpy.run_module("moodspeaker", run_name="__main__", alter_sys=True)
"""


class Room:
    """A speaker and its music."""

    def __init__(
        self, name: str, folder: str, mosquitto: RealMosquitto, stack: ExitStack, *, ahead: bool = False
    ) -> None:
        self.name, self.root = name, stack.enter_context(short_folder())
        self.mpd = stack.enter_context(RealMpd(stack.enter_context(short_folder())))
        self.songs = [f"{folder}{number}.wav" for number in range(6)]
        for number, uri in enumerate(self.songs):
            self.mpd.add_song(
                uri, seconds=30, title=f"Song {number}", artist=f"Artist {number}", genre="Pop",
                hertz=200 + 50 * number,
            )  # fmt: skip
        tagged = self.songs[5].replace(".wav", ".flac")
        tags = ("-metadata", f"TITLE=Song 5 ({name})", "-metadata", f"MUSICBRAINZ_TRACKID={RECORDING}")
        source, made = self.mpd.music / self.songs[5], self.mpd.music / tagged
        subprocess.run([require("ffmpeg"), "-v", "error", "-i", source, *tags, made], check=True)
        source.unlink()
        self.songs[5] = tagged
        self.mpd.update()
        self.settings = [
            f"mpd.host={self.mpd.socket}", "mqtt.host=127.0.0.1", f"mqtt.port={mosquitto.port}",
            f"mqtt.id={name}", "mqtt.household=home", "camera.source=none", "vision.spawn=false",
        ]  # fmt: skip
        self.speaker = SpeakerProcess(self.root, self.settings)
        if ahead:
            self.speaker.argv[1:3] = ["-c", AN_HOUR_AHEAD]
        self.cli("index", "scan")
        stack.enter_context(self.speaker)

    def cli(self, *words: str) -> str:
        """Run a command of ours beside the speaker; return what it prints."""
        settings = [
            *self.settings,
            f"paths.state={self.root / 'state'}",
            f"paths.runtime={self.root / 'run'}",
        ]
        done = subprocess.run(
            [*PROMPT, *words] + [part for word in settings for part in ("--set", word)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "XDG_CONFIG_HOME": str(self.root)},
            cwd=self.root,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def play(self, number: int) -> None:
        """Let somebody play a song."""
        with self.mpd.client() as client:
            client.clear()
            client.add(self.songs[number])
            client.play()
        uri = self.songs[number]
        eventually(lambda: self.speaker.status()["player"]["uri"] == uri, 20, "the speaker knows the song")

    def say(self, command: dict[str, object]) -> None:
        """Give a command."""
        assert "error" not in self.speaker.ask("/api/command", command)

    def taste(self, number: int) -> str:
        """Return what `suggest` knows of how a song is liked."""
        lines = self.cli("suggest", "--mood", "happy", "--count", "6", "--seed", "1", "--json").splitlines()
        reasons = {row["uri"]: row["reasons"] for row in map(json.loads, lines)}
        return str(reasons[self.songs[number]].get("taste", ""))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the library's file."""
        with closing(sqlite3.connect(self.root / "state" / "library.db")) as database:
            return database.execute(query).fetchall()

    def knows(self) -> list[tuple[Any, ...]]:
        """Return what the household thinks, as this room knows it."""
        return self.rows(
            "SELECT name, profile, what, sum(count) FROM household_counts WHERE what LIKE '%like%' "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )

    def correction(self, number: int) -> str | None:
        """Return the mood that a person gave to a song."""
        [(mood,)] = self.rows(f"SELECT correction FROM songs WHERE uri = '{self.songs[number]}'")
        return None if mood is None else str(mood)


@pytest.fixture
def rooms(mosquitto: RealMosquitto) -> Iterator[tuple[Room, Room]]:
    require("ffmpeg")
    with ExitStack() as stack:
        kitchen = Room("kitchen", "usb/disk/", mosquitto, stack, ahead=True)
        yield kitchen, Room("bedroom", "nas/", mosquitto, stack)


def test_a_like_in_the_kitchen_counts_in_the_bedroom(
    rooms: tuple[Room, Room], mosquitto: RealMosquitto
) -> None:
    kitchen, bedroom = rooms
    kitchen.play(2)
    kitchen.say({"like": "on"})
    kitchen.say({"song_mood": {"uri": kitchen.songs[4], "mood": "sad"}})
    kitchen.say({"song_mood": {"uri": kitchen.songs[5], "mood": "fear"}})
    eventually(lambda: bedroom.knows() == [("artist2 song2", "household", "liked", 1)], 60, "it is learned")
    assert "you like it" in bedroom.taste(2)
    eventually(lambda: bedroom.correction(4) == "sad", 60, "the song's mood is another room's word")
    eventually(lambda: bedroom.correction(5) == "fear", 60, "one recording, whatever it is called")
    assert "learned with kitchen" in bedroom.cli("status")

    mosquitto.kill()
    bedroom.play(3)
    bedroom.say({"profile": "Anna"})
    bedroom.say({"dislike": "on"})
    bedroom.say({"song_mood": {"uri": bedroom.songs[4], "mood": "happy"}})
    bedroom.speaker.kill()
    mosquitto.start()
    kitchen.play(2)
    kitchen.say({"like": "on"})
    bedroom.speaker.start()
    both = [
        ("artist2 song2", "household", "liked", 2),
        ("artist3 song3", "Anna", "disliked", 1),
    ]
    eventually(lambda: kitchen.knows() == bedroom.knows() == both, 90, "both know all, nothing twice")
    eventually(lambda: kitchen.correction(4) == "happy", 60, "the later word counts")

    kitchen.speaker.kill()
    shutil.rmtree(kitchen.root / "state")
    kitchen.cli("index", "scan")
    kitchen.speaker.start()
    eventually(lambda: kitchen.knows() == both, 60, "a lost disk learns from the others")
    assert "you like it" in kitchen.taste(2)
    eventually(lambda: bedroom.knows() == both, 60, "which loses and doubles nothing")
