"""Where frames come from: one module a kind of source, all behind the port `ports.Camera`.

| `camera.source`    | module             | frames |
|--------------------|--------------------|--------|
| `picamera2[:N]`    | `picamera2_camera` | the Y plane of a YUV420 stream |
| `v4l2:/dev/videoN` | `capture`          | a USB camera, through cv2 |
| `file:PATH`        | `auto`             | a video (`capture`), a picture or a folder of them (`folder`) |
| `replay:DIR`       | `replay`           | frames.npz paced by trace.jsonl; at its end the camera is lost |
| `browser`          | `browser`          | what a page's camera sends in, where `camera.browser` allows it |
| `none`             | `auto`             | there is no camera |
| `auto`             | `auto`             | picamera2's, else the first V4L2 device that gives a frame |

To add a source: a subclass of `base.Camera`, a line in `camera` below, and its word in `config`
(`camera.source`).  `tests/contract/test_camera.py` runs one suite over all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from moodspeaker.errors import ConfigError
from moodspeaker.vision.cameras.auto import AutoCamera, FileCamera, NoCamera
from moodspeaker.vision.cameras.base import Camera
from moodspeaker.vision.cameras.browser import BrowserCamera
from moodspeaker.vision.cameras.capture import V4l2Camera, VideoCamera, v4l2_devices
from moodspeaker.vision.cameras.folder import FolderCamera
from moodspeaker.vision.cameras.picamera2_camera import Picamera2Camera
from moodspeaker.vision.cameras.replay import ReplayCamera, empty_room

if TYPE_CHECKING:
    from moodspeaker.config.schema import CameraSettings

__all__ = [
    "AutoCamera",
    "BrowserCamera",
    "Camera",
    "FileCamera",
    "FolderCamera",
    "NoCamera",
    "Picamera2Camera",
    "ReplayCamera",
    "V4l2Camera",
    "VideoCamera",
    "camera",
    "empty_room",
    "v4l2_devices",
]


def camera(settings: CameraSettings) -> Camera:  # noqa: PLR0911 - one line a kind
    """Return the source that `camera.source` names, closed; raise ConfigError for a `~` without a home."""
    kind, _, rest = settings.source.partition(":")
    size = (settings.width, settings.height)
    if kind == "auto":
        return AutoCamera(settings.rotation, size)
    if kind == "none":
        return NoCamera()
    if kind == "browser":
        return BrowserCamera(allowed=settings.browser)
    if kind == "picamera2":
        return Picamera2Camera(int(rest or 0), settings.rotation, size)
    path = _path(settings.source, rest)
    if kind == "v4l2":
        return V4l2Camera(path, settings.rotation, size)
    if kind == "file":
        return FileCamera(path, settings.rotation)
    if kind == "replay":
        return ReplayCamera(path, settings.rotation)
    message = f"camera.source = {settings.source!r}: no camera is built for {kind}"
    raise ConfigError([message])


def _path(source: str, text: str) -> Path:
    """Return a path with its `~` replaced by the home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        home = text.partition("/")[0]
        reason = f"camera.source = {source!r}: there is no home {home} here: write the whole path"
        raise ConfigError([reason]) from None
