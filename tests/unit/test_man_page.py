"""The man page is the one that the parsers give now."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from moodspeaker.cli import COMMANDS

FOLDER = Path(__file__).parents[2] / "docs" / "man"


def test_it_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = runpy.run_path(str(FOLDER / "make_man.py"))["page"]()
    assert made == (FOLDER / "moodspeaker.1").read_text(encoding="utf-8"), "run: python docs/man/make_man.py"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_place(name: str) -> None:
    assert f".SS {name}\n" in (FOLDER / "moodspeaker.1").read_text(encoding="utf-8")
