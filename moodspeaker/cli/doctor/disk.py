"""The doctor's checks of the database's folder, the disk and the clock."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.doctor.finding import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.config.schema import Config

MEBIBYTE: Final = 2**20
SCARCE: Final = 200
"""MiB of free disk below which is a warning."""
FULL: Final = 20
"""MiB of free disk below which is a fault."""


def state(config: Config, told: Mapping[str, Any] | None) -> Check:
    """Tell whether the database can be written: by the speaker's word, else by the folder's rights."""
    from moodspeaker.config.rights import ENTER, WRITE, permitted, user_of

    folder = config.paths.state
    if told is not None:
        fault = told.get("fault")
        verdict = Verdict.FAULT if fault else Verdict.OK
        return Check("state", verdict, str(fault or f"the running speaker writes to {folder}"))
    user = user_of(config.runtime_folder)
    if not user.service or user.uid == os.geteuid():
        return _writable(folder)
    if not os.path.isdir(folder):
        return Check("state", Verdict.OK, f"{folder} is made when the service starts")
    if permitted(folder, user, WRITE | ENTER):
        return Check("state", Verdict.OK, f"{folder} is {user.name}'s")
    cure = f"sudo chown -R {user.name} {folder}"
    return Check("state", Verdict.FAULT, f"{folder} cannot be written by {user.name}: {cure}")


def _writable(folder: str) -> Check:
    try:
        with tempfile.TemporaryFile(dir=_present(folder)):  # never has a name: nothing is left
            pass
    except OSError as error:
        cure = "choose another folder with paths.state"
        return Check(
            "state", Verdict.FAULT, f"{folder} cannot be written ({error.strerror or error}): {cure}"
        )
    return Check("state", Verdict.OK, folder)


def space(folder: str) -> Check:
    """Tell how much of the disk is free."""
    free = shutil.disk_usage(_present(folder)).free // MEBIBYTE
    if free < SCARCE:
        verdict = Verdict.FAULT if free < FULL else Verdict.WARN
        return Check("disk", verdict, f"{free} MiB are free for {folder}: free some space")
    return Check("disk", Verdict.OK, f"{free} MiB are free")


def _present(folder: str) -> str:
    """Return the folder, or the nearest above it that can be seen to stand."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return folder


def clock() -> Check:
    """Compare the clock with this file: a Pi has none of its own, and waits for a network's time."""
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    if time.time() < os.stat(__file__).st_mtime:
        cure = "connect to a network, or set the time"
        return Check("clock", Verdict.WARN, f"{now} is before this program was installed: {cure}")
    return Check("clock", Verdict.OK, now)
