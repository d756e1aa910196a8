"""A real Home Assistant with the whole speaker: every entity, its services, the dashboard, and restarts.

Not part of CI.

    PYTHONPATH=.:tests python tests/acceptance/home_assistant.py \\
        --hass "hass -c DIR --log-file DIR/home-assistant.log" --config DIR

`--hass` is the command that starts Home Assistant on its configuration folder, `--config` that folder as it
is seen from here (another path where Home Assistant runs in a chroot).  What stands in it is replaced.
Mosquitto and MPD are private ones.  It prints a line for each step and ends with 1 at the first that fails.

Last tried with Home Assistant 2026.11.0 (Python 3.14.8) and Mosquitto 2.0.11.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from support.browser import browser
from support.servers import RealMosquitto, RealMpd, free_port, short_folder
from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.adapters.systemd import RESTART_STATUS
from moodspeaker.domain.entities import ENTITIES, Need, announced

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW: Final = 240.0
"""Seconds that Home Assistant may take to start: it fetches packages the first time."""
SOON: Final = 20.0
MOST_UNASKED: Final = 12
STATUS: Final = 75
"""With which the speaker ends to be started again."""
LOST_LINK: Final = r"paho\.mqtt\.client\]|components\.mqtt\.client\]|Error talking to MQTT"
"""What Home Assistant logs of its own link when the broker is killed."""
CONFIGURATION: Final = """\
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
config:
onboarding:
auth:
websocket_api:
frontend:
history:
lovelace:
  dashboards:
    speaker-mood:
      mode: yaml
      title: Mood
      filename: dashboard.yaml
logger:
  default: warning
automation:
  - alias: pulse
    use_blueprint:
      path: moodspeaker/heart_rate.yaml
      input:
        pulse: sensor.pulse
        speaker: test
  - alias: lights
    use_blueprint:
      path: moodspeaker/dim_lights_when_calm.yaml
      input:
        mood: sensor.moodspeaker_test
        lights:
          entity_id: light.lamp
  - alias: media
    use_blueprint:
      path: moodspeaker/media_per_mood.yaml
      input:
        mood: sensor.moodspeaker_test
        player: media_player.nowhere
        happy: a playlist
  - alias: quiet
    use_blueprint:
      path: moodspeaker/quiet_when_nobody.yaml
      input:
        occupancy: binary_sensor.moodspeaker_test_occupancy
        player: media_player.nowhere
