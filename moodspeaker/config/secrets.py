"""Passwords and tokens: read from the file that a setting names, or from the service's credentials."""

from __future__ import annotations

import os
import re
from typing import Final

from moodspeaker.config.rights import myself, obstacle
from moodspeaker.errors import ConfigError

HIDDEN: Final = "***"
NAMED: Final = "password or token file "
"""How a complaint begins: the file's name follows."""


def secret(file: str, credential: str) -> str:
    """Return the secret in `file`, else in the service's credential of that name, else nothing.

    A byte-order mark and the end of the line do not count.  Raises ConfigError when a named file cannot be
    read; an empty one is no secret (`empty_file`).
    """
    file = _place(file, credential)
    if not file:
        return ""
    try:
        with open(file, encoding="utf-8-sig", newline="") as source:
            return source.read().rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise ConfigError([f"{NAMED}{_shown(file)}: {_cure(file, error)}"]) from None


def empty_file(file: str, credential: str) -> str:
    """Return the file that should hold the secret and holds none, else nothing.

    Raises ConfigError as `secret` does.
    """
    place = _place(file, credential)
    return place if place and not secret(file, credential).strip() else ""


def _place(file: str, credential: str) -> str:
    """Return the file that a secret is read from; empty: there is none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not file and folder and os.path.exists(os.path.join(folder, credential)):
        return os.path.join(folder, credential)
    return file


def _shown(file: str) -> str:
    """Return the file's name, unless it looks like the secret itself, put there by mistake."""
    return file if "/" in file or os.path.exists(file) else HIDDEN


def _cure(file: str, error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file: write the secret into a file, and name that one by its whole path"
        case PermissionError():
            found = obstacle(file, myself(), private=True)
            return found or f"{error.strerror}: check who may read it, and look into the folders above it"
        case IsADirectoryError():
            return "this is a folder: name the file in it"
        case OSError():
            return f"{error.strerror}: name another file"
        case _:
            return "not text: save it as UTF-8"


def without_secrets(text: str) -> str:
    """Return a text in which whatever stands before the @ of an address is hidden."""
    head, at, tail = text.rpartition("@")
    if not head:
        return text
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text)
    return f"{scheme[0] if scheme else ''}{HIDDEN}{at}{tail}"
