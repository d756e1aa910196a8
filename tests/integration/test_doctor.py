"""`moodspeaker doctor`, as a person calls it: what it finds, and the cure it names."""

from __future__ import annotations

import copy
import functools
import json
import os
import pwd
from typing import TYPE_CHECKING, Self

import pytest
from support.fake_daemon import SNAPSHOT, running
from support.servers import RealMosquitto, RealMpd, free_port

from moodspeaker.cli import client, main
from moodspeaker.cli.doctor import disk, seeing
from moodspeaker.config import check, rights
from moodspeaker.config.load import load
from moodspeaker.domain.observation import PictureHint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from moodspeaker.config.rights import Reader


NO_MUSIC = (
    "no mood has music, so nothing ever changes: "
    "moodspeaker index scan, or save a playlist in MPD named mood-happy, mood-sad, …"
)


@pytest.fixture(autouse=True)
def own_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own settings out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    monkeypatch.setenv("MOODSPEAKER_PATHS__RUNTIME", str(root))
    monkeypatch.setenv("MOODSPEAKER_PATHS__STATE", str(root / "state"))


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


def test_a_doctor_does_not_call_it_well_when_no_mood_has_music(
    mpd_server: RealMpd, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("camera.source=none", f"mpd.host={mpd_server.socket}")
    code, checks = doctor(capsys, *words)
    assert code == 1
    assert checks["music"] == (
        "fault",
        NO_MUSIC,
    )
    mpd_server.add_song("happy/one.wav", genre="happy")
    mpd_server.update()
    code, checks = doctor(capsys, *words)
    assert code == 0
    assert checks["music"] == (
        "ok",
        "there is music for happy; for angry, disgust, fear, sad, surprise, neutral it keeps what plays",
    )
    assert "music" not in doctor(capsys, "camera.source=none", "mpd.host=")[1]


@pytest.fixture
def systemd(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a function that lets `systemctl` answer is-enabled and is-active in these words."""
    monkeypatch.setenv("PATH", f"{root}:{os.environ['PATH']}")
    answers = functools.partial(_systemctl, root)
    answers("", "")
    return answers


def _systemctl(folder: Path, enabled: str, active: str) -> None:
    program = folder / "systemctl"
    program.write_text(
        f"#!/bin/sh\ncase $1 in is-enabled) echo {enabled};; is-active) echo {active};; esac\n"
    )
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("enabled", "active", "cure"),
    [
        ("disabled", "inactive", "MPD is installed but switched off: sudo systemctl enable --now mpd"),
        ("masked", "inactive", "MPD is masked: sudo systemctl unmask mpd && sudo systemctl enable --now mpd"),
        ("enabled", "failed", "MPD does not run: sudo systemctl restart mpd, and see: journalctl -u mpd"),
        ("enabled", "active", "no MPD answers"),
        ("", "inactive", "no MPD answers"),
    ],
)
def test_a_doctor_asks_systemd_for_the_cure(
    systemd: Callable[[str, str], None],
    capsys: pytest.CaptureFixture[str],
    enabled: str,
    active: str,
    cure: str,
) -> None:
    systemd(enabled, active)
    _, checks = doctor(capsys, "mpd.host=127.0.0.1", f"mpd.port={free_port()}")
    assert checks["player"][0] == "fault"
    assert checks["player"][1].startswith(cure)


def test_a_doctor_names_a_port_that_is_none_before_it_sends_anybody_to_systemd(
    systemd: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    systemd("disabled", "inactive")
    monkeypatch.setenv("MPD_HOST", "127.0.0.1")
    monkeypatch.setenv("MPD_PORT", "abc")
    _, checks = doctor(capsys, f"mpd.port={free_port()}")
    assert checks["config"][0] == "warn"
    for name in ("config", "player"):
        assert checks[name][1].startswith("MPD_PORT = 'abc' is no port: write 1 to 65535")


def test_a_doctor_asks_systemd_of_the_broker_too(
    systemd: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    systemd("disabled", "inactive")
    _, checks = doctor(capsys, "mpd.host=", "mqtt.host=localhost", f"mqtt.port={free_port()}")
    cure = "Mosquitto is installed but switched off: sudo systemctl enable --now mosquitto"
    assert checks["broker"] == ("fault", cure)


@pytest.mark.usefixtures("systemd")
def test_a_doctor_names_cause_and_cure(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = doctor(
        capsys, "camera.source=v4l2:/dev/video99", "mpd.host=127.0.0.1", f"mpd.port={free_port()}",
        "mqtt.host=127.0.0.1", f"mqtt.port={free_port()}", f"models.path={root}",
        "paths.state=/proc/moodspeaker",
    )  # fmt: skip
    assert code == 1
    for name, cure in (
        ("camera", "plug the camera in"), ("player", "mpd"), ("broker", "mqtt.host"),
        ("models", "models.path"), ("state", "paths.state"),
    ):  # fmt: skip
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
            capsys, "mqtt.host=127.0.0.1", f"mqtt.port={broker.port}", "mqtt.username=me",
            f"mqtt.password_file={root}/wrong", f"mpd.host={player.socket}",
            f"mpd.password_file={root}/wrong",
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


def test_a_doctor_tells_what_the_start_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = doctor(capsys, "web.host=0.0.0.0", "mpd.host=")
    assert code == 1
    assert checks["config"][0] == "fault"
    assert "web.token_file" in checks["config"][1]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            {"reload_refused": ["bad key"]},
            "the running speaker refused them at its last reload, and keeps the old ones: bad key",
        ),
        ({"restart_for": ["mqtt"]}, "changed, and takes effect with: systemctl restart moodspeaker: mqtt"),
        ({"left_out": ["mood.old is left out"]}, "mood.old is left out"),
    ],
)
def test_a_doctor_tells_what_became_of_the_last_reload(
    root: Path, capsys: pytest.CaptureFixture[str], told: dict[str, list[str]], message: str
) -> None:
    with running(root) as daemon:
        daemon.shown = {**SNAPSHOT, "config": told}
        _, checks = doctor(capsys, "mpd.host=")
    assert checks["config"] == ("warn", message)


@pytest.mark.parametrize("source", ["file:~nobodyhere/x", "replay:~nobodyhere/x"])
def test_a_doctor_gets_over_a_home_that_is_not_there(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = doctor(capsys, f"camera.source={source}")
    assert code == 1
    assert "write the whole path" in checks["config"][1]


# --- who may read and write what: the service's user counts, not whoever asks


@pytest.fixture
def service(root: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The user of an installed service whose runtime folder is `root`."""
    daemon = pwd.getpwnam("daemon")
    monkeypatch.setattr(rights, "SERVICE_RUNTIME", str(root))
    monkeypatch.setattr(pwd, "getpwnam", lambda _: daemon)
    monkeypatch.setattr(os, "getgrouplist", lambda *_: [daemon.pw_gid])
    root.chmod(0o755)
    return rights.user_of(root)


@pytest.mark.parametrize(("mode", "verdict"), [(0o777, "ok"), (0o700, "fault"), (None, "ok")])
def test_the_state_folder_is_the_services(
    root: Path, service: Reader, mode: int | None, verdict: str
) -> None:
    if mode is not None:
        (root / "state").mkdir()
        (root / "state").chmod(mode)
    found = disk.state(load(), None)
    assert found.verdict == verdict
    assert ("sudo chown -R moodspeaker" in found.message) == (verdict == "fault")
    assert service.service


@pytest.mark.usefixtures("service")
def test_a_closed_replay_and_a_film_at_home_are_named_with_the_cure(root: Path) -> None:
    replay = root / "day"
    replay.mkdir(mode=0o700)
    closed = seeing.camera(load(sets=[f"camera.source=replay:{replay}"]), {})
    assert closed.verdict == "fault"
    assert closed.message.endswith(f"moodspeaker-vision may not read it: sudo chmod -R o+rX {replay}")
    told = {"camera": {"state": "lost", "reason": "camera file:/home/me/a.mp4: Permission denied"}}
    film = seeing.camera(load(sets=["camera.source=file:/home/me/a.mp4"]), told)
    assert film.message == (
        "camera file:/home/me/a.mp4: Permission denied: "
        "a service sees nothing below /home (ProtectHome=yes): move it to another folder, such as /srv"
    )


@pytest.mark.usefixtures("service")
def test_a_token_of_root_alone_is_named_with_the_cure(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = root / "token"
    token.write_text("s3cret")
    token.chmod(0o600)
    code, checks = doctor(capsys, f"web.token_file={token}", "mpd.host=")
    assert code == 1
    assert checks["config"] == (
        "fault",
        f"web.token_file = '{token}': moodspeaker may not read it: sudo chown moodspeaker {token}",
    )


@pytest.mark.usefixtures("service")
def test_a_token_that_the_unit_gives_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("web.host=0.0.0.0", "mpd.host=")
    assert doctor(capsys, *words)[1]["config"][0] == "fault"
    monkeypatch.setattr(check, "service_credentials", lambda: frozenset({"web-token"}))
    assert doctor(capsys, *words)[1]["config"][0] == "ok"


@pytest.mark.parametrize(
    ("told", "sensing", "words"),
    [
        ({"state": "ok", "open": True}, True, "it is open and sees"),
        ({"state": "dark", "open": True}, True, "it is open; the room is dark"),
        ({"state": "off", "open": False}, False, "it is closed, because sensing is off"),
    ],
)
def test_the_camera_of_the_running_speaker_is_told_in_words(
    told: dict[str, object], words: str, *, sensing: bool
) -> None:
    found = seeing.camera(load(sets=["camera.source=v4l2:/dev/null"]), {"camera": told, "sensing": sensing})
    assert (found.verdict, found.message) == ("ok", f"v4l2:/dev/null: {words}")


class ClosedSocket:
    """A socket whose path is not ours to open."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def settimeout(self, _: float) -> None:
        """Do nothing."""

    def connect(self, _: str) -> None:
        """Refuse."""
        raise PermissionError


def test_somebody_outside_the_group_is_told_how_to_get_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(client.socket, "socket", ClosedSocket)
    assert main(["status"]) == 1
    assert "sudo usermod -aG moodspeaker $USER, then log in again" in capsys.readouterr().err


def test_a_browsers_camera_that_waits_is_no_fault_and_one_without_its_key_is() -> None:
    allowed = {"camera.source=browser", "camera.browser=true"}
    told = {"state": "off", "open": False, "reason": "open the page", "browser": "waits"}
    waits = seeing.camera(load(None, sorted(allowed), {}), {"camera": told, "sensing": True})
    assert (waits.verdict, waits.message[:38]) == ("ok", "browser: no browser sends pictures: op")
    told = {"state": "off", "open": False, "reason": "set camera.browser = true", "browser": None}
    lacks = seeing.camera(load(None, ["camera.source=browser"], {}), {"camera": told, "sensing": True})
    assert (lacks.verdict, lacks.message) == ("fault", "set camera.browser = true")


def test_each_hint_at_the_picture_has_a_cure_in_words() -> None:
    told = {"camera": {"state": "ok", "open": True, "hints": [str(hint) for hint in PictureHint]}}
    found = list(seeing.picture(told))
    assert [check.verdict for check in found] == ["warn"] * len(PictureHint)
    assert not {str(hint) for hint in PictureHint} & {check.message for check in found}
    browsers = list(seeing.picture({"camera": {**told["camera"], "browser": "sends"}}))
    assert len(browsers) == len(PictureHint)
    assert not any("camera." in check.message for check in browsers), "no setting turns a browser's camera"
    assert list(seeing.picture({"camera": {"hints": []}})) == list(seeing.picture({})) == []
