"""The examples of docs/library.md, run as they stand in a folder of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from moodspeaker import FaceReader
from moodspeaker.demo.faces import HAPPY, Pose, frame
from moodspeaker.errors import ImageError
from moodspeaker.vision.opencv import cv2

DOCS = Path(__file__).parents[2] / "docs" / "library.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
PHOTO = frame(HAPPY, Pose(), seed=1)
SAYS = (r"a face at \d+,\d+, \d+ pixels wide: happy \d+%", r"unsure -> happy, .*\nhappy 0\.\d", r"\A3 heard")


@pytest.mark.parametrize(("example", "says"), list(zip(EXAMPLES, SAYS, strict=True)))
def test_an_example_says_what_it_promises(tmp_path: Path, example: str, says: str) -> None:
    cv2.imwrite(str(tmp_path / "photo.jpg"), PHOTO)
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", example],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(says, done.stdout), done.stdout


def test_a_colour_picture_is_read_like_its_luma() -> None:
    reader, luma = FaceReader(), PHOTO
    [gray] = reader.read(luma)
    [colour] = reader.read(np.repeat(luma[:, :, None], 3, axis=2))
    assert colour.probabilities == pytest.approx(gray.probabilities, abs=0.1)
    assert reader.read_face(luma).box.width == luma.shape[1]


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4)), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8), np.zeros(4, np.uint8)],
)
def test_what_is_no_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ImageError, match="give"):
        FaceReader().read(picture)


def test_nothing_heavy_is_loaded_before_it_is_named() -> None:
    code = "import sys, moodspeaker; assert not {'numpy', 'cv2', 'aiohttp'} & set(sys.modules)"
    more = "; moodspeaker.Recommender; moodspeaker.MoodTracker; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code + more], check=True, timeout=60)
