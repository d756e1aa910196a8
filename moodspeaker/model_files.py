"""A model's folder: its manifest, and its file if it is what the manifest says."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from moodspeaker import access
from moodspeaker.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST: Final = "manifest.json"

M = TypeVar("M")


def read_manifest(folder: Path, kind: type[M]) -> M:
    """Return the manifest of a model's folder as the type `kind`; raise ModelError."""
    file = folder / MANIFEST
    content = _content(file)
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "its start"
        message = f"{file}: {first['msg']} at {where}: reinstall the model"
        raise ModelError(message) from None


def read_table(folder: Path) -> dict[str, Any]:
    """Return all that the manifest of a model's folder says; raise ModelError when it is no JSON object."""
    file = folder / MANIFEST
    try:
        table = json.loads(_content(file), parse_constant=_refused)
    except ValueError as error:
        message = f"{file}: not JSON: {error}: reinstall the model"
        raise ModelError(message) from None
    if not isinstance(table, dict):
        message = f"{file}: not a JSON object: reinstall the model"
        raise ModelError(message)
    return table


def _refused(constant: str) -> NoReturn:
    """Raise ValueError for `NaN` and the infinities, which Python reads and JSON does not know."""
    message = f"{constant} is no number"
    raise ValueError(message)


def verified(file: Path, sha256: str) -> bytes:
    """Return a file's bytes; raise ModelError unless they have this SHA-256."""
    content = _content(file)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256.lower():
        message = (
            f"{file}: sha256 is {found[:12]}..., its manifest says {sha256[:12]}...: "
            "the file is damaged, reinstall it"
        )
        raise ModelError(message)
    return content


def _content(file: Path) -> bytes:
    """Return the bytes of a model's file; raise ModelError."""
    try:
        return file.read_bytes()
    except PermissionError:
        message = f"{file}: {access.denied(file)}"
        raise ModelError(message) from None
    except OSError as error:
        cure = "reinstall moodspeaker, or set models.path to the folder with face/ and emotion/"
        message = f"{file}: {error.strerror}: {cure}"
        raise ModelError(message) from None
    except ValueError as error:  # its name holds a NUL
        message = f"{str(file)!r}: {error}: reinstall the model"
        raise ModelError(message) from None
