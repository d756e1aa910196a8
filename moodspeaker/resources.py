"""Where the files that come with the program are, and how it is started.

They are beside the installed package, else in the checkout around it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent
SHARE: Final = PACKAGE / "_share"
"""Where a wheel keeps them."""


def folder(name: str) -> Path:
    """Return the folder `models`, `config` or `music-index` that came with the program; it need not exist."""
    installed = SHARE / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def models_folder(path: str = "") -> Path:
    """Return the folder with `face/` and `emotion/`: `models.path` where it is set, else our own."""
    return Path(path) if path else folder("models")


def schema_folder() -> Path:
    """Return the folder with the scripts that make and bring forward the library's tables."""
    return folder("music-index") / "schema"


def program() -> list[str]:
    """Return the words that start this program as another process.

    A module of the same name in the working folder is not taken for it (`-P`), unless this program itself can
    only be found there: a checkout that was never installed.
    """
    elsewhere = (Path(entry) / PACKAGE.name for entry in sys.path if _holds(entry))
    installed = any(found.samefile(PACKAGE) for found in elsewhere)
    return [sys.executable, *(["-P"] if installed else []), "-m", PACKAGE.name]


def _holds(entry: str) -> bool:
    """Tell whether an entry of `sys.path` has a package of our name; the working folder (empty) is none."""
    return bool(entry) and (Path(entry) / PACKAGE.name).is_dir()
