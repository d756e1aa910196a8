"""What helps to set the speaker up: aiming the camera by boxes, the chime, and a look at the parts.

While somebody aims, vision is told again and again to look as often as it can; it stops by itself when
nobody tells it any more.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from moodspeaker.domain.observation import SMALL_FACE
from moodspeaker.errors import PlayerError
from moodspeaker.values import dataclass
from moodspeaker.wire import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from moodspeaker.domain.observation import Face, Observation, VisionLost
    from moodspeaker.domain.player import Output
    from moodspeaker.ports import Doctor, Player, Vision
    from moodspeaker.wire import FromVision

HURRY: Final = 8.0
"""Seconds for which vision is told to look as often as it can."""
AGAIN: Final = 5.0
"""Seconds after which it is told so again."""
MOST: Final = 4
"""People who aim at once."""
NO_PLAYER: Final = "there is no music server: mpd.host is empty"


@dataclass(frozen=True, slots=True)
class AimedFace:
    """A face, as far as aiming goes."""

    box: tuple[float, float, float, float]
    """Left, top, width and height in pixels of the frame."""
    size: float
    """Root of its area, in pixels."""
    large_enough: bool
    """Whether its expression can be read, and is not a guess."""

    @classmethod
    def of(cls, face: Face) -> Self:
        """Return a face."""
        box = face.box
        size = math.sqrt(box.width * box.height)
        corners = (round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1))
        return cls(corners, round(size, 1), size >= SMALL_FACE)


@dataclass(frozen=True, slots=True)
class Aim:
    """One look, as far as aiming goes: no picture."""

    width: int
    """Of the frame, in pixels."""
    height: int
    least: float
    """The least size of a face that can be read."""
    faces: tuple[AimedFace, ...]

    @classmethod
    def of(cls, observation: Observation) -> Self:
        """Return a look."""
        width, height = observation.size
        return cls(width, height, SMALL_FACE, tuple(map(AimedFace.of, observation.faces)))


class SettingUp:
    """What the page asks while somebody sets the speaker up."""

    def __init__(self, vision: Vision, player: Player | None, doctor: Doctor) -> None:
        """Take whom it asks."""
        self._vision, self._player, self._doctor = vision, player, doctor
        self._aiming: list[Callable[[Aim], object]] = []
        self._hurried_at = -math.inf

    @property
    def full(self) -> bool:
        """Whether nobody else can aim now."""
        return len(self._aiming) >= MOST

    @contextmanager
    def aiming(self, take: Callable[[Aim], object]) -> Iterator[None]:
        """Let somebody aim: `take` is called with each look."""
        self._aiming.append(take)
        self._hurried_at = -math.inf
        try:
            yield
        finally:
            self._aiming.remove(take)

    def hear(self, message: FromVision | VisionLost) -> None:
        """Take what vision says."""
        match message:
            case Look(observation) if self._aiming:
                aim = Aim.of(observation)
                for take in tuple(self._aiming):
                    take(aim)
            case _:
                pass

    def tick(self, now: float) -> None:
        """Let time pass; `now` is in monotonic seconds."""
        if self._aiming and now - self._hurried_at >= AGAIN:
            self._hurried_at = now
            self._vision.calibrate(HURRY)

    async def chime(self) -> Sequence[Output]:
        """Play the chime; return where the sound goes.  Raises PlayerError."""
        if self._player is None:
            raise PlayerError(NO_PLAYER)
        return await self._player.chime()

    async def examine(self, part: str) -> Sequence[Mapping[str, str]]:
        """Return what the doctor finds in a part: {"name", "verdict", "message"}.  Raises DoctorError."""
        return await self._doctor.examine(part)
