"""Passwords and tokens: how their files are read, and what is said of one that cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moodspeaker.config.secrets import empty_file, secret
from moodspeaker.errors import ConfigError

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "moodspeaker.service"
READERS = sorted((UNIT.parents[1] / "moodspeaker").rglob("*.py"))


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


@pytest.mark.parametrize(
    "content", [b"hunter2", b"hunter2\n", b"hunter2\r\n", b"\xef\xbb\xbfhunter2\r\n", b"hunter2\n\n"]
)
def test_a_byte_order_mark_and_the_end_of_the_line_are_not_the_secret(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    assert secret(str(file), "") == "hunter2"


@pytest.mark.parametrize("content", [b"", b"\r\n"])
def test_an_empty_file_is_no_secret(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    assert secret(str(file), "") == ""
    assert empty_file(str(file), "") == str(file)


def test_a_secret_that_is_there_or_not_asked_for_is_not_empty(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2", encoding="utf-8")
    assert empty_file(str(file), "") == empty_file("", "mqtt-password") == ""


def test_an_empty_credential_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "mqtt-password").touch()
    assert empty_file("", "mqtt-password") == str(tmp_path / "mqtt-password")


def test_a_file_that_is_not_text_is_named_with_the_cure(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes("hunter2".encode("utf-16"))
    with pytest.raises(ConfigError, match="save it as UTF-8") as caught:
        secret(str(file), "")
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_and_a_folder_are_named_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing: there is no such file: write the secret"):
        secret(str(tmp_path / "missing"), "")
    with pytest.raises(ConfigError, match=r"this is a folder: name the file in it"):
        secret(str(tmp_path), "")


def test_a_secret_in_place_of_its_file_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match=r"file \*\*\*: there is no such file") as caught:
        secret("hunter2", "")
    assert "hunter2" not in str(caught.value)
