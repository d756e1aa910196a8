"""The vision process as the speaker knows it: `ports.Vision` that says what it is told to say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.domain.observation import VisionLost
    from moodspeaker.wire import FromVision


class FakeVision:
    """Posts what the test gives to `post`."""

    def __init__(self) -> None:
        self.post: Callable[[FromVision | VisionLost], None] = lambda _: None
        self.sensing: list[bool] = []
        """What the camera was told, in order."""
        self.reloads = 0
        self.calibrations: list[float] = []
        """Seconds for which it was to hurry, in order."""
        self.pictures: list[tuple[int, bytes]] = []
        """What it was given to look at."""
        self.shown_to: Callable[[bytes], object] | None = None
        """Who is shown what the camera sees."""

    async def run(self, post: Callable[[FromVision | VisionLost], None]) -> None:
        self.post = post
        await asyncio.Event().wait()

    def sense(self, *, on: bool) -> None:
        self.sensing.append(on)

    def calibrate(self, seconds: float) -> None:
        self.calibrations.append(seconds)

    def look_at(self, number: int, jpeg: bytes) -> None:
        self.pictures.append((number, jpeg))

    def reload(self) -> None:
        self.reloads += 1

    def preview(self, take: Callable[[bytes], object] | None) -> None:
        self.shown_to = take
