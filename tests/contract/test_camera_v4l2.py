"""What a USB camera alone does, on a fake of OpenCV's capture: fresh frames, whatever its driver gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from support.cameras import HEIGHT, WIDTH, Clock
from support.drawn import white_square

from moodspeaker.errors import CameraError
from moodspeaker.vision.cameras import (
    Camera,
    V4l2Camera,
    capture,
    v4l2_devices,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class FakeCapture:
    """cv2.VideoCapture over a driver that has queued stale frames: they come at once, a fresh one takes a
    thirtieth.
    """

    stale = 3

    def __init__(self, clock: Clock) -> None:
        self.clock, self.grabbed, self.wishes = clock, 0, {}

    def isOpened(self) -> bool:  # noqa: N802 - cv2's name
        return True

    def set(self, key: int, value: float) -> bool:
        self.wishes[key] = value
        return True

    def grab(self) -> bool:
        self.grabbed += 1
        self.clock.sleep(0.0005 if self.grabbed <= self.stale else 1 / 30)
        return self.grabbed < 10

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.full((HEIGHT, WIDTH, 3), 20 * self.grabbed, np.uint8)

    def release(self) -> None:
        self.wishes.clear()


def usb_camera(monkeypatch: pytest.MonkeyPatch, root: Path, pictures: Sequence[np.ndarray]) -> Camera:
    """Return an open USB camera whose driver gives these pictures in turn."""

    class OddCapture(FakeCapture):
        def retrieve(self) -> tuple[bool, np.ndarray]:
            return True, pictures[(self.grabbed - 1) % len(pictures)]

    clock = Clock()
    odd = OddCapture(clock)
    odd.stale = 0
    monkeypatch.setattr(cv2, "VideoCapture", lambda path, interface: odd)
    (root / "video7").touch()
    source = V4l2Camera(root / "video7", 0, (WIDTH, HEIGHT), clock)
    source.open()
    return source


def test_a_pis_own_video_nodes_are_no_cameras(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {
        "video0": "unicam-image\n",
        "video10": "bcm2835-codec-decode\n",
        "video2": "HD Webcam\n",
        "video1": "",
    }
    for name in (*nodes, "videographer"):
        (root / name).touch()
    monkeypatch.setattr(capture, "_driver_name", lambda path: nodes[path.name])
    assert [path.name for path in v4l2_devices(root)] == ["video1", "video2"]


def test_a_usb_camera_gives_a_fresh_frame_of_the_size_asked_for(
    monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    (root / "video7").touch()
    clock = Clock()
    capture = FakeCapture(clock)
    monkeypatch.setattr(cv2, "VideoCapture", lambda path, interface: capture)
    source = V4l2Camera(root / "video7", 0, (WIDTH, HEIGHT), clock)
    source.open()
    assert capture.wishes[cv2.CAP_PROP_FRAME_WIDTH] == WIDTH
    assert capture.wishes[cv2.CAP_PROP_FRAME_HEIGHT] == HEIGHT
    assert source.read().luma[0, 0] == 80
    assert source.read().luma[0, 0] == 100
    for _ in range(4):
        source.read()
    with pytest.raises(CameraError, match="no more frames"):
        source.read()
    assert not source.is_open
    assert not capture.wishes


def test_a_usb_camera_that_is_closed_to_us_names_the_group(
    monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    (root / "video7").touch()
    monkeypatch.setattr(capture.os, "access", lambda path, mode: False)
    with pytest.raises(CameraError, match="group video"):
        V4l2Camera(root / "video7", 0, (WIDTH, HEIGHT)).open()


@pytest.mark.parametrize("channels", [0, 1, 2, 3, 4])
def test_luma_is_read_from_any_number_of_channels(
    monkeypatch: pytest.MonkeyPatch, root: Path, channels: int
) -> None:
    plain = white_square()
    others = [plain] * channels if channels != 2 else [plain, np.full_like(plain, 128)]
    picture = np.stack(others, axis=2) if channels else plain
    source = usb_camera(monkeypatch, root, [picture])
    assert (source.read().luma == plain).all()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((0, 64), np.uint8),
        np.zeros((1, 6144), np.uint8),
        np.zeros((6144,), np.uint8),
        np.zeros((48, 64, 5), np.uint8),
        np.zeros((48, 64), np.uint16),
        np.zeros((48, 64, 3), np.uint16),
        np.full((48, 64), np.nan, np.float32),
        np.zeros((48, 64), bool),
    ],
    ids=lambda picture: f"{picture.dtype}{list(picture.shape)}",
)
def test_a_picture_of_another_kind_is_a_camera_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, root: Path, picture: np.ndarray
) -> None:
    source = usb_camera(monkeypatch, root, [picture])
    with pytest.raises(CameraError, match=rf"video7: it gives {picture.dtype} \[.*camera.width") as caught:
        source.read()
    assert "\n" not in str(caught.value)
    assert not source.is_open


def test_pictures_may_change_their_size(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    source = usb_camera(monkeypatch, root, [np.zeros((48, 64, 3), np.uint8), np.zeros((96, 64), np.uint8)])
    assert [source.read().luma.shape for _ in range(4)] == [(48, 64), (96, 64)] * 2


def test_an_error_of_the_library_is_a_camera_error(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    source = usb_camera(monkeypatch, root, [white_square()])

    def broken(*_: object) -> None:
        reason = "OpenCV(4.14.0) error:\n > Unspecified\n"
        raise cv2.error(reason)

    monkeypatch.setattr(capture, "luma_of", broken)
    with pytest.raises(CameraError, match=r"video7: OpenCV\(4.14.0\) error: > Unspecified$"):
        source.read()
    assert not source.is_open
