"""`moodspeaker config`, as a person calls it, with and without a running speaker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.fake_daemon import running

from moodspeaker.cli import main
from moodspeaker.config.explain import as_table
from moodspeaker.config.load import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own settings out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    monkeypatch.setenv("MOODSPEAKER_PATHS__RUNTIME", str(root))
    monkeypatch.setenv("MOODSPEAKER_PATHS__STATE", str(root / "state"))


def test_good_settings_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out == "the settings are good\n"
    assert main(["config", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "reasons": []}


def test_every_bad_setting_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "mpd.hst=x", "--set", "mqtt.port=99999"]
    assert main(["config", "check", *words]) == 2
    err = capsys.readouterr().err
    assert "did you mean mpd.host?" in err
    assert "mqtt.port" in err
    assert main(["config", "check", "--json", *words]) == 2
    assert len(json.loads(capsys.readouterr().out)["reasons"]) == 2


def test_what_the_start_refuses_is_not_called_good(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "web.host=0.0.0.0", "--set", "mqtt.host=hub", "--set", "mqtt.ca_file=/none/ca.pem"]
    assert main(["config", "check", *words]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "moodspeaker: web.host = '0.0.0.0' is open to others: name a file with a token in web.token_file",
        "moodspeaker: mqtt.ca_file = '/none/ca.pem': there is no such file: name a file in PEM",
    ]


def test_a_browsers_camera_without_its_key_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["config", "check", "--set", "camera.source=browser"]
    assert main(words) == 2
    assert "set camera.browser = true" in capsys.readouterr().err
    assert main([*words, "--set", "camera.browser=true"]) == 0


def test_what_is_shown_can_be_read_again_and_holds_no_secret(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "password").write_text("hunter2", encoding="utf-8")
    given = [f"mqtt.password_file={root}/password", "mood.dwell=33", 'mqtt.username=a "b" \\c\n\x7f\t.']
    words = [word for one in given for word in ("--set", one)]
    assert main(["config", "show", *words]) == 0
    shown, said = capsys.readouterr()
    assert "hunter2" not in shown
    assert "no speaker runs here: these are the settings of its next start" in said
    file = root / "shown.toml"
    file.write_text(shown, encoding="utf-8")
    assert main(["config", "show", "--config", str(file)]) == 0
    assert capsys.readouterr().out == shown
    assert main(["config", "show", "--json", *words]) == 0
    assert json.loads(capsys.readouterr().out)["mood"]["dwell"] == 33


def tables(*sets: str) -> dict[str, dict[str, Any]]:
    return as_table(load(None, sets))


def test_a_running_speaker_is_asked_what_is_in_force(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.written = {
            "in_force": tables("mood.dwell=5"),
            "written": tables("mood.dwell=6"),
            "refused": [],
            "page": {},
        }
        assert main(["config", "show"]) == 0
        shown, said = capsys.readouterr()
        assert "dwell = 5.0  # not in force: 6.0" in shown
        assert (
            said == "moodspeaker: not in force yet: mood.dwell: systemctl reload moodspeaker, or restart it\n"
        )
        assert main(["config", "show", "--json", "--set", "mood.gap=2"]) == 0
        shown, said = capsys.readouterr()
        assert json.loads(shown) == tables("mood.dwell=5")
        assert "not in force yet: mood.dwell, mood.gap" in said


def test_settings_that_the_running_speaker_would_refuse_are_said(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(root) as daemon:
        daemon.written = {
            "in_force": tables(),
            "written": None,
            "refused": ["unknown key mood.confrim"],
            "page": {},
        }
        assert main(["config", "show"]) == 0
    shown, said = capsys.readouterr()
    assert "[mood]" in shown
    assert said == "moodspeaker: what is written would be refused: unknown key mood.confrim\n"
