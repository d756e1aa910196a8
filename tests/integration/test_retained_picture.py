"""What the broker keeps is the snapshot, whatever happens to whom; and commands as fast as a machine's."""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.bystander import Bystander, ConfiguredMosquitto, TlsMosquitto, retained
from support.servers import RealMpd, free_port
from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.adapters.mqtt.home_assistant import BIRTH_DELAY
from moodspeaker.speaker.publisher import VOLATILE, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paho.mqtt.client import Client, MQTTMessage

pytestmark = pytest.mark.timeout(600)

BELOW = "moodspeaker/test"
DEVICE = "homeassistant/device/moodspeaker_test/config"
USER = ("moodspeaker", "a secret")
RESTARTS = 20
RATE = 100
"""Commands a second."""
SECONDS = 60
MOODS = ("happy", "sad", "angry", "fear")


class Home:
    """A broker with passwords, plain for the test and with TLS for the speaker, and what it keeps."""

    def __init__(self, root: Path) -> None:
        self.root, self.tls_port = root, free_port()
        signer = TlsMosquitto(root / "signer")
        lines = [
            f"listener {self.tls_port} 127.0.0.1",
            f"certfile {signer.certificate}",
            f"keyfile {signer.key}",
        ]  # fmt: skip
        self.broker = ConfiguredMosquitto(root, *lines, users=dict([USER]))
        password = root / "password"
        password.write_text(USER[1] + "\n", encoding="utf-8")
        self.settings = [
            "camera.source=none", "mqtt.host=127.0.0.1", f"mqtt.port={self.tls_port}",
            f"mqtt.ca_file={signer.certificate}", f"mqtt.username={USER[0]}",
            f"mqtt.password_file={password}",
        ]  # fmt: skip

    def kept(self) -> dict[str, Any]:
        """Return what the broker keeps, the state without what may lag."""
        kept: dict[str, Any] = dict(retained(self.broker.port, USER))
        if "state" in kept:
            kept["state"] = settled(json.loads(kept["state"]))
        return kept


def settled(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in snapshot.items() if key not in VOLATILE}


def picture(speaker: SpeakerProcess) -> dict[str, Any]:
    """Return what must stand at the broker."""
    snapshot = speaker.status()
    messages = Publisher(BELOW).rest(snapshot, 0.0)
    wanted: dict[str, Any] = {one.topic.removeprefix(f"{BELOW}/"): one.payload for one in messages}
    return wanted | {"state": settled(snapshot)}


def agree(home: Home, speaker: SpeakerProcess, device: str, within: float, what: str) -> None:
    """Wait until the broker keeps exactly the snapshot, and the announcement."""

    def same() -> bool:
        return home.kept() == picture(speaker) | {DEVICE: device}

    try:
        eventually(same, within, what)
    except AssertionError:
        kept, wanted = home.kept(), picture(speaker)
        names = kept.keys() | wanted.keys()
        different = {
            one: (kept.get(one), wanted.get(one)) for one in names if kept.get(one) != wanted.get(one)
        }
        print("kept, and wanted:", {one: both for one, both in different.items() if one != DEVICE})
        raise


@pytest.fixture
def home(root: Path) -> Iterator[Home]:
    home = Home(root)
    with home.broker:
        yield home


def test_the_retained_picture_is_the_snapshot_after_every_restart(home: Home) -> None:
    settings = [*home.settings, "mpd.host="]
    with SpeakerProcess(home.root, settings) as speaker:
        eventually(lambda: DEVICE in home.kept(), 20, "it is announced")
        device = home.kept()[DEVICE]
        agree(home, speaker, device, 10, "the first picture")
        for number in range(RESTARTS):
            for mood in MOODS:  # these are on their way when the broker is killed
                speaker.ask("/api/command", {"override": mood})
            home.broker.kill()
            speaker.ask("/api/command", {"override": MOODS[number % 4]})
            home.broker.start()
            agree(home, speaker, device, 30, f"the picture after restart {number + 1}")
            assert speaker.status()["override"] == MOODS[number % 4]
        with Bystander(home.broker.port, USER) as somebody:
            for topic in home.kept():
                full = topic if topic == DEVICE else f"{BELOW}/{topic}"
                if full != f"{BELOW}/status":
                    somebody.say(full, b"", retain=True)
            somebody.say("homeassistant/status", b"online")
            agree(home, speaker, device, BIRTH_DELAY + 40, "the picture after the birth message")
        speaker.terminate()
        assert home.kept()["status"] == "offline"
    with SpeakerProcess(home.root, settings) as speaker:
        agree(home, speaker, device, 20, "the picture after a restart of the speaker")


def test_a_hundred_commands_a_second_for_a_minute(home: Home) -> None:
    folder = home.root / "mpd"
    folder.mkdir()
    mpd = RealMpd(folder)
    mpd.store_playlist("mood-neutral", [mpd.add_song(f"{n}.wav", seconds=600) for n in range(3)])
    with (
        mpd,
        SpeakerProcess(home.root, [*home.settings, f"mpd.host={mpd.socket}"]) as speaker,
        Bystander(home.broker.port, USER) as somebody,
    ):
        eventually(lambda: speaker.status()["broker"]["state"] == "ok", 20, "the broker lets it in")
        speaker.ask("/api/command", {"play": "on"})
        eventually(lambda: speaker.status()["player"]["state"] == "play", 20, "music plays")
        song = speaker.status()["player"]["uri"]
        heard: list[float] = []
        passed_on = somebody.client.on_message

        def hear(client: Client, user: object, message: MQTTMessage) -> None:
            if message.topic == f"{BELOW}/event" and json.loads(message.payload)["event_type"] == "held":
                heard.append(time.monotonic())
            passed_on(client, user, message)

        somebody.client.on_message = hear
        sent = []
        begun = time.monotonic()
        for number in range(RATE * SECONDS):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            sent.append(time.monotonic())
            somebody.client.publish(f"{BELOW}/hold/set", str(1 + number % 1000), 1)
        eventually(lambda: len(heard) >= len(sent), 20, "every command is answered")
        waits = sorted(1000 * (answer - question) for question, answer in zip(sent, heard, strict=True))
        p99 = waits[len(waits) * 99 // 100]
        print(f"{len(sent)} commands: median {statistics.median(waits):.1f} ms, p99 {p99:.1f} ms")
        assert p99 <= 100
        player = speaker.status()["player"]
        assert (player["uri"], player["state"]) == (song, "play"), "the music is untouched"
