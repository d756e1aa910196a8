"""The mood tracker: from noisy expressions, look by look, to few mood changes.

Design notes
============
Three filters, one job each.

1. **Smoothing** is a forward filter (Rabiner 1989) over pairs of *mood* and *shown expression*.  The mood is
   one of seven and lasts for minutes.  The shown expression is one of seven and lasts for seconds: in a mood
   people show its expression, or rest with a neutral face, or show something else in passing.  So a frown
   held for ten seconds is not ten pieces of evidence, and a face that is misread for as long as it is held
   still is not ten misreadings.  Evidence of a look is the geometric mean of its faces' probabilities over
   the shares at which the emotions occur, tempered by `trust`.  Other sources join it by their weights: a
   weighted geometric mean in which all faces together weigh 1; what weighs less than 1 in all counts less.
2. **Hysteresis**: another mood must hold a posterior of `margin` before anything happens; below it the
   announced mood stays.
3. **Debounce**: it must hold that for `confirm` seconds, seen at least twice, and `dwell` seconds must have
   passed since the last change by a face.  A pending mood survives `gap` seconds without a face, else a
   flickering detector could never confirm.

`absence` seconds without a face end in `nobody`.  A camera that is dark, covered, lost or off is said at
once, as it is; then the filter starts again.  Nothing here reads a clock: each call brings its time, and time
never runs backwards.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time when settings are validated
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Final

from annotated_types import Ge, Gt, Le, Lt

from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.mood import Mood, MoodChange, RoomState
from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import Disagreement
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.smoothing import LONGEST_LOOK, LONGEST_STEP, SEVEN, SHORTEST_LOOK, Filter
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.mood.smoothing import Smoothing
    from moodspeaker.mood.sources import Opinion

_OF_CAMERA: Final = {
    CameraState.DARK: RoomState.DARK,
    CameraState.COVERED: RoomState.COVERED,
    CameraState.LOST: RoomState.LOST,
    CameraState.OFF: RoomState.PAUSED,
}


@dataclass(frozen=True, slots=True)
class MoodSettings:
    """How the mood settles."""

    confirm: Annotated[float, Ge(0), Le(600)] = 3.0
    """Seconds for which it must be sure of a new mood before the mood changes."""
    dwell: Annotated[float, Ge(0), Le(3600)] = 20.0
    """Seconds between two changes of mood that faces cause, at least."""
    absence: Annotated[float, Ge(1), Le(3600)] = 70.0
    """Seconds without a face after which nobody is there."""
    gap: Annotated[float, Ge(0), Le(60)] = 4.0
    """Seconds without a face after which a mood that was coming is dropped."""
    margin: Annotated[float, Gt(0.5), Lt(1)] = 0.92
    """How sure it must be of a new mood, 1 being certain: 0.92 is 92 %."""
    half_life: Annotated[float, Ge(10), Le(36000)] = 420.0
    """Seconds after which a mood is as likely over as not."""
    held: Annotated[float, Ge(0.5), Le(120)] = 1.0
    """Seconds after which the expression on a face is as likely over as not."""
    shown: Annotated[float, Gt(0.2), Lt(0.95)] = 0.6
    """Share of the time in a mood in which the face shows it."""
    resting: Annotated[float, Ge(0), Lt(0.75)] = 0.28
    """Share of the time in a mood in which the face is at rest."""
    trust: Annotated[float, Gt(0), Le(1)] = 0.2
    """How much one look a second counts: 1 believes each, small values average over many."""
    merge: Mapping[Emotion, Emotion] = field(default_factory=dict)
    """Moods to fold together, such as disgust = "angry"."""

    def __post_init__(self) -> None:
        if self.shown + self.resting >= 1:
            message = (
                f"shown + resting = {self.shown + self.resting:g}: keep them below 1, for other expressions"
            )
            raise Disagreement(message)
        for mood, into in self.merge.items():
            if self.merge.get(into, into) is not into:
                last = self.merge[into]
                message = f"merge: {mood} goes into {into}, that into {last}: name the last one for both"
                raise ValueError(message)


class Tracker:
    """Follows the mood of the room.  It starts `unsure`."""

    def __init__(self, settings: MoodSettings, smoothing: Smoothing | None = None) -> None:
        """Begin; `smoothing` is another filter than that of a running tracker."""
        self._settings = settings
        self._smoothing = smoothing or Filter(settings)
        self.mood: Mood = RoomState.UNSURE
        self._camera = CameraState.OK
        self._looked_at: float | None = None
        self._seen_at: float | None = None
        self._absent = False
        """Whether nobody has been seen for so long that what was seen before counts no more."""
        self._changed_at: float | None = None
        self._pending: Emotion | None = None
        self._pending_since = 0.0
        self._pending_looks = 0

    def adopt(self, settings: MoodSettings) -> None:
        """Go on with other settings."""
        self._settings = settings
        self._smoothing.adopt(settings)

    @property
    def camera_state(self) -> CameraState:
        """The camera as it was last seen."""
        return self._camera

    @property
    def posterior(self) -> Probabilities:
        """Seven posteriors of the moods in FER2013 order, merged moods added up."""
        raw = self._smoothing.shares
        if not self._settings.merge:
            return Probabilities.of(raw)
        folded = [0.0] * len(EMOTIONS)
        for emotion, share in zip(EMOTIONS, raw, strict=True):
            folded[EMOTIONS.index(self._settings.merge.get(emotion, emotion))] += share
        return Probabilities.of(folded)

    @property
    def confidence(self) -> float:
        """Posterior of the current mood; of a room state 1, but `unsure` is as sure as its best guess."""
        if isinstance(self.mood, Emotion):
            return self.posterior[EMOTIONS.index(self.mood)]
        return max(self.posterior) if self.mood is RoomState.UNSURE else 1.0

    @property
    def expression(self) -> Probabilities:
        """The smoothed expression of the room: what valence and arousal are drawn from."""
        return self._smoothing.mean

    def look(
        self,
        at: float,
        faces: Sequence[Probabilities],
        opinions: Sequence[Opinion] = (),
        *,
        watching: bool = True,
    ) -> MoodChange | None:
        """Take one look: the expressions of all faces seen, none when nobody is seen, and other opinions.

        Without `watching` no camera looks: that no face is seen says nothing.
        """
        if self._camera is not CameraState.OK:
            return None
        step = min(max(0.0, at - (at if self._looked_at is None else self._looked_at)), LONGEST_STEP)
        first = self._looked_at is None
        self._looked_at = at
        if self._seen_at is None and not faces:
            self._seen_at = at  # absence is counted from the first look
        self._smoothing.drift(step)
        if faces or not watching:
            self._seen_at, self._absent = at, False
        elif (change := self._miss(at, flickers=not opinions)) or self.mood is RoomState.NOBODY:
            return change
        if not faces and not opinions:
            return None
        seconds = 1.0 if first else min(max(step, SHORTEST_LOOK), LONGEST_LOOK)
        self._smoothing.weigh(faces, opinions, seconds)
        return self._debounce(at, "face" if faces else "evidence")

    def camera(self, at: float, state: CameraState) -> MoodChange | None:
        """Take the state of the camera."""
        if state is self._camera:
            return None
        previous, self._camera = self._camera, state
        self._pending = None
        if state is not CameraState.OK:
            return self._become(_OF_CAMERA[state], "sensing" if state is CameraState.OFF else "camera", at)
        self._smoothing.restart()
        self._looked_at, self._seen_at, self._absent = None, None, False
        return self._become(RoomState.UNSURE, "sensing" if previous is CameraState.OFF else "camera", at)

    def _miss(self, at: float, *, flickers: bool) -> MoodChange | None:
        """Take a look without a face; `flickers` where only faces could keep a pending mood alive."""
        gone = at - (at if self._seen_at is None else self._seen_at)
        if flickers and gone > self._settings.gap:
            self._pending = None
        if gone < self._settings.absence or self._absent:
            return None
        self._absent, self._pending = True, None
        self._smoothing.restart()
        return None if self.mood is RoomState.NOBODY else self._become(RoomState.NOBODY, "absence", at)

    def _debounce(self, at: float, cause: str) -> MoodChange | None:
        posterior = self.posterior
        best = max(SEVEN, key=posterior.__getitem__)
        leader = EMOTIONS[best]
        if leader is self.mood or posterior[best] < self._settings.margin:
            self._pending = None
            return None
        if leader is not self._pending:
            self._pending, self._pending_since, self._pending_looks = leader, at, 0
        self._pending_looks += 1
        if self._pending_looks < 2 or at - self._pending_since < self._settings.confirm:  # noqa: PLR2004
            return None
        if self._changed_at is not None and at - self._changed_at < self._settings.dwell:
            return None
        self._pending = None
        self._changed_at = at
        return self._become(leader, cause, at)

    def _become(self, mood: Mood, cause: str, at: float) -> MoodChange:
        previous, self.mood = self.mood, mood
        return MoodChange(previous, mood, cause, self.confidence, affect_of(self._smoothing.mean), at)
