"""The schema of the library: the numbered scripts of `music-index/schema`, one a step, in order.

A released script is never edited; `NNN-what-it-adds.sql` follows the last.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, overload

from moodspeaker.errors import StoreError

FILE: Final = "library.db"
"""The library's file, in the state folder."""


class _Scripts(Sequence[str]):
    """The scripts of a folder, read when they are asked for: most files are of this version already."""

    def __init__(self, folder: str | os.PathLike[str], names: Sequence[str]) -> None:
        self._folder, self._names = folder, names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, asked: int) -> str: ...
    @overload
    def __getitem__(self, asked: slice) -> tuple[str, ...]: ...
    def __getitem__(self, asked: int | slice) -> str | tuple[str, ...]:
        try:
            if isinstance(asked, slice):
                return tuple(_text(os.path.join(self._folder, name)) for name in self._names[asked])
            return _text(os.path.join(self._folder, self._names[asked]))
        except (OSError, ValueError) as error:
            raise _refused(self._folder, str(error)) from None


def migrations(folder: str | os.PathLike[str]) -> Sequence[str]:
    """Return the scripts of a folder; raise StoreError where it is not as it came with the program.

    So does reading one of them.
    """
    try:
        scripts = sorted(name for name in os.listdir(folder) if name.endswith(".sql"))
        numbers = [name.partition("-")[0] for name in scripts]
        if scripts and numbers == [f"{number:03}" for number in range(1, len(scripts) + 1)]:
            return _Scripts(folder, scripts)
        reason = (
            f"the scripts {', '.join(numbers)} are not without a gap" if scripts else "no script is there"
        )
    except OSError as error:
        reason = str(error)
    raise _refused(folder, reason)


def _refused(folder: str | os.PathLike[str], reason: str) -> StoreError:
    return StoreError(f"{folder}: the library's tables cannot be made ({reason}): install moodspeaker again")


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
