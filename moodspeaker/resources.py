"""Where the files that come with the program are: beside the installed package, else in the checkout."""

from __future__ import annotations

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
    """Return the folder with `face/` and `emotion/`: `models.path` where set, else the program's own."""
    return Path(path).expanduser() if path else folder("models")


def schema_folder() -> Path:
    """Return the folder with the scripts that make and bring forward the library's tables."""
    return folder("music-index") / "schema"
