"""Settings in text: what is wrong with one, with the cure in the same line, and what they all are."""

from __future__ import annotations

import json
import typing
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.config.schema import ADAPTER, Config
from moodspeaker.config.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic import ValidationError


WORDS: Final = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text, in quotes",
}
"""What pydantic wants, in words, by the type of its error."""
NAME_IN_TABLE: Final = "[key]"
"""The end of pydantic's place where a name in a table is refused, not its value."""


def explained(
    error: ValidationError,
    origin: Mapping[tuple[str, ...], str],
    besides: Collection[tuple[str, ...]] = (),
) -> list[str]:
    """Return one line for each setting that is refused; `origin` tells where each key stands.

    The keys of `besides` are left out: why they are refused is said elsewhere.
    """
    items = error.errors(include_url=False)
    return [explain(item, origin) for item in items if tuple(map(str, item["loc"])) not in besides]


def of_another_kind(key: str, value: object, wanted: str, source: str = "") -> str:
    """Return one line for a value that is not of its setting's kind; `source` tells where it stands."""
    return f"{_prefix(source)}{without_secrets(key)} = {_shown(value)}: it should be {wanted}"


def _prefix(source: str) -> str:
    return f"{source}: " if source and not source.startswith("--set") else ""


def _shown(value: object) -> str:
    """Return a value as a person would write it, without secrets."""
    return repr(without_secrets(value)) if isinstance(value, str) else without_secrets(toml_value(value))


def explain(item: Any, origin: Mapping[tuple[str, ...], str]) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return one line for a refused setting; `origin` tells where each key stands."""
    location = tuple(str(part) for part in item["loc"] if part != NAME_IN_TABLE)
    key = without_secrets(".".join(location))
    prefix = _prefix(origin.get(location, ""))
    if item["type"] == "unexpected_keyword_argument":
        return prefix + unknown(key)
    shown = _shown(item["input"])
    if item["type"] == "dataclass_type":
        return f"{prefix}{key} = {shown}: this is a section: write {key}.name = value"
    if item["type"] == "value_error" and isinstance(item["input"], str):
        return f"{prefix}{key} = {shown}: {item['ctx']['error']}"
    if item["type"] == "value_error":  # of a section as a whole
        return f"{prefix}{key}.{item['ctx']['error']}"
    message = str(item["msg"]).replace("Input should be", "it should be")
    if item["type"] in WORDS:
        message = f"it should be {WORDS[item['type']]}"
    given = "" if NAME_IN_TABLE in item["loc"] else f" = {shown}"
    return f"{prefix}{key}{given}: {message}"


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
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_value(inner)}" for key, inner in value.items()) + "}"
    return str(value)
