"""The scripts that make the library's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodspeaker.errors import StoreError
from moodspeaker.library.migrations import migrations

if TYPE_CHECKING:
    from pathlib import Path


def test_a_script_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "001-songs.sql").write_text("one", encoding="utf-8")
    (tmp_path / "002-years.sql").mkdir()
    scripts = migrations(tmp_path)
    assert (len(scripts), scripts[0], scripts[:1]) == (2, "one", ("one",))
    for unreadable in (1, slice(1, None)):
        with pytest.raises(StoreError, match=r"Is a directory.*install moodspeaker again"):
            scripts[unreadable]


@pytest.mark.parametrize("names", [[], ["002-years.sql"], ["001-a.sql", "003-c.sql"]])
def test_scripts_with_a_gap_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(StoreError, match="install moodspeaker again"):
        migrations(tmp_path)
