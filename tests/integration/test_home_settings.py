"""Settings and a restart from home automation, on the wire: a real Mosquitto, the whole daemon."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.bystander import Bystander
from support.servers import RealMosquitto, short_folder
from support.speaker_process import HomeAutomation, SpeakerProcess, eventually

from moodspeaker.adapters.systemd import RESTART_STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATUS = 75


@pytest.fixture
def root() -> Iterator[Path]:
    """Return a short folder."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def broker(root: Path) -> Iterator[RealMosquitto]:
    """Return a Mosquitto."""
    with RealMosquitto(root) as server:
        yield server


def settings(broker: RealMosquitto, *more: str) -> list[str]:
    return ["camera.source=none", "mqtt.host=127.0.0.1", f"mqtt.port={broker.port}", "mpd.host=", *more]


def on_the_page(speaker: SpeakerProcess, key: str) -> Any:  # noqa: ANN401 - JSON
    return next(one for one in speaker.ask("/api/settings")["settings"] if one["key"] == key)


def test_a_number_changes_the_setting_as_the_page_does_and_is_shown_everywhere(
    root: Path, broker: RealMosquitto
) -> None:
    with SpeakerProcess(root, settings(broker)) as speaker, HomeAutomation(broker.port) as home:
        eventually(lambda: home.retained.get("dwell") == "20", 10, "the number is shown")
        home.set("dwell", "45")
        home.set("minimum_confidence", "80")
        home.set("hold_length", "5")
        wanted = {"dwell": "45", "minimum_confidence": "80", "hold_length": "5"}
        eventually(lambda: home.retained.items() >= wanted.items(), 5, "the answers are states")
        page = on_the_page(speaker, "mood.dwell")
        assert (page["value"], page["written"], page["changed"]) == (45.0, 20.0, True)
        assert speaker.ask("/api/config")["in_force"]["mood"]["margin"] == 0.8
        speaker.ask("/api/settings/undo", {})
        eventually(
            lambda: "30" in home.retained.get("hold_length", ""), 5, "what the page takes back is shown"
        )
        speaker.terminate()
    with SpeakerProcess(root, settings(broker)), HomeAutomation(broker.port) as home:
        eventually(lambda: home.retained.get("minimum_confidence") == "80", 10, "it outlasts a restart")


def test_a_number_that_is_refused_changes_nothing_and_says_why(root: Path, broker: RealMosquitto) -> None:
    with (
        SpeakerProcess(root, settings(broker, "hold.minutes=7")) as speaker,
        HomeAutomation(broker.port) as home,
    ):
        eventually(lambda: home.retained.get("dwell") == "20", 10, "the number is shown")
        home.set("dwell", "")
        home.set("dwell", "3601")
        home.set("dwell", "soon")
        home.set("minimum_confidence", "100")
        home.set("hold_length", "9")
        home.set("sensing", "off")  # taken in order: the others were before it
        eventually(lambda: home.retained.get("sensing") == "OFF", 5, "the last command arrived")
        eventually(lambda: "hold.minutes is given by --set" in speaker.log.read_text(), 5, "it says why")
        log = speaker.log.read_text()
        for reason in (
            "'3601' is refused: seconds, 0 to 3600",
            "'soon' is refused",
            "above 50 and below 100",
        ):
            assert log.count(reason) == 1
        assert {home.retained[name] for name in ("dwell", "minimum_confidence", "hold_length")} == {
            "20", "92", "7",
        }  # fmt: skip
        assert not (root / "state" / "settings.json").exists()


def test_a_flood_of_numbers_is_written_once_a_second(root: Path, broker: RealMosquitto) -> None:
    with SpeakerProcess(root, settings(broker)) as speaker, HomeAutomation(broker.port) as home:
        eventually(lambda: "dwell" in home.retained, 10, "the number is shown")
        begun = time.monotonic()
        for seconds in range(200):
            home.set("dwell", str(100 + seconds))
        eventually(lambda: home.retained.get("dwell") == "299", 5, "the last one counts")
        writes = speaker.log.read_text().count("settings changed: mood.dwell")
        assert 1 <= writes <= 2 + (time.monotonic() - begun)


def test_a_restart_ends_it_with_the_services_status_and_all_is_as_before(
    root: Path, broker: RealMosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESTART_STATUS, str(STATUS))
    with (
        HomeAutomation(broker.port) as home,
        Bystander(broker.port) as home_assistant,
        SpeakerProcess(root, settings(broker)) as speaker,
    ):
        device = "homeassistant/device/moodspeaker_test/config"
        eventually(lambda: device in {topic for topic, *_ in home_assistant.messages}, 10, "it is announced")
        [told] = [json.loads(text) for topic, text, _ in home_assistant.messages if topic == device]
        assert told["components"]["restart"]["platform"] == "button"
        home.set("sensing", "off")
        home.set("dwell", "45")
        eventually(lambda: home.retained.get("dwell") == "45", 5, "a setting of before")
        home.set("restart", "on")
        assert speaker.process is not None
        assert speaker.process.wait(10) == STATUS
        eventually(lambda: home.retained.get("status") == "offline", 5, "it said that it goes")
        assert "Traceback" not in speaker.log.read_text()

        speaker.start()  # as the service does
        eventually(lambda: home.retained.get("status") == "online", 10, "it is back")
        assert (home.retained["sensing"], home.retained["dwell"]) == ("OFF", "45")
        home.set("restart", "on", retain=True)
        home.set("restart", "now")
        home.set("restart", "on")
        eventually(lambda: "it is not restarted: it was" in speaker.log.read_text(), 5, "not again so soon")
        answer = speaker.ask("/api/command", {"restart": "on"})
        assert answer["error"] == "restart"
        assert "sudo systemctl restart moodspeaker" in answer["message"]
        speaker.terminate()
        assert speaker.process.returncode == 0

        speaker.start()  # the retained one still stands at the broker
        eventually(lambda: "a retained command is dropped" in speaker.log.read_text(), 5, "it is dropped")
        assert speaker.status()["broker"]["state"] == "ok"


def test_over_http_the_answer_comes_before_the_end(
    root: Path, broker: RealMosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESTART_STATUS, str(STATUS))
    with SpeakerProcess(root, settings(broker)) as speaker:
        assert speaker.ask("/api/command", {"restart": "on"})["sensing"] is True
        assert speaker.process is not None
        assert speaker.process.wait(10) == STATUS


def test_without_a_service_it_is_refused_and_not_offered(root: Path, broker: RealMosquitto) -> None:
    with SpeakerProcess(root, settings(broker)) as speaker, HomeAutomation(broker.port) as home:
        eventually(lambda: "mood" in home.retained, 10, "it is there")
        home.set("restart", "on")
        reason = "no service started it that would start it again"
        eventually(lambda: reason in speaker.log.read_text(), 5, "it says why")
        answer = speaker.ask("/api/command", {"restart": "on"})
        assert (answer["error"], reason in answer["message"]) == ("restart", True)
        with Bystander(broker.port) as home_assistant:
            device = "homeassistant/device/moodspeaker_test/config"
            eventually(lambda: device in {topic for topic, *_ in home_assistant.messages}, 5, "announced")
            [told] = [json.loads(text) for topic, text, _ in home_assistant.messages if topic == device]
        assert "restart" not in told["components"]
