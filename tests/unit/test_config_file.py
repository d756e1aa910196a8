"""config/config.toml holds every key, explained, at its default; the examples are valid."""

import itertools
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from moodspeaker.config.load import load
from moodspeaker.config.schema import Config

FOLDER = Path(__file__).parents[2] / "config"
FILE = FOLDER / "config.toml"
TABLES = tomllib.loads(FILE.read_text(encoding="utf-8"))
SECTIONS = {section.name: getattr(Config(), section.name) for section in fields(Config)}
DEFAULTS = {
    name: {key.name: getattr(section, key.name) for key in fields(section)}
    for name, section in SECTIONS.items()
}


def test_it_has_every_section_and_key_in_their_order_and_no_other() -> None:
    assert [(section, list(keys)) for section, keys in TABLES.items()] == [
        (section, list(keys)) for section, keys in DEFAULTS.items()
    ]


@pytest.mark.parametrize(
    ("section", "key"), [(section, key) for section, keys in DEFAULTS.items() for key in keys]
)
def test_each_value_is_the_default(section: str, key: str) -> None:
    assert TABLES[section][key] == DEFAULTS[section][key]


def test_each_key_is_explained_on_the_line_above() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    pairs = itertools.pairwise(lines)
    bare = [
        line for above, line in pairs if " = " in line and line[0] not in "#[" and not above.startswith("# ")
    ]
    assert bare == []


def test_loading_it_is_the_same_as_loading_nothing() -> None:
    environment = {"HOME": "/nonexistent"}
    assert load(FILE, (), environment) == load(Path("/dev/null"), (), environment)


@pytest.mark.parametrize("example", sorted((FOLDER / "examples").glob("*.toml")), ids=lambda path: path.stem)
def test_an_example_is_valid_and_changes_something(example: Path) -> None:
    environment = {"HOME": "/nonexistent"}
    assert load(example, (), environment) != load(Path("/dev/null"), (), environment)
