"""The thin true path: frames -> vision -> wire -> mood -> director -> MPD, state on MQTT; and each part of it
killed alone.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from support import wall
from support.servers import RealMosquitto, RealMpd
from support.speaker_process import HomeAutomation, SpeakerProcess, eventually
from support.vision_process import write_replay

from moodspeaker.demo.faces import HAPPY, SAD, Pose, frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

pytestmark = pytest.mark.timeout(240)

SETTLED = 30
"""Seconds within which a change of the face, or the end of a fault, must show."""
HAPPY_FOR = 25
"""Seconds of the replay that show a happy face; then a sad one for ever."""


@pytest.fixture
def mpd_server(root: Path) -> Iterator[RealMpd]:
    folder = root / "mpd"
    folder.mkdir()
    server = RealMpd(folder)
    for mood in ("happy", "sad"):
        server.add_mood(mood)
    server.add_song("theirs.wav", seconds=300, title="theirs")
    with server:
        yield server


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    """Four frames with a happy face and four with a sad one; to draw them takes seconds."""
    return [frame(expression, Pose(), seed) for expression in (HAPPY, SAD) for seed in range(4)]


@pytest.fixture
def settings(
    root: Path, images: list[np.ndarray], mpd_server: RealMpd, mosquitto: RealMosquitto
) -> list[str]:
    lines = [{"t": t / 2, "frame": t % 4 + (4 if t >= 2 * HAPPY_FOR else 0)} for t in range(2 * 600)]
    replay = write_replay(root / "replay", images, lines)
    return [
        f"camera.source=replay:{replay}",
        "vision.interval=0.5",
        f"mpd.host={mpd_server.socket}",
        "mqtt.host=127.0.0.1",
        f"mqtt.port={mosquitto.port}",
        "music.switch=now",
        "listen.start=arrival",
    ]


@pytest.fixture
def home(mosquitto: RealMosquitto) -> Iterator[HomeAutomation]:
    with HomeAutomation(mosquitto.port) as client:
        yield client


def playing(server: RealMpd) -> tuple[str, str]:
    """Return the state and the current song of the real MPD, seen by somebody else."""
    with server.client() as client:
        return client.status()["state"], client.currentsong().get("file", "")


def plays(server: RealMpd, mood: str) -> bool:
    state, uri = playing(server)
    return state == "play" and uri.startswith(mood)


def let_play(mood: str, speaker: SpeakerProcess, server: RealMpd, home: HomeAutomation) -> None:
    """Bring a speaker that has just started to play to a mood, whatever the faces say."""
    eventually(lambda: speaker.status()["player"]["state"] != "down", 10, "player there")
    speaker.ask("/api/command", {"override": mood})
    speaker.ask("/api/command", {"play": True})
    eventually(lambda: plays(server, mood), 5, f"{mood} music")
    eventually(lambda: home.retained.get("playlist") == f"mood-{mood}", 3, "retained")


def stop(speaker: SpeakerProcess) -> None:
    """Stop a speaker: it ends in time, and nothing went wrong in it that it did not expect."""
    code, seconds = speaker.terminate()
    assert code == 0
    assert seconds < 10
    assert "Traceback" not in speaker.log.read_text()


def test_the_music_follows_the_faces(
    root: Path, settings: list[str], mpd_server: RealMpd, home: HomeAutomation
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: plays(mpd_server, "happy"), SETTLED, "happy music")
        eventually(
            lambda: home.retained.get("mood") == "happy" and home.retained.get("status") == "online",
            3,
            "retained",
        )
        eventually(
            lambda: home.state["player"]["uri"] == playing(mpd_server)[1], 3, "the snapshot names the song"
        )
        eventually(lambda: plays(mpd_server, "sad"), HAPPY_FOR + SETTLED, "sad music")
        eventually(
            lambda: home.retained.get("mood") == "sad" and home.retained.get("playlist") == "mood-sad",
            3,
            "retained",
        )
        assert any(event["event_type"] == "switched" for event in home.events)
        stop(speaker)


def test_vision_killed_leaves_the_music_and_comes_back(
    root: Path, settings: list[str], mpd_server: RealMpd, home: HomeAutomation
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        let_play("sad", speaker, mpd_server, home)
        eventually(lambda: speaker.status()["mood"] == "happy", SETTLED, "a happy face is seen")
        speaker.vision.kill()
        eventually(lambda: speaker.status()["camera"]["state"] == "lost", 5, "camera lost")
        assert speaker.status()["mood"] == "lost"
        speaker.ask("/api/command", {"override": "auto"})
        assert plays(mpd_server, "sad")
        eventually(lambda: speaker.status()["mood"] == "happy", SETTLED + 10, "the face is seen again")
        eventually(lambda: plays(mpd_server, "happy"), 3, "and the music follows it")
        stop(speaker)


def test_a_broker_killed_and_back_empty_is_told_everything(
    root: Path, settings: list[str], mpd_server: RealMpd, mosquitto: RealMosquitto, home: HomeAutomation
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        let_play("happy", speaker, mpd_server, home)
        mosquitto.kill()
        home.retained.clear()
        eventually(lambda: speaker.status()["broker"]["state"] == "down", 10, "broker down")
        assert playing(mpd_server)[0] == "play"
        mosquitto.start()
        eventually(
            lambda: home.retained.get("status") == "online" and "mood" in home.retained,
            SETTLED,
            "republished",
        )
        eventually(lambda: home.state["broker"]["state"] == "ok", 3, "broker ok")
        home.set("override", "sad")
        eventually(lambda: plays(mpd_server, "sad"), 5, "what the broker brings is done again")
        stop(speaker)


def test_a_music_server_killed_and_back_empty_and_stopped_plays_again(
    root: Path, settings: list[str], mpd_server: RealMpd, home: HomeAutomation
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        let_play("sad", speaker, mpd_server, home)
        mpd_server.kill()
        (mpd_server.root / "state").unlink(missing_ok=True)
        eventually(lambda: speaker.status()["player"]["state"] == "down", 10, "player down")
        eventually(lambda: home.state["player"]["state"] == "down", 5, "player down on MQTT")
        for command in ({"next": "on"}, {"previous": "on"}, {"volume": 30}):
            answer = speaker.ask("/api/command", command)
            assert answer["error"] == "no player", answer
            assert answer["message"].startswith("no player: ")
        assert (
            speaker.ask("/api/command", {"play": "on"})["player"]["state"] == "down"
        )  # it goes on by itself
        mpd_server.start()
        eventually(lambda: plays(mpd_server, "sad"), SETTLED, "the music is back")
        stop(speaker)


def test_a_person_who_plays_something_else_is_left_alone_until_they_give_it_back(
    root: Path, settings: list[str], mpd_server: RealMpd, home: HomeAutomation
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        let_play("sad", speaker, mpd_server, home)
        with mpd_server.client() as person:
            person.clear()
            person.add("theirs.wav")
            person.play()
        eventually(lambda: speaker.status()["hold"]["active"], 5, "hold")
        eventually(
            lambda: home.retained.get("hold") == "ON" and home.state["hold"]["until"] is not None,
            5,
            "hold on MQTT",
        )
        home.set("override", "happy")
        eventually(
            lambda: any("left alone" in rule for rule in speaker.rules()[:1]), 5, "the refusal is told"
        )
        assert playing(mpd_server) == ("play", "theirs.wav")
        home.set("resume", "on")
        eventually(lambda: plays(mpd_server, "happy"), 5, "the override's music")
        eventually(lambda: any(event["event_type"] == "switched" for event in home.events), 3, "switched")
        stop(speaker)


def test_a_stop_by_sigterm_is_told_and_leaves_the_music(
    root: Path, settings: list[str], mpd_server: RealMpd, home: HomeAutomation
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        let_play("happy", speaker, mpd_server, home)
        eventually(lambda: speaker.status()["camera"]["open"], 15, "camera open")
        family = speaker.family()
        assert len(family) > 1, "vision is one of them"
        stop(speaker)
        eventually(lambda: home.retained.get("status") == "offline", 3, "offline")
        assert not any(member.is_running() for member in family)
        assert playing(mpd_server)[0] == "play"


def test_a_power_cut_while_sensing_is_off(root: Path, settings: list[str], home: HomeAutomation) -> None:
    speaker = SpeakerProcess(root, settings)
    with speaker:
        eventually(lambda: home.retained.get("camera_open") == "ON", 15, "camera open, and told")
        home.set("sensing", "nonsense")
        home.set("sensing", "OFF", retain=True)
        home.set("sensing", "off")
        eventually(lambda: home.retained.get("camera_open") == "OFF", 2, "camera closed, and told")
        assert not speaker.status()["camera"]["open"]
        eventually(
            lambda: home.retained.get("last_frame", "none") != "none",
            2,
            "the moment of the last picture, too",
        )
        assert datetime.fromisoformat(home.retained["last_frame"]) <= datetime.now(UTC)
        assert home.retained["frames_written"] == "0"
        eventually(
            lambda: home.retained.get("sensing") == "OFF" and home.retained.get("mood") == "paused", 5, "told"
        )
        assert [line.split(": ")[1:] for line in speaker.log.read_text().splitlines() if "dropped" in line]
        speaker.kill()
    with speaker:
        eventually(lambda: speaker.status()["models"]["face"], 15, "vision answered")
        for _ in range(10):
            status = speaker.status()
            assert (status["sensing"], status["camera"]["open"], status["mood"]) == (False, False, "paused")
        speaker.ask("/api/command", {"sensing": "on"})
        eventually(lambda: speaker.status()["camera"]["open"], 5, "camera open again")


def test_a_waiting_switch_outlasts_kills(root: Path, settings: list[str], mpd_server: RealMpd) -> None:
    speaker = SpeakerProcess(root, [*settings, "camera.source=none", "music.switch=song_end"])

    def waits() -> bool:
        status = speaker.status()
        return (
            status["pending"] is not None
            and status["pending"]["mood"] == "sad"
            and not status["hold"]["active"]
        )

    with speaker:
        eventually(lambda: speaker.status()["player"]["state"] == "stop", 10, "player there")
        speaker.ask("/api/command", {"override": "happy"})
        speaker.ask("/api/command", {"play": True})
        eventually(lambda: plays(mpd_server, "happy"), 5, "happy music")
        eventually(lambda: speaker.status()["selection"]["mood"] == "happy", 5, "the start is confirmed")
        speaker.ask("/api/command", {"override": "sad"})
        eventually(waits, 5, "sad music waits")
        mpd_server.restart()
        eventually(lambda: speaker.status()["player"]["state"] == "down", 10, "player down")
        eventually(
            lambda: speaker.status()["player"]["state"] == "play" and waits(),
            15,
            "it waits on after MPD's restart",
        )
    with speaker:
        eventually(
            lambda: speaker.status()["player"]["state"] == "play" and waits(), 10, "it waits on after our own"
        )
        with mpd_server.client() as person:
            queue = [row["file"][:3] for row in person.playlistinfo()]
        assert queue == ["hap", "sad", "sad", "sad"]


def test_a_damaged_memory_keeps_the_camera_closed(root: Path, settings: list[str]) -> None:
    (root / "state").mkdir()
    (root / "state" / "moodspeaker.db").write_bytes(b"this is no database" * 300)
    speaker = SpeakerProcess(root, settings)
    for _ in range(2):
        with speaker:
            eventually(lambda: speaker.status()["models"]["face"], 15, "vision answered")
            assert (speaker.status()["sensing"], speaker.status()["camera"]["open"]) == (False, False)


def test_the_speaker_maps_neither_cv2_nor_litert_and_vision_has_no_network(
    root: Path, settings: list[str]
) -> None:
    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: speaker.status()["faces"], 20, "a face is seen")
        wall.assert_that_it_stands(speaker)


def test_neither_process_writes_pixels_nor_has_vision_a_network_socket(
    root: Path, settings: list[str]
) -> None:
    speaker = SpeakerProcess(root, settings)
    trace = wall.Trace(speaker)
    with speaker:
        eventually(lambda: speaker.status()["faces"], 60, "a face is seen")
        time.sleep(10)
        assert speaker.status()["camera"]["frames_written"] == 0
        speaker.kill()
    trace.assert_that_only_the_store_is_written()
    lines = list(trace.lines())
    vision = {file for file, line in lines if "replay/frames.npz" in line}
    assert vision, "vision opens the frames, so it must have been seen"
    sockets = {line for file, line in lines if file in vision and line.startswith("socket(")}
    assert all("AF_UNIX" in line for line in sockets)


class Supervisor:
    """What systemd would hear."""

    def __init__(self, root: Path) -> None:
        self.address = str(root / "notify")
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._link.bind(self.address)
        self._link.settimeout(10)
        self.told: list[str] = []

    def until(self, beginning: str) -> str:
        """Return the next line that begins so."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            lines = self._link.recv(4096).decode().splitlines()
            self.told += lines
            for line in lines:
                if line.startswith(beginning):
                    return line
        raise AssertionError((beginning, self.told))

    def close(self) -> None:
        self._link.close()


