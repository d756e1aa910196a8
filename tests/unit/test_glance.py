"""Where the library is, read without the schema: as the whole configuration says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodspeaker.config.glance import LibrarySettings, library_settings
from moodspeaker.config.load import load
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = {"HOME": "/nowhere"}


@pytest.mark.parametrize(
    ("text", "sets", "environment"),
    [
        ("", [], {}),
        ("[paths]\nstate = '~/library'\n[mqtt]\nhousehold = 'home-1'\n[web]\nport = 0\n", [], {}),
        ("[mqtt]\nhousehold = 'home'\n", ["mqtt.household="], {"MOODSPEAKER_PATHS__STATE": "/b"}),
        ("[paths]\nstate = '/a'\n", ["paths.state=there/../here"], {"MOODSPEAKER_PATHS__STATE": "/b"}),
        ("", [], {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}),
        ("", ["paths.state=/a", "mood.dwell=3"], {}),
    ],
)
def test_it_is_as_the_whole_configuration_says(
    tmp_path: Path, text: str, sets: list[str], environment: dict[str, str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    whole = load(file, sets, environment | NOWHERE)
    said = LibrarySettings(str(whole.state_folder), whole.mqtt.household)
    assert library_settings(file, sets, environment | NOWHERE) == said


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("[paths\n", []),
        ("[paths]\nstate = 7\n", []),
        ("paths = 7\n", []),
        ("[mqtt]\nhousehold = 'our home'\n", []),
        ("", ["paths.sate=/a"]),
        ("", ["nonsense"]),
        ("", ["mqtt.household=our home"]),
        ("", ["paths.state=~nobody-of-that-name/a"]),
    ],
)
def test_what_is_wrong_is_said_as_everywhere(tmp_path: Path, text: str, sets: list[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as whole:
        load(file, sets, NOWHERE)
    with pytest.raises(ConfigError) as glance:
        library_settings(file, sets, NOWHERE)
    assert glance.value.reasons == whole.value.reasons


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        library_settings(tmp_path / "missing.toml", (), NOWHERE)
