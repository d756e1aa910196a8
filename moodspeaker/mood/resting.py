"""A face at rest that is misread, put right: `calibrate`.

Design notes
============
1. Some faces at rest look sad or angry to the net, and a camera that looks up or down at everybody adds to
   it.  Whoever is in sight looks at the camera for `SECONDS` seconds, at rest; what is read then is the
   *resting reading*: the geometric mean of the looks.
2. It corrects what is read later: the odds of each emotion against neutral are lowered, as far as needed for
   the resting reading to speak for neutral (`CAP`), but never by more than `MOST`.  Nothing is ever raised: a
   smile stays a smile, and a sad face that is sadder than the resting one still speaks for sad.
3. It belongs to the room, not to a person: nobody is recognized.  So one face is looked at; two are refused.
4. What is no face at rest is refused: a smile, a face that moves, too few looks.  Then the old one stays.

Pure: each call brings its time, in monotonic seconds.
"""

from __future__ import annotations

import json
from math import exp, log
from typing import TYPE_CHECKING, Final, Self

from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.mood.sources import SHARES
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS: Final = 10.0
"""How long a face at rest is looked at."""
FEWEST: Final = 8
"""Looks that must have seen it in that time."""
CAP: Final = 0.5
"""How much the resting reading may speak for an emotion, at most, where neutral is 1.

That is the ratio of the probabilities over the shares at which the two occur, as the tracker weighs them.
"""
MOST: Final = 30.0
"""An emotion's odds are divided by this much at most."""
SMILE: Final = 0.5
"""Probability of happy from which on a face is not at rest."""
MOVES: Final = 0.35
"""Share of the probabilities that differ from their mean, over the looks, at which a face moves."""
FLOOR: Final = 1e-3
"""No probability of a look counts for less."""
NEUTRAL: Final = EMOTIONS.index(Emotion.NEUTRAL)
HAPPY: Final = EMOTIONS.index(Emotion.HAPPY)
AGAIN: Final = "look at the camera with your face at rest, and try again"


@dataclass(frozen=True, slots=True)
class RestingFace:
    """How a face at rest is read, and with that the correction of what is read later."""

    reading: Probabilities
    """What the net reads from it."""

    @classmethod
    def of(cls, looks: Sequence[Probabilities]) -> Self:
        """Return the geometric mean of one look or more."""
        logs = ([log(max(share, FLOOR)) for share in look] for look in looks)
        return cls(_scaled([exp(sum(column) / len(looks)) for column in zip(*logs, strict=True)]))

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Return what `text` kept; None where it is empty or damaged."""
        try:
            reading = Probabilities.named(json.loads(text))
        except (ValueError, TypeError, KeyError):
            return None
        return cls(_scaled([max(share, FLOOR) for share in reading]))

    @property
    def text(self) -> str:
        """What is kept of it."""
        return json.dumps(self.reading.by_name(4))

    @property
    def divisors(self) -> tuple[float, ...]:
        """What each emotion's probability is divided by, from 1 to `MOST`, in FER2013 order."""
        neutral = self.reading[NEUTRAL] / SHARES[NEUTRAL]
        speaks = (share / often / neutral for share, often in zip(self.reading, SHARES, strict=True))
        return tuple(
            1.0 if emotion is Emotion.NEUTRAL else min(max(1.0, much / CAP), MOST)
            for emotion, much in zip(EMOTIONS, speaks, strict=True)
        )

    @property
    def lowered(self) -> tuple[Emotion, ...]:
        """The emotions that it is mistaken for: they count less."""
        return tuple(emotion for emotion, by in zip(EMOTIONS, self.divisors, strict=True) if by > 1)

    def correct(self, read: Probabilities) -> Probabilities:
        """Return what is read from a face, with this in mind."""
        return _scaled([share / by for share, by in zip(read, self.divisors, strict=True)])


@dataclass(frozen=True, slots=True)
class NotAtRest:
    """A calibration came to nothing."""

    reason: str
    """Cause and cure."""


class Calibration:
    """Looks at one face at rest."""

    def __init__(self, at: float) -> None:
        """Begin at a moment."""
        self.until = at + SECONDS
        """When it ends, in monotonic seconds."""
        self._looks: list[Probabilities] = []
        self._crowded = 0

    def look(self, at: float, faces: Sequence[Probabilities]) -> None:
        """Take one look's faces, as they are read uncorrected."""
        if at > self.until:
            return
        if len(faces) == 1:
            self._looks.append(faces[0])
        elif faces:
            self._crowded += 1

    def end(self, at: float) -> RestingFace | NotAtRest | None:
        """Return what came of it; None before its end."""
        if at < self.until:
            return None
        looks = self._looks
        if self._crowded > len(looks):
            return NotAtRest("more than one face is in sight: let one person sit there, and try again")
        if len(looks) < FEWEST:
            return NotAtRest(f"a face was seen in {len(looks)} looks, not in {FEWEST}: {AGAIN}")
        mean = Probabilities.mean(looks)
        if mean[HAPPY] >= SMILE:
            return NotAtRest(f"that was a smile: {AGAIN}")
        if sum(_apart(look, mean) for look in looks) / len(looks) > MOVES:
            return NotAtRest(f"the face moved: {AGAIN}")
        return RestingFace.of(looks)


class Corrector:
    """Corrects looks by a face at rest, and calibrates."""

    def __init__(self, resting: RestingFace | None = None) -> None:
        """Begin with what an earlier calibration found."""
        self.resting = resting
        """The face at rest that looks are corrected by; None: they count as they are."""
        self.running: Calibration | None = None
        """The calibration that goes on."""

    def begin(self, at: float) -> None:
        """Begin a calibration at a moment, in the place of one that goes on."""
        self.running = Calibration(at)

    def forget(self) -> None:
        """Correct nothing, and end a calibration that goes on."""
        self.running = self.resting = None

    def corrected(self, at: float, faces: Sequence[Probabilities]) -> Sequence[Probabilities]:
        """Return a look's faces as they count; a calibration takes them as they are."""
        if self.running is not None:
            self.running.look(at, faces)
        return faces if self.resting is None else [self.resting.correct(face) for face in faces]

    def end(self, at: float) -> RestingFace | NotAtRest | None:
        """Return what came of a calibration that has ended by a moment, once; a face at rest counts."""
        outcome = None if self.running is None else self.running.end(at)
        if outcome is not None:
            self.running = None
        if isinstance(outcome, RestingFace):
            self.resting = outcome
        return outcome


def _scaled(raw: Sequence[float]) -> Probabilities:
    return Probabilities.of(share / sum(raw) for share in raw)


def _apart(one: Probabilities, other: Probabilities) -> float:
    """Return the share of two distributions that differs, 0 to 1."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2
