"""What was decided, and why: a rule with its details, which each surface words for itself (`wording`)."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import Mood

Details: TypeAlias = "Mapping[str, str | float | None]"
NOTHING: Details = MappingProxyType({})


class Verb(StrEnum):
    """What the director decided."""

    SWITCHED = "switched"
    PENDING = "pending"
    KEPT = "kept"
    HELD = "held"
    RESUMED = "resumed"
    STARTED = "started"
    PAUSED = "paused"
    SKIPPED = "skipped"


class Rule(StrEnum):
    """The rule by which it was decided."""

    # switched, started, pending
    AT_ONCE = "at once"
    AT_SONG_END = "at the song's end"
    WITH_NEXT = "with the next song"
    ARRIVAL = "arrival"
    ASKED_FOR_MUSIC = "asked for music"
    QUEUE_ENDED = "queue ended"
    PLAYER_BACK = "player back"
    AFTER_FAULT = "after a fault"
    WAITS_FOR_SONG_END = "waits for the song's end"
    FADES = "fades"
    # kept
    ROOM_STATE = "room state"
    PLAYS_ALREADY = "plays already"
    MOOD_CAME_BACK = "mood came back"
    NO_PLAYER = "no player"
    PERSON_STOPPED = "person stopped"
    PERSON_CHOSE = "person chose"
    NO_MUSIC = "no music"
    NO_MUSIC_AT_ALL = "no music at all"
    PERSON_STARTS = "person starts"
    WAITS_FOR_ARRIVAL = "waits for arrival"
    QUIET_HOURS = "quiet hours"
    PLAYER_REFUSED = "player refused"
    NOTHING_TO_SKIP = "nothing to skip"
    TARGET_OFF = "target off"
    # what the music does with a mood
    AIM_SET = "set for the mood"
    AIM_CHOSEN = "chosen for the mood"
    AIM_OVERRIDE = "the mood was chosen"
    AIM_OWN_MUSIC = "own music for the mood"
    AIM_LASTS = "the mood lasts"
    AIM_OWN_MIX = "own mix"
    AIM_NEIGHBOURHOOD = "neighbourhood"
    # steps of a journey, and its end
    STEP_FIRST = "begins where the room is"
    STEP_PLANNED = "a small step further"
    STEP_ANSWERED = "the room follows"
    STEP_TIME = "the step's time is up"
    STEP_LATE = "the room does not follow"
    JOURNEY_ARRIVED = "arrived"
    JOURNEY_SKIPPED = "skipped twice"
    JOURNEY_LEFT = "journey left"
    JOURNEY_NO_SONGS = "no songs on the way"
    # held
    PLAYED_ALREADY = "played already"
    OTHER_MUSIC = "other music"
    PERSON_CHANGED = "person changed"
    PERSON_STARTED_THEIRS = "person started theirs"
    HOLD_ASKED = "hold asked"
    HOLD_ASKED_WHILE_STOPPED = "hold asked while stopped"
    STREAM_ENDED = "stream ended"
    ENDLESS_STREAM = "endless stream"
    STANDS_STILL = "stands still"
    CAME_BACK_OTHER = "came back with other songs"
    HOLD_ENDED_STILL = "hold ended while still"
    PERSON_STOPPED_NOW = "person stopped now"
    # resumed
    RESUME_ASKED = "resume asked"
    HOLD_ENDED = "hold ended"
    PERSON_STARTED_OURS = "person started ours"
    SOMEONE_BACK = "someone is back"
    FACES_LEAD = "faces lead again"
    # paused, skipped
    NOBODY = "nobody"
    PAUSE_ASKED = "pause asked"
    SKIPPED_BY_PERSON = "skipped by a person"
    SKIPPED_BY_COMMAND = "skipped by a command"
    DISLIKED = "disliked"


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule and what it was about."""

    rule: Rule
    details: Details = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision or refusal with its reason."""

    at: Moment
    """When."""
    verb: Verb
    """What."""
    mood: Mood
    """The mood it was decided for."""
    reason: Reason
    """The rule that decided."""
    evidence: Details = field(default_factory=lambda: NOTHING)
    """What it was decided from: the event that led to it and how things stood."""
