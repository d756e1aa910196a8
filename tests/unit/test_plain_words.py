"""The words of some commands, read without argparse: as argparse reads them, or not at all."""

from __future__ import annotations

import contextlib
import importlib
import io
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.cli import COMMANDS, PLAIN
from moodspeaker.cli.arguments import parser
from moodspeaker.cli.plain import PlainWords, add_common, count

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


def test_no_option_is_refused_with_a_name_of_python_s() -> None:
    """A type that raises ValueError is told as `invalid int value`: by the name of a function."""
    waiting = [parser(COMMANDS)]
    kinds = set()
    for one in waiting:
        for action in one._actions:
            kinds |= {action.type} if callable(action.type) else set()
            waiting += action.choices.values() if isinstance(action.choices, dict) else []
    assert count in kinds
    for kind in kinds:
        with contextlib.suppress(ArgumentTypeError):
            kind("?")


@pytest.mark.parametrize(("words", "said"), [
    (["--count", "0"], "argument --count: '0': a whole number, 1 or more"),
    (["--seed", "x"], "argument --seed: 'x': a whole number"),
])  # fmt: skip
def test_a_number_that_is_none_is_told_in_words(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser(["suggest"]).parse_args(["suggest", "--mood", "sad", *words])
    assert said in capsys.readouterr().err


def test_a_mood_is_required() -> None:
    assert plainly(["--count", "5"]) is None
