"""Whatever lies in the folder where somebody starts the program, none of it is imported."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.vision_process import CHECKOUT

from moodspeaker import app
from moodspeaker.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

NAMES = ("json", "numpy", "random", "logging", "asyncio", "cv2", "moodspeaker", "pydantic", "argparse")


@pytest.fixture
def littered(tmp_path: Path) -> Path:
    """A folder with modules that nobody may import."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('imported {name}')")
    return tmp_path


def started(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_python_m_moodspeaker_imports_none_of_it(littered: Path) -> None:
    (littered / "moodspeaker.py").unlink()  # this one Python itself finds first, before we are asked
    done = started(littered, sys.executable, "-m", "moodspeaker", "look", "--json", "missing.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("moodspeaker: missing.png: No such file")


def test_the_vision_child_imports_none_of_it(littered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[list[str]] = []

    def main(
        _: object, program: Sequence[str], options: Sequence[str], at_ready: Callable[[], object]
    ) -> int:
        at_ready()
        children.append([*program, "vision", "--child", *options])
        return 0

    monkeypatch.setattr(app, "main", main)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert run.run(argparse.Namespace(config=None, set=["camera.source=nonsense"])) == 0
    [child] = children
    done = started(littered, *child)
    assert done.returncode == 2
    assert "camera.source = 'nonsense'" in done.stderr
