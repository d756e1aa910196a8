"""Where settings stand: files, the environment and the command line, each later one above the one before.

`status`, `why` and `command` read settings by this module alone, to find the running speaker; so it imports
neither the schema nor pydantic, and `read_what_can_be` gets over a file with mistakes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SYSTEM_FILE: Final = "/etc/moodspeaker/config.toml"
ENVIRONMENT_PREFIX: Final = "MOODSPEAKER_"


class Word(NamedTuple):
    """A setting given as text, in the environment or with `--set`."""

    key: tuple[str, ...]
    """Section and name."""
    text: str
    """Its value, not yet read."""
    source: str
    """Where it stands, for people."""


def files(given: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> list[str]:
    """Return the configuration files that count, the later ones above the earlier."""
    if given is None:
        base = environ.get("XDG_CONFIG_HOME") or os.path.join(home(environ), ".config")
        candidates = (os.path.join(base, "moodspeaker", "config.toml"), SYSTEM_FILE)
        given = next(filter(os.path.exists, candidates), None)
    if given is None:
        return []
    import glob  # noqa: PLC0415 - not loaded where no file is

    folder = os.path.dirname(os.fspath(given))
    return [os.fspath(given), *sorted(glob.glob(os.path.join(glob.escape(folder), "conf.d", "*.toml")))]


def home(environ: Mapping[str, str]) -> str:
    """Return the home folder, or `/` for somebody who has none."""
    found = environ.get("HOME") or os.path.expanduser("~")
    return found if found.startswith("/") else "/"


def read(path: str) -> dict[str, Any]:
    """Return the tables of a file; a byte-order mark and CRLF do not matter.

    Raises OSError, UnicodeDecodeError and tomllib.TOMLDecodeError.
    """
    import tomllib  # noqa: PLC0415 - not loaded where no file is

    with open(path, "rb") as file:
        text = file.read().decode("utf-8-sig")
    try:
        return tomllib.loads(text)
    except RecursionError:
        message = "nested too deeply"
        raise tomllib.TOMLDecodeError(message) from None


def read_what_can_be(path: str) -> dict[str, Any]:
    """Return the tables of a file as far as they can be understood, line by line where it is no TOML."""
    try:
        return read(path)
    except OSError:
        return {}
    except ValueError:  # no TOML, or no UTF-8
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return _line_by_line(file.read().splitlines())


def _line_by_line(lines: Sequence[str]) -> dict[str, Any]:
    import re  # noqa: PLC0415 - for a file with mistakes alone
    import tomllib  # noqa: PLC0415 - not loaded where no file is

    tables: dict[str, Any] = {}
    header = ""
    for line in lines:
        if section := re.match(r"\s*\[\s*([\w.-]+)", line):
            header = f"[{section[1]}]"  # as it was meant, where a bracket is missing
            continue
        try:
            found = tomllib.loads(f"{header}\n{line}")
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        for name, table in found.items():
            if isinstance(table, dict) and isinstance(tables.setdefault(name, {}), dict):
                tables[name].update(table)
    return tables


def from_environment(environ: Mapping[str, str]) -> Iterator[Word]:
    """Yield the settings that stand in the environment."""
    for name, text in sorted(environ.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            key = tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
            yield Word(key, text.strip(), name)


def from_options(sets: Sequence[str]) -> Iterator[Word]:
    """Yield the settings of `--set section.key=value` words; one without `=` has an empty key."""
    for word in sets:
        key, equals, text = word.partition("=")
        yield Word(tuple(key.strip().split(".")) if equals else (), text.strip(), f"--set {word}")
