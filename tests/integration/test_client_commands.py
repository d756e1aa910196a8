"""`status`, `why`, `command`, `config` and `doctor`, as a person calls them."""

from __future__ import annotations

import asyncio
import copy
import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.fake_daemon import DECISIONS, SNAPSHOT, FakeDaemon, settings
from support.servers import RealMosquitto, RealMpd, free_port

from moodspeaker.cli import main
from moodspeaker.cli.status import lines
from moodspeaker.domain.commands import Hold
from moodspeaker.errors import StoreError
from moodspeaker.web.api import Api

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def running(root: Path) -> Iterator[FakeDaemon]:
    """Serve a fake daemon on `root`'s socket from another thread."""
    daemon = FakeDaemon()
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        api = Api(daemon, settings(root))
        await api.start()
        up.set()
        await down.wait()
        await api.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert up.wait(5)
    try:
        yield daemon
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join()
        loop.close()


@pytest.fixture(autouse=True)
def own_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own settings out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    monkeypatch.setenv("MOODSPEAKER_PATHS__RUNTIME", str(root))
    monkeypatch.setenv("MOODSPEAKER_PATHS__STATE", str(root / "state"))


# --- status, why, command -----------------------------------------------------------------------------------------------


def test_status_shows_everything(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        shown = copy.deepcopy(SNAPSHOT)
        shown["hold"] = {"active": True, "until": "2026-03-01T11:00:00Z"}
        shown["override"] = "sad"
        shown["store"] = {"fault": "the disk is full: free some space"}
        daemon.shown = shown
        assert main(["status"]) == 0
    text = capsys.readouterr().out
    for part in ("happy, 83% sure", "A & B - <img", "mood-happy (stored playlist) for happy", "sad when this song ends",
                 "hold       until 2026-03-01", "plays to sad", "ok, open, sensing on", "refused: the MQTT broker at hub:1883",
                 "face 1.0.0, emotion 1.0.0", "the disk is full"):  # fmt: skip
        assert part in text
    assert len([line for line in text.splitlines() if "%" in line and "█" in line]) == 4


def test_status_of_the_first_moment(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.shown = {
            "mood": "unsure", "since": None, "confidence": 0, "probabilities": None, "faces": 0, "sensing": False,
            "camera": {"state": "off", "open": False}, "player": {"state": "off", "uri": None, "title": None, "artist": None},
            "broker": {"state": "off"}, "selection": None, "pending": None, "hold": {"active": True, "until": None}, "models": {},
        }  # fmt: skip
        assert main(["status"]) == 0
    text = capsys.readouterr().out
    assert "off, closed, sensing off" in text
    assert "until you play or resume" in text
    assert "none yet" in text


@pytest.mark.parametrize(("hold", "shown"), [
    ({"active": True, "hand": "waiting", "until": None}, "until you play or resume"),
    ({"active": True, "hand": "held", "until": None}, "as long as the stream plays"),
])  # fmt: skip
def test_status_tells_who_holds_the_music(hold: dict[str, object], shown: str) -> None:
    assert ("hold", shown) in list(lines({**SNAPSHOT, "hold": hold}))


def test_status_tells_why_there_is_no_page() -> None:
    assert ("page", "the port is taken") in list(lines({**SNAPSHOT, "web": {"fault": "the port is taken"}}))


def test_status_as_json_is_the_snapshot(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root):
        assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == SNAPSHOT


def test_why_tells_rule_and_evidence_newest_last(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root):
        assert main(["why", "-n", "2"]) == 0
        older, newer = capsys.readouterr().out.splitlines()
        assert "kept      angry     no music for angry" in older
        assert "switches at the song's end  (confidence 0.71, song One)" in newer
        assert main(["why", "--json"]) == 0
        assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == DECISIONS


def test_a_command_is_given(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        assert main(["command", '{"hold": 5}']) == 0
        assert daemon.given == [Hold(5.0)]
        assert json.loads(capsys.readouterr().out) == SNAPSHOT
        daemon.refusal = StoreError("the disk is full")
        assert main(["command", '{"hold": 5}']) == 1
        assert "the disk is full" in capsys.readouterr().err


def test_a_malformed_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["command", '{"hold": "soon"}']) == 2
    assert "minutes" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["why"], ["command", '{"play": "on"}']])
@pytest.mark.parametrize("left", ["nothing", "a dead socket"])
def test_no_daemon_is_said(
    root: Path, words: list[str], left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if left == "a dead socket":
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(root / "api.sock"))
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert f"moodspeaker is not running (no answer on {root}/api.sock)" in err
    assert "moodspeaker run" in err


@pytest.mark.parametrize("words", [["-n", "0"], ["-n", "x"], ["-n", "501"], ["-n", "0" * 20 + "1"]])
def test_why_refuses_a_count_that_is_none(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["why", *words])
    assert caught.value.code == 2
    assert "from 1 to 500" in capsys.readouterr().err


