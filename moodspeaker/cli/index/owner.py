"""Whose index it is: the service's user owns it, and a person who looks at it must leave it so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def act_as_owner(folder: Path) -> None:
    """Become the owner of the state folder where root asks; raise StoreError where somebody else does."""
    from moodspeaker.config.runtime import user_name
    from moodspeaker.errors import StoreError

    try:
        status = folder.stat()
    except FileNotFoundError:
        return
    except PermissionError:
        status = folder.parent.stat()
    if status.st_uid == os.geteuid():
        return
    owner = user_name(status.st_uid)
    if os.geteuid() != 0:
        if os.access(folder, os.W_OK | os.X_OK):
            return
        message = f"{folder} belongs to {owner}: ask with sudo"
        raise StoreError(message)
    os.initgroups(owner, status.st_gid)
    os.setgid(status.st_gid)
    os.setuid(status.st_uid)
