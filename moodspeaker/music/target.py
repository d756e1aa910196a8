"""What the music is to do with a mood, and why; pure.

Design notes
============
The first that applies:

    a person chose it for this mood (`target`)     that
    a person chose the mood (`override`)           match: they said what they want to hear
    set to `off` for this mood                     off
    the listener has own music for this mood       match: a playlist, genre or folder of it is their word
    set for this mood                              that; sadness that is matched is lifted when it lasts
    skipped twice on the way, or no songs for it   match, in the place of lift and calm

Where the index chooses, *match* wants songs near the mood's point of the affect plane.  Disgust and surprise
have no music of their own: their neighbourhood is played, and the reason says so.  Neutral is the listener's
own mix.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from annotated_types import Ge, Le

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.emotion import Emotion
from moodspeaker.music.content import NONE_OF_ITS_OWN
from moodspeaker.values import dataclass

Choice: TypeAlias = Literal["match", "lift", "calm", "off"]
MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """What the music does with each mood."""

    angry: Choice = "calm"
    """While the room is angry: match, lift, calm or off."""
    disgust: Choice = "match"
    """While it shows disgust."""
    fear: Choice = "calm"
    """While it is afraid."""
    happy: Choice = "match"
    """While it is happy."""
    sad: Choice = "match"
    """While it is sad."""
    surprise: Choice = "match"
    """While it is surprised."""
    neutral: Choice = "match"
    """While it shows nothing of these."""
    lift_after: Annotated[float, Ge(0), Le(1440)] = 20.0
    """Minutes of sadness after which music that matches it begins to lift; 0: never."""
    step: Annotated[float, Ge(1), Le(60)] = 6.0
    """Minutes that a step of lift or calm lasts, unless the room follows sooner."""

    def of(self, mood: Emotion) -> Aim:
        """Return what is set for a mood."""
        return Aim(getattr(self, mood))


@dataclass(frozen=True, slots=True)
class Asked:
    """How things stand with a mood."""

    mood: Emotion
    """The mood to play to."""
    lasted: float
    """Seconds since it came."""
    chosen: Aim | None = None
    """What a person chose for it."""
    overridden: bool = False
    """Whether a person chose the mood."""
    own_music: bool = False
    """Whether the listener has music of their own for it."""
    ended: Reason | None = None
    """Why lift or calm ended before its goal, for this mood."""


@dataclass(frozen=True, slots=True)
class Lead:
    """What the music is to do with a mood, and why."""

    aim: Aim
    mood: Emotion
    reason: Reason


def lead(asked: Asked, settings: TargetSettings) -> Lead:
    """Return what the music is to do."""
    aim, rule = _aim(asked, settings)
    if aim in {Aim.LIFT, Aim.CALM} and asked.ended is not None:
        return Lead(Aim.MATCH, asked.mood, asked.ended)
    details = {"mood": str(asked.mood), "aim": str(aim)}
    if rule is Rule.AIM_LASTS:
        return Lead(aim, asked.mood, Reason(rule, {**details, "minutes": settings.lift_after}))
    return Lead(aim, asked.mood, Reason(rule, details))


def _aim(asked: Asked, settings: TargetSettings) -> tuple[Aim, Rule]:
    aim = settings.of(asked.mood)
    if asked.chosen is not None:
        return asked.chosen, Rule.AIM_CHOSEN
    if asked.overridden:
        return Aim.MATCH, Rule.AIM_OVERRIDE
    if asked.own_music and aim is not Aim.OFF:
        return Aim.MATCH, Rule.AIM_OWN_MUSIC
    return (aim, Rule.AIM_SET) if aim is not Aim.MATCH else _match(asked, settings)


def _match(asked: Asked, settings: TargetSettings) -> tuple[Aim, Rule]:
    """Return what a mood that is matched leads to, and by which rule."""
    lasts = settings.lift_after > 0 and asked.lasted >= settings.lift_after * MINUTE
    if asked.mood is Emotion.SAD and lasts:
        return Aim.LIFT, Rule.AIM_LASTS
    if asked.mood is Emotion.NEUTRAL:
        return Aim.MATCH, Rule.AIM_OWN_MIX
    return Aim.MATCH, Rule.AIM_NEIGHBOURHOOD if asked.mood in NONE_OF_ITS_OWN else Rule.AIM_SET
