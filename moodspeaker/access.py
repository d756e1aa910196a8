"""Why this user may not read a file or a folder, in words that carry the cure.

"Permission denied" alone sends people searching: the cause is often not the file but a folder above it, or
the unit's `ProtectHome=yes`, behind which the homes are closed to a service (systemd.exec(5)).
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path
from typing import Final

HOMES: Final = (Path("/home"), Path("/root"), Path("/run/user"))
"""What `ProtectHome=yes` closes."""


def unreadable(path: Path) -> str:
    """Return why a file or folder cannot be read, with the cure; empty where it can."""
    try:
        mode = path.stat().st_mode
    except PermissionError:
        return denied(path)
    except OSError as error:
        return error.strerror or str(error)
    wanted = os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)
    return "" if os.access(path, wanted, effective_ids=True) else denied(path)


def denied(path: Path) -> str:
    """Return the words for a file or folder that is closed to this user: what closes it, and the cure."""
    closed = _closed(path.absolute())
    if closed in HOMES:
        return f"permission denied: {closed} is closed to services: move it out of there, such as to /srv"
    return f"permission denied: {closed} is closed to user {_user()}: sudo chmod a+rX {closed}"


def _closed(path: Path) -> Path:
    """Return the outermost folder above `path` that may not be entered, else `path`."""
    for folder in reversed(path.parents):
        if not os.access(folder, os.X_OK, effective_ids=True):
            return folder
    return path


def _user() -> str:
    """Return the name of the user that this process works as, its number where it has none."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
