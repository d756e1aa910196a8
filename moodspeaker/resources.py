"""Where the files that come with the program are, how it is started, and how a package joins it.

They are beside the installed package, else in the checkout around it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = os.path.dirname(os.path.realpath(__file__))
SHARE: Final = os.path.join(PACKAGE, "_share")
"""Where a wheel keeps them."""


def place(name: str) -> str:
    """Return the path of `folder(name)`, for who does without pathlib."""
    installed = os.path.join(SHARE, name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(PACKAGE), name)


def folder(name: str) -> Path:
    """Return the folder `models`, `config` or `music-index` that came with the program; it need not exist."""
    from pathlib import Path  # noqa: PLC0415 - a choice of songs takes less time than that

    return Path(place(name))


def models_folder(path: str = "") -> Path:
    """Return the folder with `face/` and `emotion/`: `models.path` where it is set, else our own."""
    from pathlib import Path  # noqa: PLC0415 - as above

    return Path(path or place("models"))


def music_model_folder(path: str = "") -> Path:
    """Return the folder of the model of music: of `models.path` where that has one, else our own.

    Where it has no model at all it is the wrong folder, and what is missing is looked for there.
    """
    own = os.path.lexists(os.path.join(path, "music"))
    others = any(os.path.isdir(os.path.join(path, task)) for task in ("face", "emotion"))
    return models_folder("" if path and others and not own else path) / "music"


def schema_folder() -> Path:
    """Return the folder with the scripts that make and bring forward the library's tables."""
    return folder("music-index") / "schema"


def program() -> list[str]:
    """Return the words that start this program as another process.

    A module of the same name in the working folder is not taken for it (`-P`), unless this program itself can
    only be found there: a checkout that was never installed.
    """
    name = os.path.basename(PACKAGE)
    elsewhere = (os.path.join(entry, name) for entry in sys.path if entry)  # empty: the working folder
    installed = any(os.path.isdir(found) and os.path.samefile(found, PACKAGE) for found in elsewhere)
    return [sys.executable, *(["-P"] if installed else []), "-m", name]


def how_to_install(package: str, debian: str = "") -> str:
    """Return the command by which a missing Python package comes to the Python that runs this program.

    `debian` is the Debian package of the same, where there is one: Debian's own Python takes no other.
    """
    import shlex  # noqa: PLC0415 - most runs lack nothing
    import sysconfig  # noqa: PLC0415 - as above

    if sys.prefix == sys.base_prefix and os.path.exists(
        os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    ):
        own = f"run moodspeaker in its own environment (python3 -m venv), and there: pip install {package}"
        return f"sudo apt install {debian}" if debian else own
    sudo = "" if os.access(sysconfig.get_path("purelib"), os.W_OK) else "sudo "
    return f"{sudo}{shlex.quote(sys.executable)} -m pip install {package}"
