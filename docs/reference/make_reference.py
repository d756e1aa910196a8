"""Write configuration.md, mqtt.md and http.md beside this file, from what the program itself goes by.

    make docs

Settings come from the schema and from the words of config/config.toml, MQTT from the table of entities and
the vocabulary of commands, HTTP from the description that /openapi.json serves.  A test compares what it
would write with what stands there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.config.describe import describe, sections
from moodspeaker.config.explain import known_keys, toml_value
from moodspeaker.config.in_force import RESTART_ONLY
from moodspeaker.config.overlay import SECTIONS
from moodspeaker.domain.command_help import HELP
from moodspeaker.domain.commands import NAMES, values_of
from moodspeaker.domain.entities import ATTRIBUTES, ENTITIES, OFFLINE, ONLINE, STATE, STATUS, Component, Need
from moodspeaker.web.documentation import openapi
from moodspeaker.web.route import Access
from moodspeaker.web.routes import ROUTES
from moodspeaker.web.shapes import AnyObject, ChangesBody, SessionBody, TriedBody

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from moodspeaker.config.describe import Description
    from moodspeaker.domain.entities import Entity
    from moodspeaker.web.route import Route

FOLDER: Final = Path(__file__).parent
SETTINGS: Final = Path(__file__).parents[2] / "config" / "config.toml"
MADE: Final = "<!-- Made by docs/reference/make_reference.py: change what it reads, not this file. -->\n"
ASKED_BY: Final = {Access.EVERYBODY: "everybody", Access.ALLOWED: "token or session", Access.SOCKET: "socket"}
NEEDS: Final = {
    Need.PLAYER: "a music server",
    Need.LOCK: "`camera.lock`",
    Need.BROWSER: "`camera.browser`",
    Need.PREVIEW: "`camera.preview`",
    Need.THERMOMETER: "a thermometer",
    Need.POWER_MONITOR: "a Raspberry Pi",
    Need.SERVICE: "a service that starts it again",
}


def pages() -> Mapping[str, str]:
    """Return each page by the name of its file."""
    made = {"configuration.md": _configuration(), "mqtt.md": _mqtt(), "http.md": _http()}
    return {name: MADE + "\n".join(lines) + "\n" for name, lines in made.items()}


# --- settings ---------------------------------------------------------------------------------------------


def _configuration() -> Iterator[str]:
    yield """\
# Settings

`/etc/moodspeaker/config.toml`, or a user's `~/.config/moodspeaker/config.toml`, or `--config FILE`. Later
wins: defaults < file < `conf.d/*.toml` beside it < what was changed on the page (`POST /api/settings`;
`settings.json` in the state folder) < environment (`MOODSPEAKER_SECTION__KEY`) < `--set section.key=value`.
What is not written is at its default.

    moodspeaker config check        # every mistake at once, each with its cure
    moodspeaker config show         # what is in force, and what is written but not in force yet
    sudo systemctl reload moodspeaker

An unknown key is refused with the nearest known one; bad settings leave the old ones in force. In a path
`~` is the home of the user that runs the speaker. Passwords are never a setting: a key names the file
that holds one."""
    words, described = _words(), describe()
    for section in known_keys(()):
        yield f"\n## [{section}]\n\n{words.get(section) or sections()[section]}"
        if section in RESTART_ONLY:
            yield "A change takes effect with `systemctl restart moodspeaker`."
        if section in SECTIONS:
            yield "Can also be changed on the page."
        yield "\n| key | default | takes | meaning |\n|---|---|---|---|"
        for key in known_keys((section,)):
            setting = described[key]
            yield _row(f"`{key}`", f"`{toml_value(setting.default)}`", _takes(setting), words[key])


def _words() -> Mapping[str, str]:
    """Return the comment above each section and key of config.toml, by `section` and `section.key`."""
    found, said, section = {}, [], ""
    for line in SETTINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            said.append(" ".join(line.lstrip("# ").split()))
            continue
        if line.startswith("["):
            section = line.strip("[]")
            found[section] = " ".join(said)
        elif line:
            found[f"{section}.{line.partition(' = ')[0]}"] = " ".join(said)
        said = []
    return found


def _takes(setting: Description) -> str:
    """Return in words what a setting may be."""
    match setting.kind:
        case "number" | "whole":
            least = f"{'above ' if setting.least_excluded else ''}{setting.least:g}"
            most = f"{'below ' if setting.most_excluded else ''}{setting.most:g}"
            return f"{least} to {most}{', whole' if setting.kind == 'whole' else ''}"
        case "choice":
            return ", ".join(f"`{toml_value(value)}`" for value in setting.choices)
        case "switch":
            return "`true`, `false`"
        case "table":
            return "a table of moods"
        case "text":
            return "text"


# --- MQTT -------------------------------------------------------------------------------------------------


def _mqtt() -> Iterator[str]:
    yield f"""\
