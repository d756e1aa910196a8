"""Every setting: its key, type, default and meaning."""

from __future__ import annotations

import re
import typing
from dataclasses import field, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Le
from pydantic import AfterValidator, TypeAdapter

from moodspeaker.config import hosts
from moodspeaker.config.runtime import API_SOCKET, VISION_SOCKET, expanded
from moodspeaker.director.settings import DirectorSettings, HoldSettings, ListenSettings, MusicSettings
from moodspeaker.domain.household import HOUSEHOLDS
from moodspeaker.mood.tracker import MoodSettings
from moodspeaker.music.target import TargetSettings
from moodspeaker.values import dataclass

FORBID_EXTRA: Final = {"extra": "forbid"}
Port = Annotated[int, Ge(0), Le(65535)]
FilePath = Annotated[str, AfterValidator(expanded)]
"""A path; `~` is the home folder."""
Discovery = Literal["device", "entity", "off"]
"""How Home Assistant is told of the speaker."""


def _camera_source(text: str) -> str:
    text = text.strip()
    if re.fullmatch(r"auto|none|browser|picamera2(:\d+)?", text):
        return text
    kind, _, path = text.partition(":")
    if kind not in {"v4l2", "file", "replay"} or not path:
        message = "write auto, picamera2[:N], v4l2:/dev/videoN, file:PATH, replay:DIR, browser or none"
        raise ValueError(message)
    return f"{kind}:{expanded(path)}"


def _camera_lock(text: str) -> str:
    text = text.strip()
    if not text or re.fullmatch(r"gpio:/dev/gpiochip\d+:\d+(:low)?", text):
        return text
    kind, _, path = text.partition(":")
    if kind != "file" or not path:
        message = "write file:PATH, gpio:/dev/gpiochipN:LINE, gpio:/dev/gpiochipN:LINE:low or nothing"
        raise ValueError(message)
    return f"file:{expanded(path)}"


def _written(pattern: str, words: str) -> AfterValidator:
    """Refuse what is not of a pattern, in words: a person is not shown the pattern."""

    def checked(text: str) -> str:
        if not re.fullmatch(pattern, text):
            message = f"write {words}"
            raise ValueError(message)
        return text

    return AfterValidator(checked)


Name = Annotated[str, _written("[A-Za-z0-9_-]{0,64}", "up to 64 of the letters a-z, A-Z, digits, - and _")]
"""A level of a topic."""


