"""Commands from the command line, HTTP and MQTT: one vocabulary, parsed once, where they come in.

A command is a JSON object with one key, its name, and its value; on MQTT the name is a level of the topic
`<name>/set` and the value is the payload.

`command_help` lists them for people.  To add one: its class, its place in `Command` (mypy then names every
match that lacks it), its row in `_VOCABULARY`, its line in `command_help`, and its row in `command_schemas`.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.evidence import VALUES, Evidence, evidence_of
from moodspeaker.domain.listener import GUEST, HOUSEHOLD
from moodspeaker.domain.plain_name import plain_name
from moodspeaker.errors import CommandError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Sensing:
    """Open or close the camera."""

    on: bool


@dataclass(frozen=True, slots=True)
class Override:
    """Play to this mood whatever the faces say; None follows the faces again."""

    mood: Emotion | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave the music alone for some minutes; None takes `hold.minutes`."""

    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """End a hold or a person's stop."""


@dataclass(frozen=True, slots=True)
class Play:
    """Start music: a person's wish."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause the music: a person's wish."""


@dataclass(frozen=True, slots=True)
class Next:
    """Skip the song: a person's wish."""


@dataclass(frozen=True, slots=True)
class Previous:
    """Go back to the song before: a person's wish."""


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Set the player's volume."""

    percent: int
    """0 to 100."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the music is to do with the present mood, until it changes."""

    aim: Aim | None
    """None: what is set for it (`[target]`)."""


@dataclass(frozen=True, slots=True)
class SongMood:
    """A song is of this mood, a person says; None: the models decide again."""

    uri: str
    """Its URI on the music server."""
    mood: Emotion | None


@dataclass(frozen=True, slots=True)
class Like:
    """A song is liked."""

    uri: str = ""
    """The song that the person saw, as their client told it: it plays, or did until now; empty: it plays, or
    ended a moment ago.
    """


@dataclass(frozen=True, slots=True)
class Dislike:
    """A song is not liked: it is skipped where it plays and is ours."""

    uri: str = ""
    """As of `Like`."""


@dataclass(frozen=True, slots=True)
class WrongMood:
    """A song does not fit the mood that it was played for."""

    mood: Emotion | None = None
    """The mood that it has instead; None where they do not say."""
    uri: str = ""
    """As of `Like`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Who listens from now on."""

    name: str
    """A person's name, `household` or `guest`."""


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Look at a face at rest (on) and correct by it what is read later; off: correct nothing."""

    on: bool


@dataclass(frozen=True, slots=True)
class GiveEvidence:
    """Another source says something of the room."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Change a setting, as on the page."""

    key: str
    """Such as `mood.dwell`."""
    value: float
    """In the setting's own unit."""


@dataclass(frozen=True, slots=True)
class Restart:
    """End, to be started again by the service that runs this program."""


VerdictCommand: TypeAlias = Like | Dislike | WrongMood
"""The commands that say something of a song."""
Command: TypeAlias = (
    Sensing
    | Override
    | Target
    | Hold
    | Resume
    | Play
    | Pause
    | Next
    | Previous
    | SetVolume
    | SongMood
    | Calibrate
    | GiveEvidence
    | ChangeSetting
    | Restart
    | VerdictCommand
    | Profile
)


ON: Final = frozenset({"on", "true", "1", "press"})
OFF: Final = frozenset({"off", "false", "0"})
LONGEST_HOLD: Final = 24 * 60.0
"""Minutes."""
LONGEST_DWELL: Final = 3600
"""Seconds, the most that `mood.dwell` takes."""
SURENESS: Final = (50, 100)
"""Percent between which `mood.margin` lies, both excluded."""
LONGEST_NAME: Final = 40
"""Letters of a profile's name."""
LONGEST_COMMAND: Final = 4096
"""Bytes."""
SHOWN: Final = 60
"""Characters of somebody's text that an error repeats."""
_NUMBER: Final = re.compile(r"\d{1,5}(\.\d*)?", re.ASCII)


