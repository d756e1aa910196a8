"""`picamera2[:N]`: a Raspberry Pi's own camera, through libcamera; the only door to picamera2."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.errors import CameraError
from moodspeaker.vision.cameras.base import RETRY, Camera

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

FRAME_TIME: Final = 5.0
"""Seconds that a camera may take for one frame."""
SLOW: Final = (200_000, 500_000)
"""Shortest and longest duration of a frame in microseconds: 5 to 2 frames a second are enough, and dim rooms
need light.
"""
DMA_HEAPS: Final = (Path("/dev/dma_heap/vidbuf_cached"), Path("/dev/dma_heap/linux,cma"))
"""Where picamera2 allocates its buffers (picamera2/dma_heap.py)."""


class Picamera2Camera(Camera):
    """A camera of libcamera, through Raspberry Pi's picamera2 (apt: python3-picamera2)."""

    errors = (Exception,)  # picamera2 passes on whatever its drivers and its own code raise

    def __init__(
        self, number: int, rotation: int, size: tuple[int, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(f"picamera2:{number}" if number else "picamera2", rotation, clock)
        self._number = number
        self._size = size
        self._device: Any = None

    def _open(self) -> None:
        picamera2 = _import_picamera2()
        self._require_buffers()
        found = len(picamera2.Picamera2.global_camera_info())
        if self._number >= found:
            message = (
                f"camera {self.source}: libcamera finds {found} camera(s): check the ribbon cable with the "
                "power off, then `rpicam-hello --list-cameras`"
            )
            raise CameraError(message)
        device = self._device = picamera2.Picamera2(self._number)
        # queue=False: a frame that was finished before we asked is not given.
        stream = {"size": self._size, "format": "YUV420"}
        device.configure(
            device.create_video_configuration(
                main=stream,
                buffer_count=3,
                queue=False,
                display=None,
                encode=None,
                controls=_controls(device.camera_controls),
            )
        )
        device.start()

    def _require_buffers(self) -> None:
        """Raise CameraError where picamera2 could allocate no buffer."""
        heaps = [heap for heap in DMA_HEAPS if heap.exists()]
        if heaps and not any(os.access(heap, os.R_OK | os.W_OK) for heap in heaps):
            message = (
                f"camera {self.source}: {heaps[0]} is closed to this user: add the user to group video, "
                "and install raspberrypi-sys-mods, which opens it to that group"
            )
            raise CameraError(message)

    def _read(self) -> NDArray[np.uint8]:
        job = self._device.capture_array("main", wait=False)
        try:
            planes: NDArray[np.uint8] = job.get_result(timeout=FRAME_TIME)
        except TimeoutError:
            message = f"camera {self.source}: no frame for {FRAME_TIME:g} s: check the ribbon cable; {RETRY}"
            raise CameraError(message) from None
        # Rows are as long as the stride; two thirds of them are Y, the rest U and V.
        width, height = self._device.stream_configuration("main")["size"]
        return planes[:height, :width]

    def _close(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()


def _controls(offered: Any) -> dict[str, Any]:  # noqa: ANN401 - picamera2's own mapping
    """Return what a camera is asked for: autofocus and few frames a second, where it offers them."""
    controls: dict[str, Any] = {}
    if "FrameDurationLimits" in offered:
        controls["FrameDurationLimits"] = SLOW
    if "AfMode" in offered:
        from libcamera import controls as libcamera_controls  # noqa: PLC0415 - here only with picamera2

        controls["AfMode"] = libcamera_controls.AfModeEnum.Continuous
    return controls


def _import_picamera2() -> Any:  # noqa: ANN401 - a module
    """Return the module picamera2; raise CameraError where it is not installed, or for another NumPy."""
    try:
        import picamera2  # noqa: PLC0415 - only where the source asks for it
    except (ImportError, OSError) as error:
        message = (
            f"camera picamera2: {error}: sudo apt install python3-picamera2 (Raspberry Pi OS), "
            "or use v4l2:/dev/videoN"
        )
        raise CameraError(message) from None
    except ValueError as error:
        message = f"camera picamera2: {error}: its NumPy is not the system's: run ./install.sh again"
        raise CameraError(message) from None
    return picamera2
