"""What the camera suites share: a clock that passes by sleeping, and a written video."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

HEIGHT, WIDTH = 240, 320
"""Pixels of `drawn.white_square`."""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


def write_video(path: Path, pictures: Sequence[np.ndarray], rate: float = 10) -> Path:
    """Write grey pictures as a video with so many a second; return its path."""
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*"MJPG"), rate, pictures[0].shape[::-1], isColor=True
    )
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path
