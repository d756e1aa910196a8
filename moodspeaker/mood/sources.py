"""Where several sources meet: what one room shows at one time.

Design notes
============
1. **Looks.**  Each camera tells what it sees at its own pace.  The room shows the faces of the newest look of
   every camera that looked in the last `FRESH` seconds.
2. **Evidence.**  Others (a heart-rate strap, a button, a light) say something of valence, arousal or an
   emotion, with a weight that fades to nothing in the seconds they name.  It becomes seven probabilities: the
   emotions' points on the circumplex, weighed by their distance to what is said, over the shares at which
   emotions occur, since the tracker divides by these.
3. All cameras together weigh 1.  How the weights are joined is the tracker's matter.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.mood.affect import POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.evidence import Evidence
    from moodspeaker.domain.observation import Observation

FRESH: Final = 3.0
"""Seconds that a source's look counts beside newer ones of other sources."""
SETTLING: Final = 5.0
"""Seconds for which a face that a look misses is still counted: detectors flicker."""
MOST: Final = 20
"""Sources of evidence that are kept; the one that ends first gives way."""
SHARES: Final = (0.10, 0.03, 0.05, 0.25, 0.13, 0.12, 0.32)
"""About how often each emotion occurs among the faces of FER+, the rarest two raised: a net that spreads some
doubt evenly must not look like disgust.  The probabilities of a look are divided by these."""
SPREAD: Final = 0.35
"""Standard deviation, on the circumplex, of what is said of valence and arousal."""
NAMED: Final = 0.8
"""Probability of an emotion that is named, over the others' share of the rest."""


class Opinion(NamedTuple):
    """What one source says, and how much it counts now."""

    probabilities: Probabilities
    weight: float
    source: str


class Given(NamedTuple):
    """Evidence that counts, and when it was given, in monotonic seconds."""

    evidence: Evidence
    at: float

    @property
    def ends_at(self) -> float:
        """Monotonic seconds at which it counts no more."""
        return self.at + self.evidence.seconds


class Sources:
    """The newest look of each camera, and the newest word of each other source."""

    def __init__(self) -> None:
        """Begin without any."""
        self._looks: dict[str, Observation] = {}
        self._counts: list[tuple[float, int]] = []
        self._given: dict[str, Given] = {}

    # --- cameras

    def look(self, observation: Observation) -> list[Probabilities]:
        """Take a look; return the expressions of all faces that the room shows now."""
        self._looks[observation.source] = observation
        newest = max(look.at for look in self._looks.values())
        self._looks = {name: look for name, look in self._looks.items() if newest - look.at <= FRESH}
        faces = [face.probabilities for look in self._looks.values() for face in look.faces]
        self._counts = [(at, n) for at, n in self._counts if newest - at < SETTLING] + [(newest, len(faces))]
        return faces

    @property
    def faces(self) -> int:
        """How many faces there are: the most of the last looks."""
        return max((count for _, count in self._counts), default=0)

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras that look."""
        return tuple(self._looks)

    def clear(self) -> None:
        """Forget what was seen: the camera is closed or lost."""
        self._looks.clear()
        self._counts.clear()

    # --- others

    def take(self, evidence: Evidence, at: float) -> None:
        """Take what another source says, in the place of what it said before."""
        self._given.pop(evidence.source, None)
        if evidence.weight > 0:
            self._given[evidence.source] = Given(evidence, at)
        self.end(at)
        while len(self._given) > MOST:
            del self._given[min(self._given, key=lambda name: self._given[name].ends_at)]

    def end(self, at: float) -> None:
        """Forget what counts no more at a moment."""
        self._given = {name: given for name, given in self._given.items() if at < given.ends_at}

    @property
    def given(self) -> Sequence[Given]:
        """The evidence that counts, by its source's name."""
        return [self._given[name] for name in sorted(self._given)]

    def opinions(self, at: float) -> list[Opinion]:
        """Return what each source says, by its name, and how much it counts at a moment."""
        return [
            Opinion(probabilities_of(evidence), weight, evidence.source)
            for evidence, given_at in self.given
            if (weight := evidence.weight_after(at - given_at)) > 0
        ]


def probabilities_of(evidence: Evidence) -> Probabilities:
    """Return seven probabilities for what is said of valence, arousal and emotion."""
    raw = []
    for emotion, share in zip(EMOTIONS, SHARES, strict=True):
        point, distance = POINTS[emotion], 0.0
        if evidence.valence is not None:
            distance += (evidence.valence - point.valence) ** 2
        if evidence.arousal is not None:
            distance += (evidence.arousal - point.arousal) ** 2
        likely = exp(-distance / (2 * SPREAD**2))
        if evidence.emotion is not None:
            likely *= NAMED if emotion is evidence.emotion else (1 - NAMED) / (len(EMOTIONS) - 1)
        raw.append(share * likely)
    return Probabilities.of(value / sum(raw) for value in raw)