"""
EXAMPLES: Final = Path(__file__).parents[2] / "config" / "examples" / "home-assistant"
DASHBOARD: Final = (EXAMPLES / "dashboard.yaml").read_text(encoding="utf-8").replace("kitchen", "test")
ALL: Final = (
    "const all = (root) => [...root.querySelectorAll('*')].flatMap("
    "(one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);"
)
ELEMENTS: Final = (
    f"(() => {{ {ALL} return all(document).filter((one) => one.checkVisibility())"
    ".map((one) => one.localName); })()"
)
"""The names of everything that a page shows, within its components too."""
CONFIRM: Final = (
    f"(() => {{ {ALL} all(document).filter((one) => one.localName === 'ha-button' "
    "&& one.textContent.trim() === 'Confirm').forEach((one) => one.click()); })()"
)
"""Home Assistant asks whether its new port may stay."""
BLUEPRINTS: Final = ("heart_rate", "dim_lights_when_calm", "media_per_mood", "quiet_when_nobody")


class HomeAssistant:
    """A Home Assistant, started, onboarded, asked over its REST API."""

    def __init__(self, command: str, folder: Path) -> None:
        self.command, self.folder, self.port = shlex.split(command), folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.token = ""
        self.tokens: dict[str, Any] = {}
        """What its own page keeps of a login."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        blueprints = folder / "blueprints" / "automation" / "moodspeaker"
        blueprints.mkdir(parents=True)
        for name in BLUEPRINTS:
            shutil.copy(EXAMPLES / f"{name}.yaml", blueprints)
        (folder / "dashboard.yaml").write_text(DASHBOARD, encoding="utf-8")
        (folder / "configuration.yaml").write_text(CONFIGURATION.format(port=self.port), encoding="utf-8")

    def start(self) -> Self:
        """Start it and wait until its API answers."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
        eventually(self._answers, SLOW, "Home Assistant answers")
        return self

    def stop(self) -> None:
        """End it."""
        if self.process is None or self.process.poll() is not None:
            return
        if self.token:
            self.service("homeassistant", "stop")
        else:
            self.process.kill()
        self.process.wait(60)

    def _answers(self) -> bool:
        try:
            self.ask("GET", "/manifest.json")
        except (OSError, ValueError):
            return False
        return True

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def ask(self, method: str, path: str, body: object = None, *, form: bool = False) -> Any:  # noqa: ANN401
        """Return the answer of its API; raise OSError."""
        coded = urllib.parse.urlencode(body).encode() if form else json.dumps(body).encode()  # type: ignore[arg-type]
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", coded if body is not None else None, method=method,
            headers={"Content-Type": kind} | self._authorization,
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode(errors="replace"))
            raise

    def onboard(self, broker_port: int) -> None:
        """Make a user and add the MQTT integration."""
        client = f"http://127.0.0.1:{self.port}/"
        user = {"name": "A", "username": "a", "password": "a-long-one", "client_id": client, "language": "en"}
        code = self.ask("POST", "/api/onboarding/users", user)["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client}
        self.tokens = self.ask("POST", "/auth/token", grant, form=True)
        self.token = self.tokens["access_token"]
        flow = self.ask("POST", "/api/config/config_entries/flow", {"handler": "mqtt"})
        while flow["type"] == "menu":
            choice = {"next_step_id": next(step for step in flow["menu_options"] if "broker" in step)}
            flow = self.ask("POST", f"/api/config/config_entries/flow/{flow['flow_id']}", choice)
        fields = {field["name"] for field in flow["data_schema"]}
        others = {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"}
        answer = {"broker": "127.0.0.1", "port": broker_port, "protocol": "5", "other_settings": others}
        answer = {name: value for name, value in answer.items() if name in fields}
        flow = self.ask("POST", f"/api/config/config_entries/flow/{flow['flow_id']}", answer)
        assert flow["type"] == "create_entry", flow

    def states(self) -> dict[str, dict[str, Any]]:
        """Return what our entities are, by entity id."""
        everything = self.ask("GET", "/api/states")
        return {one["entity_id"]: one for one in everything if ".moodspeaker" in one["entity_id"]}

    def state(self, entity: str) -> str:
        """Return one state, empty where there is no such entity."""
        return str(self.states().get(entity, {}).get("state", ""))

    def service(self, domain: str, name: str, **fields: object) -> None:
        """Call a service."""
        self.ask("POST", f"/api/services/{domain}/{name}", fields)

    def complaints(self) -> list[str]:
        """Return the warnings and errors of its log that have to do with us or with MQTT."""
        log = (self.folder / "home-assistant.log").read_text(encoding="utf-8", errors="replace")
        lines = re.findall(r"^.*(?:WARNING|ERROR).*$", log, flags=re.MULTILINE)
        ours = "mqtt|moodspeaker|automation|blueprint|template"
        return [line for line in lines if re.search(ours, line, re.IGNORECASE)]


def step(text: str) -> None:
    """Say what holds."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def enable_everything(home: HomeAssistant) -> None:
    """Let every entity that is off by default be shown, by its registry, and its own page be opened."""
    home.stop()
    registry = home.folder / ".storage" / "core.entity_registry"
    content = json.loads(registry.read_text(encoding="utf-8"))
    for entity in content["data"]["entities"]:
        if entity["platform"] == "mqtt":
            entity["disabled_by"] = None
    registry.write_text(json.dumps(content), encoding="utf-8")
    onboarding = home.folder / ".storage" / "onboarding"  # its other steps add what wants the internet
    content = json.loads(onboarding.read_text(encoding="utf-8"))
    content["data"]["done"] = ["user", "core_config", "analytics", "integration"]
    onboarding.write_text(json.dumps(content), encoding="utf-8")
    home.start()


