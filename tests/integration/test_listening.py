"""What a listener says changes what comes, through every door, and is not lost: on a real MPD and a real
broker, with a library that has no playlist.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.scanning import PROMPT
from support.servers import RealMosquitto, RealMpd, require, short_folder
from support.speaker_process import HomeAutomation, SpeakerProcess, eventually
from support.vision_process import write_replay

from moodspeaker.demo.faces import SAD, Pose, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.timeout(240)

CHECKOUT = Path(__file__).resolve().parents[2]
GENRES = ("Metal", "Ambient", "Dance", "Folk", "Blues", "Pop")


class Listening:
    """A speaker on a library without a playlist, and those who use it."""

    def __init__(self, root: Path, mpd: RealMpd, mosquitto: RealMosquitto, *more: str) -> None:
        self.root, self.mpd = root, mpd
        settings = [
            f"mpd.host={mpd.socket}",
            "mqtt.host=127.0.0.1",
            f"mqtt.port={mosquitto.port}",
            *more,
        ]
        self.speaker = SpeakerProcess(root, settings)

    def cli(self, *words: str) -> str:
        """Run a command of ours beside the speaker; return what it prints."""
        done = subprocess.run(
            [
                *(*PROMPT, *words),
                *("--set", f"paths.state={self.root / 'state'}"),
                *("--set", f"paths.runtime={self.root / 'run'}"),
                *("--set", f"mpd.host={self.mpd.socket}"),
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "XDG_CONFIG_HOME": str(self.root)},
            cwd=self.root,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the library's file, as they are on the disk."""
        with closing(sqlite3.connect(self.root / "state" / "library.db")) as database:
            return database.execute(query).fetchall()

    def song(self) -> str:
        """Return the song that MPD plays."""
        with self.mpd.client() as client:
            return str(client.currentsong().get("file", ""))

    def suggested(self, mood: str, count: int) -> dict[str, dict[str, str]]:
        """Return the reasons of the songs that are suggested for a mood."""
        said = self.cli("suggest", "--mood", mood, "--count", str(count), "--seed", "1", "--json")
        return {row["uri"]: row["reasons"] for row in map(json.loads, said.splitlines())}

    def goes_on(self, act: Callable[[], object]) -> str:
        """Let somebody go to the next song; return it when the speaker knows it."""
        before = self.song()
        act()
        eventually(lambda: self.song() != before, 10, "another song plays")
        eventually(lambda: self.speaker.status()["player"]["uri"] == self.song(), 10, "the speaker knows it")
        return self.song()

    def play(self, mood: str) -> None:
        """Let music for a mood play."""
        eventually(lambda: self.speaker.status()["player"]["state"] != "down", 20, "MPD is there")
        self.speaker.ask("/api/command", {"override": mood})
        self.speaker.ask("/api/command", {"play": "on"})
        eventually(lambda: self.speaker.status()["player"]["state"] == "play", 20, "music plays")


@pytest.fixture
def mpd(root: Path) -> Iterator[RealMpd]:
    require("ffmpeg")
    with short_folder() as folder, RealMpd(folder) as server:
        for number in range(24):
            server.add_song(
                f"songs/{number}.wav", seconds=30, title=f"Song {number}", artist=f"Artist {number}",
                genre=GENRES[number % len(GENRES)], hertz=150 + 40 * number,
            )  # fmt: skip
        server.update()
        yield server


