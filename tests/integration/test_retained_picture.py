"""What the broker keeps is the snapshot, whatever happens to whom; and commands as fast as a machine's.

How fast they are answered: `tests/acceptance/command_rate.py`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.bystander import Bystander, retained
from support.command_rate import BELOW, RATE, USER, GuardedBroker, hold_often
from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.adapters.mqtt.home_assistant import BIRTH_DELAY
from moodspeaker.speaker.publisher import VOLATILE, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)

DEVICE = "homeassistant/device/moodspeaker_test/config"
RESTARTS = 20
SECONDS = 5
MOODS = ("happy", "sad", "angry", "fear")


class Home(GuardedBroker):
    """What a guarded broker keeps."""

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


def test_a_hundred_commands_a_second_lose_none(root: Path) -> None:
    home = GuardedBroker(root)
    with home.broker:
        assert len(hold_often(home, SECONDS)) == RATE * SECONDS
