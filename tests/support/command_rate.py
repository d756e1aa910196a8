"""Commands over MQTT as fast as a machine gives them, to a speaker that plays."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from support.bystander import Bystander, ConfiguredMosquitto, TlsMosquitto
from support.servers import RealMpd, free_port
from support.speaker_process import SpeakerProcess, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from paho.mqtt.client import Client, MQTTMessage

BELOW = "moodspeaker/test"
USER = ("moodspeaker", "a secret")
RATE = 100
"""Commands a second."""


class GuardedBroker:
    """A broker with passwords, plain for the test and with TLS for the speaker."""

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


def hold_often(home: GuardedBroker, seconds: float) -> list[float]:
    """Give `RATE` commands a second for some seconds; return the seconds until each was answered, sorted.

    Raises AssertionError where one is lost, or the music does not play on.
    """
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
        for number in range(round(RATE * seconds)):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            sent.append(time.monotonic())
            somebody.client.publish(f"{BELOW}/hold/set", str(1 + number % 1000), 1)
        eventually(lambda: len(heard) >= len(sent), 20, "every command is answered")
        player = speaker.status()["player"]
        assert (player["uri"], player["state"]) == (song, "play"), "the music is untouched"
    return sorted(answer - question for question, answer in zip(sent, heard, strict=True))
