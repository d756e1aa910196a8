"""The two units, the users and the folder of the sockets, read by systemd itself."""

import configparser
import subprocess
from pathlib import Path

import pytest
from support.servers import require

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = ("moodspeaker.service", "moodspeaker-vision.service")
SCAN = ("moodspeaker-index.service", "moodspeaker-index.timer", "moodspeaker-index.path")
each_unit = pytest.mark.parametrize("unit", UNITS)


def call(*command: object, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], input=given, capture_output=True, text=True, check=False
    )


def settings(unit: str) -> dict[str, list[str]]:
    """Return the values of each key of a unit's [Service], in their order."""
    found: dict[str, list[str]] = {}
    lines = (FOLDER / unit).read_text().partition("[Service]\n")[2].partition("\n[")[0].splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("unit", UNITS + SCAN)
def test_systemd_has_nothing_to_say_against_it(unit: str, tmp_path: Path) -> None:
    for name in UNITS + SCAN:
        text = (FOLDER / name).read_text().replace("/opt/moodspeaker/bin/moodspeaker", "/bin/true")
        (tmp_path / name).write_text(text)
    answer = call(require("systemd-analyze"), "verify", "--man=no", tmp_path / unit)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


@pytest.mark.parametrize("unit", [*UNITS, SCAN[0]])
def test_it_is_hardened(unit: str) -> None:
    answer = call(
        require("systemd-analyze"), "security", "--offline=yes", "--no-pager", "--threshold=25", FOLDER / unit
    )
    assert answer.returncode == 0, answer.stdout[-200:]


@each_unit
def test_it_is_watched_restarted_for_ever_and_not_for_a_wrong_setting(unit: str) -> None:
    found = settings(unit)
    assert found["Type"] == ["notify"]
    assert int(found["WatchdogSec"][0]) >= 10
    assert found["ExecReload"][0] == "/bin/kill -HUP $MAINPID"
    assert (found["Restart"], found["RestartSec"], found["RestartPreventExitStatus"]) == (
        ["always"],
        ["2"],
        ["2"],
    )
    assert "StartLimitIntervalSec=0" in (FOLDER / unit).read_text()
    assert "MOODSPEAKER_PATHS__RUNTIME=/run/moodspeaker" in found["Environment"][0]


def test_a_restart_that_is_asked_for_happens_whatever_restart_says() -> None:
    found = settings("moodspeaker.service")
    [status] = found["RestartForceExitStatus"]
    assert found["SuccessExitStatus"] == [status]
    assert f"MOODSPEAKER_RESTART_STATUS={status}" in found["Environment"][0].split()
    assert status not in found["RestartPreventExitStatus"]


def test_a_scan_may_be_started_as_often_as_mpd_writes() -> None:
    # With systemd's default of five starts in ten seconds the path unit failed, and stayed so.
    assert "StartLimitIntervalSec=0" in (FOLDER / "moodspeaker-index.service").read_text()


def test_a_reload_of_bad_settings_fails_visibly() -> None:
    # systemd runs the lines in their order, and fails the reload with the first that fails.
    check = "/opt/moodspeaker/bin/moodspeaker config check"
    assert settings("moodspeaker.service")["ExecReload"][1:] == [check]


def test_the_wall_vision_has_the_camera_and_no_network() -> None:
    found = settings("moodspeaker-vision.service")
    assert (found["PrivateNetwork"], found["IPAddressDeny"]) == (["yes"], ["any"])
    assert found["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]
    assert found["DevicePolicy"] == ["closed"]
    assert "char-video4linux rw" in found["DeviceAllow"]
    assert not {"PrivateDevices", "ProtectClock", "StateDirectory"} & found.keys()


def test_the_wall_the_speaker_has_the_network_and_no_device() -> None:
    found = settings("moodspeaker.service")
    assert found["PrivateDevices"] == ["yes"]
    assert found["StateDirectory"] == ["moodspeaker"]
    assert "MOODSPEAKER_VISION__SPAWN=false" in found["Environment"][0]
    assert not {"DeviceAllow", "SupplementaryGroups", "PrivateNetwork"} & found.keys()
    assert found["User"] != settings("moodspeaker-vision.service")["User"]


def test_a_reload_that_is_refused_is_told_to_who_asked_for_it() -> None:
    found = settings("moodspeaker.service")
    assert found["ExecReload"][1:] == ["/opt/moodspeaker/bin/moodspeaker config check"]


def test_music_server_and_broker_are_waited_for_and_not_required() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / "moodspeaker.service")
    assert {"mpd.service", "mosquitto.service"} <= set(parser["Unit"]["After"].split())
    assert "Requires" not in parser["Unit"]
    assert not {"mpd.service", "mosquitto.service"} & set(parser["Unit"]["Wants"].split())


def test_the_scan_of_songs_gives_way_to_everything_else() -> None:
    found = settings(SCAN[0])
    assert (found["Nice"], found["IOSchedulingClass"], found["CPUSchedulingPolicy"]) == (
        ["19"],
        ["idle"],
        ["idle"],
    )
    assert (found["Type"], found["TimeoutStartSec"]) == (["oneshot"], ["infinity"])


def test_the_scan_of_songs_has_no_device_and_the_speaker_s_state() -> None:
    found, speaker = settings(SCAN[0]), settings("moodspeaker.service")
    assert found["PrivateDevices"] == ["yes"]
    assert found["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
    same = ("User", "Group", "StateDirectory", "StateDirectoryMode")
    assert [found[key] for key in same] == [speaker[key] for key in same]


def test_only_vision_s_user_is_in_the_group_video(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    answer = call(
        require("systemd-sysusers"), f"--root={tmp_path}", "-", given=(FOLDER / "sysusers.conf").read_text()
    )
    assert answer.returncode == 0, answer.stderr
    groups = dict(line.split(":")[0::3] for line in (tmp_path / "etc/group").read_text().splitlines())
    numbers = {
        line.split(":")[0]: line.split(":")[2] for line in (tmp_path / "etc/group").read_text().splitlines()
    }
    users = {
        line.split(":")[0]: line.split(":")[3] for line in (tmp_path / "etc/passwd").read_text().splitlines()
    }
    assert users == {"moodspeaker": numbers["moodspeaker"], "moodspeaker-vision": numbers["moodspeaker"]}
    assert groups["video"] == "moodspeaker-vision"


def test_the_folder_of_the_sockets_is_for_the_two_alone() -> None:
    lines = [line for line in (FOLDER / "tmpfiles.conf").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["d /run/moodspeaker 0770 root moodspeaker -"]
    assert all("/run/moodspeaker" in settings(unit)["ReadWritePaths"] for unit in UNITS)
    assert not any("RuntimeDirectory" in settings(unit) for unit in UNITS)
