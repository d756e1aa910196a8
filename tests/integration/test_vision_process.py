"""The vision process as it is started: closed until told, one client, ends as it should, writes no pixels."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest
from support.drawn import STANDINS, half_lit, white_square
from support.vision_process import VisionListener, VisionProcess, write_replay

from moodspeaker.domain.emotion import NAMES
from moodspeaker.domain.observation import Box, CameraState
from moodspeaker.errors import PictureFault
from moodspeaker.wire import Reload
from moodspeaker.wire.pictures import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.wire import Status

MODELS = f"models.path={STANDINS}"
JPEG = bytes(cv2.imencode(".jpg", white_square())[1])
HUGE = b'{"kind": "picture", "number": 1, "size": 524289}\n'


def opened(status: Status) -> bool:
    return status.camera.open


@pytest.fixture
def source(root: Path) -> str:
    """A camera that shows one face for ten minutes."""
    trace = [{"t": t / 2, "frame": 0} for t in range(1200)]
    return f"camera.source=replay:{write_replay(root / 'replay', [white_square()], trace)}"


@pytest.fixture
def vision(root: Path, source: str) -> Iterator[VisionProcess]:
    with VisionProcess(root, MODELS, source) as process:
        yield process


def test_it_greets_with_its_models_and_keeps_the_camera_closed(vision: VisionProcess) -> None:
    with VisionListener(vision.socket) as client:
        hello = client.hello()
        assert (hello.models.face, hello.models.emotion, hello.models.refused) == ("0.0.1", "0.0.1", "")
        assert hello.labels == NAMES
        camera = client.status(lambda _: True).camera
        assert (camera.state, camera.open, camera.frames_written) == (CameraState.OFF, False, 0)
        assert client.quiet(1.0)
    assert "cv2" not in vision.maps(), "a closed camera needs no OpenCV"


def test_the_privacy_lock_closes_the_camera_within_two_seconds(root: Path, source: str) -> None:
    lock = root / "locked"
    with (
        VisionProcess(root, MODELS, source, f"camera.lock=file:{lock}") as process,
        VisionListener(process.socket) as client,
    ):
        client.hello()
        client.sense(on=True)
        client.status(opened)
        lock.touch()
        begun = time.monotonic()
        camera = client.status(lambda status: not status.camera.open).camera
        assert time.monotonic() - begun < 2
        assert (camera.state, camera.locked) == (CameraState.OFF, True)
        client.sense(on=False)
        client.sense(on=True)
        client.status(lambda status: status.camera.locked is True and not status.camera.open)
        lock.unlink()
        client.status(opened)


def test_it_looks_when_told_and_stops_when_told(vision: VisionProcess) -> None:
    with VisionListener(vision.socket) as client:
        client.hello()
        client.sense(on=True)
        status = client.status(opened)
        assert status.camera.state is CameraState.OK
        assert status.camera.source.startswith("replay:")
        (face,) = client.look().observation.faces
        assert "cv2" in vision.maps()
        assert face.box == Box(112, 72, 64, 64)
        first, second = client.look().observation.at, client.look().observation.at
        assert 0.05 < second - first < 3
        client.sense(on=False)
        begun = time.monotonic()
        camera = client.status(lambda status: not status.camera.open).camera
        assert time.monotonic() - begun < 2
        assert camera.state is CameraState.OFF
        assert camera.last_frame_at is not None
        assert camera.inference_ms is not None
        assert client.quiet(1.0)


def test_the_camera_closes_when_the_client_goes(vision: VisionProcess) -> None:
    with VisionListener(vision.socket) as client:
        client.sense(on=True)
        client.status(opened)
    with VisionListener(vision.socket) as client:
        client.hello()
        client.status(lambda status: not status.camera.open)
        assert client.quiet(1.0)


def test_the_newest_client_wins_and_starts_with_a_closed_camera(vision: VisionProcess) -> None:
    with VisionListener(vision.socket) as old:
        old.sense(on=True)
        old.status(opened)
        with VisionListener(vision.socket) as new:
            new.hello()
            while old.hear() is not None:
                pass
            with contextlib.suppress(BrokenPipeError):
                old.sense(on=True)
            new.status(lambda status: not status.camera.open)
            assert new.quiet(1.0)
            new.sense(on=True)
            new.status(opened)


def test_a_picture_is_refused_where_the_machines_own_settings_do_not_allow_it(
    vision: VisionProcess,
) -> None:
    with VisionListener(vision.socket) as client:
        client.hello()
        client.sense(on=True)
        assert not client.status(opened).camera.takes_pictures
        client.say(Picture(5, len(JPEG)), JPEG)
        refused = client.refused()
        assert (refused.number, refused.error) == (5, PictureFault.NOT_WANTED)
        assert client.look().observation.source == "replay", "all else goes on"


def test_a_browsers_picture_is_looked_at_and_a_bad_one_ends_nothing(root: Path) -> None:
    sources = ["camera.source=browser", "camera.browser=true"]
    with VisionProcess(root, MODELS, *sources) as vision, VisionListener(vision.socket) as client:
        client.hello()
        client.sense(on=True)
        assert client.status(lambda status: bool(status.camera.reason)).camera.takes_pictures
        client.say(Picture(1, len(JPEG)), JPEG)
        seen = client.look().observation
        assert (seen.picture, seen.source, seen.faces[0].box) == (1, "browser", Box(112, 72, 64, 64))
        client.say(Picture(2, 300), JPEG[:300])
        refused = client.refused()
        assert (refused.number, refused.error) == (2, PictureFault.BROKEN)
        client.say(Picture(3, len(JPEG)), JPEG)
        assert client.look().observation.picture == 3
        client.status(lambda status: not status.camera.open and "page" in status.camera.reason)


def test_without_the_key_the_source_says_so_and_a_picture_is_refused(root: Path) -> None:
    with (
        VisionProcess(root, MODELS, "camera.source=browser") as vision,
        VisionListener(vision.socket) as client,
    ):
        client.hello()
        client.sense(on=True)
        camera = client.status(lambda status: bool(status.camera.reason)).camera
        assert (camera.state, camera.takes_pictures) == (CameraState.OFF, False)
        assert "camera.browser = true" in camera.reason
        client.say(Picture(1, len(JPEG)), JPEG)
        assert client.refused().error is PictureFault.NOT_ALLOWED
        assert client.quiet(1.0)


@pytest.mark.parametrize("line", [b"not json\n", b'{"kind": "preview"}\n', b"x" * 100_000 + b"\n", HUGE])
def test_a_client_that_talks_nonsense_is_sent_away_and_the_next_one_served(
    vision: VisionProcess, line: bytes
) -> None:
    with VisionListener(vision.socket) as client:
        client.hello()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.say_raw(line)
        with contextlib.suppress(ConnectionResetError):
            while client.hear() is not None:
                pass
    with VisionListener(vision.socket) as client:
        client.hello()
    assert "sent away" in vision.log.read_text()


def test_a_replay_of_crops_is_read_as_faces(root: Path) -> None:
    trace = [{"t": t / 2, "frame": 0} for t in range(100)]
    folder = write_replay(root / "replay", [half_lit(below=True)], trace, crop=True)
    with (
        VisionProcess(root, MODELS, f"camera.source=replay:{folder}") as vision,
        VisionListener(vision.socket) as client,
    ):
        client.sense(on=True)
        (face,) = client.look().observation.faces
        assert face.probabilities[NAMES.index("happy")] > 0.9


def test_the_end_of_a_replay_is_a_lost_camera_and_the_process_lives(root: Path) -> None:
    folder = write_replay(root / "replay", [white_square()], [{"t": 0, "frame": 0}])
    with (
        VisionProcess(root, MODELS, f"camera.source=replay:{folder}") as vision,
        VisionListener(vision.socket) as client,
    ):
        client.sense(on=True)
        camera = client.status(lambda status: status.camera.state is CameraState.LOST).camera
        assert "replay ended" in camera.reason
        assert not camera.open
        client.sense(on=False)
        client.status(lambda status: status.camera.state is CameraState.OFF)


def test_a_camera_that_is_not_there_is_named_and_tried_again(root: Path) -> None:
    with (
        VisionProcess(root, MODELS, f"camera.source=file:{root / 'later'}") as vision,
        VisionListener(vision.socket) as client,
    ):
        client.sense(on=True)
        camera = client.status(lambda status: status.camera.state is CameraState.LOST).camera
        assert "No such file" in camera.reason
        assert "later" in camera.reason


def test_a_single_picture_is_looked_at_and_says_its_kind_of_source(root: Path) -> None:
    cv2.imwrite(str(root / "still.png"), white_square())
    with (
        VisionProcess(root, MODELS, f"camera.source=file:{root / 'still.png'}") as vision,
        VisionListener(vision.socket) as client,
    ):
        client.sense(on=True)
        observation = client.look().observation
        assert observation.source == "file"
        assert [face.box for face in observation.faces] == [Box(112, 72, 64, 64)]


def test_a_file_without_pictures_is_a_lost_camera_named_in_one_line(root: Path) -> None:
    (root / "empty.mp4").touch()
    with (
        VisionProcess(root, MODELS, f"camera.source=file:{root / 'empty.mp4'}") as vision,
        VisionListener(vision.socket) as client,
    ):
        client.sense(on=True)
        camera = client.status(lambda status: status.camera.state is CameraState.LOST).camera
        assert "empty.mp4: it cannot be opened" in camera.reason
        assert vision.terminate() == 0
    listens, lost = vision.log.read_text().splitlines()
    assert "vision listens" in listens
    assert lost.endswith(camera.reason), "nothing of FFmpeg's own words"


def test_no_camera_is_a_state_and_no_fault(root: Path) -> None:
    with VisionProcess(root, MODELS, "camera.source=none") as vision, VisionListener(vision.socket) as client:
        client.hello()
        client.sense(on=True)
        assert client.quiet(1.0)
        assert client.status(lambda _: True).camera.state is CameraState.OFF


def test_a_path_without_access_is_a_lost_camera(root: Path) -> None:
    source = f"camera.source=file:{root / ('x' * 300)}"
    with VisionProcess(root, MODELS, source) as process, VisionListener(process.socket) as client:
        client.hello()
        client.sense(on=True)
        camera = client.status(lambda status: bool(status.camera.reason)).camera
        assert camera.state is CameraState.LOST
        assert "too long" in camera.reason


def test_a_refused_model_is_told_and_the_camera_runs_on(root: Path, source: str) -> None:
    models = root / "models"
    shutil.copytree(STANDINS, models)
    with VisionProcess(root, f"models.path={models}", source) as sound:
        file = models / "face" / "face.tflite"
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        with VisionListener(sound.socket) as client:
            assert client.hello().models.refused == ""
            client.say(Reload())
            refused = client.status(lambda status: bool(status.models.refused)).models.refused
            assert "face.tflite" in refused
            assert "damaged" in refused
            client.sense(on=True)
            client.status(opened)
            assert client.quiet(1.0)
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
            client.say(Reload())
            client.status(lambda status: not status.models.refused)
            assert client.look().observation.faces


def test_a_bad_reload_changes_nothing(root: Path, source: str) -> None:
    file = root / "config.toml"
    file.write_text("")
    process = VisionProcess(root, MODELS, source)
    process.argv += ["--config", str(file)]
    with process as vision, VisionListener(vision.socket) as client:
        client.sense(on=True)
        client.status(opened)
        file.write_text("[camera]\nrotatoin = 90\n")
        client.say(Reload())
        until = time.monotonic() + 10
        while "reload refused" not in vision.log.read_text():
            assert client.look().observation.faces
            assert time.monotonic() < until, "nothing is said of the bad file"
        assert "camera.rotation" in vision.log.read_text()
        assert client.look().observation.faces


def test_a_turned_camera_is_taken_over_by_a_reload(root: Path, source: str) -> None:
    file = root / "config.toml"
    file.write_text("")
    process = VisionProcess(root, MODELS, source)
    process.argv += ["--config", str(file)]
    with process as vision, VisionListener(vision.socket) as client:
        client.sense(on=True)
        assert client.look().observation.faces[0].box == Box(112, 72, 64, 64)
        file.write_text("[camera]\nrotation = 180\n")
        client.say(Reload())
        until = time.monotonic() + 10
        while client.look().observation.faces[0].box != Box(144, 104, 64, 64):
            assert time.monotonic() < until, "the picture is not turned"


@pytest.mark.parametrize("camera", ["off", "on"])
def test_sigterm_ends_it_with_zero_and_takes_the_socket_away(vision: VisionProcess, camera: str) -> None:
    with VisionListener(vision.socket) as client:
        client.hello()
        if camera == "on":
            client.sense(on=True)
            client.status(opened)
        began = time.monotonic()
        assert vision.terminate() == 0
        assert time.monotonic() - began < 5
    assert not vision.socket.exists()
    assert "Traceback" not in vision.log.read_text()


@pytest.fixture
def hanging(root: Path) -> str:
    """A camera whose opening never returns: a pipe that nobody writes to."""
    os.mkfifo(root / "pipe.avi")
    return f"camera.source=file:{root / 'pipe.avi'}"


def test_a_camera_that_hangs_does_not_hold_up_the_end(root: Path, hanging: str) -> None:
    with VisionProcess(root, MODELS, hanging) as vision, VisionListener(vision.socket) as client:
        client.sense(on=True)
        assert client.quiet(1.0)
        began = time.monotonic()
        assert vision.terminate() == 0
        assert time.monotonic() - began < 5


def test_a_camera_that_hangs_for_long_ends_the_process(root: Path, hanging: str) -> None:
    with VisionProcess(root, MODELS, hanging) as vision, VisionListener(vision.socket) as client:
        client.sense(on=True)
        assert vision.process.wait(40) == 1
    assert "it hangs for" in vision.log.read_text()


def test_a_child_ends_with_its_parent(root: Path, source: str) -> None:
    with VisionProcess(root, MODELS, source, child=True) as vision:
        assert vision.process.stdin is not None
        vision.process.stdin.close()
        assert vision.ended() == 0


def test_after_a_kill_it_starts_again_on_the_same_socket(root: Path, source: str) -> None:
    vision = VisionProcess(root, MODELS, source)
    with vision:
        vision.process.kill()
        vision.ended()
        assert vision.socket.exists()
    with vision, VisionListener(vision.socket) as client:
        assert client.hello().models.face == "0.0.1"


def test_a_stale_socket_is_no_obstacle(root: Path, source: str) -> None:
    (root / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(root / "run" / "vision.sock"))
    with VisionProcess(root, MODELS, source) as vision, VisionListener(vision.socket) as client:
        assert client.hello().models.face == "0.0.1"


def test_two_of_them_do_not_fight_for_one_socket(vision: VisionProcess, root: Path, source: str) -> None:
    second = VisionProcess(root, MODELS, source)
    second.log = root / "second.log"
    with second:
        assert second.ended() == 2
    assert "another vision process" in second.log.read_text()
    with VisionListener(vision.socket) as client:
        client.hello()


def test_a_malformed_source_is_bad_usage(root: Path) -> None:
    with VisionProcess(root, MODELS, "camera.source=webcam") as vision:
        assert vision.ended() == 2
    (line,) = vision.log.read_text().splitlines()
    assert "write auto, picamera2" in line


def test_the_socket_is_for_user_and_group_alone(vision: VisionProcess) -> None:
    assert stat.S_IMODE(vision.socket.stat().st_mode) == 0o660


def test_systemd_is_told_of_readiness_life_and_end(root: Path, source: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(root / "notify"))
        notified.settimeout(15)
        with VisionProcess(
            root, MODELS, source, environment={"NOTIFY_SOCKET": str(root / "notify")}
        ) as vision:
            heard = {notified.recv(100), notified.recv(100)}
            assert heard == {b"READY=1", b"WATCHDOG=1"}
            assert vision.terminate() == 0
            assert notified.recv(100) == b"STOPPING=1"


def test_a_crash_leaves_no_core_file(root: Path, source: str) -> None:
    with_core_files = ("prlimit", "--core=1048576")
    may = subprocess.run([*with_core_files, "true"], check=False, capture_output=True).returncode == 0
    process = VisionProcess(root, MODELS, source)
    process.argv = [*(with_core_files if may else ()), *process.argv]
    with process:
        limits = Path(f"/proc/{process.process.pid}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)


def test_no_file_is_written_but_the_lock(vision: VisionProcess, root: Path) -> None:
    before = {path for path in root.rglob("*") if path.is_file()}
    with VisionListener(vision.socket) as client:
        client.sense(on=True)
        for _ in range(3):
            client.look()
        folder = Path(f"/proc/{vision.process.pid}/fd")
        held = [str(link.readlink()) for link in folder.iterdir()]
        assert not [
            name for name in held if name.startswith(str(root)) and not name.endswith((".lock", ".log"))
        ]
        assert client.status(opened).camera.frames_written == 0
    assert {path for path in root.rglob("*") if path.is_file()} == before
    assert {path.name for path in (root / "run").iterdir()} == {"vision.sock", "vision.lock"}
