"""Fixtures of the unit tests: their folder lies in memory."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY: Final = Path("/dev/shm")
"""Where Linux keeps files that no disk has: a thousand writes that wait for a disk take seconds."""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of this test's own, in memory where the machine has that."""
    with _folder() as folder:
        yield folder


@pytest.fixture
def root() -> Iterator[Path]:
    """Another one: their paths leave room for a socket's name."""
    with _folder() as folder:
        yield folder


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ms", dir=where) as name:
        yield Path(name)
