"""Fixtures of all tests: short folders and private servers."""

from __future__ import annotations

import compileall
import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from support.servers import RealMosquitto, RealMpd, short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "moodspeaker"

CASES = 100 if os.environ.get("CI") else 30
"""Cases of each property: CI draws the same ones each time, a desk others at each run."""

settings.register_profile("moodspeaker", deadline=None, max_examples=CASES)  # a busy machine is no failure
settings.load_profile("moodspeaker")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once, whatever PYTHONDONTWRITEBYTECODE says: tests start hundreds of processes."""
    sys.dont_write_bytecode = False  # the tests too
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(PACKAGE, quiet=2)


@pytest.fixture(autouse=True)
def _databases_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test that leaves a database open.

    Python 3.13 warns of it in whichever test runs when the garbage is collected, Python 3.11 never.
    """
    connect, opened = sqlite3.connect, []

    def noted(*words: object, **named: object) -> sqlite3.Connection:
        opened.append(connect(*words, **named))  # type: ignore[call-overload]  # as it was called
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    yield
    if not all(_is_closed(database) for database in opened):
        pytest.fail("this test leaves a database open: close it, contextlib.closing() does", pytrace=False)


def _is_closed(database: sqlite3.Connection) -> bool:
    try:
        return database.total_changes < 0
    except sqlite3.ProgrammingError:  # the one way to ask
        return True


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep coverage out of the processes that a test starts: it brings modules and takes time."""
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def mpd_server() -> Iterator[RealMpd]:
    """A running private MPD without songs."""
    with short_folder() as folder, RealMpd(folder) as server:
        yield server


@pytest.fixture
def mosquitto() -> Iterator[RealMosquitto]:
    """A running private Mosquitto that lets everybody in."""
    with short_folder() as folder, RealMosquitto(folder) as server:
        yield server
