"""From a frame to faces, and from light to the camera's state.  The models are stand-ins
(tests/data/make_standins.py).
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.drawn import STANDINS, half_lit, white_square

from moodspeaker.domain.observation import Box, CameraState, Frame
from moodspeaker.vision import boxes, preprocess, schedule
from moodspeaker.vision.boxes import Window
from moodspeaker.vision.cameras import empty_room
from moodspeaker.vision.interpreter import ExpressionNet, FaceDetector
from moodspeaker.vision.pipeline import SETTLED, FacePipeline, Light, face_crop, light, through, unnested

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def pipeline() -> FacePipeline:
    return FacePipeline.of(STANDINS)


def noise(height: int, width: int, mean: float, spread: float) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.clip(rng.normal(mean, spread, (height, width)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(240, 320), (960, 1280), (720, 1280), (1280, 720), (120, 160), (333, 517)])
def test_the_whole_frame_is_shown_as_training_fits_it(shape: tuple[int, int]) -> None:
    frame = noise(*shape, 128, 60)
    shown = through(frame, schedule.whole(shape[1], shape[0]))
    assert (shown == preprocess.fit(frame, boxes.WINDOW_HEIGHT, boxes.WINDOW_WIDTH)[0]).all()


def test_a_native_window_shows_the_pixels_and_grey_beyond_the_frame() -> None:
    frame = noise(300, 400, 60, 20)
    shown = through(frame, Window(200, 100))
    assert (shown[:200, :200] == frame[100:, 200:]).all()
    assert (shown[200:] == preprocess.GREY).all()
    assert (shown[:, 200:] == preprocess.GREY).all()


def test_a_face_is_found_where_it_is(pipeline: FacePipeline) -> None:
    observation = pipeline.look(Frame(white_square(), 12.5))
    assert observation.at == 12.5
    (face,) = observation.faces
    assert face.box == Box(112, 72, 64, 64)
    assert face.score > 0.9
    assert sum(face.probabilities) == pytest.approx(1)


def test_a_face_is_found_in_the_pixels_of_a_finer_frame(pipeline: FacePipeline) -> None:
    frame = np.kron(white_square(), np.ones((2, 2), np.uint8))
    (face,) = pipeline.find(frame, schedule.at_frame(640, 480, 320))
    assert face.box == Box(224, 144, 128, 128)


def test_faces_are_listed_largest_first(pipeline: FacePipeline) -> None:
    frame = np.full((480, 640), 40, np.uint8)
    frame[:240, :320] = white_square()
    frame[240:368, 352:480] = 255
    faces = pipeline.find(frame, schedule.thorough(640, 480))
    areas = [face.box.width * face.box.height for face in faces]
    assert len(areas) > 1
    assert areas == sorted(areas, reverse=True)


def test_of_boxes_within_each_other_the_better_stays() -> None:
    found = np.array(
        [[0, 0, 100, 100], [20, 20, 30, 30], [300, 0, 20, 20], [290, 0, 60, 60], [80, 80, 60, 60]], np.float32
    )
    assert unnested(found) == [0, 2, 4]
    assert unnested(boxes.no_boxes()) == []


def test_nobody_is_seen_in_an_empty_room(pipeline: FacePipeline) -> None:
    assert pipeline.look(Frame(empty_room(240, 320), 0.0)).faces == ()


def test_a_crop_is_one_face_over_the_whole_picture(pipeline: FacePipeline) -> None:
    (face,) = pipeline.look(Frame(half_lit(below=True), 1.0), crop=True).faces
    assert face.box == Box(0, 0, 48, 48)
    assert face.score == 1.0
    assert face.probabilities[3] > 0.9


def test_the_same_looks_give_the_same_observations() -> None:
    frames = [Frame(np.kron(noise(240, 320, 128, 60), np.ones((3, 3), np.uint8)), float(t)) for t in range(3)]
    first, second = FacePipeline.of(STANDINS), FacePipeline.of(STANDINS)
    assert [first.look(frame) for frame in frames] == [second.look(frame) for frame in frames]


def test_the_expression_is_cut_from_the_full_frame_around_the_box() -> None:
    frame = np.zeros((960, 1280), np.uint8)
    frame[400:500, 600:700] = 200
    crop = face_crop(frame, Box(600, 400, 100, 100))
    assert crop.shape == (48, 48)
    assert crop[24, 24] == 200
    assert (crop[0] == 0).all()
    assert (crop[:, -1] == 0).all()


@pytest.mark.parametrize(
    ("frame", "state"),
    [
        (empty_room(960, 1280), CameraState.OK),
        (empty_room(240, 320), CameraState.OK),
        (noise(960, 1280, 4, 3), CameraState.DARK),
        (np.zeros((480, 640), np.uint8), CameraState.DARK),
        (noise(960, 1280, 30, 8), CameraState.COVERED),
        (np.full((960, 1280), 255, np.uint8), CameraState.COVERED),
        (np.tile(np.linspace(40, 110, 1280), (960, 1)).astype(np.uint8), CameraState.COVERED),
        (np.full((48, 48), 128, np.uint8), CameraState.OK),
    ],
)
def test_light_is_judged_by_brightness_and_texture(frame: np.ndarray, state: CameraState) -> None:
    assert light(frame) is state


def test_a_lamp_in_a_dark_room_is_not_dark() -> None:
    frame = noise(960, 1280, 5, 3)
    frame[200:320, 300:420] = 250
    assert light(frame) is CameraState.OK


def test_the_state_changes_only_after_frames_that_agree() -> None:
    steady = Light()
    for _ in range(SETTLED - 1):
        assert steady.see(CameraState.DARK) is CameraState.OK
    assert steady.see(CameraState.OK) is CameraState.OK
    told = [steady.see(CameraState.DARK) for _ in range(SETTLED)]
    assert told == [CameraState.OK] * (SETTLED - 1) + [CameraState.DARK]
    assert steady.see(CameraState.COVERED) is CameraState.DARK


class Counting(FaceDetector):
    """Finds the bright spots of a window, and counts the windows."""

    def __init__(self) -> None:
        super().__init__(STANDINS / "face")
        self.windows = 0

    def __call__(
        self, window: np.ndarray, threshold: float | None = None
    ) -> tuple[boxes.Boxes, boxes.Scores]:
        self.windows += 1
        rows, columns = (np.flatnonzero((window > 230).any(axis)) for axis in (1, 0))
        if not len(rows):
            return boxes.no_boxes(), np.zeros(0, np.float32)
        x, y = columns[0], rows[0]
        spot = np.array([[x, y, columns[-1] + 1 - x, rows[-1] + 1 - y]], np.float32)
        return spot, np.array([0.9], np.float32)


def room_with(x: int, y: int, side: int = 150) -> np.ndarray:
    frame = np.full((960, 1280), 90, np.uint8)
    frame[y : y + side, x : x + side] = 255
    return frame


def windows_of_looks(frames: list[np.ndarray]) -> list[int]:
    """Return how many windows each look went through; each finds the one face."""
    detector = Counting()
    pipeline = FacePipeline(detector, ExpressionNet(STANDINS / "emotion"))
    counts = []
    for frame in frames:
        before = detector.windows
        assert len(pipeline.look(Frame(frame, 0.0)).faces) == 1
        counts.append(detector.windows - before)
    return counts


def test_while_nothing_but_a_near_face_is_there_two_looks_in_three_take_one_window() -> None:
    assert windows_of_looks([room_with(500, 300)] * 7) == [4, 1, 1, 4, 1, 1, 4]


def test_a_face_that_left_its_window_is_looked_for_in_the_same_look() -> None:
    there, gone = room_with(100, 300), room_with(1000, 300)
    assert windows_of_looks([there, there, gone])[2] == 4


def test_when_something_moves_elsewhere_the_room_is_searched() -> None:
    face, moved = room_with(500, 300), room_with(500, 300)
    moved[700:760, 60:120] = 140
    counts = windows_of_looks([face] * 4 + [moved] * (schedule.AWAKE + 1))
    assert counts[:4] == [4, 1, 1, 4]
    assert counts[4:] == [4] * schedule.AWAKE + [1]


def test_who_comes_into_an_empty_room_is_looked_at_in_that_look() -> None:
    seen = list[np.ndarray]()

    class Keeping(Counting):
        def __call__(
            self, window: np.ndarray, threshold: float | None = None
        ) -> tuple[boxes.Boxes, boxes.Scores]:
            seen.append(window)
            return boxes.no_boxes(), np.zeros(0, np.float32)

    pipeline = FacePipeline(Keeping(), ExpressionNet(STANDINS / "emotion"))
    empty = np.full((960, 1280), 90, np.uint8)
    came = empty.copy()
    came[704:744, 1024:1064] = 140
    for _ in range(3):
        pipeline.look(Frame(empty, 0.0))
    seen.clear()
    pipeline.look(Frame(came, 0.0))
    assert sum(bool((window == 140).sum() == 40 * 40) for window in seen) == 1  # shown pixel by pixel


def test_finer_windows_have_a_threshold_of_their_own(pipeline: FacePipeline, tmp_path: Path) -> None:
    frame = np.full((480, 640), 40, np.uint8)
    frame[:240, :320] = white_square()
    windows = schedule.thorough(640, 480)
    assert [face.box for face in pipeline.find(frame, windows)] == [Box(112, 72, 64, 64)]
    shutil.copytree(STANDINS, tmp_path / "models")
    file = tmp_path / "models" / "face" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"threshold_fine": 1.0}))
    strict = FacePipeline.of(tmp_path / "models")
    assert strict.find(frame, windows) == ()
    assert [face.box for face in strict.find(frame, windows, 0.5)] == [Box(112, 72, 64, 64)]
