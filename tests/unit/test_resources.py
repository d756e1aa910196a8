"""How a package that is missing comes to the Python that runs the program."""

from __future__ import annotations

import os
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

from moodspeaker.resources import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXECUTABLE = "/opt/mood speaker/bin/python"


@pytest.fixture
def python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Return what makes this Python one of these: of an own environment, of Debian, writable for us."""

    def become(*, own: bool, debian: bool, writable: bool) -> None:
        monkeypatch.setattr(sys, "executable", EXECUTABLE)
        monkeypatch.setattr(sys, "base_prefix", "/usr")
        monkeypatch.setattr(sys, "prefix", "/opt/mood speaker" if own else "/usr")
        monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
        monkeypatch.setattr(os, "access", lambda _path, _mode: writable)
        if debian:
            (tmp_path / "EXTERNALLY-MANAGED").touch()

    return become


@pytest.mark.parametrize(
    ("own", "debian", "writable", "cure"),
    [
        (True, True, True, "'/opt/mood speaker/bin/python' -m pip install matplotlib"),
        (True, True, False, "sudo '/opt/mood speaker/bin/python' -m pip install matplotlib"),
        (False, True, True, "sudo apt install python3-matplotlib"),
        (False, False, True, "'/opt/mood speaker/bin/python' -m pip install matplotlib"),
    ],
)
def test_the_cure_is_for_this_python(
    python: Callable[..., None], *, own: bool, debian: bool, writable: bool, cure: str
) -> None:
    python(own=own, debian=debian, writable=writable)
    assert how_to_install("matplotlib", "python3-matplotlib") == cure


def test_what_debian_has_not_wants_an_environment(python: Callable[..., None]) -> None:
    python(own=False, debian=True, writable=True)
    assert how_to_install("ai-edge-litert").endswith(
        "python3 -m venv), and there: pip install ai-edge-litert"
    )