# MQTT

Every topic is below `moodspeaker/<id>/`, where `<id>` is `mqtt.id`, else a hash of the machine id that
does not reveal it. All that is retained is published again on every connection and where somebody else
overwrote it; a payload that did not change is not sent, a topic changes once a second at most, and what
every look changes (probabilities, confidence, valence, arousal, costs) is refreshed in `{STATE.topic}`
every 30 s at most. Moments are RFC 3339, never ages. `{STATUS.topic}` is `{ONLINE}`, and `{OFFLINE}` is
also the last will.

    mosquitto_sub -v -t 'moodspeaker/#'
    mosquitto_pub -t moodspeaker/<id>/sensing/set -m off

With an access list: `readwrite moodspeaker/<id>/#`, and for Home Assistant `readwrite
homeassistant/device/moodspeaker_<id>/config` and `read homeassistant/status` (see
[config/examples/mosquitto](../../config/examples/mosquitto)). `moodspeaker mqtt purge` clears all of it
when the speaker goes for good.

With `mqtt.household` the speakers of a household tell each other what they know of songs, as JSON on
retained topics `moodspeaker/household/<name>/<random name of a speaker>/<0 to 15>`, each of at most
64 KiB, written by that speaker alone: `readwrite moodspeaker/household/<name>/#`.

## Topics

One plain value each; `none` where there is nothing to tell."""
    yield "\n| topic | what | retained | values | beside it, as JSON |\n|---|---|---|---|---|"
    for entity in ENTITIES:
        if entity.value is not None or not entity.retained:
            yield _topic(entity)
    yield "\n## Commands\n"
    yield "On `moodspeaker/<id>/<command>/set`, at QoS 1; retained and empty messages are ignored."
    yield from _commands()
    yield "\n## Home Assistant\n"
    yield (
        "It finds the speaker by itself (MQTT integration; `mqtt.discovery`). What is off by default can be\n"
        "switched on on the device's page; *needs* says what a speaker must have to show one.\n"
    )
    yield "| entity | platform | on by default | needs | where | command |\n|---|---|---|---|---|---|"
    yield from (_entity(entity) for entity in ENTITIES if entity.component is not None)


def _topic(entity: Entity) -> str:
    values = ", ".join(f"`{value}`" for value in entity.options)
    if entity.component in {Component.BINARY_SENSOR, Component.SWITCH}:
        values = "`ON`, `OFF`"
    elif entity is STATUS:
        values = f"`{ONLINE}`, `{OFFLINE}`"
    elif entity is STATE:
        values = "[the snapshot](http.md#snapshot)"
    elif not entity.retained:
        values = f"JSON, `event_type` one of {values}"
    elif entity.device_class == "timestamp":
        values = "a moment"
    elif entity.limits is not None:
        values = f"{entity.limits[0]} to {entity.limits[1]} {entity.unit}"
    beside = f"`{entity.topic}/{ATTRIBUTES}`" if entity.attributes is not None else ""
    return _row(f"`{entity.topic}`", entity.name, "yes" if entity.retained else "no", values, beside)


def _entity(entity: Entity) -> str:
    where = str(entity.category) if entity.category is not None else ""
    needs = NEEDS[entity.needs] if entity.needs is not None else ""
    on = "yes" if entity.on_by_default else "no"
    command = f"`{entity.command}`" if entity.command else ""
    return _row(entity.name, f"`{entity.component}`", on, needs, where, command)


def _commands() -> Iterator[str]:
    """Yield the table of commands, and what it calls them in a line each."""
    yield "\n| command | takes |\n|---|---|"
    yield from (_row(f"`{name}`", values_of(name)) for name in NAMES)
    yield "\nWhat each does, as one JSON object (`moodspeaker command`, `POST /api/command`):\n"
    yield "```\n" + HELP.rstrip() + "\n```"


# --- HTTP -------------------------------------------------------------------------------------------------


def _http() -> Iterator[str]:
    described = openapi(ROUTES)
    yield """\
