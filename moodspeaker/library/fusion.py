"""Where each song of a library lies on the affect plane, from all that is known of it.

Theory of operation
===================
*Estimates.*  Tags and sound each give a point with a reliability an axis: the share of the differences
between songs, as people hear them, that the source explains (the square of its correlation with people's
ratings).
Estimates are shrunk: what explains little stays near the middle.  Their errors are taken for independent, so
sources that agree make each other stronger:

    value = sum(v / (1 - r)) / (1 + sum(r / (1 - r)))        reliability = w / (1 + w), w = sum(r / (1 - r))

*Corrections.*  A song that a person gave a mood lies at that mood's point.  What the models had missed there
they are taken to have missed in part with similar songs too: near on the plane, more so of the same artist or
genre.

*Ranks.*  Whoever owns nothing but metal still wants something for a calm evening: a song's mood is decided by
its place within the library, from -1 (the least) to 1 (the most).  The fewer songs there are, the more the
value itself counts.

*Mood.*  The emotion whose point is nearest.  Its confidence is the share of the weight that a point of the
uncertainty which is left gives to it, among all seven.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.mood.affect import POINTS
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEW: Final = 10
"""With so many songs in the library, value and rank count alike."""
RANK_VARIANCE: Final = 1 / 3
"""Of places that are spread evenly from -1 to 1."""
NEAR: Final = 0.2
"""How far apart songs are on the plane that still learn from each other (the standard deviation)."""
TAUGHT: Final = 0.5
"""The share of a correction that the most similar songs follow, at most."""
SAME_ARTIST: Final = 1.0
SAME_GENRE: Final = 0.6
NOTHING_IN_COMMON: Final = 0.2
"""How much songs learn from each other that are near on the plane."""
MOST_TEACHERS: Final = 300
"""Corrections that teach: the last ones that were given."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Where one source places a song."""

    valence: float
    """-1 to 1."""
    arousal: float
    """-1 to 1."""
    valence_reliability: float
    """The share of the differences between songs that it explains, 0 to below 1."""
    arousal_reliability: float
    """The same of arousal."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one song."""

    tags: Sequence[Estimate] = ()
    """By words of its tags."""
    sound: Estimate | None = None
    """By its sound."""
    correction: Emotion | None = None
    """The mood that a person gave it."""
    artist: str = ""
    genre: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a song lies."""

    affect: Affect
    """Its absolute point."""
    rank: Affect
    """Its place within the library."""
    mood: Emotion
    distance: float
    """From the mood's point to its place."""
    confidence: float
    """That it is this mood, 0 to 1."""
    source: str
    """`tags`, `sound`, `tags+sound` or `correction`."""


def place(library: Sequence[Evidence]) -> list[Placement | None]:
    """Return where each song lies; None where nothing is known of it."""
    estimates = [fused(evidence) for evidence in library]
    estimates = _taught(library, estimates)
    valences = _Ranks(one.valence for one in estimates if one is not None)
    arousals = _Ranks(one.arousal for one in estimates if one is not None)
    placements: list[Placement | None] = []
    for evidence, estimate in zip(library, estimates, strict=True):
        if evidence.correction is not None:
            placements.append(_corrected(evidence.correction))
        elif estimate is None:
            placements.append(None)
        else:
            rank = Affect(valences.place(estimate.valence), arousals.place(estimate.arousal))
            placements.append(_placed(estimate, rank, _source(evidence)))
    return placements


def fused(evidence: Evidence) -> Estimate | None:
    """Return what all sources together say, without a person's correction."""
    sources = (*evidence.tags, *((evidence.sound,) if evidence.sound is not None else ()))
    if not sources:
        return None
    valence, valence_reliability = _joined([(one.valence, one.valence_reliability) for one in sources])
    arousal, arousal_reliability = _joined([(one.arousal, one.arousal_reliability) for one in sources])
    return Estimate(valence, arousal, valence_reliability, arousal_reliability)


