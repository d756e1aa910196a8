"""Events, which the director takes, and effects, which it asks for.

An effect asks; nothing has happened yet.  The answer comes back as an event: `ProgrammeReady` or
`NoProgramme` to a request, `Confirmed` or `Failed` to what the player was asked.  Only a confirmation is
recorded as done.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.domain.decision import NOTHING
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.commands import (
        Hold,
        Next,
        Override,
        Pause,
        Play,
        Previous,
        Resume,
        Target,
        VerdictCommand,
    )
    from moodspeaker.domain.decision import Decision, Details, Rule, Verb
    from moodspeaker.domain.emotion import Affect, Emotion
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.domain.player import PlayerEvent
    from moodspeaker.domain.song import Programme


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is asked of the player: what is recorded once it is confirmed."""

    verb: Verb
    rule: Rule
    evidence: Details = field(default_factory=lambda: NOTHING)
    """The event that led to it."""
    details: Details = field(default_factory=lambda: NOTHING)
    """What the rule is about, as far as it is known before."""


# --- effects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestProgramme:
    """Draw a new programme."""

    request: int
    """Comes back with the answer: a later request outdates it."""
    mood: Emotion
    count: int
    """Songs to draw at most."""
    avoid: str
    """URI that should not come first: it plays now."""
    near: Affect | None = None
    """The point of the affect plane near which a journey wants them; None: the mood's own music."""


@dataclass(frozen=True, slots=True)
class RequestMore:
    """Draw the next songs of a programme."""

    request: int
    programme: Programme
    count: int


@dataclass(frozen=True, slots=True)
class PlayProgramme:
    """Replace the queue by these songs and play them."""

    programme: Programme
    why: Why


@dataclass(frozen=True, slots=True)
class QueueProgramme:
    """Let these songs follow the current one; what stood behind it goes."""

    programme: Programme
    why: Why | None
    """None where the decision is recorded already."""
    fade: bool = False
    """Whether the current song is to fade into them now, by the server's own crossfade."""


@dataclass(frozen=True, slots=True)
class ExtendQueue:
    """Append these songs."""

    programme: Programme


@dataclass(frozen=True, slots=True)
class StartPlaying:
    """Play on: from the pause, or the queue as it stands."""

    why: Why | None
    """None where the decision is recorded already."""


@dataclass(frozen=True, slots=True)
class PausePlaying:
    """Pause."""

    why: Why


@dataclass(frozen=True, slots=True)
class GoToNext:
    """Skip the song."""

    why: Why


@dataclass(frozen=True, slots=True)
class GoToPrevious:
    """Go back to the song before."""

    why: Why


@dataclass(frozen=True, slots=True)
class SaveSetting:
    """Keep a value durably."""

    name: str
    value: str
    asked: bool = False
    """Whether a command that asked for it has failed where it cannot be kept."""


@dataclass(frozen=True, slots=True)
class Record:
    """Keep and publish a decision."""

    decision: Decision
    declined: bool = False
    """Whether a command is not carried out: whoever gave it is told so."""


MusicRequest: TypeAlias = RequestProgramme | RequestMore
PlayerEffect: TypeAlias = (
    PlayProgramme | QueueProgramme | ExtendQueue | StartPlaying | PausePlaying | GoToNext | GoToPrevious
)
Effect: TypeAlias = MusicRequest | PlayerEffect | SaveSetting | Record


# --- events -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes."""

    minute: int
    """The local minute of the day."""
    sensed: Affect | None = None
    """Where the room is; None while nobody is seen."""


@dataclass(frozen=True, slots=True)
class ProgrammeReady:
    """The answer to a request."""

    request: int
    programme: Programme


@dataclass(frozen=True, slots=True)
class NoProgramme:
    """The answer to a request for a mood that has no music."""

    request: int
    mood: Emotion


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The player did what it was asked."""

    effect: PlayerEffect


@dataclass(frozen=True, slots=True)
class Failed:
    """The player did not do what it was asked."""

    effect: PlayerEffect
    reason: str
    """Cause and cure."""
    superseded: bool = False
    """Whether a person, or a later wish, came first: then nothing is to be mended."""


DirectorCommand: TypeAlias = (
    "Override | Hold | Resume | Play | Pause | Next | Previous | Target | VerdictCommand"
)
"""The commands that are about the music."""
Event: TypeAlias = (
    "MoodChange | PlayerEvent | DirectorCommand | Tick | ProgrammeReady | NoProgramme | Confirmed | Failed"
)
