"""What picamera2's adapter alone does, on a fake of the module."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from support.fake_picamera2 import FakePicamera2, adapter

from moodspeaker.errors import CameraError
from moodspeaker.vision.cameras import (
    picamera2_camera,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_picamera2_asks_for_autofocus_and_few_frames_where_they_are_offered(
    fake_picamera2: type[FakePicamera2],
) -> None:
    adapter().open()
    configuration = fake_picamera2.opened[-1].configuration
    assert configuration["controls"] == {"FrameDurationLimits": picamera2_camera.SLOW, "AfMode": 2}
    assert configuration["queue"] is False


def test_picamera2_asks_a_plain_camera_for_nothing(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePicamera2, "offered", {})
    adapter().open()
    assert fake_picamera2.opened[-1].configuration["controls"] == {}


def test_picamera2_that_hangs_is_a_camera_error_and_closed(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = adapter()
    source.open()
    monkeypatch.setattr(FakePicamera2, "hangs", True)
    with pytest.raises(CameraError, match="no frame for 5 s"):
        source.read()
    assert not source.is_open
    assert fake_picamera2.opened[-1].closed


def test_picamera2_without_a_camera_says_what_to_check(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePicamera2, "cameras", 0)
    with pytest.raises(CameraError, match="ribbon cable"):
        adapter().open()


def test_picamera2_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="python3-picamera2"):
        adapter().open()


def test_a_closed_dma_heap_names_the_group_and_the_package(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    heap = root / "linux,cma"
    heap.touch()
    monkeypatch.setattr(picamera2_camera, "DMA_HEAPS", (heap,))
    monkeypatch.setattr(picamera2_camera.os, "access", lambda path, mode: path != heap)
    with pytest.raises(CameraError, match=r"linux,cma.*group video.*raspberrypi-sys-mods"):
        adapter().open()


def test_an_error_of_picamera2_itself_is_a_camera_error(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = adapter()
    source.open()

    def broken(*_: object, **__: object) -> None:
        raise KeyError(0)

    monkeypatch.setattr(FakePicamera2, "capture_array", broken)
    with pytest.raises(CameraError, match="camera picamera2: 0"):
        source.read()
    assert fake_picamera2.opened[-1].closed


def test_a_picamera2_of_another_numpy_says_so(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    (root / "picamera2.py").write_text("raise ValueError('numpy.dtype size changed')")
    monkeypatch.syspath_prepend(root)
    with pytest.raises(CameraError, match=r"size changed.*install\.sh"):
        adapter().open()
