"""The schema of the library: the numbered scripts of `music-index/schema`, one a step, in order.

A released script is never edited; `NNN-what-it-adds.sql` follows the last.
"""

from __future__ import annotations

import os
from typing import Final

from moodspeaker.errors import StoreError

FILE: Final = "library.db"
"""The library's file, in the state folder."""


def migrations(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the scripts of a folder; raise StoreError where it is not as it came with the program."""
    try:
        scripts = sorted(name for name in os.listdir(folder) if name.endswith(".sql"))
        numbers = [name.partition("-")[0] for name in scripts]
        if scripts and numbers == [f"{number:03}" for number in range(1, len(scripts) + 1)]:
            return tuple(_text(os.path.join(folder, name)) for name in scripts)
        reason = (
            f"the scripts {', '.join(numbers)} are not without a gap" if scripts else "no script is there"
        )
    except (OSError, ValueError) as error:
        reason = str(error)
    message = f"{folder}: the library's tables cannot be made ({reason}): install moodspeaker again"
    raise StoreError(message)


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