def _joined(values: Iterable[tuple[float, float]]) -> tuple[float, float]:
    total = weight = 0.0
    for value, reliability in values:
        total += value / (1 - reliability)
        weight += reliability / (1 - reliability)
    return _clipped(total / (1 + weight)), weight / (1 + weight)


def _clipped(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _source(evidence: Evidence) -> str:
    if evidence.sound is None:
        return "tags"
    return "tags+sound" if evidence.tags else "sound"


# --- corrections --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Teacher:
    """A song with a correction, and what the models had missed of it."""

    at: Estimate
    valence: float
    arousal: float
    artist: str
    genre: str


def _taught(library: Sequence[Evidence], estimates: list[Estimate | None]) -> list[Estimate | None]:
    """Return the estimates, those moved a little that are similar to corrected songs."""
    teachers = [
        _Teacher(
            estimate,
            POINTS[evidence.correction].valence - estimate.valence,
            POINTS[evidence.correction].arousal - estimate.arousal,
            evidence.artist.casefold(),
            evidence.genre.casefold(),
        )
        for evidence, estimate in zip(library, estimates, strict=True)
        if evidence.correction is not None and estimate is not None
    ][-MOST_TEACHERS:]
    if not teachers:
        return estimates
    return [
        None if estimate is None else _moved(evidence, estimate, teachers)
        for evidence, estimate in zip(library, estimates, strict=True)
    ]


def _moved(evidence: Evidence, estimate: Estimate, teachers: Iterable[_Teacher]) -> Estimate:
    artist, genre = evidence.artist.casefold(), evidence.genre.casefold()
    valence = arousal = total = 0.0
    for teacher in teachers:
        far = math.hypot(teacher.at.valence - estimate.valence, teacher.at.arousal - estimate.arousal)
        if far > 3 * NEAR:
            continue
        weight = math.exp(-((far / NEAR) ** 2) / 2)
        if artist and artist == teacher.artist:
            weight *= SAME_ARTIST
        elif genre and genre == teacher.genre:
            weight *= SAME_GENRE
        else:
            weight *= NOTHING_IN_COMMON
        valence += weight * teacher.valence
        arousal += weight * teacher.arousal
        total += weight
    share = TAUGHT / max(total, 1.0)
    return Estimate(
        _clipped(estimate.valence + share * valence),
        _clipped(estimate.arousal + share * arousal),
        estimate.valence_reliability,
        estimate.arousal_reliability,
    )


# --- the mood of a place ------------------------------------------------------------------------------------


class _Ranks:
    """The places of values within the library; equal values share theirs."""

    def __init__(self, values: Iterable[float]) -> None:
        self._sorted = sorted(values)

    def place(self, value: float) -> float:
        """Return -1 for the least to 1 for the most, drawn to the value itself in a small library."""
        count = len(self._sorted)
        middle = (bisect_left(self._sorted, value) + bisect_right(self._sorted, value)) / 2
        rank = 2 * middle / count - 1
        share = (count - 1) / (count - 1 + FEW)
        return share * rank + (1 - share) * value


def nearest(point: Affect) -> tuple[Emotion, float]:
    """Return the emotion whose point is nearest, and how far that is."""
    return min(((emotion, _distance(point, emotion)) for emotion in POINTS), key=lambda found: found[1])


def _distance(point: Affect, emotion: Emotion) -> float:
    there = POINTS[emotion]
    return math.hypot(point.valence - there.valence, point.arousal - there.arousal)


def _placed(estimate: Estimate, rank: Affect, source: str) -> Placement:
    mood, distance = nearest(rank)
    left = 1 - (estimate.valence_reliability + estimate.arousal_reliability) / 2
    spread = 2 * RANK_VARIANCE * left
    weights = [math.exp((distance**2 - _distance(rank, emotion) ** 2) / spread) for emotion in POINTS]
    affect = Affect(estimate.valence, estimate.arousal)
    return Placement(affect, rank, mood, distance, 1 / sum(weights), source)


def _corrected(mood: Emotion) -> Placement:
    return Placement(POINTS[mood], POINTS[mood], mood, 0.0, 1.0, "correction")
