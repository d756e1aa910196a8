"""The Camera port: one suite over every source that can run here, and over picamera2's adapter with a fake of
the module.
"""

from __future__ import annotations

import os
import sys
import types
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np
import pytest
from support.drawn import white_square
from support.nobody import as_nobody
from support.vision_process import write_replay

from moodspeaker.config.load import load
from moodspeaker.config.schema import CameraSettings
from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import CameraError, ConfigError
from moodspeaker.vision.cameras import (
    Camera,
    FileCamera,
    Picamera2Camera,
    ReplayCamera,
    V4l2Camera,
    auto,
    camera,
    capture,
    picamera2_camera,
    v4l2_devices,
)
from moodspeaker.vision.pipeline import light

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEIGHT, WIDTH = 240, 320


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


# --- a faithful fake of the calls that the adapter makes (picamera2 0.3.38: picamera2.py, job.py, request.py)
# ----------


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


@pytest.fixture
def fake_picamera2(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    """The fake stands where `import picamera2` and `import libcamera` look."""
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


# --- sources, each made to show `white_square` upright ----------------------------------------------------


def write_video(path: Path, pictures: Sequence[np.ndarray], rate: float = 10) -> Path:
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*"MJPG"), rate, pictures[0].shape[::-1], isColor=True
    )
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


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
    return Picamera2Camera(0, rotation, (WIDTH, HEIGHT), Clock())


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


# --- each source's own rules ------------------------------------------------------------------------------


def test_none_never_opens_and_says_how_to_change_that() -> None:
    source = camera(CameraSettings(source="none"))
    with pytest.raises(CameraError, match=r"set camera\.source"):
        source.open()
    assert not source.is_open


@pytest.mark.parametrize(
    "word", ["", "webcam", "picamera2:front", "file:", "replay:", "v4l2:", "none:1", "auto:0", "browser"]
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


def test_auto_takes_picamera2_when_it_finds_a_camera(fake_picamera2: type[FakePicamera2]) -> None:
    source = camera(CameraSettings(width=WIDTH, height=HEIGHT, rotation=90))
    source.open()
    assert source.source == "picamera2"
    assert source.read().luma.shape == (WIDTH, HEIGHT)
    source.close()
    assert source.source == "auto"
    assert all(device.closed for device in fake_picamera2.opened)


def test_picamera2_asks_for_autofocus_and_few_frames_where_they_are_offered(
    fake_picamera2: type[FakePicamera2],
) -> None:
    picamera2_source(Path(), 0).open()
    configuration = fake_picamera2.opened[-1].configuration
    assert configuration["controls"] == {"FrameDurationLimits": picamera2_camera.SLOW, "AfMode": 2}
    assert configuration["queue"] is False


def test_picamera2_asks_a_plain_camera_for_nothing(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePicamera2, "offered", {})
    picamera2_source(Path(), 0).open()
    assert fake_picamera2.opened[-1].configuration["controls"] == {}


def test_picamera2_that_hangs_is_a_camera_error_and_closed(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = picamera2_source(Path(), 0)
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
        picamera2_source(Path(), 0).open()


def test_picamera2_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="python3-picamera2"):
        picamera2_source(Path(), 0).open()


def test_a_closed_dma_heap_names_the_group_and_the_package(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    heap = root / "linux,cma"
    heap.touch()
    monkeypatch.setattr(picamera2_camera, "DMA_HEAPS", (heap,))
    monkeypatch.setattr(picamera2_camera.os, "access", lambda path, mode: path != heap)
    with pytest.raises(CameraError, match=r"linux,cma.*group video.*raspberrypi-sys-mods"):
        picamera2_source(Path(), 0).open()


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


def test_an_error_of_picamera2_itself_is_a_camera_error(
    fake_picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = picamera2_source(Path(), 0)
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
        picamera2_source(Path(), 0).open()


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


def test_a_folder_without_pictures_is_refused(root: Path) -> None:
    with pytest.raises(CameraError, match="no pictures"):
        camera(CameraSettings(source=f"file:{root}")).open()


def replay(
    root: Path, lines: Sequence[dict[str, Any]], *, crop: bool = False, side: tuple[int, int] = (48, 48)
) -> tuple[ReplayCamera, Clock]:
    clock = Clock()
    shades = [np.full(side, shade, np.uint8) for shade in (50, 100, 150)]
    return ReplayCamera(write_replay(root / "replay", shades, lines, crop=crop), 0, clock, clock.sleep), clock


def test_a_replay_is_paced_by_its_trace_and_then_lost(root: Path) -> None:
    source, clock = replay(root, [{"t": 0, "frame": 0}, {"t": 1, "frame": 1}, {"t": 1.5, "frame": 2}])
    source.open()
    seen = [(int(source.read().luma[0, 0]), clock.now - 100) for _ in range(3)]
    assert seen == [(50, 0), (100, 1), (150, 1.5)]
    with pytest.raises(CameraError, match="replay ended"):
        source.read()
    assert not source.is_open
    with pytest.raises(CameraError, match="replay ended"):
        source.open()


def test_a_replay_repeats_its_frame_through_a_long_pause(root: Path) -> None:
    source, clock = replay(root, [{"t": 0, "frame": 1}, {"t": 10, "frame": 2}])
    source.open()
    assert [int(source.read().luma[0, 0]) for _ in range(10)] == [100] * 10
    assert clock.now == 109
    assert int(source.read().luma[0, 0]) == 150


def test_a_replay_goes_on_while_it_is_closed(root: Path) -> None:
    source, clock = replay(root, [{"t": t, "frame": t % 3} for t in range(10)])
    source.open()
    source.close()
    clock.sleep(7)
    source.open()
    assert int(source.read().luma[0, 0]) == 100


def test_a_replay_loses_the_camera_and_finds_it_again(root: Path) -> None:
    source, clock = replay(root, [{"t": 0, "frame": 0}, {"t": 1, "camera": "lost"}, {"t": 3, "frame": 1}])
    source.open()
    source.read()
    with pytest.raises(CameraError, match="lost at this point"):
        source.read()
    with pytest.raises(CameraError, match="lost at this point"):
        source.open()
    clock.sleep(2)
    source.open()
    assert int(source.read().luma[0, 0]) == 100


def test_nobody_in_a_replay_is_an_empty_room_in_light(root: Path) -> None:
    source, _ = replay(root, [{"t": 0, "frame": None}], side=(HEIGHT, WIDTH))
    source.open()
    room = source.read().luma
    assert room.shape == (HEIGHT, WIDTH)
    assert light(room) is CameraState.OK


def test_a_replay_of_crops_says_which_frames_are_faces(root: Path) -> None:
    source, _ = replay(root, [{"t": 0, "frame": 0}, {"t": 1, "frame": None}, {"t": 2, "frame": 1}], crop=True)
    source.open()
    seen = []
    for _ in range(3):
        shape = source.read().luma.shape
        seen.append((shape, source.faces_only))
    assert seen == [((48, 48), True), ((HEIGHT, WIDTH), False), ((48, 48), True)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}\n",
        *('{"crop": false}\n' + line for line in ('{"t": 0, "frame": 9}', '{"frame": 0}', "not json")),
    ],
)
def test_a_broken_trace_is_named_with_its_line(root: Path, text: str) -> None:
    source, _ = replay(root, [])
    (root / "replay" / "trace.jsonl").write_text(text)
    with pytest.raises(CameraError, match=r"trace.jsonl: line \d"):
        source.open()