def _speaker(text: str) -> str:
    if text == HOUSEHOLDS:
        message = f"{HOUSEHOLDS} is where speakers share what they know: give it another name"
        raise ValueError(message)
    return text


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """The camera."""

    source: Annotated[str, AfterValidator(_camera_source)] = "auto"
    """auto, picamera2[:N], v4l2:/dev/videoN, file:PATH, replay:DIR, browser or none."""
    browser: bool = False
    """Whether source = "browser" takes pictures: what a browser's camera sends goes through the speaker's
    process to vision, is looked at and dropped.
    """
    preview: bool = False
    """Whether Setup may show what the camera sees, to aim it: for two minutes, then it ends by itself."""
    rotation: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise by which the picture is turned to stand upright."""
    width: Annotated[int, Ge(160), Le(4096)] = 1280
    """Width of a frame in pixels: how far it sees."""
    height: Annotated[int, Ge(120), Le(4096)] = 960
    """Height of a frame in pixels."""
    lock: Annotated[str, AfterValidator(_camera_lock)] = ""
    """What keeps the camera closed whatever is asked for: file:PATH (while it is there) or
    gpio:/dev/gpiochipN:LINE[:low] (while the line is high, or low); empty: nothing.
    """


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

    path: FilePath = ""
    """Folder with face/ and emotion/, and music/ where that is your own, too; empty: the ones that came with
    the program.
    """


@dataclass(frozen=True, slots=True)
class MpdSettings:
    """The music server."""

    host: Annotated[str, AfterValidator(hosts.MPD.clean)] = "auto"
    """Name, address or socket path; auto: $MPD_HOST, the usual sockets, localhost; empty: no player at
    all.
    """
    port: Port = 6600
    """TCP port; $MPD_PORT is honoured with host = auto."""
    stream_port: Port = 8000
    """TCP port of MPD's httpd output, where it has one: the page plays it, too ("listen here")."""
    password_file: FilePath = ""
    """File that holds MPD's password."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """The index of songs and their moods."""

    music_dir: FilePath = ""
    """Folder of the music files; empty: the one that MPD names, which it does to clients of its socket."""
    stickers: bool = True
    """Write each song's valence and arousal, its plays and its skips into MPD's stickers, where other players
    see them.
    """
    playlists: bool = True
    """Keep a stored playlist a mood for other players; the speaker itself never uses them."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The MQTT broker."""

    host: Annotated[str, AfterValidator(hosts.MQTT.clean)] = ""
    """Name, address or socket path; empty: no broker."""
    port: Port = 1883
    """TCP port."""
    transport: Literal["tcp", "websockets"] = "tcp"
    """What carries MQTT; a socket path needs neither."""
    websocket_path: Annotated[
        str, _written("/[!-~]*", "a path such as /mqtt, of ASCII characters and without blanks")
    ] = "/mqtt"
    """Path of the broker's websocket."""
    username: str = ""
    """User name at the broker."""
    password_file: FilePath = ""
    """File that holds the broker's password."""
    ca_file: FilePath = ""
    """Certificate authority of the broker: turns TLS on."""
    cert_file: FilePath = ""
    """Our own certificate, for a broker that wants one."""
    key_file: FilePath = ""
    """Its key, unencrypted; empty: it stands in cert_file."""
    id: Annotated[Name, AfterValidator(_speaker)] = ""
    """The <id> in moodspeaker/<id>/...; empty: a hash of the machine id."""
    household: Name = ""
    """Name that all speakers of a household share: what is said and heard of songs on one counts on all of
    them; empty: nothing is shared.
    """
    discovery: Discovery = "device"
    """How Home Assistant is told of the speaker: "device" (one message, 2024.11 and later), "entity" (one
    each) or "off".
    """
    discovery_prefix: Annotated[
        str,
        _written(
            "[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*",
            "a topic such as homeassistant or my/home, of the letters a-z, A-Z, digits, - and _",
        ),
    ] = "homeassistant"
    """First levels of the topics of discovery and of Home Assistant's birth message."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The page and the HTTP API."""

    host: Annotated[str, AfterValidator(hosts.WEB.clean)] = "127.0.0.1"
    """Address to listen on; anything but loopback wants a token_file."""
    port: Port = 8311
    """TCP port; 0: no page."""
    token_file: FilePath = ""
    """File that holds the token: whoever opens the page gives it once, or pairs (moodspeaker pair); wanted
    beyond this machine.
    """
    cert_file: FilePath = ""
    """Certificate in PEM, with those that signed it behind it: turns TLS on; read again when it changes."""
    key_file: FilePath = ""
    """Its key in PEM."""


@dataclass(frozen=True, slots=True)
class PathSettings:
    """Folders."""

    state: FilePath = ""
    """Database; empty: $STATE_DIRECTORY, else $XDG_STATE_HOME/moodspeaker."""
    runtime: FilePath = ""
    """Sockets; empty: $XDG_RUNTIME_DIR/moodspeaker, else /tmp/moodspeaker-UID; the units set
    /run/moodspeaker.
    """


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """What is kept of decisions."""

    hours: Annotated[float, Ge(0), Le(8760)] = 24
    """Hours that decisions and the seven numbers of each look are kept on the disk; 0: none."""


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
    target: TargetSettings = field(default_factory=TargetSettings)
    mpd: MpdSettings = field(default_factory=MpdSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    web: WebSettings = field(default_factory=WebSettings)
    paths: PathSettings = field(default_factory=PathSettings)
    records: RecordSettings = field(default_factory=RecordSettings)

    @property
    def director(self) -> DirectorSettings:
        """What the director goes by."""
        return DirectorSettings(self.listen, self.hold, self.music, self.target)

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
        return self.runtime_folder / VISION_SOCKET

    @property
    def api_socket(self) -> Path:
        """Where the API listens for local clients."""
        return self.runtime_folder / API_SOCKET


def _forbidding(section: Any) -> Any:  # noqa: ANN401 - a dataclass type
    """Let pydantic refuse unknown keys of a stdlib dataclass, at every depth."""
    for hint in typing.get_type_hints(section).values():
        if is_dataclass(hint):
            _forbidding(hint)
    section.__pydantic_config__ = FORBID_EXTRA
    return section


ADAPTER: Final[TypeAdapter[Config]] = TypeAdapter(_forbidding(Config))
"""Validates tables into a Config, and dumps one into tables."""
