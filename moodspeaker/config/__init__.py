"""The settings: one frozen, validated value, or every reason why not, at once.

Order, later wins: defaults < configuration file < conf.d/*.toml beside it < environment
(`MOODSPEAKER_SECTION__KEY`) < `--set`. The file is the one given with `--config`, else the user's
(`$XDG_CONFIG_HOME/moodspeaker/config.toml`), else `/etc/moodspeaker/config.toml`; none at all means the
defaults.  An unknown key is an error that names the nearest known one.

Settings of the core stand beside their user (`mood`, `director`); those of the rim stand here, below all
their users. A secret is never in a setting: a setting names the file that holds it.
"""

from __future__ import annotations

import difflib
import hashlib
import hmac
import json
import os
import re
import tomllib
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from annotated_types import Ge, Le
from pydantic import AfterValidator, StringConstraints, TypeAdapter, ValidationError

from moodspeaker.director import HoldSettings, ListenSettings, MusicSettings
from moodspeaker.errors import ConfigError
from moodspeaker.mood.tracker import MoodSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SYSTEM_FILE: Final = Path("/etc/moodspeaker/config.toml")
ENVIRONMENT_PREFIX: Final = "MOODSPEAKER_"
LONGEST_RUNTIME: Final = 107 - len("/vision.sock")
"""Bytes of the runtime folder's path: sun_path holds 108 with the zero at its end (unix(7))."""
APPLICATION: Final = bytes.fromhex("6d1fd83e0ce84a5c9b0f4f3a6fd0be2d")
"""Identifies this application when the machine id is hashed; the machine id itself is never shown
(machine-id(5)).
"""

FORBID_EXTRA: Final = {"extra": "forbid"}
Port = Annotated[int, Ge(0), Le(65535)]


def _host(text: str) -> str:
    """Return the name, address or socket path; raise ValueError for what no name service can be asked."""
    if not text.startswith(("/", "@")):
        try:
            text.encode("idna")
        except UnicodeError as error:
            message = f"no host is called that ({error.__cause__ or error}): write a name or an address"
            raise ValueError(message) from None
    return text


def _camera_source(text: str) -> str:
    if (
        not text.isprintable()
        or re.fullmatch(r"auto|none|picamera2(:\d+)?|(v4l2|file|replay):.+", text) is None
    ):
        message = "write auto, picamera2[:N], v4l2:/dev/videoN, file:PATH, replay:DIR or none"
        raise ValueError(message)
    return text


Host = Annotated[str, AfterValidator(_host)]


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """The camera."""

    source: Annotated[str, AfterValidator(_camera_source)] = "auto"
    """auto, picamera2[:N], v4l2:/dev/videoN, file:PATH, replay:DIR or none."""
    rotation: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise by which the picture is turned to stand upright."""
    width: Annotated[int, Ge(160), Le(4096)] = 1280
    """Width of a frame in pixels: how far it sees."""
    height: Annotated[int, Ge(120), Le(4096)] = 960
    """Height of a frame in pixels."""


@dataclass(frozen=True, slots=True)
class VisionSettings:
    """The vision process."""

    spawn: bool = True
    """Start it as a child; false when a service of its own runs it."""
    interval: Annotated[float, Ge(0.1), Le(60)] = 1.0
    """Seconds between looks while somebody is seen; with nobody there it looks half as often."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The models."""

    path: str = ""
    """Folder with face/ and emotion/; empty: the ones that came with the program."""


@dataclass(frozen=True, slots=True)
class MpdSettings:
    """The music server."""

    host: Host = "auto"
    """Name, address or socket path; auto: $MPD_HOST, the usual sockets, localhost; empty: no player at
    all.
    """
    port: Port = 6600
    """TCP port; $MPD_PORT is honoured with host = auto."""
    password_file: str = ""
    """File that holds MPD's password."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The MQTT broker."""

    host: Host = ""
    """Name or address; empty: no broker."""
    port: Port = 1883
    """TCP port."""
    username: str = ""
    """User name at the broker."""
    password_file: str = ""
    """File that holds the broker's password."""
    ca_file: str = ""
    """Certificate authority of the broker: turns TLS on."""
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """The <id> in moodspeaker/<id>/...; empty: a hash of the machine id."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The page and the HTTP API."""

    host: Host = "127.0.0.1"
    """Address to listen on; anything but loopback wants a token_file."""
    port: Port = 8311
    """TCP port; 0: no page."""
    token_file: str = ""
    """File that holds the token which clients outside this machine must give."""