def parse(text: str | bytes) -> Command:
    """Return the command of a JSON object; raise CommandError with the cure."""
    if len(text) > LONGEST_COMMAND:
        message = f"a command of {len(text)} bytes is refused: {LONGEST_COMMAND} at most"
        raise CommandError(message)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        message = 'a command is a JSON object such as {"sensing": "off"}'
        raise CommandError(message) from None
    if not isinstance(content, dict) or len(content) != 1:
        message = f'a command is an object with one key of {", ".join(NAMES)}, such as {{"sensing": "off"}}'
        raise CommandError(message)
    [(name, value)] = content.items()
    if name in WITH_FIELDS and isinstance(value, dict):
        value = json.dumps(value)
    if name == "profile" and not isinstance(value, str | None):
        message = "profile: the value is a name"
        raise CommandError(message)
    if isinstance(value, dict | list):
        message = f"{name[:SHOWN]}: the value is a word or a number"
        raise CommandError(message)
    if value is None:
        value = OF_NULL.get(name, "on")
    return from_payload(name, _text(value))


def _text(value: object) -> str:
    """Return a JSON value as it would be written in a payload: 1.0 as 1, 1e-3 as 0.001."""
    if not isinstance(value, float):
        return json.dumps(value) if isinstance(value, bool) else str(value)
    return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"


def from_payload(name: str, payload: str) -> Command:
    """Return the command of a name and its value as text, letter case ignored; raise CommandError."""
    row = _VOCABULARY.get(name)
    if row is None:
        message = f"unknown command {name[:SHOWN]!r}: one of {', '.join(NAMES)}"
        raise CommandError(message)
    command = row.read(payload.strip() if name in VERBATIM else payload.strip().casefold())
    if command is None:
        message = f"{name}: {payload[:SHOWN]!r} is refused: {row.values}"
        raise CommandError(message)
    return command


@dataclass(frozen=True, slots=True)
class _Row:
    """What follows a command's name."""

    read: Callable[[str], Command | None]
    """Gives the command of a word in lower case, or of an object's text; None where it is refused."""
    values: str
    """The values that are taken, for a person."""


def _sensing(word: str) -> Command | None:
    return Sensing(on=word in ON) if word in ON | OFF else None


def _calibrate(word: str) -> Command | None:
    return Calibrate(on=word in ON) if word in ON | OFF else None


def _override(word: str) -> Command | None:
    if word in {"auto", "off", "none"}:
        return Override(None)
    return Override(Emotion(word)) if word in EMOTIONS else None


def _target(word: str) -> Command | None:
    if word == "auto":
        return Target(None)
    return Target(Aim(word)) if word in list(Aim) else None


def _hold(word: str) -> Command | None:
    if word in OFF:
        return Resume()
    if word in ON - {"1"}:
        return Hold()
    minutes = _minutes(word)
    return None if minutes is None else Hold(minutes)


def _volume(word: str) -> Command | None:
    percent = _number(word)
    return SetVolume(round(percent)) if percent is not None and percent <= 100 else None  # noqa: PLR2004 - percent


def _dwell(word: str) -> Command | None:
    seconds = _number(word)
    return ChangeSetting("mood.dwell", seconds) if seconds is not None and seconds <= LONGEST_DWELL else None


def _minimum_confidence(word: str) -> Command | None:
    percent, (least, most) = _number(word), SURENESS
    if percent is None or not least < percent < most:
        return None
    finest = 1e-6  # what is nearer to a limit would become it
    margin = min(max(percent / 100, least / 100 + finest), most / 100 - finest)
    return ChangeSetting("mood.margin", round(margin, 6))


def _hold_length(word: str) -> Command | None:
    minutes = _minutes(word)
    return None if minutes is None else ChangeSetting("hold.minutes", minutes)


def _song_mood(text: str) -> Command | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match content:
        case {"uri": str(uri), "mood": str(word), **rest} if uri.strip() and not rest:
            mood = word.strip().casefold()
            if mood == "auto":
                return SongMood(uri, None)
            return SongMood(uri, Emotion(mood)) if mood in EMOTIONS else None
        case _:
            return None


