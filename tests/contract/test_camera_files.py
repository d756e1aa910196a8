"""What videos, pictures and folders of pictures do as cameras."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support.cameras import HEIGHT, WIDTH, Clock, write_video
from support.drawn import white_square

from moodspeaker.config.schema import CameraSettings
from moodspeaker.errors import CameraError
from moodspeaker.vision.cameras import (
    FileCamera,
    VideoCamera,
    camera,
)


def test_a_video_is_paced_and_looped(root: Path) -> None:
    shades = [np.full((HEIGHT, WIDTH), shade, np.uint8) for shade in (50, 100, 150, 200)]
    clock = Clock()
    source = FileCamera(write_video(root / "video.avi", shades, rate=4), 0, clock, clock.sleep)
    source.open()
    frames = [source.read() for _ in range(6)]
    assert [round(float(frame.luma.mean()), -1) for frame in frames] == [50, 100, 150, 200, 50, 100]
    assert frames[4].captured_at - frames[0].captured_at == pytest.approx(1.0)


def test_a_video_skips_what_a_slow_reader_missed(root: Path) -> None:
    shades = [np.full((HEIGHT, WIDTH), shade, np.uint8) for shade in range(40, 200, 20)]
    clock = Clock()
    source = FileCamera(write_video(root / "video.avi", shades, rate=4), 0, clock, clock.sleep)
    source.open()
    source.read()
    clock.sleep(1.0)
    assert round(float(source.read().luma.mean()), -1) == 120


class SlowCapture:
    """A capture whose every frame takes so many seconds of the clock to decode."""

    def __init__(self, capture: Any, clock: Clock, took: float) -> None:  # noqa: ANN401 - cv2.VideoCapture
        self._capture, self._clock, self._took = capture, clock, took

    def grab(self) -> bool:
        self._clock.sleep(self._took)
        return bool(self._capture.grab())

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the rest as it is
        return getattr(self._capture, name)


def test_a_video_that_decodes_too_slowly_plays_slower(root: Path) -> None:
    shades = [np.full((HEIGHT, WIDTH), shade, np.uint8) for shade in range(40, 200, 20)]
    clock = Clock()
    source = VideoCamera(write_video(root / "video.avi", shades, rate=4), 0, clock, clock.sleep)
    source.open()
    source._capture = SlowCapture(source._capture, clock, took=0.6)
    for _ in range(40):
        begun = clock()
        source.read()
        assert clock() - begun < 4
        clock.sleep(1.0)


def test_a_file_that_is_no_video_is_refused(root: Path) -> None:
    (root / "not.mp4").write_text("no")
    with pytest.raises(CameraError, match="cannot be opened"):
        camera(CameraSettings(source=f"file:{root / 'not.mp4'}")).open()


@pytest.mark.parametrize("name", ["notes1.txt", "sound.wav", "empty.mp4"])
def test_a_file_without_pictures_is_named(root: Path, name: str) -> None:
    file = root / name
    file.write_bytes(b"" if name == "empty.mp4" else b"RIFF\x24\0\0\0WAVEfmt not pictures")
    source = camera(CameraSettings(source=f"file:{file}"))
    with pytest.raises(CameraError, match=f"{name}: it cannot be opened"):
        source.open()
    assert not source.is_open


@pytest.mark.parametrize("name", ["still.jpg", "still01.png", "without_suffix"])
def test_a_single_picture_is_shown_for_ever(root: Path, name: str) -> None:
    file = root / name
    file.write_bytes(cv2.imencode(".png", white_square())[1].tobytes())
    clock = Clock()
    source = FileCamera(file, 90, clock, clock.sleep)
    source.open()
    frames = [source.read() for _ in range(4)]
    assert all((frame.luma == white_square().T[:, ::-1]).all() for frame in frames)
    assert [frame.captured_at - frames[0].captured_at for frame in frames] == [0, 1, 2, 3]


def test_what_a_path_is_is_seen_at_each_opening(root: Path) -> None:
    clock = Clock()
    source = FileCamera(root / "later", 0, clock, clock.sleep)
    with pytest.raises(CameraError, match="No such file"):
        source.open()
    (root / "later").mkdir()
    cv2.imwrite(str(root / "later" / "a.png"), white_square())
    source.open()
    assert (source.read().luma == white_square()).all()


def test_a_folder_leaves_out_a_name_that_is_not_utf_8(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    cv2.imwrite(str(root / "b.png"), white_square())
    Path(os.fsdecode(bytes(root) + b"/a\xe9.png")).write_bytes((root / "b.png").read_bytes())
    clock = Clock()
    source = FileCamera(root, 0, clock, clock.sleep)
    source.open()
    for _ in range(3):
        assert (source.read().luma == white_square()).all()
    [record] = caplog.records
    assert r"a\udce9.png: its name is not UTF-8: rename it" in record.getMessage()


def test_a_folder_shows_its_pictures_in_order_one_a_second(root: Path) -> None:
    for name, shade in (("b.png", 100), ("a.png", 50), ("c.jpg", 150), ("notes.txt", 0)):
        if name.endswith("txt"):
            (root / name).write_text("not a picture")
        else:
            cv2.imwrite(str(root / name), np.full((HEIGHT, WIDTH), shade, np.uint8))
    clock = Clock()
    source = FileCamera(root, 0, clock, clock.sleep)
    source.open()
    frames = [source.read() for _ in range(4)]
    assert [int(frame.luma[0, 0]) for frame in frames] == [50, 100, 150, 50]
    assert [frame.captured_at - frames[0].captured_at for frame in frames] == [0, 1, 2, 3]


def test_a_folder_leaves_out_what_cannot_be_read(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, shade in (("a.png", 50), ("c.png", 150)):
        cv2.imwrite(str(root / name), np.full((HEIGHT, WIDTH), shade, np.uint8))
    (root / "b.png").write_bytes((root / "a.png").read_bytes()[:40])
    clock = Clock()
    source = FileCamera(root, 0, clock, clock.sleep)
    source.open()
    assert [int(source.read().luma[0, 0]) for _ in range(4)].count(150) == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"], "once"
    (root / "a.png").unlink()
    (root / "c.png").unlink()
    source.close()
    source.open()
    with pytest.raises(CameraError, match="cut short"):
        source.read()


def test_a_folder_leaves_out_a_tiny_picture(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    shades = {"a.png": (64, 50), "b.png": (12, 100), "c.png": (64, 150)}
    for name, (side, shade) in shades.items():
        cv2.imwrite(str(root / name), np.full((side, side), shade, np.uint8))
    clock = Clock()
    source = FileCamera(root, 0, clock, clock.sleep)
    source.open()
    assert [int(source.read().luma.mean()) for _ in range(3)] == [50, 150, 50]
    assert f"left out: {root}/b.png: 12 x 12 pixels" in caplog.text


def test_a_folder_without_pictures_is_refused(root: Path) -> None:
    with pytest.raises(CameraError, match="no pictures"):
        camera(CameraSettings(source=f"file:{root}")).open()
