"""What each setting is: its docstring, type, limits and default, read from the schema itself."""

from __future__ import annotations

import ast
import inspect
import textwrap
import typing
from dataclasses import asdict, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from moodspeaker.config.schema import ADAPTER, Config
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["number", "whole", "switch", "choice", "text", "table"]
KINDS: Final[Mapping[str, Kind]] = {
    "number": "number", "integer": "whole", "boolean": "switch", "string": "text", "object": "table",
}  # fmt: skip
"""By the type's name in JSON Schema."""


class _WithoutDefaults(GenerateJsonSchema):
    """A generator that leaves defaults out quietly: some are no JSON, and they are taken from the config."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"non-serializable-default"}  # noqa: RUF012 - as pydantic's


@dataclass(frozen=True, slots=True)
class Description:
    """What a setting is."""

    key: str
    """`mood.dwell`."""
    doc: str
    """What it means, with its unit."""
    kind: Kind
    default: Any
    least: float | None
    """The smallest number that is taken; None where there is no limit."""
    most: float | None
    least_excluded: bool
    """Whether a number has to be above `least`, not at it."""
    most_excluded: bool
    choices: tuple[str | int, ...]
    """The values of a choice."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@cache
def describe() -> Mapping[str, Description]:
    """Return every setting by its key, in the order of the schema."""
    schema = ADAPTER.json_schema(schema_generator=_WithoutDefaults)
    default = ADAPTER.dump_python(Config(), mode="json")
    found: dict[str, Description] = {}
    for section, kind in typing.get_type_hints(Config).items():
        if section not in default:
            continue
        docs, properties = docs_of(kind), schema["$defs"][kind.__name__]["properties"]
        for one in fields(kind):
            key = f"{section}.{one.name}"
            found[key] = _described(key, docs[one.name], properties[one.name], default[section][one.name])
    return found


def sections() -> Mapping[str, str]:
    """Return what each section is about, by its name."""
    hints = typing.get_type_hints(Config)
    return {one.name: inspect.getdoc(hints[one.name]) or "" for one in fields(Config)}


def docs_of(kind: type) -> dict[str, str]:
    """Return the docstrings under the fields of a dataclass, each as one line."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - the source of a class
    docs: dict[str, str] = {}
    name = ""
    for statement in definition.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                docs[name] = " ".join(text.split())
                name = ""
            case _:
                name = ""
    return docs


def _described(key: str, doc: str, schema: Mapping[str, Any], default: object) -> Description:
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    choices = tuple(schema.get("enum", ()))
    return Description(
        key,
        doc,
        "choice" if choices else KINDS[schema["type"]],
        default,
        schema.get("minimum", above),
        schema.get("maximum", below),
        above is not None,
        below is not None,
        choices,
    )