@dataclass(frozen=True, slots=True)
class PathSettings:
    """Folders."""

    state: str = ""
    """Database; empty: $STATE_DIRECTORY, else $XDG_STATE_HOME/moodspeaker."""
    runtime: str = ""
    """Sockets; empty: $XDG_RUNTIME_DIR/moodspeaker, else /tmp/moodspeaker-UID; the units set
    /run/moodspeaker.
    """


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """What is remembered of decisions."""

    hours: Annotated[float, Ge(0), Le(8760)] = 24
    """Hours that decisions are kept on the disk; 0: none."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings."""

    camera: CameraSettings = field(default_factory=CameraSettings)
    vision: VisionSettings = field(default_factory=VisionSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    mood: MoodSettings = field(default_factory=MoodSettings)
    listen: ListenSettings = field(default_factory=ListenSettings)
    hold: HoldSettings = field(default_factory=HoldSettings)
    music: MusicSettings = field(default_factory=MusicSettings)
    mpd: MpdSettings = field(default_factory=MpdSettings)
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    web: WebSettings = field(default_factory=WebSettings)
    paths: PathSettings = field(default_factory=PathSettings)
    records: RecordSettings = field(default_factory=RecordSettings)

    @property
    def state_folder(self) -> Path:
        """The folder of the database (made by its user)."""
        return Path(self.paths.state)

    @property
    def runtime_folder(self) -> Path:
        """The folder of the sockets (made by `ensure_runtime_folder`)."""
        return Path(self.paths.runtime)

    @property
    def vision_socket(self) -> Path:
        """Where vision listens."""
        return self.runtime_folder / "vision.sock"

    @property
    def api_socket(self) -> Path:
        """Where the API listens for local clients."""
        return self.runtime_folder / "api.sock"


def load(
    file: Path | None = None, sets: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Config:
    """Return the effective settings; raise ConfigError with every reason.

    `sets` are `section.key=value` words; `environment` defaults to the process's own.
    """
    environ = os.environ if environment is None else environment
    reasons: list[str] = []
    values: dict[str, Any] = {}
    origin: dict[tuple[str, ...], str] = {}
    _read_files(file, environ, values, origin, reasons)
    for name, text in sorted(environ.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            keys = tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
            _set(values, keys, text, origin, name)
    for word in sets:
        key, equals, text = word.partition("=")
        if not equals:
            reasons.append(f"--set {word}: write --set section.key=value")
            continue
        _set(values, tuple(key.strip().split(".")), text, origin, f"--set {word}")
    try:
        config = _ADAPTER.validate_python(values)
    except ValidationError as error:
        reasons += [_explain(item, origin) for item in error.errors(include_url=False)]
        raise ConfigError(_unique(reasons)) from None
    if reasons:
        raise ConfigError(reasons)
    return _with_paths(config, environ)


def _read_files(
    file: Path | None,
    environ: Mapping[str, str],
    values: dict[str, Any],
    origin: dict[tuple[str, ...], str],
    reasons: list[str],
) -> None:
    for path in _files(file, environ):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            reasons.append(f"{path}: {error.strerror}: give another file with --config")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            reasons.append(f"{path}: not TOML: {error}")
        else:
            _merge(values, table, origin, str(path))


def _files(given: Path | None, environ: Mapping[str, str]) -> list[Path]:
    if given is None:
        home = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", "/"), ".config")  # noqa: PTH118 - may be relative
        candidates = (Path(home) / "moodspeaker" / "config.toml", SYSTEM_FILE)
        given = next((path for path in candidates if os.path.exists(path)), None)  # noqa: PTH110 - a folder without access has none
    if given is None:
        return []
    return [given, *sorted((given.parent / "conf.d").glob("*.toml"))]


def _merge(
    values: dict[str, Any],
    table: Mapping[str, Any],
    origin: dict[tuple[str, ...], str],
    source: str,
    above: tuple[str, ...] = (),
) -> None:
    for key, value in table.items():
        where = (*above, key)
        if isinstance(value, dict) and isinstance(values.setdefault(key, {}), dict):
            _merge(values[key], value, origin, source, where)
        else:
            values[key] = value
            origin[where] = source


def _set(
    values: dict[str, Any], keys: tuple[str, ...], text: str, origin: dict[tuple[str, ...], str], source: str
) -> None:
    origin[keys] = source
    for key in keys[:-1]:
        inner = values.setdefault(key, {})
        if not isinstance(inner, dict):
            inner = values[key] = {}
        values = inner
    values[keys[-1]] = text if _wants_text(keys) else _toml_value(text)


def _wants_text(keys: tuple[str, ...]) -> bool:
    """Tell whether the setting's type is made of strings."""
    hint: Any = Config
    for key in keys:
        if not is_dataclass(hint):
            return True
        hint = typing.get_type_hints(hint, include_extras=False).get(key, str)
    if typing.get_origin(hint) is Literal:
        return isinstance(typing.get_args(hint)[0], str)
    return isinstance(hint, type) and issubclass(hint, str)


def _toml_value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _known(above: tuple[str | int, ...]) -> list[str]:
    hint: Any = Config
    for key in above:
        hint = typing.get_type_hints(hint).get(str(key)) if is_dataclass(hint) else None
    return (
        [".".join(map(str, (*above, f.name))) for f in fields(hint)]
        if hint is not None and is_dataclass(hint)
        else []
    )


def _explain(item: Any, origin: Mapping[tuple[str, ...], str]) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    location: tuple[str | int, ...] = item["loc"]
    key = ".".join(map(str, location))
    source = origin.get(tuple(map(str, location)), "")
    prefix = f"{source}: " if source and not source.startswith("--set") else ""
    if item["type"] == "unexpected_keyword_argument":
        everywhere = [k for section in _known(()) for k in (section, *_known((section,)))]
        near = difflib.get_close_matches(key, _known(location[:-1]) or everywhere, n=1, cutoff=0.3)
        if not near:
            near = difflib.get_close_matches(key, everywhere, n=1, cutoff=0.3)
        return f"{prefix}unknown key {key}" + (
            f": did you mean {near[0]}?" if near else ": see moodspeaker config show"
        )
    if item["type"] == "dataclass_type":
        return f"{prefix}{key} = {item['input']!r}: this is a section: write {key}.name = value"
    if item["type"] == "value_error" and isinstance(item["input"], str):
        return f"{prefix}{key} = {item['input']!r}: {item['ctx']['error']}"
    if item["type"] == "value_error":  # of a section as a whole
        return f"{prefix}{key}.{item['ctx']['error']}"
    message = str(item["msg"]).replace("Input should be", "it should be")
    return f"{prefix}{key} = {item['input']!r}: {message}"


def _unique(reasons: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(reasons))


def _with_paths(config: Config, environ: Mapping[str, str]) -> Config:
    """Return the config with its folders and its id filled in; raise ConfigError for a path that no socket
    can have.
    """
    state = config.paths.state or environ.get("STATE_DIRECTORY", "").split(":")[0]
    if not state:
        base = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME", "/")) / ".local" / "state")
        state = str(Path(base) / "moodspeaker")
    runtime = config.paths.runtime
    if not runtime:
        base = environ.get("XDG_RUNTIME_DIR", "")
        runtime = str(Path(base) / "moodspeaker") if base else f"/tmp/moodspeaker-{os.getuid()}"  # noqa: S108 - made 0700
    runtime = os.path.abspath(runtime)  # noqa: PTH100 - no symlinks followed
    length = len(os.fsencode(runtime))
    if length > LONGEST_RUNTIME:
        reason = f"paths.runtime = {runtime!r}: {length} bytes; a socket's path allows {LONGEST_RUNTIME}: choose a shorter folder"
        raise ConfigError([reason])
    return replace(
        config,
        paths=replace(config.paths, state=os.path.abspath(state), runtime=runtime),  # noqa: PTH100 - no symlinks followed
        mqtt=replace(config.mqtt, id=config.mqtt.id or machine_name()),
    )


def machine_name() -> str:
    """Return twelve hex digits that name this machine and do not reveal its machine id (machine-id(5))."""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            identity = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if identity:
            return hmac.new(identity.encode(), APPLICATION, hashlib.sha256).hexdigest()[:12]
    return hashlib.sha256(os.uname().nodename.encode()).hexdigest()[:12]


def ensure_runtime_folder(config: Config) -> Path:
    """Make the folder of the sockets, private to this user; one that stands already is left as it is.

    Raises ConfigError when it cannot be made or used.
    """
    folder = config.runtime_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            [f"paths.runtime = {str(folder)!r}: {error.strerror}: choose a folder that you may write"]
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError([f"paths.runtime = {str(folder)!r}: not writable by you: choose another folder"])
    return folder


def secret(file: str, credential: str) -> str:
    """Return the secret in `file`, else in the service's credential of that name, else nothing.

    Raises ConfigError when a named file cannot be read.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not file and folder and (Path(folder) / credential).exists():
        file = str(Path(folder) / credential)
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [f"password or token file {file}: {getattr(error, 'strerror', None) or 'not text'}"]
        ) from None


def as_table(config: Config) -> dict[str, dict[str, Any]]:
    """Return the effective settings as plain tables."""
    dumped: dict[str, dict[str, Any]] = _ADAPTER.dump_python(config, mode="json")
    return dumped


def as_toml(config: Config) -> str:
    """Return the effective settings as TOML."""
    lines: list[str] = []
    for section, table in as_table(config).items():
        lines += [f"[{section}]", *(f"{key} = {_toml_text(value)}" for key, value in table.items()), ""]
    return "\n".join(lines)


def _toml_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml_text(inner)}" for key, inner in value.items()) + "}"
    return str(value)


def _forbidding(section: Any) -> Any:  # noqa: ANN401 - a dataclass type
    """Let pydantic refuse unknown keys of a stdlib dataclass, at every depth."""
    for hint in typing.get_type_hints(section).values():
        if is_dataclass(hint):
            _forbidding(hint)
    section.__pydantic_config__ = types.MappingProxyType(FORBID_EXTRA)
    return section


_ADAPTER: Final[TypeAdapter[Config]] = TypeAdapter(_forbidding(Config))
