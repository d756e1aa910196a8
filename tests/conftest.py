"""Fixtures of all tests: short folders and private servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.servers import RealMosquitto, RealMpd, short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
