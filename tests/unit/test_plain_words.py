"""The words of some commands, read without argparse: as argparse reads them, or not at all."""

from __future__ import annotations

import contextlib
import importlib
import io
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.cli import PLAIN
from moodspeaker.cli.arguments import parser
from moodspeaker.cli.plain import PlainWords, add_common

if TYPE_CHECKING:
    from argparse import ArgumentParser

WORDS = (
    "--mood", "happy", "sad", "--mood=sad", "merry", "--target", "lift", "--profile", "Ada", "--count", "5",
    "-5", "five", "--seed", "1_0", "--json", "--js", "--set", "paths.state=/a", "--config", "~/x.toml", "",
    "--", "--help", "suggest",
)  # fmt: skip


def plainly(words: list[str], command: str = "suggest") -> dict[str, object] | None:
    plain = PlainWords()
    add_common(plain)
    importlib.import_module(f"moodspeaker.cli.{command}").add_arguments(cast("ArgumentParser", plain))
    found = plain.read(words)
    return None if found is None else vars(found)


def by_argparse(words: list[str], command: str = "suggest") -> dict[str, object] | None:
    quiet = io.StringIO()
    try:
        with contextlib.redirect_stderr(quiet), contextlib.redirect_stdout(quiet):
            found = vars(parser([command]).parse_args([command, *words]))
    except SystemExit:
        return None
    return {name: value for name, value in found.items() if name != "module"}


@given(st.lists(st.sampled_from(WORDS), max_size=5))
def test_what_is_read_is_what_argparse_reads(words: list[str]) -> None:
    words = ["--mood", "happy", *words]
    assert plainly(words) in (None, by_argparse(words))


def test_what_people_write_is_plain() -> None:
    words = ["--mood", "sad", "--count", "5", "--set", "paths.state=/a", "--set", "web.port=0", "--json"]
    found = plainly(words)
    assert found is not None
    assert found == by_argparse(words)


@pytest.mark.parametrize("command", sorted(PLAIN - {"suggest"}))
def test_what_services_and_the_speaker_write_is_plain(command: str) -> None:
    words = ["--config", "/etc/x.toml", "--set", "vision.spawn=false", "--set", "camera.source=auto"]
    words += ["--child"] if command == "vision" else []
    for some in ([], words):
        found = plainly(some, command)
        assert found is not None
        assert found == by_argparse(some, command)


def test_a_mood_is_required() -> None:
    assert plainly(["--count", "5"]) is None
