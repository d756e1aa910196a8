"""The door to OpenCV: one thread, and silent, since one CameraError or ImageError says it all."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; FFmpeg reads it when it is first used

import cv2

__all__ = ["cv2"]


def _configure(library: Any) -> None:  # noqa: ANN401 - the stubs of one release do not know the other's switch
    """Nothing here gains from threads; the switch of the log moved between OpenCV 4.11 and 4.14."""
    library.setNumThreads(1)
    (library if hasattr(library, "setLogLevel") else library.utils.logging).setLogLevel(0)


_configure(cv2)
