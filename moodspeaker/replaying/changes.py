"""The changes of mood that a recorded day leads to, by the tracker itself.

Theory of operation
===================
The tracker is given a filter whose answers are known beforehand (`filtering`), and only those looks at which
it could do something else than go on: the first look of a run of looks that say the same (the same mood of
which the filter is sure, none, or nobody seen), those while a mood waits to be confirmed, the one at which
the room counts as empty, and the last of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import numpy as np

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.observation import CameraState
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.smoothing import ROOM
from moodspeaker.mood.tracker import Tracker
from moodspeaker.replaying.day import STATES
from moodspeaker.replaying.filtering import KnownFilter, filtered
from moodspeaker.replaying.looked import Looked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from moodspeaker.domain.emotion import Affect, Probabilities
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.mood.tracker import MoodSettings
    from moodspeaker.replaying.day import RecordedDay
    from moodspeaker.replaying.filtering import Filtered

SOMEBODY: Final = (ROOM,)
"""A face: what it shows the filter knows."""
UNSURE: Final = -1
NOBODY: Final = -2
CAMERA: Final = -3
"""What a look says where it is no emotion: its place in STATES is taken from the last."""
AT_ONCE: Final = 2
"""Settings that are filtered side by side: a day with each takes some tens of megabytes."""
FRESH: Final = 5.0
"""Seconds for which a look tells where the room is."""


class ReplayedMood:
    """A day with one set of settings."""

    def __init__(self, day: RecordedDay, settings: MoodSettings, looked: Looked, known: KnownFilter) -> None:
        """Take the day, its looks and the filter of them."""
        self._day, self._settings, self._looked, self._filter = day, settings, looked, known
        self._place = np.cumsum(day.camera == STATES.index(CameraState.OK)) - 1
        """[N] Of each look of the day, its place among those of the filter."""

    @classmethod
    def of(cls, day: RecordedDay, several: Sequence[MoodSettings]) -> Iterator[Self]:
        """Yield the day with each of these settings; those that filter alike are filtered once."""
        others = {_filter_of(settings): settings for settings in several}
        found: dict[object, tuple[Looked, Filtered]] = {}
        for begin in range(0, len(others), AT_ONCE):
            some = list(others.values())[begin : begin + AT_ONCE]
            days = [(Looked.of(day, settings.absence), settings) for settings in some]
            for (looked, settings), known in zip(days, filtered(days), strict=True):
                found[_filter_of(settings)] = looked, known
        for settings in several:
            looked, known = found[_filter_of(settings)]
            yield cls(day, settings, looked, KnownFilter(settings, known))

    def changes(self) -> Iterator[MoodChange]:
        """Yield the changes of mood, in order."""
        tracker = Tracker(self._settings, self._filter)
        for begin, end, said in self._runs():
            at = float(self._day.at[begin])
            state = STATES[self._day.camera[begin]]
            if state is not tracker.camera_state and (change := tracker.camera(at, state)):
                yield change
            if said > CAMERA:
                yield from self._looks(tracker, begin, end, said)

    def affect(self, at: float) -> Affect | None:
        """Return where the room is at a moment; None while nobody is seen."""
        place = int(np.searchsorted(self._day.at, at, side="right")) - 1
        if place < 0 or not self._day.seen[place] or at - self._day.at[place] > FRESH:
            return None
        return affect_of(self._filter.known.means[:, self._place[place]].tolist())

    def _looks(self, tracker: Tracker, begin: int, end: int, said: int) -> Iterator[MoodChange]:
        """Give the tracker the looks of a run that matter."""
        if said == NOBODY:
            for place in sorted({begin, *self._empties(begin, end), end - 1}):
                yield from self._look(tracker, place, ())
            return
        for place in range(begin, end):
            yield from self._look(tracker, place, SOMEBODY)
            if said == UNSURE or EMOTIONS[said] is tracker.mood:
                if place < end - 1:
                    yield from self._look(tracker, end - 1, SOMEBODY)
                return

    def _look(self, tracker: Tracker, place: int, faces: Sequence[Probabilities]) -> Iterator[MoodChange]:
        self._filter.place = int(self._place[place])
        if change := tracker.look(float(self._day.at[place]), faces):
            yield change

    def _empties(self, begin: int, end: int) -> Iterator[int]:
        """Yield the look of a run at which the room counts as empty, if there is one."""
        absent = self._looked.absent[self._place[begin] : self._place[begin] + end - begin]
        if absent.any():
            yield begin + int(absent.argmax())

    def _runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield the runs of looks that say the same: the first, the one after the last, what they say."""
        said = self._said()
        begins = np.flatnonzero(np.diff(said, prepend=said[:1] - 1)) if len(said) else said
        ends = np.append(begins[1:], len(said))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            yield begin, end, int(said[begin])

    def _said(self) -> NDArray[np.intp]:
        """Return what each look says: the place of an emotion, UNSURE, NOBODY, or CAMERA and below."""
        shares = self._filter.known.shares.copy()
        for mood, into in self._settings.merge.items():
            shares[EMOTIONS.index(into)] += shares[EMOTIONS.index(mood)]
            shares[EMOTIONS.index(mood)] = 0.0
        sure = shares.max(axis=0, initial=0.0) >= self._settings.margin
        best = np.where(sure, shares.argmax(axis=0), UNSURE)
        said = CAMERA - self._day.camera.astype(np.intp)
        said[self._day.camera == STATES.index(CameraState.OK)] = np.where(self._looked.seen, best, NOBODY)
        return said


def _filter_of(settings: MoodSettings) -> object:
    """Return what of settings the filter goes by: the others are about when the mood changes."""
    return (
        settings.absence, settings.half_life, settings.held, settings.shown, settings.resting, settings.trust,
    )  # fmt: skip
