"""Where frames come from: one adapter a source, all behind the Camera port; the door to picamera2 and V4L2.

| `camera.source`     | frames |
|---------------------|--------|
| `picamera2[:N]`     | the Y plane of a YUV420 stream; autofocus and a low frame rate where the camera offers them |
| `v4l2:/dev/videoN`  | a USB camera, through cv2 |
| `file:PATH`         | a video at its own pace, or the pictures of a folder, one a second; looped |
| `replay:DIR`        | `frames.npz` paced by `trace.jsonl`; where the trace ends, the camera is lost |
| `none`              | there is no camera |
| `auto`              | picamera2 if it finds a camera, else the first V4L2 device that gives a frame, else none so far |

Every source is built closed, gives upright luma (`camera.rotation` is applied here) and raises CameraError
with cause and cure; after that it is closed.  `read` gives a fresh frame: what a driver queued up meanwhile
is thrown away.  A source is used by one thread.  The port knows rooms; `faces_only` says of the frame just
read that it is one face and nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from moodspeaker.domain.observation import Frame
from moodspeaker.errors import CameraError, ImageError
from moodspeaker.vision import images

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from moodspeaker.config.schema import CameraSettings

_log = logging.getLogger(__name__)

FRAME_TIME: Final = 5.0
"""Seconds that a camera may take for one frame."""
SLOW: Final = (200_000, 500_000)
"""Shortest and longest duration of a frame in microseconds: 5 to 2 frames a second are enough, and dim rooms
need light.
"""
QUEUED: Final = 5
"""Frames that a V4L2 driver may have queued up, at most."""
FRESH: Final = 0.005
"""Seconds: a frame that took less to come was waiting in the driver's queue."""
PICTURE_TIME: Final = 1.0
"""Seconds for which a folder's picture is shown, and after which a replay repeats its frame."""
USUAL_RATE: Final = 25.0
"""Frames a second of a video that does not say its own."""
EMPTY_ROOM: Final = (240, 320)
"""Height and width of the drawn room without a face that a replay shows for `"frame": null`, unless its
frames are rooms.
"""
DMA_HEAPS: Final = (Path("/dev/dma_heap/vidbuf_cached"), Path("/dev/dma_heap/linux,cma"))
"""Where picamera2 allocates its buffers (picamera2/dma_heap.py)."""
NO_CAMERAS: Final = ("bcm2835", "pispbe", "rp1-cfe", "unicam", "rpi")
"""How the names of a Pi's own V4L2 devices begin: codecs, image processors, and raw sensors that only
libcamera can drive.
"""
RETRY: Final = "it is tried again by itself"


def camera(settings: CameraSettings) -> Source:
    """Return the source that `camera.source` names, closed."""
    kind, _, rest = settings.source.partition(":")
    size = (settings.width, settings.height)
    path = Path(rest).expanduser()
    if kind == "auto":
        return AutoCamera(settings.rotation, size)
    if kind == "none":
        return NoCamera()
    if kind == "picamera2":
        return Picamera2Camera(int(rest or 0), settings.rotation, size)
    if kind == "v4l2":
        return V4l2Camera(path, settings.rotation, size)
    if kind == "file":
        folder = os.path.isdir(path)  # noqa: PTH112 - where there is no access, opening it says so
        return (FolderCamera if folder else VideoCamera)(path, settings.rotation)
    return ReplayCamera(path, settings.rotation)


