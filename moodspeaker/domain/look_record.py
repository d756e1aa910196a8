"""What is kept of a look: seven numbers a face, and how the camera was; no pixels, no places, no names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Probabilities
    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.observation import CameraState


@dataclass(frozen=True, slots=True)
class LookRecord:
    """One look, or a change of the camera's state."""

    at: Moment
    """When."""
    camera: CameraState
    """How the camera was."""
    expressions: tuple[Probabilities, ...] = ()
    """One a face; empty where nobody was seen, or the camera gave nothing."""
