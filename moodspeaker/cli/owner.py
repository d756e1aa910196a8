"""Whose index it is: the service's user owns it, and a person who looks at it must leave it so."""

from __future__ import annotations

import os


def act_as_owner(folder: str | os.PathLike[str]) -> None:
    """Become the owner of the state folder where root asks; raise StoreError where somebody else does."""
    from moodspeaker.config.runtime import user_name
    from moodspeaker.errors import StoreError

    try:
        status = os.stat(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        status = os.stat(os.path.dirname(folder))
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
