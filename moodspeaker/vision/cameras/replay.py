"""`replay:DIR`: recorded frames at the times of their trace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

import numpy as np

from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import CameraError
from moodspeaker.vision import images, trace
from moodspeaker.vision.cameras.base import Camera
from moodspeaker.vision.trace import CameraLine, CommandLine, ExpressionsLine, FrameLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from moodspeaker.vision.trace import Trace

REPEATED: Final = 1.0
"""Seconds after which a frame is given again, and for which the last one stands."""
EMPTY_ROOM: Final = (240, 320)
"""Height and width of the drawn room without a face that a replay shows for `"frame": null`, unless its
frames are rooms.
"""


def empty_room(height: int, width: int) -> NDArray[np.uint8]:
    """Return a drawn room without a face, uint8 [height, width]: wall, floor, a window and a shelf."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    luma = 150 - 50 * x + 20 * np.sin(40 * x)
    floor = 3 * height // 4
    luma[floor:] = 80 + 25 * np.sign(np.sin(60 * x + 30 * y))[floor:]
    luma[height // 8 : height // 2, width // 8 : width // 3] = 180
    luma[2 * height // 5 : height // 2, 3 * width // 5 : 9 * width // 10] = 40
    room: NDArray[np.uint8] = luma.astype(np.uint8)
    return room


class _Scene(NamedTuple):
    """What a replay shows from a time on."""

    at: float
    frame: int | None
    """Index of the frame; None: the empty room."""
    lost: str = ""
    """Why the camera gives nothing; empty while it does."""


def _scenes(recorded: Trace) -> Iterator[_Scene]:
    """Yield what the camera shows, line by line, and its loss at the end."""
    end = 0.0
    for line in recorded.lines:
        match line:
            case FrameLine(at=at, frame=frame):
                yield _Scene(at, frame)
            case CameraLine(at=at, state=state):
                lost = "the camera is lost at this point of the trace"
                yield _Scene(at, None, lost if state is CameraState.LOST else "")
            case ExpressionsLine() | CommandLine():
                continue
            case _:
                assert_never(line)
        end = line.at + REPEATED
    yield _Scene(end, None, "replay ended")


class ReplayCamera(Camera):
    """Recorded frames; the timeline starts at the first opening and never stops.

    A camera shows something at any time: before the first line and at `"frame": null` an empty room, between
    two lines the picture of the first one again.
    """

    def __init__(
        self,
        folder: Path,
        rotation: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(f"replay:{folder}", rotation, clock)
        self._folder = folder
        self._sleep = sleep
        self._crop = False
        self._images: NDArray[np.uint8] | None = None
        self._scenes: Sequence[_Scene] = ()
        self._began: float | None = None
        self._shown = -1

    def _open(self) -> None:
        if self._images is None:
            frames, recorded = images.read_array(self._folder / trace.FRAMES), trace.read(self._folder)
            recorded.check_frames(len(frames))
            self._images, self._crop, self._scenes = frames, recorded.crop, tuple(_scenes(recorded))
        if self._began is None:
            self._began = self._clock()
        self._refuse_when_lost(self._place(self._clock() - self._began))

    def _read(self) -> NDArray[np.uint8]:
        assert self._images is not None  # noqa: S101 - it is open
        assert self._began is not None  # noqa: S101 - it is open
        now = self._clock() - self._began
        place = self._place(now)
        if place == self._shown:
            following = self._scenes[place + 1].at if place + 1 < len(self._scenes) else now
            self._sleep(min(REPEATED, max(0.0, following - now)))
            place = self._place(self._clock() - self._began)
        self._refuse_when_lost(place)
        self._shown = place
        index = self._scenes[place].frame if place >= 0 else None
        self.faces_only = self._crop and index is not None
        if index is None:
            return empty_room(*(EMPTY_ROOM if self._crop else self._images.shape[1:]))
        recorded: NDArray[np.uint8] = self._images[index]
        return recorded

    def _place(self, now: float) -> int:
        """Return the index of the last scene that is due, -1 before the first."""
        place = self._shown
        while place + 1 < len(self._scenes) and self._scenes[place + 1].at <= now:
            place += 1
        return place

    def _refuse_when_lost(self, place: int) -> None:
        if place >= 0 and self._scenes[place].lost:
            message = f"camera {self.source}: {self._scenes[place].lost}"
            raise CameraError(message)

    def _close(self) -> None:
        self.faces_only = False