def upright(luma: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """Return a picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(luma, -rotation // 90))


class Source(ABC):
    """What all sources share: the rotation, the clock, and being closed after an error."""

    faces_only = False
    """Whether the frame just read is one face and nothing else (a replay of crops)."""
    absent = False
    """Whether there is no camera that could be lost: none is wanted, or none was found so far."""

    def __init__(self, source: str, rotation: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.source = source
        self.is_open = False
        self._rotation = rotation
        self._clock = clock

    def open(self) -> None:
        """Open the device; a second call does nothing; raise CameraError."""
        if not self.is_open:
            self._guard(self._open)
            self.is_open = True

    def read(self) -> Frame:
        """Block until the next frame, at most a few seconds, and return it upright; raise CameraError."""
        if not self.is_open:
            message = f"camera {self.source}: closed"
            raise CameraError(message)
        luma = self._guard(self._read)
        return Frame(upright(luma, self._rotation), self._clock())

    def close(self) -> None:
        """Close the device; a second call does nothing."""
        self.is_open = False
        self._close()

    def _guard(self, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - what `act` returns
        """Return what `act` returns; close after an error, and make one of the device's own a CameraError."""
        try:
            return act()
        except CameraError:
            self.close()
            raise
        except (OSError, RuntimeError, ValueError, ImageError) as error:
            self.close()
            message = f"camera {self.source}: {error}"
            raise CameraError(message) from error

    @abstractmethod
    def _open(self) -> None:
        """Open the device."""

    @abstractmethod
    def _read(self) -> NDArray[np.uint8]:
        """Return the next picture as the device gives it."""

    @abstractmethod
    def _close(self) -> None:
        """Close what is open, even half-way."""


class NoCamera(Source):
    """`none`: a speaker without a camera."""

    absent = True

    def __init__(self) -> None:
        super().__init__("none")

    def _open(self) -> None:
        message = "camera.source = none: no camera is used; set camera.source = auto to use one"
        raise CameraError(message)

    def _read(self) -> NDArray[np.uint8]:
        raise AssertionError  # pragma: no cover - it never opens

    def _close(self) -> None:
        pass


class Picamera2Camera(Source):
    """A camera of libcamera, through Raspberry Pi's picamera2 (apt: python3-picamera2)."""

    def __init__(
        self, number: int, rotation: int, size: tuple[int, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(f"picamera2:{number}" if number else "picamera2", rotation, clock)
        self._number = number
        self._size = size
        self._device: Any = None

    def _open(self) -> None:
        picamera2 = _import_picamera2()
        heaps = [heap for heap in DMA_HEAPS if heap.exists()]
        if heaps and not any(os.access(heap, os.R_OK | os.W_OK) for heap in heaps):
            message = (
                f"camera {self.source}: {heaps[0]} is closed to this user: add the user to group video, "
                "and install raspberrypi-sys-mods, which opens it to that group"
            )
            raise CameraError(message)
        found = len(picamera2.Picamera2.global_camera_info())
        if self._number >= found:
            message = (
                f"camera {self.source}: libcamera finds {found} camera(s): check the ribbon cable with the power off, "
                "then `rpicam-hello --list-cameras`"
            )
            raise CameraError(message)
        device = self._device = picamera2.Picamera2(self._number)
        offered = device.camera_controls
        controls: dict[str, Any] = {}
        if "FrameDurationLimits" in offered:
            controls["FrameDurationLimits"] = SLOW
        if "AfMode" in offered:
            from libcamera import controls as libcamera_controls  # noqa: PLC0415 - here only with picamera2

            controls["AfMode"] = libcamera_controls.AfModeEnum.Continuous
        # queue=False: a frame that was finished before we asked is not given.
        stream = {"size": self._size, "format": "YUV420"}
        device.configure(
            device.create_video_configuration(
                main=stream, buffer_count=3, queue=False, display=None, encode=None, controls=controls
            )
        )
        device.start()

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


def _import_picamera2() -> Any:  # noqa: ANN401 - a module
    """Return the module picamera2; raise CameraError where it is not installed."""
    try:
        import picamera2  # noqa: PLC0415 - only where the source asks for it
    except (ImportError, OSError) as error:
        message = f"camera picamera2: {error}: sudo apt install python3-picamera2 (Raspberry Pi OS), or use v4l2:/dev/videoN"
        raise CameraError(message) from None
    return picamera2


def _hush(cv2: Any) -> None:  # noqa: ANN401 - the stubs of one release do not know the other's place
    """Keep cv2 silent, one CameraError says it all; the switch moved between OpenCV 4.11 and 4.14."""
    (cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging).setLogLevel(0)


class _CapturedCamera(Source):
    """A source that cv2.VideoCapture reads: a device or a video file."""

    def __init__(self, source: str, path: Path, rotation: int, clock: Callable[[], float]) -> None:
        super().__init__(source, rotation, clock)
        self._path = path
        self._capture: Any = None

    def _capture_with(self, interface: str) -> None:
        """Open the path by an interface of cv2; raise CameraError."""
        import cv2  # noqa: PLC0415 - only who uses such a source pays for cv2

        cv2.setNumThreads(1)
        _hush(cv2)
        self._capture = cv2.VideoCapture(str(self._path), getattr(cv2, interface))
        if not self._capture.isOpened():
            message = f"camera {self.source}: it cannot be opened: another program may hold it, or it gives no pictures"
            raise CameraError(message)

    def _luma(self) -> NDArray[np.uint8] | None:
        """Return the picture that was grabbed last, None when there is none."""
        import cv2  # noqa: PLC0415 - it is loaded by now

        there, picture = self._capture.retrieve()
        if not there:
            return None
        luma: NDArray[np.uint8] = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)  # noqa: PLR2004 - axes
        return luma

    def _close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


class V4l2Camera(_CapturedCamera):
    """A USB camera of Linux."""

    def __init__(
        self, path: Path, rotation: int, size: tuple[int, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(f"v4l2:{path}", path, rotation, clock)
        self._size = size

    def _open(self) -> None:
        import cv2  # noqa: PLC0415 - only who uses such a source pays for cv2

        if not self._path.exists():
            there = ", ".join(map(str, v4l2_devices())) or "there is none"
            message = f"camera {self.source}: no such device ({there}): plug the camera in, or set camera.source = auto"
            raise CameraError(message)
        if not os.access(self._path, os.R_OK | os.W_OK):
            message = f"camera {self.source}: permission denied: add this user to group video (sudo usermod -aG video USER)"
            raise CameraError(message)
        self._capture_with("CAP_V4L2")
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])

    def _read(self) -> NDArray[np.uint8]:
        for _ in range(QUEUED):
            before = self._clock()
            if not self._capture.grab():
                message = f"camera {self.source}: it gives no more frames: check its cable; {RETRY}"
                raise CameraError(message)
            if self._clock() - before >= FRESH:
                break
        luma = self._luma()
        if luma is None:
            message = f"camera {self.source}: a frame cannot be decoded; {RETRY}"
            raise CameraError(message)
        return luma


def v4l2_devices(folder: Path = Path("/dev")) -> tuple[Path, ...]:
    """Return the V4L2 devices that may be cameras, by number: a Pi's own nodes of codecs and image processors
    are left out.
    """
    numbered = [path for path in folder.glob("video*") if path.name.removeprefix("video").isdecimal()]
    found = [path for path in numbered if not _driver_name(path).startswith(NO_CAMERAS)]
    return tuple(sorted(found, key=lambda path: int(path.name.removeprefix("video"))))


def _driver_name(device: Path) -> str:
    """Return the name that the kernel gives a V4L2 device, or nothing."""
    try:
        return (Path("/sys/class/video4linux") / device.name / "name").read_text(
            encoding="utf-8", errors="replace"
        )
    except OSError:
        return ""


class VideoCamera(_CapturedCamera):
    """A video file at its own pace, looped."""

    def __init__(
        self,
        path: Path,
        rotation: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(f"file:{path}", path, rotation, clock)
        self._sleep = sleep
        self._frame_time = 0.0
        self._due = 0.0

    def _open(self) -> None:
        import cv2  # noqa: PLC0415 - only who uses such a source pays for cv2

        if not self._path.exists():
            message = f"camera {self.source}: no such file or folder: give a video or a folder of pictures"
            raise CameraError(message)
        self._capture_with("CAP_ANY")
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._frame_time = 1 / (rate if rate > 0 else USUAL_RATE)
        self._due = self._clock()

    def _read(self) -> NDArray[np.uint8]:
        late = self._clock() - self._due
        skipped = max(0, int(late / self._frame_time))
        for _ in range(skipped + 1):
            self._grab()
        self._due += (skipped + 1) * self._frame_time
        if late < 0:
            self._sleep(-late)
        luma = self._luma()
        if luma is None:
            message = f"camera {self.source}: a frame cannot be decoded: give another video"
            raise CameraError(message)
        return luma

    def _grab(self) -> None:
        """Go to the next frame, from the last to the first."""
        import cv2  # noqa: PLC0415 - it is loaded by now

        if not self._capture.grab():
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            if not self._capture.grab():
                message = f"camera {self.source}: it holds no frames: give another video"
                raise CameraError(message)


class FolderCamera(Source):
    """The pictures of a folder by name, one a second, looped; one that cannot be read is left out."""

    def __init__(
        self,
        path: Path,
        rotation: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(f"file:{path}", rotation, clock)
        self._path = path
        self._sleep = sleep
        self._files: list[Path] = []
        self._began = 0.0
        self._shown = -1

    def _open(self) -> None:
        self._files = [file for file in images.files_of(self._path) if file.suffix.lower() in images.SUFFIXES]
        if not self._files:
            message = f"camera {self.source}: no pictures in this folder"
            raise CameraError(message)
        self._began, self._shown = self._clock(), -1

    def _read(self) -> NDArray[np.uint8]:
        now = self._clock() - self._began
        place = max(self._shown + 1, int(now / PICTURE_TIME))
        if place * PICTURE_TIME > now:
            self._sleep(place * PICTURE_TIME - now)
        self._shown = place
        while True:
            file = self._files[place % len(self._files)]
            try:
                return images.read(file)
            except ImageError as error:
                if len(self._files) == 1:
                    raise
                _log.warning("camera %s: left out: %s", self.source, error)
                self._files.remove(file)

    def _close(self) -> None:
        self._files = []


def empty_room(height: int, width: int) -> NDArray[np.uint8]:
    """Return a drawn room without a face: a wall in falling light, a floor, a window and a shelf; uint8
    [height, width].
    """
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    luma = 150 - 50 * x + 20 * np.sin(40 * x)
    floor = 3 * height // 4
    luma[floor:] = 80 + 25 * np.sign(np.sin(60 * x + 30 * y))[floor:]
    luma[height // 8 : height // 2, width // 8 : width // 3] = 180
    luma[2 * height // 5 : height // 2, 3 * width // 5 : 9 * width // 10] = 40
    room: NDArray[np.uint8] = luma.astype(np.uint8)
    return room


class ReplayCamera(Source):
    """Recorded frames at the times of their trace; the timeline starts at the first opening and never stops.

    A camera shows something at any time: before the first entry and at `"frame": null` an empty room, between
    two entries the picture of the first one again.
    """

    def __init__(
        self,
        folder: Path,
        rotation: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(f"replay:{folder}", rotation, clock)
        self._folder = folder
        self._sleep = sleep
        self._crop = False
        self._images: NDArray[np.uint8] | None = None
        self._entries: Sequence[tuple[float, int | None, bool]] = ()
        self._began: float | None = None
        self._shown = -1

    def _open(self) -> None:
        if self._images is None:
            self._images = images.read_array(self._folder / "frames.npz")
            self._crop, self._entries = _read_trace(self._folder / "trace.jsonl", len(self._images))
        if self._began is None:
            self._began = self._clock()
        self._refuse_when_lost(self._place(self._clock() - self._began))

    def _read(self) -> NDArray[np.uint8]:
        assert self._images is not None  # noqa: S101 - it is open
        assert self._began is not None  # noqa: S101 - it is open
        now = self._clock() - self._began
        place = self._place(now)
        if place == self._shown:
            following = self._entries[place + 1][0] if place + 1 < len(self._entries) else now
            self._sleep(min(PICTURE_TIME, max(0.0, following - now)))
            place = self._place(self._clock() - self._began)
        self._refuse_when_lost(place)
        self._shown = place
        index = self._entries[place][1] if place >= 0 else None
        self.faces_only = self._crop and index is not None
        if index is None:
            return empty_room(*(EMPTY_ROOM if self._crop else self._images.shape[1:]))
        recorded: NDArray[np.uint8] = self._images[index]
        return recorded

    def _place(self, now: float) -> int:
        """Return the index of the last entry that is due, -1 before the first."""
        place = self._shown
        while place + 1 < len(self._entries) and self._entries[place + 1][0] <= now:
            place += 1
        return place

    def _refuse_when_lost(self, place: int) -> None:
        if place >= 0 and self._entries[place][2]:
            what = (
                "the camera is lost at this point of the trace"
                if place + 1 < len(self._entries)
                else "replay ended"
            )
            message = f"camera {self.source}: {what}"
            raise CameraError(message)

    def _close(self) -> None:
        self.faces_only = False


def _read_trace(file: Path, count: int) -> tuple[bool, Sequence[tuple[float, int | None, bool]]]:
    """Return whether frames are faces, and (t, frame, lost) of each entry, the end of the replay last; raise
    CameraError.
    """
    entries: list[tuple[float, int | None, bool]] = []
    number = 1
    try:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        crop = bool(json.loads(lines[0])["crop"])
        for number, line in enumerate(lines[1:], 2):
            entry = json.loads(line)
            at = float(entry["t"])
            if "camera" in entry:
                entries.append((at, None, entry["camera"] == "lost"))
            elif "frame" in entry:
                index = entry["frame"]
                if index is not None and not 0 <= int(index) < count:
                    message = f"{file}, line {number}: frame {index}: frames.npz holds {count}"
                    raise CameraError(message)
                entries.append((at, None if index is None else int(index), False))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        message = f'{file}, line {number}: {error}: write {{"crop": false}}, then lines such as {{"t": 0.0, "frame": 0}}'
        raise CameraError(message) from None
    entries.sort(key=lambda entry: entry[0])
    end = entries[-1][0] + PICTURE_TIME if entries else 0.0
    return crop, [*entries, (end, None, True)]


class AutoCamera(Source):
    """The first camera that works: picamera2's, else a V4L2 device that gives a frame.  While none was found
    it is as `none`.
    """

    absent = True

    def __init__(self, rotation: int, size: tuple[int, int]) -> None:
        super().__init__("auto", rotation)
        self._size = size
        self._chosen: Source | None = None

    def _open(self) -> None:
        reasons = []
        candidates: list[Source] = [Picamera2Camera(0, 0, self._size)]
        candidates += [V4l2Camera(path, 0, self._size) for path in v4l2_devices()]
        for candidate in candidates:
            try:
                candidate.open()
                candidate.read()
            except CameraError as error:
                reasons.append(str(error).removeprefix("camera "))
            else:
                self._chosen, self.source, self.absent = candidate, candidate.source, False
                return
        if len(candidates) == 1:
            reasons.append("V4L2: no /dev/video device")
        message = f"no camera found ({'; '.join(reasons)}): connect one, or set camera.source = none"
        raise CameraError(message)

    def _read(self) -> NDArray[np.uint8]:
        assert self._chosen is not None  # noqa: S101 - it is open
        return self._chosen.read().luma

    def _close(self) -> None:
        chosen, self._chosen, self.source = self._chosen, None, "auto"
        if chosen is not None:
            chosen.close()