def shown(home: HomeAssistant, speaker: SpeakerProcess) -> None:
    """Every entity is there and says what the snapshot says."""
    expected = announced(ENTITIES, frozenset({Need.PLAYER, Need.SERVICE}))
    eventually(lambda: len(home.states()) >= len(expected), SOON, f"{len(expected)} entities are there")

    def unavailable() -> list[str]:
        return [name for name, one in home.states().items() if one["state"] == "unavailable"]

    eventually(lambda: not unavailable(), SOON, "none is unavailable")

    def agree() -> bool:
        snapshot = speaker.status()
        wanted = {
            "sensor.moodspeaker_test": snapshot["mood"],
            "switch.moodspeaker_test_sensing": "on",
            "select.moodspeaker_test_mood_override": snapshot["override"] or "auto",
        }
        return all(home.state(entity) == state for entity, state in wanted.items())

    eventually(agree, SOON, "they say what the snapshot says")
    step(f"{len(home.states())} entities, none unavailable")


def driven(home: HomeAssistant, speaker: SpeakerProcess) -> None:
    """Its services drive the speaker, and the answer comes back as a state."""

    def becomes(entity: str, state: str, tell: Callable[[], bool], what: str) -> None:
        eventually(tell, SOON, f"the speaker: {what}")
        eventually(lambda: home.state(entity) == state, SOON, f"{entity} is {state}")
        step(what)

    sensing, select = "switch.moodspeaker_test_sensing", "select.moodspeaker_test_mood_override"
    home.service("switch", "turn_off", entity_id=sensing)
    becomes(sensing, "off", lambda: not speaker.status()["sensing"], "switch: sensing off")
    eventually(
        lambda: home.state("binary_sensor.moodspeaker_test_camera_open") == "off", 2, "the camera is closed"
    )
    home.service("switch", "turn_on", entity_id=sensing)
    becomes(sensing, "on", lambda: speaker.status()["sensing"], "switch: sensing on")
    home.service("select", "select_option", entity_id=select, option="happy")
    becomes(select, "happy", lambda: speaker.status()["override"] == "happy", "select: override happy")
    automatic = "switch.moodspeaker_test_automatic_switching"
    home.service("switch", "turn_off", entity_id=automatic)
    becomes(automatic, "off", lambda: speaker.status()["hold"]["active"], "switch: automatic off is a hold")
    home.service("switch", "turn_on", entity_id=automatic)
    becomes(automatic, "on", lambda: not speaker.status()["hold"]["active"], "switch: automatic on resumes")
    home.service("button", "press", entity_id="button.moodspeaker_test_play")
    eventually(lambda: speaker.status()["player"]["state"] == "play", SOON, "music plays")
    playlist = "sensor.moodspeaker_test_playlist"
    becomes(
        playlist, "mood-happy", lambda: speaker.status()["selection"]["name"] == "mood-happy", "button: play"
    )
    song = speaker.status()["player"]["uri"]
    home.service("button", "press", entity_id="button.moodspeaker_test_next_song")
    eventually(lambda: speaker.status()["player"]["uri"] != song, SOON, "another song")
    step("button: next song")
    volume = "number.moodspeaker_test_volume"
    home.service("number", "set_value", entity_id=volume, value=40)
    becomes(volume, "40", lambda: speaker.status()["player"]["volume"] == 40, "number: volume 40")
    hold_for = "number.moodspeaker_test_hold_for"
    home.service("number", "set_value", entity_id=hold_for, value=90)
    becomes(hold_for, "90", lambda: speaker.status()["hold"]["minutes"] == 90, "number: hold for 90 minutes")
    home.service("switch", "turn_on", entity_id=automatic)
    becomes(hold_for, "unknown", lambda: not speaker.status()["hold"]["active"], "which ends by resuming")
    home.service("text", "set_value", entity_id="text.moodspeaker_test_listener_name", value="Ada")
    becomes(
        "text.moodspeaker_test_listener_name",
        "Ada",
        lambda: speaker.status()["profile"] == "Ada",
        "text: listener",
    )
    select = "select.moodspeaker_test_listener"
    eventually(lambda: home.state(select) == "Ada", SOON, "the new name is an option")
    home.service("select", "select_option", entity_id=select, option="guest")
    becomes(select, "guest", lambda: speaker.status()["profile"] == "guest", "select: listener")


