"""What the director knows, and one turn of it: an event with its time, its evidence and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time by the dataclass
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.director.control import Holder
from moodspeaker.director.effects import Effect, Record, Why
from moodspeaker.domain.decision import Decision, Details, Reason, Rule, Verb
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import Mood, RoomState
from moodspeaker.domain.player import PlayerReport, PlayState

if TYPE_CHECKING:
    from moodspeaker.domain.song import MusicSource, Programme

NO_REPORT: Final = PlayerReport(PlayState.DOWN)
"""What is known of a player that is down."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A switch that waits for the song's end: its songs stand behind the current one."""

    programme: Programme
    """What comes."""
    song: str
    """Title of the song that ends first."""
    at: Moment | None
    """When it is expected; None behind an endless stream, and while the song stands still."""


@dataclass(slots=True)
class State:
    """All that the director knows; read by those who show it, changed by the director alone."""

    mood: Mood = RoomState.UNSURE
    since: Moment = field(default_factory=lambda: Moment(0.0, 0.0))
    override: Emotion | None = None
    holder: Holder = field(default_factory=Holder)
    programme: Programme | None = None
    """The last programme that the player confirmed to play."""
    pending: Pending | None = None
    music: Mapping[Emotion, MusicSource] = field(default_factory=lambda: MappingProxyType({}))
    report: PlayerReport = NO_REPORT
    lost: str = "not connected yet"
    """Why the player is down, else empty."""

    @property
    def target(self) -> Emotion | None:
        """The mood to play to, if one is known."""
        if self.override is not None:
            return self.override
        return self.mood if isinstance(self.mood, Emotion) else None

    def with_music(self, *moods: Emotion | None) -> Emotion | None:
        """Return the first of these moods that has music, else a calm one, else any; None where none has."""
        order = (*moods, Emotion.NEUTRAL, *EMOTIONS)
        return next((mood for mood in order if mood is not None and mood in self.music), None)

    @property
    def last_mood(self) -> Emotion | None:
        """The mood that the last programme served."""
        return self.programme.mood if self.programme is not None else None

    @property
    def connected(self) -> bool:
        """Whether the player is there and its report is known."""
        return self.report is not NO_REPORT

    @property
    def playing(self) -> bool:
        """Whether music plays."""
        return self.report.state is PlayState.PLAY

    @property
    def plays_ours(self) -> bool:
        """Whether our music plays and nobody holds it."""
        return self.playing and self.report.ours and self.holder.ours

    @property
    def endless_theirs(self) -> bool:
        """Whether an endless stream plays that is not ours."""
        song = self.report.song
        return self.playing and song is not None and song.seconds is None and self.report.programme is None


class Turn:
    """One event: its time, what led to it, and the effects so far.  Its evidence is gone with it."""

    def __init__(self, state: State, now: Moment, cause: str, **evidence: str | float | None) -> None:
        """Begin with the cause of what is decided in this turn."""
        self.state, self.now = state, now
        self.evidence: Details = MappingProxyType({"cause": cause, **evidence})
        self.effects: list[Effect] = []

    def add(self, effect: Effect) -> None:
        """Ask for something."""
        self.effects.append(effect)

    def why(self, verb: Verb, rule: Rule, **details: str | float | None) -> Why:
        """Return what is to be recorded when the player confirms, with this turn's evidence."""
        return Why(verb, rule, self.evidence, MappingProxyType(details))

    def record(
        self, verb: Verb, rule: Rule, *, mood: Mood | None = None, **details: str | float | None
    ) -> None:
        """Record a decision that is made here and now."""
        self.record_why(Why(verb, rule, self.evidence), mood=mood, **details)

    def record_why(self, why: Why, *, mood: Mood | None = None, **details: str | float | None) -> None:
        """Record a decision that was made earlier and is confirmed now."""
        state = self.state
        evidence = {
            **why.evidence,
            "room": str(state.mood),
            "override": str(state.override) if state.override else None,
            "player": str(state.report.state),
        }
        decided_for = mood or state.target or state.mood
        known = {"mood": str(decided_for), **why.details, **details}
        reason = Reason(why.rule, MappingProxyType(known))
        self.add(Record(Decision(self.now, why.verb, decided_for, reason, MappingProxyType(evidence))))
