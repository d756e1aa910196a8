"""`/openapi.json`: the API's description, made from the routes and from the types that they serve."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, assert_never

from pydantic import ConfigDict, create_model

from moodspeaker import __version__
from moodspeaker.config.describe import KINDS, describe
from moodspeaker.config.overlay import SECTIONS, TRIED
from moodspeaker.domain.command_schemas import SCHEMAS
from moodspeaker.domain.commands import NAMES, values_of
from moodspeaker.web.route import Access, Count, Word
from moodspeaker.web.shapes import ChangesBody, CommandBody, Refusal, SessionBody, TriedBody

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from moodspeaker.config.describe import Description
    from moodspeaker.web.route import Route

VERSION: Final = "3.1.0"
EVERYWHERE: Final = (429, 500)
"""Refusals that every route may give."""
GUARDED: Final = (401, 403)
"""Those of a route that is not for everybody."""
JSON_NAMES: Final = {kind: name for name, kind in KINDS.items()}
"""JSON Schema's names by the kinds of settings."""
QUIET_HOURS: Final = r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$"
Json = dict[str, Any]


@cache
def openapi(routes: Sequence[Route]) -> Json:
    """Return the description of these routes."""
    schemas: Json = {}
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    secured = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": VERSION,
        "info": {
            "title": "moodspeaker",
            "version": __version__,
            "description": "See the mood of the room and the music that follows it, and steer both.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": secured},
    }


def _operation(route: Route, schemas: Json) -> Json:
    refusals = {
        *route.refusals,
        *EVERYWHERE,
        *((408,) if route.body is not None else ()),
        *(GUARDED if route.access is not Access.EVERYBODY else (403,)),
    }
    operation: Json = {
        "summary": route.summary,
        "operationId": re.sub(r"\W+", "_", f"{route.method}_{route.path}".lower()).strip("_"),
        "responses": {
            **_success(route, schemas),
            **{
                str(status): {
                    "description": HTTPStatus(status).phrase,
                    "content": {"application/json": {"schema": _schema(Refusal, schemas)}},
                }
                for status in sorted(refusals)
            },
        },
    }
    if route.access is Access.ALLOWED:
        operation["security"] = [{"bearer": []}, {}]
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body is not None:
        schema = _body(route.body, schemas)
        operation["requestBody"] = {"required": True, "content": {route.takes: {"schema": schema}}}
    return operation


def _success(route: Route, schemas: Json) -> Json:
    if not route.content:
        return {"204": {"description": "Done."}}
    if route.upgrade:
        shape = _schema(route.answer, schemas)["$ref"].rpartition("/")[2]
        return {"101": {"description": f"{route.summary} Its shape is {shape}."}}
    schema = {"type": "string"} if route.answer is None else _schema(route.answer, schemas)
    return {"200": {"description": route.summary, "content": {route.content: {"schema": schema}}}}


def _parameters(route: Route) -> list[Json]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    in_query = [
        {
            "name": one.name,
            "in": "query",
            "description": one.summary,
            "required": isinstance(one, Word) and one.required,
            "schema": _values(one),
        }
        for one in route.query
    ]
    return in_path + in_query


def _values(parameter: Count | Word) -> Json:
    """Return the schema of what a parameter of the query may be."""
    match parameter:
        case Count(_, least, most, default, _):
            return {"type": "integer", "minimum": least, "maximum": most, "default": default}
        case Word():
            among = {"enum": list(parameter.among)} if parameter.among else {"maxLength": parameter.longest}
            return {
                "type": "string",
                **among,
                **({"default": parameter.default} if parameter.default else {}),
            }
        case _:
            assert_never(parameter)


def _body(kind: object, schemas: Json) -> Json:
    """Return what is sent; a command and a secret are an object with one key of several."""
    if kind is CommandBody:
        return _one_key({name: {"description": values_of(name), **SCHEMAS[name]} for name in NAMES})
    if kind is SessionBody:
        return _one_key({name: {"type": "string"} for name in SessionBody.__annotations__})
    if kind is ChangesBody:
        return _settings(SECTIONS)
    if kind is TriedBody:
        return _settings(TRIED)
    schema = _schema(kind, schemas)
    if "$ref" in schema:  # a shape that is sent has no other keys
        schemas[schema["$ref"].rpartition("/")[2]]["additionalProperties"] = False
    return schema


def _settings(sections: Collection[str]) -> Json:
    """Return what changes of settings are: keys of these sections, each with its value or null."""
    found = {
        key: {"description": one.doc, "anyOf": [_setting(one), {"type": "null"}]}
        for key, one in describe().items()
        if key.partition(".")[0] in sections and one.kind != "table"
    }
    return {"type": "object", "properties": found, "additionalProperties": False}


def _setting(one: Description) -> Json:
    match one.kind:
        case "number" | "whole":
            least = "exclusiveMinimum" if one.least_excluded else "minimum"
            most = "exclusiveMaximum" if one.most_excluded else "maximum"
            return {"type": JSON_NAMES[one.kind], least: one.least, most: one.most}
        case "choice":
            return {"enum": list(one.choices)}
        case "switch" | "text" | "table":
            pattern = {"pattern": QUIET_HOURS} if one.key == "listen.quiet" else {}
            return {"type": JSON_NAMES[one.kind], **pattern}


def _one_key(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }


def _schema(kind: Any, schemas: Json) -> Json:  # noqa: ANN401 - a type
    """Return the schema of a type; those that it is made of go into `schemas`, with their docstrings."""
    schema, parts = _described(kind)
    schemas.update(deepcopy(parts))
    return dict(schema)


@cache  # a refusal stands at every route
def _described(kind: Any) -> tuple[Json, Json]:  # noqa: ANN401 - a type
    """Return the schema of a type, and by name those that it is made of."""
    holder = create_model("Holder", __config__=ConfigDict(use_attribute_docstrings=True), it=(kind, ...))
    made = holder.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schema: Json = made["properties"]["it"]
    schema.pop("title", None)
    return schema, made.get("$defs", {})
