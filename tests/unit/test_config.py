"""The settings: who wins, what is refused and how it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from moodspeaker.config.explain import known_keys
from moodspeaker.config.load import load
from moodspeaker.errors import ConfigError


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
    for word in (
        f"{file}: unknown key mood.confrim: did you mean mood.confirm?",
        "camera.source = 'webcam': write auto",
        "camera.rotation = 45",
        "MOODSPEAKER_MQTT__PORT: mqtt.port = 'many'",
    ):
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


def test_a_byte_order_mark_and_crlf_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[mood]\r\ndwell = 33\r\n[mqtt]\r\nid = 'me'\r\n")
    config = load(file, (), {"HOME": "/nowhere", "MOODSPEAKER_MQTT__HOST": "broker\r"})
    assert (config.mood.dwell, config.mqtt.id, config.mqtt.host) == (33, "me", "broker")


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        ("[mood]\n".encode("utf-16"), "save it as UTF-8"),
        (b"[mood\n", "not TOML"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_cure(tmp_path: Path, content: bytes, cure: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    [reason] = reasons(file=file)
    assert reason.startswith(f"{file}: ")
    assert cure in reason


PATHS = (
    "models.path", "mpd.password_file", "mqtt.password_file", "mqtt.ca_file", "mqtt.cert_file",
    "mqtt.key_file", "web.token_file", "paths.state", "paths.runtime", "web.cert_file", "web.key_file",
)  # fmt: skip


@pytest.mark.parametrize("key", PATHS)
def test_a_tilde_is_the_home_folder_in_every_path(key: str) -> None:
    section, name = key.split(".")
    found = getattr(getattr(load(None, [f"{key}=~/x"], {}), section), name)
    assert found == str(Path.home() / "x")


@pytest.mark.parametrize("kind", ["file", "replay", "v4l2"])
def test_a_tilde_is_the_home_folder_in_the_camera_s_source(kind: str) -> None:
    assert load(None, [f"camera.source={kind}:~/x"], {}).camera.source == f"{kind}:{Path.home()}/x"


@pytest.mark.parametrize(
    "word", [*(f"{key}=" for key in PATHS), "camera.source=file:", "camera.source=replay:"]
)
def test_a_tilde_of_nobody_is_refused(word: str) -> None:
    [reason] = reasons(f"{word}~nobodyhere/x")
    assert reason.endswith("that user has no home folder: write the whole path")


def test_a_path_key_is_one_by_its_type() -> None:
    """A new key for a path is not forgotten in the tests above."""
    spelled = [
        name for name in known_keys(()) for name in known_keys((name,)) if name.endswith(("_file", ".path"))
    ]
    assert set(spelled) < set(PATHS)


def test_a_path_that_no_message_can_show_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[web]\ntoken_file = "/a\\u0000b"\n[camera]\nsource = "file:/a\\u0007"\n')
    assert all("cannot be shown" in reason for reason in reasons(file=file))
    assert len(reasons(file=file)) == 2


def test_somebody_without_a_home_has_folders_all_the_same() -> None:
    assert load(None, (), {"HOME": ""}).paths.state.startswith("/")
