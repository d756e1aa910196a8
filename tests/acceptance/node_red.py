"""A real Node-RED with the example flow, a real broker and the whole speaker.  Not part of CI.

    PYTHONPATH=.:tests python tests/acceptance/node_red.py --node-red "FOLDER/node_modules/.bin/node-red"

`--node-red` is the command that starts it (`npm install node-red` in a folder outside this one).  The flow is
loaded as it is, but for the broker's port and the `mqtt.id`; what its two debug nodes are given is published
too, so that it can be seen.  It prints a line for each step and ends with 1 at the first that fails.

Last tried with Node-RED 4.1.15 (Node.js 20.20.2) and Mosquitto 2.0.11.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from support.bystander import Bystander
from support.servers import RealMosquitto, RealMpd, free_port, short_folder
from support.speaker_process import SpeakerProcess, eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

SLOW: Final = 120.0
"""Seconds that Node-RED may take to start."""
SOON: Final = 20.0
FLOW: Final = Path(__file__).parents[2] / "config" / "examples" / "node-red" / "flow.json"
SEEN: Final = {"ms-light": "seen/light", "ms-why": "seen/why"}
"""Where what a debug node is given is published."""


def flow(broker: int) -> list[dict[str, Any]]:
    """Return the example for this broker, with what shows what its debug nodes are given."""
    nodes: list[dict[str, Any]] = json.loads(FLOW.read_text(encoding="utf-8").replace("kitchen", "test"))
    for node in nodes:
        if node["type"] == "mqtt-broker":
            node["port"] = str(broker)
        wires = node.get("wires", [])
        for output in wires:
            output += [f"{name}-seen" for name in SEEN if name in output]
    for name, topic in SEEN.items():
        nodes.append(
            {"id": f"{name}-seen", "type": "mqtt out", "z": "ms-tab", "topic": topic, "qos": "1",
             "retain": "false", "broker": "ms-broker", "x": 0, "y": 0, "wires": []}
        )  # fmt: skip
    return nodes


class NodeRed:
    """A Node-RED with a folder of its own."""

    def __init__(self, command: str, folder: Path, nodes: Sequence[dict[str, Any]]) -> None:
        self.port, self.log = free_port(), folder / "node-red.log"
        (folder / "flow.json").write_text(json.dumps(nodes), encoding="utf-8")
        (folder / "settings.js").write_text(
            f'module.exports = {{uiHost: "127.0.0.1", uiPort: {self.port}, flowFile: "flow.json",\n'
            "  telemetry: {enabled: false}, diagnostics: {enabled: false}};\n",
            encoding="utf-8",
        )
        self.command = [*shlex.split(command), "--userDir", str(folder)]

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(lambda: "Started flows" in self.log.read_text(), SLOW, "Node-RED has started the flow")
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)
        if error is not None:
            print(self.log.read_text())

    def press(self, node: str) -> None:
        """Press an inject node's button."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/inject/{node}", b"{}", method="POST")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200, answer.status


def step(text: str) -> None:
    """Say what holds."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def driven(node_red: NodeRed, speaker: SpeakerProcess, bystander: Bystander) -> None:
    """Every node of the flow does what its name says."""

    def seen(name: str) -> list[bytes]:
        return [payload for topic, payload, _ in bystander.messages if topic == SEEN[name]]

    node_red.press("ms-button")
    eventually(lambda: speaker.status()["hold"]["active"], SOON, "the music is held")
    step("inject: hold for 30 minutes")
    eventually(lambda: any(b"30 minutes" in said for said in seen("ms-why")), SOON, "why it is held")
    step("decisions arrive")
    node_red.press("ms-pulse")
    eventually(lambda: speaker.status()["evidence"], SOON, "a pulse is evidence")
    [said] = speaker.status()["evidence"]
    assert (said["source"], said["arousal"], said["weight"]) == ("pulse", 0.6, 0.5), said
    step("inject: a pulse joins the mood")
    for mood, percent in {"sad": b"30", "happy": b"80"}.items():
        evidence = {"source": "tester", "emotion": mood, "weight": 1, "seconds": 120}
        speaker.ask("/api/command", {"evidence": evidence})
        eventually(lambda mood=mood: speaker.status()["mood"] == mood, 120, f"the mood is {mood}")
        eventually(lambda percent=percent: seen("ms-light")[-1:] == [percent], SOON, f"{mood}: {percent!r}")
        step(f"mood {mood}: the light is at {percent.decode()} %")


def main() -> None:
    """Try it all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--node-red", required=True)
    words = parser.parse_args()
    with (
        short_folder() as root,
        short_folder() as folder,
        RealMosquitto(root) as broker,
        RealMpd(root) as mpd,
    ):
        mpd.store_playlist("mood-happy", [mpd.add_song("one.wav")])
        mpd.update()
        settings = [f"mqtt.port={broker.port}", "mqtt.host=127.0.0.1", f"mpd.host={mpd.socket}",
                    "camera.source=none", "vision.spawn=false", "mood.dwell=1", "mood.confirm=1"]  # fmt: skip
        with (
            SpeakerProcess(root, settings) as speaker,
            Bystander(broker.port) as bystander,
            NodeRed(words.node_red, folder, flow(broker.port)) as node_red,
        ):
            driven(node_red, speaker, bystander)
            speaker.ask("/api/command", {"hold": "off"})
            broker.kill()
            broker.start()
            eventually(
                lambda: node_red.log.read_text().count("Connected to broker") > 1, 60, "Node-RED reconnects"
            )
            eventually(lambda: speaker.status()["broker"]["state"] == "ok", 60, "the speaker reconnects")
            node_red.press("ms-button")
            eventually(lambda: speaker.status()["hold"]["active"], SOON, "the music is held again")
            step("the broker was killed and is back: the flow works again")
            bad = [line for line in node_red.log.read_text().splitlines() if "[error]" in line]
            assert not bad, bad
            step("no error in Node-RED's log")


if __name__ == "__main__":
    main()
