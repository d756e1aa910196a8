"""The folder of the sockets: how it is found whatever stands in the files, and when it is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from moodspeaker.config import runtime
from moodspeaker.config.load import load
from moodspeaker.config.runtime import api_socket, ensure_runtime_folder
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = {"HOME": "/nowhere"}


def test_it_is_found_in_the_order_in_which_later_wins(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[paths]\nruntime = '/a'\n")
    assert api_socket(file, (), NOWHERE) == "/a/api.sock"
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "service.toml").write_text("[paths]\nruntime = '/b'\n")
    assert api_socket(file, (), NOWHERE) == "/b/api.sock"
    environment = {**NOWHERE, "MOODSPEAKER_PATHS__RUNTIME": "/c"}
    assert api_socket(file, (), environment) == "/c/api.sock"
    assert api_socket(file, ["mood.dwell=3", "paths.runtime=/d"], environment) == "/d/api.sock"


@pytest.mark.parametrize(
    ("sets", "environment"),
    [
        ([], {}),
        ([], {"XDG_RUNTIME_DIR": "/run/user/7"}),
        (["paths.runtime=~/x"], {}),
        (["paths.runtime=here/../there"], {}),
        ([], {"XDG_CONFIG_HOME": "{folder}"}),
    ],
)
def test_it_is_the_one_that_the_whole_configuration_gives(
    tmp_path: Path, sets: list[str], environment: dict[str, str]
) -> None:
    (tmp_path / "moodspeaker").mkdir()
    (tmp_path / "moodspeaker" / "config.toml").write_text("[paths]\nruntime = '/from/the/users/file'\n")
    environ = {name: value.format(folder=tmp_path) for name, value in environment.items()} | NOWHERE
    assert api_socket(None, sets, environ) == str(load(None, sets, environ).api_socket)


@pytest.mark.parametrize(
    "mistake",
    [
        b"[mood]\nconfrim = 1\n",
        b"[mood]\nconfirm = \n",
        b"[mood\nconfirm = 1\n",
        b"colour = 'r\xe4d'\n",
        b"a = " + b"[" * 5000 + b"\n",
        b"\xef\xbb\xbf[mpd]\r\nhost = 1\r\n",
    ],
)
def test_a_mistake_in_the_file_does_not_hide_it(tmp_path: Path, mistake: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"[camera]\nwidth = 640\n[paths]\nruntime = '/the/folder'\n" + mistake)
    assert api_socket(file, (), NOWHERE) == "/the/folder/api.sock"


def test_other_wrong_values_do_not_matter() -> None:
    assert (
        api_socket(None, ["mpd.hst=x", "nonsense", "mqtt.port=many", "paths.runtime=/a"], NOWHERE)
        == "/a/api.sock"
    )


def test_a_file_that_is_not_there_and_a_path_too_long_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: there is no such file"):
        api_socket(tmp_path / "missing.toml", (), NOWHERE)
    with pytest.raises(ConfigError, match="choose a shorter folder"):
        api_socket(None, [f"paths.runtime=/{'x' * 108}"], NOWHERE)
    with pytest.raises(ConfigError, match="write the whole path"):
        api_socket(None, ["paths.runtime=~nobodyhere/x"], NOWHERE)


def test_it_is_made_private(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ensure_runtime_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    ensure_runtime_folder(folder)


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(ConfigError, match=r"paths\.runtime = '.*/run': File exists: choose a folder"):
        ensure_runtime_folder(tmp_path / "run")


@pytest.mark.parametrize("link", [False, True])
def test_another_users_folder_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, link: bool
) -> None:
    folder = tmp_path / "run"
    if link:
        folder.symlink_to(tmp_path)
    else:
        folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 1, -1, follow_symlinks=False)
    else:  # as if somebody else asked
        monkeypatch.setattr(runtime.os, "geteuid", lambda: 4711)
    owner = runtime.user_name(folder.lstat().st_uid)
    with pytest.raises(ConfigError, match=f"it belongs to {owner}: choose a folder of your own"):
        ensure_runtime_folder(folder)