# HTTP

On `api.sock` in the runtime folder (whoever may open it may ask everything), and on `web.host:web.port`:
this machine only, unless a `web.token_file` is set; then with `Authorization: Bearer TOKEN` or the cookie
of a session. The same in machine-readable form: `GET /openapi.json`. No GET changes anything. Errors are
`{"error": name, "message": one line with the cure}`.

    curl http://127.0.0.1:8311/api/status
    curl -H 'Content-Type: application/json' -d '{"next": "on"}' http://127.0.0.1:8311/api/command
    curl -N http://127.0.0.1:8311/api/events
    sudo curl --unix-socket /run/moodspeaker/api.sock http://localhost/api/why?count=5

Commands are those of [MQTT](mqtt.md#commands). The events of `GET /api/events` are `snapshot`
(everything, first), `change` (the keys of the snapshot that have another value, whole), `decision` (a row
of `/api/why`) and `time` (`{"now": RFC 3339}`, every few seconds).

## Routes

| | route | does | asks | takes | gives | refuses with |
|---|---|---|---|---|---|---|"""
    for route in ROUTES:
        yield _route(route, described["paths"][route.path][route.method.lower()])
    yield "\n## Shapes"
    for name, schema in sorted(described["components"]["schemas"].items()):
        about = f"\n### {name}\n\n{schema.get('description', '')}\n\n"
        if "enum" in schema:
            yield f"{about}One of {_values(schema)}."
            continue
        yield f"{about}| key | type | meaning |\n|---|---|---|"
        for key, value in schema["properties"].items():
            yield _row(f"`{key}`", _type(value), value.get("description", ""))


def _route(route: Route, operation: Mapping[str, Any]) -> str:
    takes = [
        f"`{p['name']}`: {_values(p['schema'])}"
        for p in operation.get("parameters", ())
        if p["in"] == "query"
    ]
    if route.path == "/api/command":
        takes.append("a [command](mqtt.md#commands)")
    elif route.body is AnyObject:
        takes.append("`{}`")
    elif route.body is ChangesBody or route.body is TriedBody:
        takes.append("[settings](configuration.md) by their keys; null: back to what is configured")
    elif route.body is SessionBody:
        takes.append('`{"code": "six digits"}` or `{"token": "..."}`')
    elif route.body is not None:
        takes.append(_content(operation["requestBody"]["content"]))
    success = operation["responses"].get("200")
    gives = "" if success is None else _content(success["content"])
    if route.upgrade:
        gives = operation["responses"]["101"]["description"].rpartition(" Its shape is ")[2].rstrip(".")
        gives = f"messages, each a [{gives}](#{gives.lower()})"
    refusals = ", ".join(status for status in operation["responses"] if status >= "400")
    path = f"`{route.path}`"
    return _row(route.method, path, route.summary, ASKED_BY[route.access], "; ".join(takes), gives, refusals)


def _values(schema: Mapping[str, Any]) -> str:
    """Return in words what a parameter of the query may be."""
    default = f", else {schema['default']}" if "default" in schema else ""
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}{default}"
    among = ", ".join(f"`{value}`" for value in schema.get("enum", ()))
    return (among or f"text of up to {schema['maxLength']} letters") + default


def _content(content: Mapping[str, Any]) -> str:
    [(kind, inner)] = content.items()
    return _type(inner["schema"]) if kind == "application/json" else f"`{kind}`"


def _type(schema: Mapping[str, Any]) -> str:
    """Return a JSON type in words, with a link to each shape."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    inner = schema.get("additionalProperties")
    if isinstance(inner, dict):
        return f"object of {_type(inner)}"
    return str(schema.get("type", "anything"))


# --- all --------------------------------------------------------------------------------------------------


def _row(*cells: str) -> str:
    return f"| {' | '.join(_cells(cells))} |"


def _cells(cells: Iterable[str]) -> Iterator[str]:
    for cell in cells:
        yield cell.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def main() -> None:
    """Write all pages."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
