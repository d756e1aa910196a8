"""The door to OpenCV: one thread, and silent, since one CameraError or ImageError says it all.

It is loaded when something is first asked of it: a camera that is closed, or `none`, does without its 17 MB.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Final

__all__ = ["cv2"]


class _OpenCV:
    """The library's functions and constants, by their names."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the library has no types
        return getattr(_loaded(), name)


@functools.cache
def _loaded() -> Any:  # noqa: ANN401 - as above
    """Return the library; nothing here gains from its threads."""
    os.environ.setdefault(
        "OPENCV_FFMPEG_LOGLEVEL", "-8"
    )  # AV_LOG_QUIET; FFmpeg reads it when it is first used
    import cv2 as library  # noqa: PLC0415 - see above

    library.setNumThreads(1)
    # The switch of the log moved between OpenCV 4.11 and 4.14.
    (library if hasattr(library, "setLogLevel") else library.utils.logging).setLogLevel(0)
    return library


cv2: Final[Any] = _OpenCV()
