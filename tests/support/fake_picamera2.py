"""A faithful fake of the calls that picamera2's adapter makes (0.3.38: picamera2.py, job.py, request.py)."""

from __future__ import annotations

import sys
import types
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from moodspeaker.vision.cameras import Picamera2Camera, picamera2_camera
from support.cameras import HEIGHT, WIDTH, Clock
from support.drawn import white_square

if TYPE_CHECKING:
    import pytest


class FakeJob:
    """job.Job: `get_result` waits for a future."""

    def __init__(self, result: np.ndarray | None) -> None:
        self._future: Future[np.ndarray] = Future()
        if result is not None:
            self._future.set_result(result)

    def get_result(self, timeout: float | None = None) -> np.ndarray:
        assert timeout is not None, "the adapter limits the time of a capture"
        return self._future.result(timeout=0)


class FakePicamera2:
    """picamera2.Picamera2 with one camera whose rows are padded to a stride."""

    cameras = 1
    stride = 384
    offered: ClassVar[dict[str, tuple[Any, Any, Any]]] = {
        "FrameDurationLimits": (100, 1_000_000, None),
        "AfMode": (0, 2, 0),
    }
    hangs = False
    opened: ClassVar[list[FakePicamera2]] = []

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Model": "imx708", "Num": number} for number in range(FakePicamera2.cameras)]

    def __init__(self, camera_num: int = 0) -> None:
        if camera_num >= FakePicamera2.cameras:
            raise RuntimeError
        self.configuration: dict[str, Any] = {}
        self.started = self.closed = False
        self.opened.append(self)

    @property
    def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
        return self.offered

    def create_video_configuration(
        self,
        main: dict[str, Any],
        *,
        buffer_count: int,
        queue: bool,
        display: str | None,
        encode: str | None,
        controls: dict[str, Any],
    ) -> dict[str, Any]:
        assert display is None
        assert encode is None
        width, height = main["size"]
        assert isinstance(main["size"], tuple)
        assert width % 2 == height % 2 == 0
        stated = {
            "main": main | {"stride": self.stride},
            "buffer_count": buffer_count,
            "queue": queue,
            "controls": controls,
        }
        return stated | {"colour_space": None, "transform": None, "lores": None, "raw": None}

    def configure(self, camera_config: dict[str, Any]) -> None:
        assert not self.started
        assert set(camera_config["controls"]) <= set(self.offered)
        self.configuration = camera_config

    def start(self) -> None:
        assert self.configuration
        self.started = True

    def stream_configuration(self, name: str = "main") -> dict[str, Any]:
        stream: dict[str, Any] = self.configuration[name]
        return stream

    def capture_array(self, name: str = "main", *, wait: bool | None = None) -> FakeJob:
        assert self.started
        assert not self.closed
        assert wait is False
        if self.hangs:
            return FakeJob(None)
        assert self.stream_configuration(name)["format"] == "YUV420"
        # Helpers._make_array_shared: rows of the stride, 50 % higher than the picture; padding and chroma
        # are not luma.
        planes = np.full((HEIGHT * 3 // 2, self.stride), 77, np.uint8)
        planes[:HEIGHT, :WIDTH] = white_square()
        return FakeJob(planes)

    def close(self) -> None:
        self.started, self.closed = False, True


def install(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    """Put the fake where `import picamera2` and `import libcamera` look; return it."""
    module, libcamera = types.ModuleType("picamera2"), types.ModuleType("libcamera")
    vars(module)["Picamera2"] = FakePicamera2
    vars(libcamera)["controls"] = types.SimpleNamespace(
        AfModeEnum=types.SimpleNamespace(Manual=0, Auto=1, Continuous=2)
    )
    monkeypatch.setitem(sys.modules, "picamera2", module)
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    monkeypatch.setattr(picamera2_camera, "DMA_HEAPS", ())
    for name, value in (
        ("cameras", 1),
        ("hangs", False),
        ("offered", dict(FakePicamera2.offered)),
        ("opened", []),
    ):
        monkeypatch.setattr(FakePicamera2, name, value)
    return FakePicamera2


def adapter(rotation: int = 0) -> Picamera2Camera:
    """Return the adapter, closed."""
    return Picamera2Camera(0, rotation, (WIDTH, HEIGHT), Clock())
