"""The room: its cameras and other sources, and the mood that follows from them.

Design notes
============
1. While a camera looks, other sources' evidence joins its looks.  A camera that sees nobody for `absence`
   seconds has the last word on that: a strap that tells a pulse may be in another room.
2. Where no camera looks (off, lost, dark, covered, none there) evidence alone drives the mood, at each tick.
   When the last of it has ended the room is again as the camera is.
3. A change names the sources of evidence that took part in it.

Pure: each call brings its time, in monotonic seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.observation import CameraState
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.emotion import Affect, Probabilities
    from moodspeaker.domain.evidence import Evidence
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.domain.observation import Observation
    from moodspeaker.mood.sources import Given
    from moodspeaker.mood.tracker import Tracker

LOOKS_WITHIN: Final = 5.0
"""Seconds without a look after which no camera looks."""


class Room:
    """What all sources tell, to changes of the mood."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.shown: tuple[Probabilities, ...] = ()
        """The expressions that the room showed at the last look."""
        self._sources = Sources()
        self._camera = tracker.camera_state
        self._looked_at = float("-inf")

    @property
    def camera_state(self) -> CameraState:
        """The camera as it was last told."""
        return self._camera

    @property
    def faces(self) -> int:
        """How many faces there are."""
        return self._sources.faces

    @property
    def affect(self) -> Affect | None:
        """Where the room is in the affect plane; None while nobody is seen and no other source tells."""
        return affect_of(self.tracker.expression) if self.faces or self.given else None

    @property
    def given(self) -> Sequence[Given]:
        """The evidence of other sources that counts, by the source's name."""
        return self._sources.given

    def look(self, observation: Observation) -> MoodChange | None:
        """Take one camera's look."""
        self.shown = tuple(self._sources.look(observation))
        return self.see(observation.at, self.shown)

    def see(self, at: float, faces: Sequence[Probabilities]) -> MoodChange | None:
        """Take the expressions of all faces that the room shows."""
        if self._camera is not CameraState.OK:
            return None
        self._looked_at = at
        return self._named(self.tracker.look(at, faces, self._sources.opinions(at)), at)

    def camera(self, at: float, state: CameraState) -> MoodChange | None:
        """Take the state of the camera."""
        self._camera = state
        if state is not CameraState.OK:
            self._sources.clear()
            self._looked_at = float("-inf")
            if self._sources.opinions(at):
                return None
        return self._named(self.tracker.camera(at, state), at)

    def forget_looks(self) -> None:
        """Forget what was seen; the mood stays."""
        self._sources.clear()

    def take(self, evidence: Evidence, at: float) -> MoodChange | None:
        """Take what another source says."""
        self._sources.take(evidence, at)
        return self.tick(at)

    def tick(self, at: float) -> MoodChange | None:
        """Let time pass: evidence alone counts where no camera looks, and it ends."""
        self._sources.end(at)
        if self._camera is CameraState.OK and at - self._looked_at <= LOOKS_WITHIN:
            return None
        opinions = self._sources.opinions(at)
        if not opinions:
            return self.tracker.camera(at, self._camera)
        begun = self.tracker.camera(at, CameraState.OK)
        return self._named(self.tracker.look(at, (), opinions, watching=False) or begun, at)

    def _named(self, change: MoodChange | None, at: float) -> MoodChange | None:
        if change is None:
            return None
        return replace(change, sources=tuple(opinion.source for opinion in self._sources.opinions(at)))
