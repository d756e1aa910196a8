"""The settings: who wins, what is refused and how it is said, and where secrets come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moodspeaker.config.load import load
from moodspeaker.config.secrets import secret
from moodspeaker.errors import ConfigError

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "moodspeaker.service"
READERS = sorted((UNIT.parents[1] / "moodspeaker").rglob("*.py"))


def reasons(*sets: str, file: Path | None = None, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(file, sets, {"HOME": "/nowhere", **environment})
    return list(caught.value.reasons)


def test_the_later_wins(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[mood]\nconfirm = 1\ndwell = 1\nabsence = 11\ngap = 1\n")
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "10-later.toml").write_text("[mood]\ndwell = 2\nabsence = 12\ngap = 2\n")
    environment = {"HOME": "/nowhere", "MOODSPEAKER_MOOD__ABSENCE": "13", "MOODSPEAKER_MOOD__GAP": "3"}
    mood = load(file, ["mood.gap=4"], environment).mood
    assert (mood.confirm, mood.dwell, mood.absence, mood.gap) == (1, 2, 13, 4)


def test_mistakes_of_all_origins_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[mood]\nconfrim = 1\n")
    said = reasons("camera.source=webcam", "camera.rotation=45", file=file, MOODSPEAKER_MQTT__PORT="many")
    assert len(said) == 4
    for word in (f"{file}: unknown key mood.confrim: did you mean mood.confirm?", "camera.source = 'webcam': write auto",
                 "camera.rotation = 45", "MOODSPEAKER_MQTT__PORT: mqtt.port = 'many'"):  # fmt: skip
        assert any(reason.startswith(word) for reason in said), (word, said)


@pytest.mark.parametrize("key", ["mpd.host", "mqtt.host", "web.host"])
@pytest.mark.parametrize("host", ["a..b", "x" * 64, ".local"])
def test_a_host_that_no_name_service_can_be_asked_for_is_refused(key: str, host: str) -> None:
    [reason] = reasons(f"{key}={host}")
    assert reason.startswith(f"{key} = '{host}': no host is called that")


@pytest.mark.parametrize(
    "host", ["", "localhost", "192.168.1.2", "::1", "küche.local", "/run/mpd/socket", "@mpd"]
)
def test_every_kind_of_address_is_a_host(host: str) -> None:
    assert load(None, [f"mpd.host={host}"], {"HOME": "/nowhere"}).mpd.host == host


def test_a_socket_path_may_be_as_long_as_the_kernel_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = "/tmp/" + "x" * (107 - len("/tmp/" + "/vision.sock"))
    socket = load(None, [f"paths.runtime={longest}"], {"HOME": "/nowhere"}).vision_socket
    assert len(str(socket)) == 107
    [reason] = reasons(f"paths.runtime={longest}x")
    assert "choose a shorter folder" in reason
    deep = tmp_path / ("y" * 90)
    deep.mkdir()
    monkeypatch.chdir(deep)
    [reason] = reasons("paths.runtime=here")
    assert "choose a shorter folder" in reason


def test_shares_that_leave_nothing_for_other_expressions_are_refused() -> None:
    [reason] = reasons("mood.shown=0.9", "mood.resting=0.7")
    assert reason.startswith("mood.shown + resting = 1.6")


@pytest.mark.parametrize("merge", ['{happy = "sad", sad = "happy"}', '{disgust = "angry", angry = "sad"}'])
def test_moods_are_folded_once(merge: str) -> None:
    [reason] = reasons(f"mood.merge={merge}")
    assert reason.startswith("mood.merge: ")
    assert "name the last one for both" in reason


def test_the_credentials_of_the_unit_are_those_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = set(re.findall(r"^#LoadCredential=([^:]+):", UNIT.read_text(), re.MULTILINE))
    read = {name for file in READERS for name in re.findall(r'secret\([^"]+"([^"]+)"\)', file.read_text())}
    assert offered == read == {"mpd-password", "mqtt-password", "web-token"}
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "mpd-password").write_text("hunter2\n")
    assert secret("", "mpd-password") == "hunter2"
    assert secret("", "mqtt-password") == ""
