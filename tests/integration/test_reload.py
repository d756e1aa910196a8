"""SIGHUP to the whole daemon: what is refused is logged, shown and told to systemd, and changes nothing."""

from __future__ import annotations

import json
import signal
import socket
from typing import TYPE_CHECKING

from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GOOD = "[mood]\ndwell = 11\n"
BAD = "[mood]\ndwel = 12\n"
REASON = "unknown key mood.dwel: did you mean mood.dwell?"


def test_a_refused_reload_is_loud_and_one_that_is_taken_ends_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = root / "config.toml"
    file.write_text(GOOD, encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(root / "notify"))
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(root / "notify"))
        speaker = SpeakerProcess(root, ["camera.source=none", "mpd.host="])
        speaker.argv += ["--config", str(file)]
        with speaker:
            assert speaker.process is not None
            file.write_text(BAD, encoding="utf-8")
            speaker.process.send_signal(signal.SIGHUP)
            eventually(lambda: speaker.status()["config"]["reload_refused"], 10, "the refusal is shown")
            assert speaker.status()["config"]["reload_refused"] == [f"{file}: {REASON}"]
            said = f"the reload is refused, the old settings stay: {file}: {REASON}"
            assert said in speaker.log.read_text()
            eventually(lambda: b"STATUS=reload refused" in systemd.recv(4096), 10, "systemd is told")

            where = ["--set", f"paths.runtime={root / 'run'}"]
            assert main(["status", "--config", str(file), *where]) == 0
            assert f"the old settings stay: {file}: {REASON}" in capsys.readouterr().out
            assert main(["config", "show", "--json", "--config", str(file), *where]) == 0
            shown, noted = capsys.readouterr()
            assert json.loads(shown)["mood"]["dwell"] == 11
            assert noted == f"moodspeaker: what is written would be refused: {file}: {REASON}\n"

            file.write_text("[mood]\ndwell = 12\n[hold]\nminutes = 5\n", encoding="utf-8")
            speaker.process.send_signal(signal.SIGHUP)
            eventually(lambda: not speaker.status()["config"]["reload_refused"], 10, "the reload is taken")
            assert speaker.ask("/api/config")["in_force"]["mood"]["dwell"] == 12