def tuned(home: HomeAssistant, speaker: SpeakerProcess) -> None:
    """Its numbers change settings as the page does, and what is refused changes nothing."""
    for name, value, key in (
        ("dwell", 45, "mood.dwell"),
        ("minimum_confidence", 80, "mood.margin"),
        ("length_of_a_hold", 12, "hold.minutes"),
    ):
        entity = f"number.moodspeaker_test_{name}"
        home.service("number", "set_value", entity_id=entity, value=value)
        eventually(lambda entity=entity, value=value: home.state(entity) == str(value), SOON, f"{entity}")
        settings = speaker.ask("/api/settings")["settings"]
        assert next(one["changed"] for one in settings if one["key"] == key), key
        step(f"number: {name.replace('_', ' ')} {value}, on the page too")
    speaker.ask("/api/settings", {"mood.dwell": 30})
    eventually(
        lambda: home.state("number.moodspeaker_test_dwell") == "30", SOON, "the page's change is shown"
    )
    home.service("button", "press", entity_id="button.moodspeaker_test_hold")
    eventually(lambda: speaker.status()["hold"]["minutes"] == 12, SOON, "a hold of that length")
    home.service("button", "press", entity_id="button.moodspeaker_test_resume")
    eventually(lambda: not speaker.status()["hold"]["active"], SOON, "it is resumed")
    step("buttons: hold for as long as is set, resume")


def restarted(home: HomeAssistant, speaker: SpeakerProcess) -> None:
    """Its button restarts the speaker, once: the service, here this script, starts it again."""
    assert speaker.process is not None
    song = speaker.status()["player"]["uri"]
    home.service("button", "press", entity_id="button.moodspeaker_test_restart")
    assert speaker.process.wait(15) == STATUS
    eventually(lambda: home.state("sensor.moodspeaker_test") == "unavailable", SOON, "it is away")
    speaker.start()
    eventually(lambda: home.state("sensor.moodspeaker_test") == "unsure", SOON, "it is back")
    assert home.state("number.moodspeaker_test_minimum_confidence") == "80"
    assert (speaker.status()["player"]["uri"], speaker.status()["player"]["state"]) == (song, "play")
    home.service("button", "press", entity_id="button.moodspeaker_test_restart")
    eventually(lambda: "it is not restarted: it was" in speaker.log.read_text(), SOON, "not again so soon")
    step("button: restart, once; the music played on")


def automated(home: HomeAssistant, speaker: SpeakerProcess) -> None:
    """The blueprints are loaded, and a heart rate joins the mood."""
    for alias in ("pulse", "lights", "media", "quiet"):
        assert home.ask("GET", f"/api/states/automation.{alias}")["state"] == "on", alias
    home.ask("POST", "/api/states/sensor.pulse", {"state": "97.5"})
    eventually(lambda: speaker.status()["evidence"], SOON, "the heart rate arrives")
    [said] = speaker.status()["evidence"]
    assert (said["source"], said["arousal"], said["weight"]) == ("heart rate", 0.5, 0.5)
    step("blueprints: loaded, a heart rate joins the mood")