@pytest.mark.usefixtures("unmeasured")
def test_the_clients_load_no_server() -> None:
    script = (
        "import sys\n"
        "from moodspeaker.cli import main\n"
        "code = main(['status'])\n"
        "heavy = {'aiohttp', 'paho', 'mpd', 'cv2', 'numpy', 'sqlite3'} & set(sys.modules)\n"
        "sys.exit(f'{code} {sorted(heavy)}')\n"
    )
    checkout = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=checkout
    )
    assert done.stderr.splitlines()[-1] == "1 []"


# --- config -------------------------------------------------------------------------------------------------------------


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


def test_what_is_shown_can_be_read_again_and_holds_no_secret(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "password").write_text("hunter2", encoding="utf-8")
    words = [
        "--set",
        f"mqtt.password_file={root}/password",
        "--set",
        "mood.dwell=33",
        "--set",
        'mqtt.username=a "b" \\c\n\x7f\t',
    ]
    assert main(["config", "show", *words]) == 0
    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    file = root / "shown.toml"
    file.write_text(shown, encoding="utf-8")
    assert main(["config", "show", "--config", str(file)]) == 0
    assert capsys.readouterr().out == shown
    assert main(["config", "show", "--json", *words]) == 0
    assert json.loads(capsys.readouterr().out)["mood"]["dwell"] == 33


# --- doctor -------------------------------------------------------------------------------------------------------------


def doctor(capsys: pytest.CaptureFixture[str], *sets: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit code and the checks by name: verdict and message."""
    words = [word for one in sets for word in ("--set", one)]
    code = main(["doctor", "--json", *words])
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] == (code == 0)
    return code, {check["name"]: (check["verdict"], check["message"]) for check in answer["checks"]}


def test_a_doctor_finds_the_servers(
    mpd_server: RealMpd, mosquitto: RealMosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    _, checks = doctor(
        capsys,
        "camera.source=none",
        f"mpd.host={mpd_server.socket}",
        "mqtt.host=127.0.0.1",
        f"mqtt.port={mosquitto.port}",
    )
    for name in ("config", "runtime", "camera", "player", "broker", "state", "disk", "clock"):
        assert checks[name][0] == "ok", checks[name]
    assert checks["speaker"][0] == "warn"


def test_a_doctor_names_cause_and_cure(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = doctor(
        capsys, "camera.source=v4l2:/dev/video99", "mpd.host=127.0.0.1", f"mpd.port={free_port()}", "mqtt.host=127.0.0.1",
        f"mqtt.port={free_port()}", f"models.path={root}", "paths.state=/proc/moodspeaker",
    )  # fmt: skip
    assert code == 1
    for name, cure in (("camera", "plug the camera in"), ("player", "mpd"), ("broker", "mqtt.host"), ("models", "models.path"),
                       ("state", "paths.state")):  # fmt: skip
        verdict, message = checks[name]
        assert verdict == "fault", name
        assert cure in message
        assert "\n" not in message


def test_a_doctor_knows_refused_passwords(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "mqtt").mkdir()
    (root / "mpd").mkdir()
    (root / "wrong").write_text("wrong\n", encoding="utf-8")
    with (
        RealMosquitto(root / "mqtt", users={"me": "right"}) as broker,
        RealMpd(root / "mpd", password="right") as player,
    ):
        code, checks = doctor(
            capsys, "mqtt.host=127.0.0.1", f"mqtt.port={broker.port}", "mqtt.username=me", f"mqtt.password_file={root}/wrong",
            f"mpd.host={player.socket}", f"mpd.password_file={root}/wrong",
        )  # fmt: skip
    assert code == 1
    assert checks["broker"][0] == "fault"
    assert "mqtt.password_file" in checks["broker"][1]
    assert checks["player"][0] == "fault"
    assert "mpd.password_file" in checks["player"][1]


def test_a_doctor_believes_the_running_speaker(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        shown = copy.deepcopy(SNAPSHOT)
        shown["broker"] = {"state": "ok", "reason": ""}
        shown["store"] = {"fault": "the disk is full"}
        shown["camera"] = {"state": "lost", "open": False, "reason": "unplugged: plug it in"}
        daemon.shown = shown
        code, checks = doctor(
            capsys,
            "mqtt.host=127.0.0.1",
            f"mqtt.port={free_port()}",
            "mpd.host=127.0.0.1",
            f"mpd.port={free_port()}",
        )
    assert code == 1
    assert checks["speaker"][0] == "ok"
    assert checks["broker"] == ("ok", "the running speaker is connected")
    assert checks["player"] == ("ok", "the running speaker is connected")
    assert checks["state"] == ("fault", "the disk is full")
    assert checks["camera"] == ("fault", "unplugged: plug it in")


def test_a_doctor_tells_bad_settings(capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = doctor(capsys, "mpd.hst=x")
    assert code == 1
    assert "did you mean mpd.host?" in checks["config"][1]
    assert main(["doctor", "--set", "mpd.hst=x"]) == 1
    assert capsys.readouterr().out.startswith("fault  config")
