"""A number is a number and a switch is a switch; what is refused is said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodspeaker.config.layers import with_changes
from moodspeaker.config.load import load
from moodspeaker.config.schema import ADAPTER, Config
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HOME = {"HOME": "/nowhere"}


def reasons(file: Path, text: str, *sets: str) -> list[str]:
    """Return why a configuration with this text is refused."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, sets, HOME)
    return list(caught.value.reasons)


@pytest.mark.parametrize(
    ("key", "value", "shown", "wanted"),
    [
        ("records.hours", "true", "true", "a number"),
        ("records.hours", '"24"', "'24'", "a number, without quotes"),
        ("camera.width", '"1280"', "'1280'", "a whole number, without quotes"),
        ("camera.width", '"wide"', "'wide'", "a whole number"),
        ("camera.width", "false", "false", "a whole number"),
        ("camera.width", "640.5", "640.5", "a whole number"),
        ("camera.rotation", "false", "false", "0, 90, 180 or 270"),
        ("camera.rotation", '"90"', "'90'", "0, 90, 180 or 270, without quotes"),
        ("index.stickers", '"yes"', "'yes'", "true or false"),
        ("index.stickers", '"true"', "'true'", "true or false, without quotes"),
        ("index.playlists", "0", "0", "true or false"),
        ("vision.spawn", "1.0", "1.0", "true or false"),
        ("mqtt.username", "7", "7", "text, in quotes"),
        ("mqtt.username", "2026-01-01", "2026-01-01", "text, in quotes"),
        ("mqtt.username", "[true, 'a']", '[true, "a"]', "text, in quotes"),
    ],
)
def test_a_value_of_another_kind_in_a_file_is_refused(
    tmp_path: Path, key: str, value: str, shown: str, wanted: str
) -> None:
    file, (section, name) = tmp_path / "config.toml", key.split(".")
    said = reasons(file, f"[{section}]\n{name} = {value}\n")
    assert said == [f"{file}: {key} = {shown}: it should be {wanted}"]


def test_each_mistake_of_a_file_is_named_once_and_what_is_given_instead_counts(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    text = '[records]\nhours = true\n[mood]\ngap = "x"\ndwell = 9999\n'
    said = reasons(file, text, "records.hours=24")
    assert said == [
        f"{file}: mood.gap = 'x': it should be a number",
        f"{file}: mood.dwell = 9999: it should be less than or equal to 3600",
    ]


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[mood]\ndwell = 12\n[camera]\nwidth = 640.0\n", encoding="utf-8")
    found = load(file, (), HOME)
    assert (found.mood.dwell, found.camera.width) == (12.0, 640)


def test_words_of_the_environment_and_the_command_line_may_be_of_any_spelling() -> None:
    words = ["index.stickers=no", "index.playlists=0", 'camera.width="640"', "camera.rotation=90"]
    found = load(None, words, {**HOME, "MOODSPEAKER_VISION__SPAWN": "off", "MOODSPEAKER_RECORDS__HOURS": "2"})
    assert (found.index.stickers, found.index.playlists, found.vision.spawn) == (False, False, False)
    assert (found.camera.width, found.camera.rotation, found.records.hours) == (640, 90, 2.0)


def test_a_switch_is_no_number_on_the_command_line_either() -> None:
    with pytest.raises(ConfigError, match=r"^records\.hours = true: it should be a number$"):
        load(None, ["records.hours=true"], HOME)


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), ("40", "'40'")])
def test_a_change_on_the_page_is_of_its_kind_too(value: object, shown: str) -> None:
    with pytest.raises(ConfigError, match=f"mood\\.dwell = {shown}: it should be a number"):
        with_changes(Config(), {"mood.dwell": value})


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("mqtt.id", "my speaker", "write up to 64 of the letters a-z, A-Z, digits, - and _"),
        ("mqtt.id", "x" * 65, "write up to 64 of the letters a-z, A-Z, digits, - and _"),
        ("mqtt.household", "küche", "write up to 64 of the letters a-z, A-Z, digits, - and _"),
        (
            "mqtt.discovery_prefix",
            "home//x",
            "write a topic such as homeassistant or my/home, of the letters",
        ),
        ("mqtt.websocket_path", "mqtt", "write a path such as /mqtt, of ASCII characters and without blanks"),
    ],
)
def test_what_is_spelled_otherwise_is_refused_in_words(key: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, [f"{key}={value}"], HOME)
    [reason] = caught.value.reasons
    assert reason.startswith(f"{key} = {value!r}: {words}")


def test_a_mood_to_fold_that_is_none_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    [reason] = reasons(file, '[mood]\nmerge = {hapy = "sad"}\n')
    assert reason.startswith(f"{file}: mood.merge.hapy: it should be 'angry', 'disgust'")


def test_no_setting_is_refused_with_a_regular_expression() -> None:
    assert '"pattern"' not in str(ADAPTER.json_schema()).replace("'", '"')