async def seen(home: HomeAssistant) -> bytes:
    """The dashboard is a page without an error, every card of it; return its picture."""
    address = f"http://127.0.0.1:{home.port}"
    login = {
        **home.tokens, "hassUrl": address, "clientId": f"{address}/", "expires": 1000 * (time.time() + 1800)
    }  # fmt: skip
    cards = len(re.findall(r"- type: (tile|history-graph)$", DASHBOARD, re.MULTILINE))
    async with browser(f"{address}/manifest.json") as page:
        await page.look_like(1280, 720)
        await page.holds(f"location.origin === '{address}' && document.readyState === 'complete'", 60)
        await page.do(f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(login))})")
        await page.do(f"location.href = '{address}/speaker-mood/mood'")
        await asyncio.sleep(2)
        count = "filter((name) => ['hui-tile-card', 'hui-history-graph-card'].includes(name)).length"
        await page.holds(f"{ELEMENTS}.{count} === {cards}", 60)
        await page.do(CONFIRM)
        await asyncio.sleep(5)
        elements = await page.do(ELEMENTS)
        picture = await page.picture(1280)
    wrong = [name for name in elements if name in {"hui-error-card", "hui-warning", "ha-alert"}]
    assert not wrong, wrong
    step(f"the dashboard shows its {cards} cards, none with an error")
    return picture


def no_complaints(home: HomeAssistant) -> None:
    """Nothing of us is in its log; that the broker was killed is."""
    complaints = [line for line in home.complaints() if not re.search(LOST_LINK, line)]
    assert not complaints, "\n".join(complaints)
    step("no warning in Home Assistant's log")


def main() -> None:
    """Try it all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hass", required=True)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--picture", type=Path, help="where to put a picture of the dashboard, a PNG")
    words = parser.parse_args()
    os.environ[RESTART_STATUS] = str(STATUS)
    with short_folder() as root, RealMosquitto(root) as broker, RealMpd(root) as mpd:
        for number in range(4):
            mpd.store_playlist("mood-happy", [mpd.add_song(f"{n}.wav") for n in range(number + 1)])
        mpd.update()
        settings = [f"mqtt.port={broker.port}", "mqtt.host=127.0.0.1", f"mpd.host={mpd.socket}",
                    "camera.source=none"]  # fmt: skip
        home = HomeAssistant(words.hass, words.config).start()
        try:
            home.onboard(broker.port)
            step("onboarded, the MQTT integration is there")
            with SpeakerProcess(root, settings) as speaker:
                eventually(lambda: home.state("sensor.moodspeaker_test"), SOON, "the speaker appears")
                step(f"{len(home.states())} entities appear unasked")
                assert len(home.states()) <= MOST_UNASKED
                enable_everything(home)
                shown(home, speaker)
                driven(home, speaker)
                tuned(home, speaker)
                restarted(home, speaker)
                automated(home, speaker)
                picture = asyncio.run(seen(home))
                if words.picture is not None:
                    words.picture.write_bytes(picture)
                home.stop()
                home.start()
                step("Home Assistant was restarted")
                shown(home, speaker)
                no_complaints(home)
                broker.kill()
                eventually(
                    lambda: home.state("sensor.moodspeaker_test") == "unavailable", SOON, "all unavailable"
                )
                broker.start()
                eventually(lambda: home.state("sensor.moodspeaker_test") == "unsure", 60, "all back")
                shown(home, speaker)
                speaker.terminate()
                eventually(lambda: home.state("sensor.moodspeaker_test") == "unavailable", SOON, "it left")
            with SpeakerProcess(root, settings) as speaker:
                eventually(lambda: home.state("sensor.moodspeaker_test") == "unsure", SOON, "it is back")
                shown(home, speaker)
            no_complaints(home)
        finally:
            home.stop()


if __name__ == "__main__":
    main()
