"""What `moodspeaker look` prints of a face."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from moodspeaker.cli import look
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.observation import Box, Face
from moodspeaker.vision.images import Picture

if TYPE_CHECKING:
    import pytest

PICTURE = Picture("a.png", np.zeros((240, 320), np.uint8))
FACE = Face(Box(3.2, -0.0031, 60.4, 79.6), 0.987, Probabilities(0.0, 0.0, 0.0, 0.75, 0.0, 0.0, 0.25))


def test_a_box_just_above_the_picture_begins_at_zero(capsys: pytest.CaptureFixture[str]) -> None:
    look._print(PICTURE, [FACE], as_json=False)
    assert capsys.readouterr().out == (
        "a.png  320x240  1 face\n    60x80   at    3,0     score 0.99  happy 75%, neutral 25%\n"
    )


def test_no_number_of_a_box_is_minus_zero(capsys: pytest.CaptureFixture[str]) -> None:
    look._print(PICTURE, [FACE], as_json=True)
    text = capsys.readouterr().out
    assert json.loads(text)["faces"][0]["box"] == [3.2, 0, 60.4, 79.6]
    assert "-0" not in text
