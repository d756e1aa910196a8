"""What is in force, and what a reload does to it; and that a check refuses what the start refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodspeaker.config.check import cautions, refusals, web_token
from moodspeaker.config.in_force import InForce
from moodspeaker.config.layers import Layers
from moodspeaker.config.load import load
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from moodspeaker.config.schema import Config


def settings(*sets: str) -> Config:
    return load(None, sets, {"HOME": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere"})


def running(config: Config, load: Callable[[], Config]) -> InForce:
    """Return what is in force of a speaker that started with `config` and finds what `load` gives."""

    def layers() -> Layers:
        found = load()
        return Layers(found, found)

    return InForce.at_start(Layers(config, config), layers)


def refused() -> Config:
    raise ConfigError(["unknown key mood.confrim", "mqtt.port = 'many'"])


def test_a_reload_takes_what_needs_no_restart() -> None:
    before = running(settings("mood.dwell=1"), lambda: settings("mood.dwell=2", "music.switch=now"))
    after = before.reload()
    assert (after.config.mood.dwell, after.config.music.switch) == (2, "now")
    assert (after.reload_refused, after.restart_for, after.status) == ((), (), "")


def test_what_needs_a_restart_is_named_and_not_in_force() -> None:
    new = settings("mqtt.host=hub", "vision.spawn=false", "vision.interval=2", "mood.dwell=2")
    before = running(settings(), lambda: new)
    after = before.reload()
    assert after.restart_for == ("mqtt", "vision.spawn")
    assert (after.config.mqtt.host, after.config.vision.spawn) == ("", True)
    assert (after.config.vision.interval, after.config.mood.dwell) == (2, 2)
    assert after.reload_refused == ()
    assert running(after.config, settings).reload().restart_for == ()


def test_a_refused_reload_changes_nothing_and_is_shown_until_one_is_taken() -> None:
    before = running(settings("mood.dwell=7"), refused)
    after = before.reload()
    assert after.config is before.config
    assert after.reload_refused == ("unknown key mood.confrim", "mqtt.port = 'many'")
    assert after.status == "reload refused: unknown key mood.confrim; mqtt.port = 'many'"
    assert running(after.config, settings).reload().reload_refused == ()


def test_what_is_written_is_compared_with_what_is_in_force() -> None:
    compared = running(settings("mood.dwell=7"), lambda: settings("mood.dwell=8")).compared()
    assert [compared[name]["mood"]["dwell"] for name in ("in_force", "written")] == [7, 8]  # type: ignore[index]
    compared = running(settings(), refused).compared()
    assert compared["written"] is None
    assert compared["refused"] == ["unknown key mood.confrim", "mqtt.port = 'many'"]


def test_a_page_for_others_without_a_token_is_refused_by_check_reload_and_start_alike(tmp_path: Path) -> None:
    config = settings("web.host=0.0.0.0")
    reason = "web.host = '0.0.0.0' is open to others: name a file with a token in web.token_file"
    assert list(refusals(config)) == [reason]
    assert running(settings(), lambda: config).reload().reload_refused == (reason,)
    with pytest.raises(ConfigError, match="is open to others"):
        web_token(config.web)
    token = tmp_path / "token"
    token.write_bytes(b"\xef\xbb\xbf s3cret \r\n")
    config = settings("web.host=0.0.0.0", f"web.token_file={token}")
    assert list(refusals(config)) == []
    token.write_bytes(b"\r\n")
    empty = f"web.token_file = '{token}': the file is empty: write the token into it, or name none"
    assert list(refusals(config)) == [empty]
    token.write_bytes(b"s3cret")
    assert web_token(config.web) == "s3cret"
    assert list(refusals(settings("web.host=0.0.0.0", "web.port=0"))) == []


def test_a_page_whose_token_file_is_empty_is_not_opened_to_this_machine_either(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(" \n", encoding="utf-8")
    with pytest.raises(ConfigError, match="the file is empty: write the token into it"):
        web_token(settings(f"web.token_file={token}").web)


def test_an_empty_password_file_is_taken_with_a_word_of_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.touch()
    words = [f"{part}.{word}" for part in ("mpd", "mqtt") for word in ("host=den", f"password_file={file}")]
    config = settings(*words)
    assert list(refusals(config)) == []
    assert list(cautions(config, 0)) == [
        f"{part}.password_file = '{file}': the file is empty: write the password into it, or name none"
        for part in ("mpd", "mqtt")
    ]
    file.write_text("hunter2", encoding="utf-8")
    assert list(cautions(config, 0)) == []
    file.unlink()  # a refusal, and no second word of it
    assert [reason.partition(" = ")[0] for reason in refusals(config)] == [
        "mpd.password_file",
        "mqtt.password_file",
    ]
    assert list(cautions(config, 0)) == []


def test_a_port_in_the_environment_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPD_PORT", "abc")
    [caution] = cautions(settings(), 0)
    assert caution == "MPD_PORT = 'abc' is no port: write 1 to 65535, or unset it; 6600 (mpd.port) is tried"
    assert list(cautions(settings("mpd.host=den"), 0)) == []  # it does not count there


def test_a_variable_that_is_nearly_a_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOODSPEAKER_MQTT_PASSWORD_FILE", "/etc/password")
    monkeypatch.setenv("MOODSPEAKER_REQUIRE_SERVERS", "1")
    [caution] = cautions(settings(), 0)
    right = "MOODSPEAKER_MQTT__PASSWORD_FILE for mqtt.password_file"
    assert caution == f"MOODSPEAKER_MQTT_PASSWORD_FILE is no setting: write {right}"


def test_every_file_that_the_start_wants_is_looked_at() -> None:
    told = list(
        refusals(
            settings(
                "web.token_file=/none/token", "mpd.password_file=/none/mpd", "mqtt.host=hub",
                "mqtt.password_file=/none/mqtt", "mqtt.ca_file=/none/ca", "models.path=/none/models",
            )
        )
    )  # fmt: skip
    keys = ("web.token_file", "mpd.password_file", "mqtt.password_file", "mqtt.ca_file", "models.path")
    assert [reason.split(" ")[0].rstrip(":") for reason in told] == list(keys)
    assert list(refusals(settings("mqtt.password_file=/none/mqtt", "mpd.host="))) == []  # no broker: not read
