"""What is closed to us is named with what closes it and with the cure."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.nobody import as_nobody

from moodspeaker import access

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_may_be_read_has_no_reason(root: Path) -> None:
    (root / "a").touch()
    assert access.unreadable(root) == access.unreadable(root / "a") == ""


def test_what_is_not_there_is_said(root: Path) -> None:
    assert access.unreadable(root / "gone") == "No such file or directory"


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["folder", "file"])
def test_a_closed_folder_or_file_names_itself_and_the_cure(root: Path, make: Callable[[Path], None]) -> None:
    root.chmod(0o755)
    closed = root / "closed"
    make(closed)
    closed.chmod(0)
    with as_nobody():
        reason = access.unreadable(closed)
    assert reason.startswith(f"permission denied: {closed} is closed to user ")
    assert reason.endswith(f"sudo chmod a+rX {closed}")


def test_the_folder_above_is_named_where_that_one_is_closed(root: Path) -> None:
    root.chmod(0o755)
    closed = root / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0)
    with as_nobody():
        assert f"{closed} is closed" in access.unreadable(closed / "inner" / "day.mp4")
    closed.chmod(0o700)


def test_a_home_that_is_closed_to_services_has_another_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode, **_: path != Path("/home"))
    assert access.denied(Path("/home/ann/day.mp4")) == (
        "permission denied: /home is closed to services: move it out of there, such as to /srv"
    )
