"""Commands from the command line, HTTP and MQTT: one vocabulary.

A command is a JSON object with one key, the thing, and its value; on MQTT the thing is the topic
`<thing>/set` and the value its payload.

    {"sensing": "on"|"off"}     open or close the camera; survives a restart
    {"override": EMOTION}       play to this mood whatever the faces say; "auto" follows the faces again
    {"hold": MINUTES}           leave the music alone; "on" takes hold.minutes, "off" resumes
    {"resume": "on"}            end a hold, or go on after a person's stop
    {"play": "on"}              start music
    {"next": "on"}              skip the song
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.errors import CommandError


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
    """Set the player's volume: a person's wish."""

    percent: int
    """0 to 100."""


Command: TypeAlias = Sensing | Override | Hold | Resume | Play | Pause | Next | Previous | SetVolume


THINGS: Final = ("sensing", "override", "hold", "resume", "play", "next")
ON: Final = frozenset({"on", "true", "1", "press", ""})
OFF: Final = frozenset({"off", "false", "0"})
LONGEST_HOLD: Final = 24 * 60.0
"""Minutes."""
NUMBER: Final = re.compile(r"\d{1,5}(\.\d*)?", re.ASCII)
LONGEST_COMMAND: Final = 4096
"""Bytes."""


def parse(text: str | bytes) -> Command:
    """Return the command of a JSON object; raise CommandError with the cure."""
    if len(text) > LONGEST_COMMAND:
        message = f"a command of {len(text)} bytes is refused: {LONGEST_COMMAND} at most"
        raise CommandError(message)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        message = 'a command is a JSON object such as {"sensing": "off"}'
        raise CommandError(message) from None
    if not isinstance(value, dict) or len(value) != 1:
        message = f'a command is an object with one key of {", ".join(THINGS)}, such as {{"sensing": "off"}}'
        raise CommandError(message)
    [(thing, wanted)] = value.items()
    if isinstance(wanted, dict | list):
        message = f"{thing}: the value is a word or a number"
        raise CommandError(message)
    if wanted is None:
        wanted = "auto" if thing == "override" else "on"
    return from_words(str(thing), str(wanted))


def from_words(thing: str, payload: str) -> Command:
    """Return the command of a thing and its payload, letter case ignored; raise CommandError."""
    word = payload.strip().casefold()
    if thing == "sensing" and word in (ON | OFF) - {""}:
        return Sensing(on=word in ON)
    if thing == "override" and word in {"auto", "off", "none"}:
        return Override(None)
    if thing == "override" and word in EMOTIONS:
        return Override(Emotion(word))
    if thing == "hold":
        return _hold(word)
    if word in ON and thing in _PLAIN:
        return _PLAIN[thing]
    allowed = _ALLOWED.get(thing)
    if allowed is None:
        message = f"unknown command {thing!r}: one of {', '.join(THINGS)}"
        raise CommandError(message)
    message = f"{thing}: {payload[:60]!r} is refused: {allowed}"
    raise CommandError(message)


def _hold(word: str) -> Command:
    if word in OFF:
        return Resume()
    if word in ON - {"1"}:
        return Hold()
    minutes = float(word) if NUMBER.fullmatch(word) else -1.0
    if not 0 < minutes <= LONGEST_HOLD:
        message = f"hold: {word[:60]!r} is refused: {_ALLOWED['hold']}"
        raise CommandError(message)
    return Hold(minutes)


_PLAIN: Final[dict[str, Command]] = {"resume": Resume(), "play": Play(), "next": Next()}
_ALLOWED: Final = {
    "sensing": "on or off",
    "override": f"auto, or one of {', '.join(EMOTIONS)}",
    "hold": f"minutes up to {LONGEST_HOLD:g}, on or off",
    "resume": "on",
    "play": "on",
    "next": "on",
}
