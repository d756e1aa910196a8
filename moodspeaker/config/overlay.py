"""What was changed on the page: settings in a file of the state folder, above the configuration files.

Design notes
============
1. Only keys of `SECTIONS` that are a word, a number or a switch: what a reload takes at once and only the
   speaker reads.  Paths, hosts and secrets are not among them, nor what the vision process goes by, which
   never reads this file.
2. The file is JSON: {"settings": {"mood.dwell": 40.0}, "undo": [changes]}.  A change maps keys to values, or
   to null: back to what the configuration says.  `undo` holds what takes the last changes back, the newest
   last.
3. It is written whole beside the old one and renamed over it, on the disk when `write` returns: whoever reads
   finds the old one or the new one.
"""

from __future__ import annotations

import json
import os
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moodspeaker.errors import ConfigError, StoreError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Changes: TypeAlias = "Mapping[str, Any]"
"""Values by key (`mood.dwell`); None: back to what the configuration says."""
FILE: Final = "settings.json"
SECTIONS: Final = ("mood", "listen", "hold", "music", "target")
"""The sections whose keys may be changed on the page."""
TRIED: Final = ("mood", "listen", "music", "target")
"""Those of them that can be tried on the day on record."""
MOST_UNDONE: Final = 20
"""Changes that can be taken back."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What was changed on the page."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """By key."""
    undo: tuple[Changes, ...] = ()
    """What takes each of the last changes back, the newest last."""

    def changed(self, changes: Changes) -> Overlay:
        """Return it after one more change; one that changes nothing leaves nothing to take back."""
        back = {key: self.values.get(key) for key, value in changes.items() if self.values.get(key) != value}
        return Overlay(self._with(changes), (*self.undo, back)[-MOST_UNDONE:] if back else self.undo)

    def undone(self) -> Overlay:
        """Return it without its last change; as it is where there is none."""
        return Overlay(self._with(self.undo[-1]), self.undo[:-1]) if self.undo else self

    def _with(self, changes: Changes) -> dict[str, Any]:
        together = {**self.values, **changes}
        return {key: value for key, value in together.items() if value is not None}


def read(file: Path) -> Overlay:
    """Return what was changed on the page; raise ConfigError where its file cannot be understood."""
    try:
        text = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Overlay()
    except OSError as error:
        raise ConfigError([f"{file}: {error.strerror}: what was changed on the page is not known"]) from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    match content:
        case {"settings": dict(values), "undo": list(undo)} if all(isinstance(back, dict) for back in undo):
            return Overlay(values, tuple(undo))
        case _:
            cure = "what was changed on the page is lost: change it there again, or delete the file"
            raise ConfigError([f"{file}: damaged: {cure}"])


def write(file: Path, overlay: Overlay) -> None:
    """Put it on the disk; raise StoreError, and then the old one stands."""
    content = json.dumps({"settings": dict(overlay.values), "undo": [dict(back) for back in overlay.undo]})
    beside = file.with_suffix(".new")
    try:
        with beside.open("w", encoding="utf-8") as new:
            new.write(content + "\n")
            new.flush()
            os.fsync(new.fileno())
        beside.replace(file)
        directory = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}): the old settings stay"
        raise StoreError(message) from None
