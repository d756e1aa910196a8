"""From all sources to one validated value, or every reason why not."""

from __future__ import annotations

import hashlib
import hmac
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from moodspeaker.config import kinds, sources
from moodspeaker.config.explain import explained, of_another_kind
from moodspeaker.config.runtime import runtime_folder, state_folder
from moodspeaker.config.schema import ADAPTER, Config
from moodspeaker.config.secrets import without_secrets
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

APPLICATION: Final = bytes.fromhex("6d1fd83e0ce84a5c9b0f4f3a6fd0be2d")
"""Identifies this application when the machine id is hashed; the machine id itself is never shown
(machine-id(5)).
"""


def load(
    file: Path | None = None, sets: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Config:
    """Return the settings without what was changed on the page; raise ConfigError with every reason.

    `sets` are `section.key=value` words; `environment` defaults to the process's own.
    """
    environ = os.environ if environment is None else environment
    return Given.collected(file, sets, environ).config(environ)


class Given:
    """The settings of all sources so far, where each stands, and what could not be read."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.origin: dict[tuple[str, ...], str] = {}
        self.by_words: set[tuple[str, ...]] = set()
        """Those that the environment or the command line gives."""
        self.reasons: list[str] = []

    @classmethod
    def collected(cls, file: Path | None, sets: Sequence[str], environ: Mapping[str, str]) -> Given:
        """Return what all sources give."""
        given = cls()
        for path in sources.files(file, environ):
            given.add_file(path)
        for word in (*sources.from_environment(environ), *sources.from_options(sets)):
            given.add_word(word)
        return given

    def config(self, environ: Mapping[str, str]) -> Config:
        """Return it as one validated value; raise ConfigError with every reason."""
        mistaken = self._of_another_kind()
        reasons = [*self.reasons, *mistaken.values()]
        try:
            config = ADAPTER.validate_python(self.values)
        except ValidationError as error:
            reasons += explained(error, self.origin, besides=mistaken)
            raise ConfigError(list(dict.fromkeys(reasons))) from None
        if reasons:
            raise ConfigError(reasons)
        return _with_folders_and_id(config, environ)

    def _of_another_kind(self) -> dict[tuple[str, ...], str]:
        """Return why values are refused that would pass for one of another kind, by their keys."""
        found: dict[tuple[str, ...], str] = {}
        for key, source in self.origin.items():
            value: Any = self.values
            for name in key:
                value = value.get(name) if isinstance(value, dict) else None
            if wanted := kinds.wanted(key, value, word=key in self.by_words):
                found[key] = of_another_kind(".".join(key), value, wanted, source)
        return found

    def add_file(self, path: str) -> None:
        """Put the settings of a file above those so far."""
        try:
            table = sources.read(path)
        except OSError as error:
            self.reasons.append(f"{path}: {error.strerror}: give another file with --config")
        except UnicodeDecodeError:
            self.reasons.append(f"{path}: not UTF-8: save it as UTF-8")
        except tomllib.TOMLDecodeError as error:
            self.reasons.append(f"{path}: not TOML: {error}")
        else:
            self._merge(self.values, table, path, ())

    def _merge(
        self, values: dict[str, Any], table: Mapping[str, Any], path: str, above: tuple[str, ...]
    ) -> None:
        for key, value in table.items():
            where = (*above, key)
            if isinstance(value, dict) and isinstance(values.setdefault(key, {}), dict):
                self._merge(values[key], value, path, where)
            else:
                values[key] = value
                self.origin[where] = path

    def add_word(self, word: sources.Word) -> None:
        """Put one setting above those so far."""
        if not word.key:
            self.reasons.append(f"{without_secrets(word.source)}: write --set section.key=value")
            return
        self.origin[word.key] = word.source
        self.by_words.add(word.key)
        table = self.values
        for key in word.key[:-1]:
            inner = table.setdefault(key, {})
            if not isinstance(inner, dict):
                inner = table[key] = {}
            table = inner
        table[word.key[-1]] = word.text if kinds.wants_text(word.key) else _toml_value(word.text)


def _toml_value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def _with_folders_and_id(config: Config, environ: Mapping[str, str]) -> Config:
    """Return the config with its folders and its id filled in; raise ConfigError for an impossible path."""
    state = state_folder(config.paths.state, environ)
    runtime = runtime_folder(config.paths.runtime, environ)
    return replace(
        config,
        paths=replace(config.paths, state=state, runtime=runtime),
        mqtt=replace(config.mqtt, id=config.mqtt.id or machine_name()),
    )


def machine_name() -> str:
    """Return twelve hex digits that name this machine and do not reveal its machine id (machine-id(5))."""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            identity = Path(path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if identity:
            return hmac.new(identity.encode(), APPLICATION, hashlib.sha256).hexdigest()[:12]
    return hashlib.sha256(os.uname().nodename.encode()).hexdigest()[:12]
