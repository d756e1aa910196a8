"""The shapes of what the API takes and gives, beside the snapshot; `/openapi.json` is made of them."""

from __future__ import annotations

from typing import Any, NotRequired, TypeAlias

from typing_extensions import TypedDict


class Music(TypedDict):
    """Where a mood's music comes from."""

    name: str
    rule: str
    songs: int


class MoodRow(TypedDict):
    """A mood and its music."""

    mood: str
    music: Music | None
    current: bool
    valence: float
    """Where it lies in the affect plane, -1 to 1."""
    arousal: float


class SongRow(TypedDict):
    """A song and why it would be chosen."""

    uri: str
    title: str
    artist: str
    score: float
    reasons: dict[str, str]
    """In words, by what they are about."""


class MoodSongs(TypedDict):
    """The songs that fit a mood best, the best first."""

    mood: str
    songs: list[SongRow]


class DayBin(TypedDict):
    """A few minutes in which somebody was seen."""

    at: str
    """When it begins, RFC 3339."""
    mood: str
    """What the faces showed most."""
    share: float
    """Its mean probability."""
    seconds: int
    """For how long somebody was seen in it."""


class DayAnswer(TypedDict):
    """The looks on record, added up."""

    minutes: int
    """Length of a bin."""
    bins: list[DayBin]


class DecisionRow(TypedDict):
    """A decision or refusal."""

    at: str
    """RFC 3339."""
    verb: str
    mood: str
    rule: str
    """The reason in words."""
    reason: dict[str, str | float | None]
    """The rule's name as `rule`, and its details."""
    evidence: dict[str, str | float | None]


class SettingsAnswer(TypedDict):
    """The settings in force and those that are written."""

    in_force: dict[str, Any]
    written: dict[str, Any]
    refused: list[str]
    """Why what is written would be refused."""
    page: dict[str, Any]
    """The keys that were changed on the page, and what would be in force without that."""


class SettingRow(TypedDict):
    """A setting that the page may change."""

    key: str
    doc: str
    """What it means, with its unit."""
    kind: str
    """number, whole, switch, choice or text."""
    default: Any
    least: float | None
    most: float | None
    least_excluded: bool
    """Whether a number has to be above `least`."""
    most_excluded: bool
    choices: list[Any]
    value: Any
    """What is in force."""
    written: Any
    """What would be, without what was changed on the page."""
    origin: str
    """Where that stands: a file, a variable of the environment or `--set`; empty: nowhere, the default."""
    changed: bool
    """Whether it was changed on the page."""
    fixed: bool
    """Whether the environment or the command line gives it, which wins over the page."""


class SectionRow(TypedDict):
    """Settings that belong together: the first part of their keys."""

    name: str
    doc: str


class SettingsShown(TypedDict):
    """The settings that the page may change."""

    sections: list[SectionRow]
    settings: list[SettingRow]
    undo: dict[str, Any]
    """What taking the last change back would set; empty: there is nothing to take back."""
    left_out: dict[str, str]
    """By its key, why something that was changed on the page is not in force any more."""
    refused: list[str]
    """Why the last reload was refused."""
    revision: int
    """As `config.revision` of the snapshot tells it where these are the newest."""


class Stretch(TypedDict):
    """A mood, until the next one."""

    at: str
    """When it begins, RFC 3339."""
    mood: str


class ReplayedDay(TypedDict):
    """What settings make of the day on record."""

    switches: int
    """How often other music would have taken the place of what played, had music played all day."""
    changes: int
    """Changes of mood that faces caused."""
    brief: int
    """Those that another one followed within three minutes."""
    lasting: int
    """Moods that lasted five minutes and more."""
    strip: list[Stretch]


class ReplayAnswer(TypedDict):
    """The day on record with the settings in force, and with others."""

    looks: int
    begin: str | None
    """The first look, RFC 3339."""
    end: str | None
    now: ReplayedDay
    then: ReplayedDay


class SessionBody(TypedDict):
    """One secret: a six-digit code (or what a link of `POST /api/pair` holds), or the token."""

    code: NotRequired[str]
    token: NotRequired[str]


class Pairing(TypedDict):
    """How a phone opens the page."""

    code: str | None
    """None where none is wanted: the page is for this machine alone."""
    seconds: float
    """How long it is good."""
    addresses: list[str]
    """Of the page, the best first."""
    links: list[str]
    """The same with a secret that opens the page in place of the code, and that no wrong guess burns."""


class OutputRow(TypedDict):
    """Where the music server's sound goes."""

    name: str
    plugin: str
    on: bool


class ChimeAnswer(TypedDict):
    """The chime was played."""

    outputs: list[OutputRow]


class CheckRow(TypedDict):
    """One finding of the doctor."""

    name: str
    verdict: str
    """`ok`, `warn` or `fault`."""
    message: str
    """What was found: cause and cure unless it is ok."""


class ChecksAnswer(TypedDict):
    """What the doctor finds in a part."""

    checks: list[CheckRow]


class Healthy(TypedDict):
    """That the speaker lives."""

    ok: bool


class Refusal(TypedDict):
    """An error."""

    error: str
    """Its name."""
    message: str
    """One line with the cure."""


Description: TypeAlias = dict[str, Any]
"""An OpenAPI document."""
ChangesBody: TypeAlias = dict[str, str | float | bool | None]
"""Settings by their keys; null: back to what is configured."""
AnyObject: TypeAlias = dict[str, str | float | bool | None]
"""Nothing of it is read."""
TriedBody: TypeAlias = dict[str, str | float | bool | None]
"""The same, of sections that can be tried on the day on record."""
CommandBody: TypeAlias = dict[str, Any]
"""One key, a command's name, and its value."""