def _like(text: str) -> Command | None:
    said = _said(text)
    return None if said is None or said[0] not in ON else Like(said[1])


def _dislike(text: str) -> Command | None:
    said = _said(text)
    return None if said is None or said[0] not in ON else Dislike(said[1])


def _wrong_mood(text: str) -> Command | None:
    word, uri = _said(text) or ("", "")
    if word in ON:
        return WrongMood(None, uri)
    return WrongMood(Emotion(word), uri) if word in EMOTIONS else None


def _said(text: str) -> tuple[str, str] | None:
    """Return the word of a verdict, and the URI of its song; None for what is none."""
    if not text.startswith("{"):
        return text.casefold(), ""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match content:
        case {"uri": str(uri), **rest} if uri.strip() and rest.keys() <= {"mood"}:
            word = rest.get("mood", "on")
            return (word.strip().casefold(), uri) if isinstance(word, str) else None
        case _:
            return None


def _profile(text: str) -> Command | None:
    name = plain_name(text, LONGEST_NAME)
    if name is None:
        return None
    plain = name.casefold()
    if plain in {GUEST, f"{GUEST}s"}:
        return Profile(GUEST)
    return Profile(HOUSEHOLD if plain == HOUSEHOLD else name)


def _evidence(text: str) -> Command | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    evidence = evidence_of(content) if isinstance(content, dict) else None
    return None if evidence is None else GiveEvidence(evidence)


def _minutes(word: str) -> float | None:
    minutes = _number(word)
    return minutes if minutes is not None and 0 < minutes <= LONGEST_HOLD else None


def _number(word: str) -> float | None:
    return float(word) if _NUMBER.fullmatch(word) else None


def _press(command: Command) -> _Row:
    """Return the row of a command that has no value of its own."""
    return _Row(lambda word: command if word in ON else None, "on")


_VOCABULARY: Final = {
    "sensing": _Row(_sensing, "on or off"),
    "override": _Row(_override, f"auto, or one of {', '.join(EMOTIONS)}"),
    "target": _Row(_target, f"auto, or one of {', '.join(Aim)}"),
    "hold": _Row(_hold, f"minutes up to {LONGEST_HOLD:g}, on or off"),
    "resume": _press(Resume()),
    "play": _press(Play()),
    "pause": _press(Pause()),
    "next": _press(Next()),
    "previous": _press(Previous()),
    "volume": _Row(_volume, "percent, 0 to 100"),
    "like": _Row(_like, 'on, or {"uri": URI}'),
    "dislike": _Row(_dislike, 'on, or {"uri": URI}'),
    "wrong_mood": _Row(_wrong_mood, f'on, or one of {", ".join(EMOTIONS)}; {{"uri": URI, "mood": the same}}'),
    "profile": _Row(_profile, f"a name of up to {LONGEST_NAME} letters, {HOUSEHOLD} or {GUEST}"),
    "song_mood": _Row(_song_mood, f'{{"uri": URI, "mood": auto, or one of {", ".join(EMOTIONS)}}}'),
    "calibrate": _Row(_calibrate, "on or off"),
    "evidence": _Row(_evidence, VALUES),
    "dwell": _Row(_dwell, f"seconds, 0 to {LONGEST_DWELL}"),
    "minimum_confidence": _Row(_minimum_confidence, "percent, above {} and below {}".format(*SURENESS)),
    "hold_length": _Row(_hold_length, f"minutes up to {LONGEST_HOLD:g}"),
    "restart": _press(Restart()),
}
WITH_FIELDS: Final = frozenset({"song_mood", "evidence", "like", "dislike", "wrong_mood"})
"""Commands whose value is an object, or may be one."""
VERBATIM: Final = WITH_FIELDS | {"profile"}
"""Commands in whose value letter case counts."""
OF_NULL: Final = {"override": "auto", "target": "auto", "profile": HOUSEHOLD}
"""What JSON's null means to a command; to all others it is `on`."""
NAMES: Final = tuple(_VOCABULARY)


def values_of(name: str) -> str:
    """Return the values that a command takes, for a person; raise KeyError for what is no command."""
    return _VOCABULARY[name].values
