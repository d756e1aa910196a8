"""The settings with what was changed on the page, and where each of them stands.

Later wins: defaults < configuration files < what was changed on the page (`overlay`) < environment < `--set`.
The page is above the files, because the person did that last; what is given to one start alone is above the
page, which says so.  What was changed there and does not fit any more is left out and named: it keeps nobody
from starting.
"""

from __future__ import annotations

import os
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from moodspeaker.config import kinds, overlay
from moodspeaker.config.describe import describe
from moodspeaker.config.explain import as_table, explained, of_another_kind, unknown
from moodspeaker.config.load import Given
from moodspeaker.config.overlay import Overlay
from moodspeaker.config.schema import ADAPTER
from moodspeaker.config.secrets import without_secrets
from moodspeaker.errors import ConfigError, Disagreement, SettingsDisagree
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from moodspeaker.config.overlay import Changes
    from moodspeaker.config.schema import Config


@dataclass(frozen=True, slots=True)
class Layers:
    """All settings, and what they are made of."""

    config: Config
    """With what was changed on the page."""
    written: Config
    """Without it."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """Where each setting stands that is written somewhere, by its key: a file, a variable or `--set ...`."""
    fixed: frozenset[str] = frozenset()
    """Keys that the environment or the command line gives: the page cannot change them."""
    page: Overlay = field(default_factory=Overlay)
    """What was changed on the page."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Why some of that is not in force, with the cure: by its key, or by the file where all of it is lost."""

    @property
    def changed(self) -> Mapping[str, Any]:
        """What was changed on the page and is in force, by its key."""
        now, below = flat(self.config), flat(self.written)
        return {key: now[key] for key in self.page.values if key in now and now[key] != below[key]}


def load_layers(
    file: Path | None = None,
    sets: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Layers:
    """Return the settings with what was changed on the page; raise ConfigError for the other sources."""
    environ = os.environ if environment is None else environment
    given = Given.collected(file, sets, environ)
    written = given.config(environ)
    file_of_page = written.state_folder / overlay.FILE
    left_out: dict[str, str] = {}
    try:
        page = overlay.read(file_of_page)
    except ConfigError as error:
        page, left_out = Overlay(), {str(file_of_page): str(error)}
    fixed = frozenset(".".join(key[:2]) for key in given.by_words)
    wanted = {key: value for key, value in page.values.items() if key not in fixed}
    config, refused = _laid_over(written, wanted)
    cure = "it is left out: change it on the page"
    left_out |= {key: f"{file_of_page}: {reason}; {cure}" for key, reason in refused.items()}
    origin = {".".join(key[:2]): source for key, source in given.origin.items()}
    return Layers(config, written, origin, fixed, page, left_out)


def with_changes(config: Config, changes: Changes) -> Config:
    """Return the settings with these values in their places.

    Raises ConfigError with every reason, SettingsDisagree where each value would do by itself.
    """
    if strange := [reason for key in changes if (reason := refusal(key))]:
        raise ConfigError(strange)
    wrong = {key: kinds.wanted(tuple(key.split(".")), value) for key, value in changes.items()}
    if mistaken := [of_another_kind(key, changes[key], wanted) for key, wanted in wrong.items() if wanted]:
        raise ConfigError(mistaken)
    tables = as_table(config)
    for key, value in changes.items():
        section, _, name = key.partition(".")
        tables[section][name] = value
    try:
        changed = ADAPTER.validate_python(tables)
    except ValidationError as error:
        disagree = all(isinstance(one.get("ctx", {}).get("error"), Disagreement) for one in error.errors())
        refused = SettingsDisagree if disagree else ConfigError
        raise refused(list(dict.fromkeys(explained(error, {})))) from None
    return replace(changed, paths=config.paths, mqtt=config.mqtt)


def refusal(key: str) -> str:
    """Return why the page may not change a setting; empty where it may."""
    if key not in describe():
        return unknown(without_secrets(key))
    if key not in changeable():
        return f"{key} is not for the page: change it in config.toml"
    return ""


def changeable() -> Sequence[str]:
    """Return the keys that the page may change, in the order of the schema."""
    return [
        key for key, one in describe().items()
        if key.partition(".")[0] in overlay.SECTIONS and one.kind != "table"
    ]  # fmt: skip


def flat(config: Config) -> dict[str, Any]:
    """Return every setting by its key, as a JSON value."""
    tables = as_table(config)
    return {f"{section}.{name}": value for section, table in tables.items() for name, value in table.items()}


def _laid_over(written: Config, wanted: Changes) -> tuple[Config, Mapping[str, str]]:
    """Return the settings with as much of what is wanted as fits, and by its key why the rest does not."""
    try:
        return (with_changes(written, wanted) if wanted else written), {}
    except ConfigError:
        pass
    refused: dict[str, str] = {}
    config = written
    for key, value in wanted.items():
        try:
            config = with_changes(config, {key: value})
        except ConfigError as error:
            refused[key] = str(error)
    return config, refused