def test_what_is_said_through_every_door_changes_what_comes_and_outlives_a_power_cut_and_a_new_name(
    root: Path, mpd: RealMpd, mosquitto: RealMosquitto
) -> None:
    here = Listening(root, mpd, mosquitto, "camera.source=none", "vision.spawn=false")
    speaker = here.speaker
    here.cli("index", "scan")
    with speaker, HomeAutomation(mosquitto.port) as home:
        here.play("happy")
        liked = here.song()
        assert here.cli("command", '{"like": "on"}') == "kept: household likes it\n"
        assert here.rows("SELECT uri, verdict, mood, profile FROM verdicts") == [
            (liked, "like", "happy", "household")
        ]

        assert speaker.status()["player"]["reasons"]["mood"]
        songs = speaker.ask("/api/moods/happy/songs?count=24")["songs"]
        assert "you like it" in next(song["reasons"]["taste"] for song in songs if song["uri"] == liked)

        disliked = here.goes_on(lambda: speaker.ask("/api/command", {"next": "on"}))
        corrected = here.goes_on(lambda: speaker.ask("/api/command", {"dislike": "on"}))
        assert speaker.status()["selection"]["rule"] == "index"
        home.set("wrong_mood", "sad")
        mood = "SELECT correction FROM songs WHERE uri = '{}'"
        eventually(lambda: here.rows(mood.format(corrected)) == [("sad",)], 10, "the song's mood is kept")

        with mpd.client() as client:
            here.goes_on(client.next)
        eventually(lambda: any("a person skipped" in rule for rule in speaker.rules()), 10, "it is known")

        speaker.ask("/api/command", {"profile": "guest"})
        assert here.cli("command", '{"like": "on"}') == "not kept: a guest, who teaches nothing\n"
        eventually(lambda: home.retained.get("profile") == "guest", 5, "the guest is shown")
        assert len(here.rows("SELECT 1 FROM verdicts")) == 3

        speaker.kill()
        assert len(here.rows("SELECT 1 FROM verdicts")) == 3
        speaker.start()
        assert speaker.status()["profile"] == "guest"
        eventually(lambda: speaker.status()["player"]["state"] == "play", 20, "the music plays on")
        assert speaker.status()["hold"]["control"] == "ours"
        assert "happy room" in speaker.status()["player"]["reasons"]["mood"], "why it was chosen is known"

        (mpd.music / corrected).rename(mpd.music / "songs" / "renamed.wav")
        mpd.update()
        here.cli("index", "scan")
        assert here.rows("SELECT uri FROM verdicts WHERE verdict = 'wrong_mood'") == [("songs/renamed.wav",)]
        sad, happy = here.suggested("sad", 24), here.suggested("happy", 24)
        assert sad["songs/renamed.wav"]["mood"] == "close to how a sad room feels, by your own word"
        assert "songs/renamed.wav" not in list(happy)[:12]
        assert disliked not in list(happy)[:12]
        assert "you like it" in happy[liked]["taste"]


def test_of_nothing_nothing_can_be_said(root: Path, mpd: RealMpd, mosquitto: RealMosquitto) -> None:
    here = Listening(root, mpd, mosquitto, "camera.source=none", "vision.spawn=false")
    with here.speaker as speaker:
        answer = speaker.ask("/api/command", {"like": "on"})
        assert answer["error"] == "nothing plays"
        assert "play one first" in answer["message"]


def test_sadness_that_lasts_is_lifted_step_by_step_until_two_skips(
    root: Path, mpd: RealMpd, mosquitto: RealMosquitto
) -> None:
    images = [frame(SAD, Pose(), seed) for seed in range(4)]
    replay = write_replay(root / "replay", images, [{"t": t / 2, "frame": t % 4} for t in range(2 * 600)])
    here = Listening(
        root, mpd, mosquitto,
        f"camera.source=replay:{replay}", "vision.interval=0.5", "music.switch=now", "listen.start=arrival",
        "target.lift_after=0.2",
    )  # fmt: skip
    here.cli("index", "scan")
    with here.speaker as speaker, HomeAutomation(mosquitto.port) as home:
        eventually(lambda: speaker.status()["target"]["aim"] == "match", 40, "sadness is matched first")
        eventually(lambda: (speaker.status()["journey"] or {}).get("step") == 1, 40, "then lifted")
        eventually(lambda: speaker.status()["journey"]["steps"][0]["state"] == "plays", 10, "it begins")
        snapshot = speaker.status()
        assert snapshot["target"]["reason"].startswith("sad has lasted")
        steps = snapshot["journey"]["steps"]
        assert (steps[-1]["valence"], steps[-1]["arousal"]) == (0.6, 0.3)
        assert all(step["reason"] for step in steps)
        assert steps[0]["song"]
        assert "journey    lift from sad, step 1 of" in here.cli("status")

        eventually(lambda: speaker.status()["journey"]["step"] == 2, 100, "the room is there: the next step")
        eventually(lambda: speaker.status()["journey"]["steps"][1]["state"] == "plays", 40, "it plays")
        assert "the room follows" in speaker.status()["journey"]["steps"][1]["reason"]
        assert any("step 2 of" in rule for rule in speaker.rules())

    with here.speaker as speaker, HomeAutomation(mosquitto.port) as home:
        assert (speaker.status()["journey"]["step"], speaker.status()["journey"]["aim"]) == (2, "lift")
        eventually(lambda: speaker.status()["mood"] == "sad", 40, "the room is seen again")
        journey = speaker.status()["journey"]
        assert (journey["step"], journey["steps"][1]["state"], journey["ended"]) == (2, "plays", None)
        assert "the room follows" in journey["steps"][1]["reason"]
        for _ in range(2):
            here.goes_on(lambda: home.set("next", "on"))
        eventually(lambda: speaker.status()["journey"]["ended"], 10, "two skips end it")
        assert speaker.status()["target"]["aim"] == "match"
        eventually(lambda: speaker.status()["selection"]["name"] == "nearest to sad", 10, "sad music again")
