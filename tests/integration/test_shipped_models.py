"""The models that ship, through the code that serves."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.vision_process import CHECKOUT

from moodspeaker import resources
from moodspeaker.demo import faces as demo
from moodspeaker.domain.observation import Frame
from moodspeaker.vision import picture, schedule
from moodspeaker.vision.cameras import empty_room
from moodspeaker.vision.cameras.base import upright
from moodspeaker.vision.picture import PictureCheck
from moodspeaker.vision.pipeline import FacePipeline

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def pipeline() -> FacePipeline:
    return FacePipeline.of(resources.models_folder())


def test_they_verify_from_any_folder(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "moodspeaker", "models", "verify"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "face: " in done.stdout
    assert "emotion: " in done.stdout
    assert "music: " in done.stdout


@pytest.mark.parametrize("side", [(240, 320), (960, 1280), (720, 1280)])
def test_nobody_is_seen_in_the_room_that_a_replay_shows(
    pipeline: FacePipeline, side: tuple[int, int]
) -> None:
    assert pipeline.find(empty_room(*side), schedule.thorough(side[1], side[0])) == ()


@pytest.mark.parametrize("luma", [0, 128, 255])
def test_nobody_is_seen_in_nothing(pipeline: FacePipeline, luma: int) -> None:
    assert pipeline.look(Frame(np.full((960, 1280), luma, np.uint8), 0.0)).faces == ()


def test_both_heads_answer_for_any_picture(pipeline: FacePipeline) -> None:
    rng = np.random.default_rng(5)
    for head in ("ferplus", "fer2013"):
        for _ in range(5):
            shares = pipeline.net(rng.integers(0, 255, (48, 48), np.uint8), head)
            assert len(shares) == 7
            assert sum(shares) == pytest.approx(1)
            assert min(shares) >= 0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_camera_that_hangs_the_wrong_way_is_told_from_the_faces(
    pipeline: FacePipeline, rotation: int
) -> None:
    check, watching = PictureCheck(), FacePipeline(pipeline.detector, pipeline.net)
    shown = upright(demo.frame(demo.HAPPY, demo.Pose(), 1), (360 - rotation) % 360)
    for _ in range(len(picture.TURNS) * picture.AGREED):
        faces = watching.look(Frame(shown, 0.0)).faces
        for _ in range(picture.EVERY):
            check.see(shown, faces, watching.shows_face)
    assert [str(hint) for hint in check.hints] == ([f"turned_{rotation}"] if rotation else [])
