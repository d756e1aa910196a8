"""The settled mood of a stream of looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.emotion import Probabilities
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.tracker import MoodSettings, Tracker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from moodspeaker.domain.emotion import Affect
    from moodspeaker.domain.mood import Mood, MoodChange


class MoodTracker:
    """Turns looks, about one a second, into few changes of mood; it knows no clock."""

    def __init__(self, settings: MoodSettings | None = None) -> None:
        """Begin `unsure`; `settings` are those of `[mood]` in config.toml."""
        self._tracker = Tracker(settings or MoodSettings())

    def look(self, at: float, faces: Iterable[Probabilities | Mapping[str, float]]) -> MoodChange | None:
        """Take one look and return the change of mood that it completes, if any.

        `at` is in seconds of any clock that does not jump back; `faces` holds seven probabilities a face, in
        FER2013 order or by the emotions' names, and is empty when nobody is seen.  Raises KeyError, TypeError
        or ValueError for what is no such seven.
        """
        seen = [face if isinstance(face, Probabilities) else Probabilities.named(face) for face in faces]
        return self._tracker.look(at, seen)

    @property
    def mood(self) -> Mood:
        """The mood now: an emotion, or `unsure` or `nobody`."""
        return self._tracker.mood

    @property
    def confidence(self) -> float:
        """Posterior of the mood now, 0 to 1."""
        return self._tracker.confidence

    @property
    def probabilities(self) -> Probabilities:
        """Posteriors of the seven moods, in FER2013 order."""
        return self._tracker.posterior

    @property
    def affect(self) -> Affect:
        """Where the room is on the circumplex: `valence` and `arousal`, each -1 to 1."""
        return affect_of(self._tracker.expression)
