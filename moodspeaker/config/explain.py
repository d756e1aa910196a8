"""Settings in text: what is wrong with one, with the cure in the same line, and what they all are."""

from __future__ import annotations

import json
import typing
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from moodspeaker.config.schema import ADAPTER, Config
from moodspeaker.config.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError


def explained(error: ValidationError, origin: Mapping[tuple[str, ...], str]) -> list[str]:
    """Return one line for each setting that is refused; `origin` tells where each key stands."""
    return [explain(item, origin) for item in error.errors(include_url=False)]


def explain(item: Any, origin: Mapping[tuple[str, ...], str]) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return one line for a refused setting; `origin` tells where each key stands."""
    location: tuple[str | int, ...] = item["loc"]
    key = without_secrets(".".join(map(str, location)))
    source = origin.get(tuple(map(str, location)), "")
    prefix = f"{source}: " if source and not source.startswith("--set") else ""
    if item["type"] == "unexpected_keyword_argument":
        return prefix + unknown(key)
    given = item["input"]
    shown = repr(without_secrets(given)) if isinstance(given, str) else without_secrets(repr(given))
    if item["type"] == "dataclass_type":
        return f"{prefix}{key} = {shown}: this is a section: write {key}.name = value"
    if item["type"] == "value_error" and isinstance(item["input"], str):
        return f"{prefix}{key} = {shown}: {item['ctx']['error']}"
    if item["type"] == "value_error":  # of a section as a whole
        return f"{prefix}{key}.{item['ctx']['error']}"
    message = str(item["msg"]).replace("Input should be", "it should be")
    return f"{prefix}{key} = {shown}: {message}"


def unknown(key: str) -> str:
    """Return one line about a key that there is not, with the known one that is most like it."""
    near = _nearest(key)
    return f"unknown key {key}: " + (f"did you mean {near}?" if near else "see moodspeaker config show")


def _nearest(key: str) -> str:
    """Return the known key that is most like an unknown one, else nothing."""
    location = tuple(key.split("."))
    import difflib  # noqa: PLC0415 - a start without mistakes does not need it

    everywhere = [word for section in known_keys(()) for word in (section, *known_keys((section,)))]
    for known in (known_keys(location[:-1]), everywhere):
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.3)
        if near:
            return near[0]
    return ""


def known_keys(above: tuple[str | int, ...]) -> list[str]:
    """Return the keys of the table at `above`, each whole: `mood.confirm`; the sections for none."""
    hint: Any = Config
    for key in above:
        hint = typing.get_type_hints(hint).get(str(key)) if is_dataclass(hint) else None
    if hint is None or not is_dataclass(hint):
        return []
    return [".".join(map(str, (*above, one.name))) for one in fields(hint)]


def as_table(config: Config) -> dict[str, dict[str, Any]]:
    """Return the effective settings as plain tables."""
    dumped: dict[str, dict[str, Any]] = ADAPTER.dump_python(config, mode="json")
    return dumped


def as_toml(tables: Mapping[str, Mapping[str, Any]], notes: Mapping[str, str] | None = None) -> str:
    """Return tables of settings as TOML, each key of `notes` (`section.key`) with its note behind it."""
    lines: list[str] = []
    for section, table in tables.items():
        lines.append(f"[{section}]")
        for key, value in table.items():
            note = (notes or {}).get(f"{section}.{key}", "")
            lines.append(f"{key} = {toml_value(value)}" + (f"  # {note}" if note else ""))
        lines.append("")
    return "\n".join(lines)


def toml_value(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_value(inner)}" for key, inner in value.items()) + "}"
    return str(value)
