"""What the director knows, and one turn of it: an event with its time, its evidence and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time by the dataclass
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.director.control import Holder
from moodspeaker.director.effects import Effect, Record, Why
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import NOTHING, Decision, Details, Reason, Rule, Verb
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import Mood, RoomState
from moodspeaker.domain.player import PlayerReport, PlayState
from moodspeaker.domain.song import BY_INDEX, MusicFor
from moodspeaker.music.content import NONE_OF_ITS_OWN
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Affect
    from moodspeaker.domain.song import MusicSource, Programme
    from moodspeaker.music.journey import Journey
    from moodspeaker.music.target import Lead

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose for the music to do with a mood."""

    aim: Aim
    mood: Emotion | None
    """The mood that it is for; None: the next one."""

    def to_text(self) -> str:
        """Return it as text for the disk."""
        return f"{self.aim}:{self.mood or ''}"

    @classmethod
    def from_text(cls, text: str) -> Chosen | None:
        """Return what `to_text` wrote; None for what is none."""
        aim, _, mood = text.partition(":")
        if aim not in list(Aim):
            return None
        return cls(Aim(aim), Emotion(mood) if mood in EMOTIONS else None)


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
    chosen: Chosen | None = None
    """What a person chose for the music to do with the present mood."""
    lead: Lead | None = None
    """What the music was last said to do with the mood."""
    journey: Journey | None = None
    """The way to brighter or calmer music that is under way, or was last."""
    sensed: Affect | None = None
    """Where the room is; None while nobody is seen."""
    report: PlayerReport = NO_REPORT
    lost: str = "not connected yet"
    """Why the player is down, else empty."""

    @property
    def target(self) -> Emotion | None:
        """The mood to play to, if one is known."""
        if self.override is not None:
            return self.override
        return self.mood if isinstance(self.mood, Emotion) else None

    @property
    def led_mood(self) -> Emotion | None:
        """The mood to play to, where the music is to do something with it."""
        return None if self.lead is not None and self.lead.aim is Aim.OFF else self.target

    def with_music(self, *moods: Emotion | None) -> Emotion | None:
        """Return the first of these moods that has music, else a calm one, else any; None where none has."""
        order = (*moods, Emotion.NEUTRAL, *EMOTIONS)
        return next((mood for mood in order if mood is not None and mood in self.music), None)

    @property
    def last_mood(self) -> Emotion | None:
        """The mood that the last programme served."""
        return self.programme.mood if self.programme is not None else None

    @property
    def playing_programme(self) -> Programme | None:
        """The programme of the current song; None when it is not ours."""
        programme = self.programme
        return programme if programme is not None and programme.id == self.report.programme else None

    def music_for(self, mood: Emotion) -> MusicFor:
        """Return what music a mood wants: a step of the journey from it, else its own."""
        journey = self.journey
        if journey is None or not journey.leads or journey.mood is not mood:
            return MusicFor(mood)
        return MusicFor(mood, journey.point)

    def details_of(self, music: MusicFor) -> Details:
        """Return what is to be said of music that is wanted."""
        if music.near is not None and self.journey is not None:
            return self.journey.steps[self.journey.at].reason.details
        source = self.music.get(music.mood)
        if music.mood in NONE_OF_ITS_OWN and source is not None and source.kind == BY_INDEX:
            return MappingProxyType({"near": str(music.mood)})
        return NOTHING

    def is_of_journey(self, number: int | None) -> bool:
        """Tell whether the programme of that id, the one that plays, is of a journey."""
        programme = self.programme
        return programme is not None and programme.id == number and programme.near is not None

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

    def is_playing(self, uri: str) -> bool:
        """Tell whether the current song, played or paused, is this one."""
        return self.report.song is not None and self.report.song.uri == uri

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

    def decline(self, rule: Rule, **details: str | float | None) -> None:
        """Record that a command cannot be carried out, now or later, and let whoever gave it know."""
        self.add(Record(self._decision(Why(Verb.KEPT, rule, self.evidence), None, details), declined=True))

    def record_reason(self, verb: Verb, reason: Reason) -> None:
        """Record a decision that is made here and now, for a reason that is known."""
        self.record_why(Why(verb, reason.rule, self.evidence, reason.details))

    def record_why(self, why: Why, *, mood: Mood | None = None, **details: str | float | None) -> None:
        """Record a decision that was made earlier and is confirmed now."""
        self.add(Record(self._decision(why, mood, details)))

    def _decision(self, why: Why, mood: Mood | None, details: Details) -> Decision:
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
        return Decision(self.now, why.verb, decided_for, reason, MappingProxyType(evidence))
