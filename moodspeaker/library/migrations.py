"""The schema of the library: the numbered scripts of `music-index/schema`, one a step, in order.

A released script is never edited; `NNN-what-it-adds.sql` follows the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path


def migrations(folder: Path) -> tuple[str, ...]:
    """Return the scripts of a folder; raise StoreError where it is not as it came with the program."""
    try:
        scripts = sorted(path for path in folder.iterdir() if path.suffix == ".sql")
        numbers = [path.name.partition("-")[0] for path in scripts]
        if scripts and numbers == [f"{number:03}" for number in range(1, len(scripts) + 1)]:
            return tuple(path.read_text(encoding="utf-8") for path in scripts)
        reason = (
            f"the scripts {', '.join(numbers)} are not without a gap" if scripts else "no script is there"
        )
    except (OSError, ValueError) as error:
        reason = str(error)
    message = f"{folder}: the library's tables cannot be made ({reason}): install moodspeaker again"
    raise StoreError(message)
