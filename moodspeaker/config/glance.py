"""Where the library is, without the schema: that takes longer to import than songs to be chosen.

Only what is plainly written is read here.  Where it is not (a file that is no TOML, a value that is no text,
another key in the environment or with `--set`) the whole configuration is loaded, and says what is wrong with
it.  The other keys of a file are the business of `config check`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.config import sources
from moodspeaker.config.runtime import expanded, state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

STATE: Final = ("paths", "state")
HOUSEHOLD: Final = ("mqtt", "household")
NAME: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
"""Characters of a household's name."""


class LibrarySettings(NamedTuple):
    """The settings of what is known of songs."""

    folder: str
    """The state folder, absolute."""
    household: str
    """`mqtt.household`."""


def library_settings(
    file: Path | None, sets: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> LibrarySettings:
    """Return them as `config.load` would; raise ConfigError with every reason."""
    environ = os.environ if environment is None else environment
    try:
        found = _plainly_written(file, sets, environ)
        return LibrarySettings(
            state_folder(expanded(found.get(STATE, "")), environ), found.get(HOUSEHOLD, "")
        )
    except (OSError, ValueError):
        from moodspeaker.config.load import load  # noqa: PLC0415 - this module is there to do without it

        config = load(file, sets, environ)
        return LibrarySettings(str(config.state_folder), config.mqtt.household)


def _plainly_written(
    file: Path | None, sets: Sequence[str], environ: Mapping[str, str]
) -> dict[tuple[str, ...], str]:
    """Return those of the two that are written somewhere; raise OSError or ValueError where not plainly."""
    found: dict[tuple[str, ...], object] = {}
    for path in sources.files(file, environ):
        tables = sources.read(path)
        for section, name in (STATE, HOUSEHOLD):
            table = tables.get(section, {})
            if not isinstance(table, dict):
                raise ValueError(section)  # noqa: TRY004 - a value of the file, as the others
            if name in table:
                found[section, name] = table[name]
    for word in (*sources.from_environment(environ), *sources.from_options(sets)):
        if word.key not in (STATE, HOUSEHOLD):
            raise ValueError(word.source)
        found[word.key] = word.text
    texts = {key: value for key, value in found.items() if isinstance(value, str)}
    if len(texts) < len(found) or set(texts.get(HOUSEHOLD, "")) - NAME:
        raise ValueError(HOUSEHOLD)
    return texts
