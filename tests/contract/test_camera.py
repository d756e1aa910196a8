"""The Camera port: one suite over every source that can run here, and how a source is chosen and named."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from support.cameras import HEIGHT, WIDTH, Clock, write_video
from support.drawn import white_square
from support.fake_picamera2 import FakePicamera2, adapter
from support.nobody import as_nobody
from support.vision_process import write_replay

from moodspeaker.config.load import load
from moodspeaker.config.schema import CameraSettings
from moodspeaker.errors import CameraError, ConfigError
from moodspeaker.vision.cameras import (
    Camera,
    FileCamera,
    ReplayCamera,
    auto,
    camera,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# --- sources, each made to show `white_square` upright --------------------------------------------------


def folder_source(root: Path, rotation: int) -> Camera:
    pictures = root / "pictures"
    pictures.mkdir()
    cv2.imwrite(str(pictures / "a.png"), white_square())
    clock = Clock()
    return FileCamera(pictures, rotation, clock, clock.sleep)


def video_source(root: Path, rotation: int) -> Camera:
    clock = Clock()
    return FileCamera(write_video(root / "video.avi", [white_square()] * 3), rotation, clock, clock.sleep)


def replay_source(root: Path, rotation: int) -> Camera:
    clock = Clock()
    trace = [{"t": float(t), "frame": 0} for t in range(30)]
    return ReplayCamera(write_replay(root / "replay", [white_square()], trace), rotation, clock, clock.sleep)


def picamera2_source(root: Path, rotation: int) -> Camera:
    return adapter(rotation)


SOURCES = [folder_source, video_source, replay_source, picamera2_source]


@pytest.fixture(params=SOURCES, ids=lambda make: make.__name__.removesuffix("_source"))
def make(
    request: pytest.FixtureRequest, fake_picamera2: type[FakePicamera2]
) -> Callable[[Path, int], Camera]:
    chosen: Callable[[Path, int], Camera] = request.param
    return chosen


def test_it_is_built_closed_and_a_closed_one_gives_no_frame(
    make: Callable[[Path, int], Camera], root: Path
) -> None:
    source = make(root, 0)
    assert not source.is_open
    with pytest.raises(CameraError, match="closed"):
        source.read()


def test_opening_and_closing_twice_does_nothing_more(make: Callable[[Path, int], Camera], root: Path) -> None:
    source = make(root, 0)
    source.open()
    source.open()
    assert source.is_open
    source.close()
    source.close()
    assert not source.is_open


def test_a_closed_one_opens_again(make: Callable[[Path, int], Camera], root: Path) -> None:
    source = make(root, 0)
    for _ in range(2):
        source.open()
        assert source.read().luma.shape == (HEIGHT, WIDTH)
        source.close()


def test_frames_are_luma_with_rising_times(make: Callable[[Path, int], Camera], root: Path) -> None:
    source = make(root, 0)
    source.open()
    frames = [source.read() for _ in range(5)]
    assert all(frame.luma.dtype == np.uint8 and frame.luma.flags.c_contiguous for frame in frames)
    assert all(np.abs(frame.luma.astype(int) - white_square()).mean() < 2 for frame in frames)
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)
    assert not source.faces_only


@pytest.mark.parametrize(("rotation", "turns"), [(0, 0), (90, 1), (180, 2), (270, 3)])
def test_frames_are_turned_clockwise(
    make: Callable[[Path, int], Camera], root: Path, rotation: int, turns: int
) -> None:
    source = make(root, rotation)
    source.open()
    turned = white_square()
    for _ in range(turns):
        turned = turned.T[:, ::-1]
    assert np.abs(source.read().luma.astype(int) - turned).mean() < 2


# --- which source, and what is not there ----------------------------------------------------------------


def test_none_never_opens_and_says_how_to_change_that() -> None:
    source = camera(CameraSettings(source="none"))
    with pytest.raises(CameraError, match=r"set camera\.source"):
        source.open()
    assert not source.is_open


@pytest.mark.parametrize(
    "word", ["", "webcam", "picamera2:front", "file:", "replay:", "v4l2:", "none:1", "auto:0", "browser:1"]
)
def test_a_malformed_source_names_the_forms(word: str) -> None:
    with pytest.raises(ConfigError, match=r"camera.source = .*: write auto, picamera2.* or none"):
        load(None, [f"camera.source={word}"], {})


@pytest.mark.parametrize("kind", ["v4l2:/dev/video97", "file:/nowhere/at.all", "replay:/nowhere"])
def test_what_is_not_there_is_named(kind: str) -> None:
    source = camera(CameraSettings(source=kind))
    with pytest.raises(CameraError, match=kind.partition(":")[2]):
        source.open()
    assert not source.is_open


def test_auto_without_any_camera_tells_both_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    monkeypatch.setattr(auto, "v4l2_devices", lambda: ())
    source = camera(CameraSettings())
    with pytest.raises(CameraError, match=r"picamera2.*V4L2.*camera.source = none"):
        source.open()
    assert (source.source, source.absent) == ("auto", True), "what was never there is not lost"


def test_auto_takes_picamera2_when_it_finds_a_camera(fake_picamera2: type[FakePicamera2]) -> None:
    source = camera(CameraSettings(width=WIDTH, height=HEIGHT, rotation=90))
    source.open()
    assert source.source == "picamera2"
    assert source.read().luma.shape == (WIDTH, HEIGHT)
    source.close()
    assert source.source == "auto"
    assert all(device.closed for device in fake_picamera2.opened)


def test_a_home_is_found_and_one_that_is_not_there_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(root))
    cv2.imwrite(str(root / "a.png"), white_square())
    for word in ("file:~/a.png", "replay:~", "v4l2:~/a.png"):
        assert str(root) in camera(CameraSettings(source=word)).source
    for word in ("file:~nobodyhere/x", "replay:~nobodyhere", "v4l2:~nobodyhere/video0"):
        with pytest.raises(
            ConfigError, match=rf"camera.source = '{word}': there is no home ~nobodyhere here"
        ):
            camera(CameraSettings(source=word))


@pytest.mark.parametrize("kind", ["video", "picture", "folder", "replay"])
def test_what_is_closed_to_us_is_named_with_its_cure(root: Path, kind: str) -> None:
    root.chmod(0o755)
    closed = root / "closed"
    closed.mkdir()
    clock = Clock()
    source: Camera
    if kind == "replay":
        source = ReplayCamera(
            write_replay(closed / "day", [white_square()], [{"t": 0, "frame": 0}]), 0, clock, clock.sleep
        )
    else:
        video = write_video(closed / "video.avi", [white_square()])
        cv2.imwrite(str(closed / "a.png"), white_square())
        path = {"video": video, "picture": closed / "a.png", "folder": closed}[kind]
        source = FileCamera(path, 0, clock, clock.sleep)
    source.open()
    source.close()
    closed.chmod(0o700)
    if kind == "replay":
        source = ReplayCamera(closed / "day", 0, clock, clock.sleep)
    cure = rf"permission denied: {closed} is closed to user \w+: sudo chmod a\+rX {closed}"
    with as_nobody(), pytest.raises(CameraError, match=cure):
        source.open()