def test_systemd_hears_one_voice_and_a_reload_is_taken_or_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def minutes_of_a_hold() -> float:
        speaker.ask("/api/command", {"hold": "on"})
        until = datetime.fromisoformat(speaker.status()["hold"]["until"])
        return round((until - datetime.now(UTC)).total_seconds() / 60)

    def reload(text: str) -> None:
        file.write_text(text)
        assert speaker.process is not None
        speaker.process.send_signal(signal.SIGHUP)

    file = root / "config.toml"
    file.write_text("[hold]\nminutes = 5\n")
    with contextlib.closing(Supervisor(root)) as systemd:
        monkeypatch.setenv("NOTIFY_SOCKET", systemd.address)
        speaker = SpeakerProcess(root, ["mpd.host=", "mqtt.host=", "camera.source=none"])
        speaker.argv += ["--config", str(file)]
        with speaker:
            systemd.until("READY=1")
            systemd.until("WATCHDOG=1")
            assert minutes_of_a_hold() == 5
            reload("[hold]\nminutes = 50\n[vision]\nspawn = false\n")
            eventually(lambda: "reloaded" in speaker.log.read_text(), 10, "the reload is taken")
            assert minutes_of_a_hold() == 50
            assert "takes effect with a restart: vision.spawn" in speaker.log.read_text()
            reload("[hold]\nminuts = 1\n")
            assert "did you mean hold.minutes?" in systemd.until("STATUS=reload refused")
            assert minutes_of_a_hold() == 50
            reload("[hold]\nminutes = 6\n")
            assert "refused" not in systemd.until("STATUS=")
            assert minutes_of_a_hold() == 6
            assert speaker.terminate()[0] == 0
            systemd.until("STOPPING=1")
        assert systemd.told.count("READY=1") == 1, "vision is a child and does not speak for us"
