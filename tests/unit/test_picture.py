"""What is wrong with the picture itself, on drawn rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.observation import Box, Face, PictureHint
from moodspeaker.vision import picture
from moodspeaker.vision.cameras import empty_room
from moodspeaker.vision.cameras.base import upright
from moodspeaker.vision.picture import PictureCheck

if TYPE_CHECKING:
    from collections.abc import Callable

ROOM = empty_room(960, 1280)


def test_a_percentile_is_numpys_own() -> None:
    for count in (1, 2, 3, 101, 4000):
        values = np.random.default_rng(count).normal(100, 30, count).astype(np.float32)
        for share in (0, 1, 50, 99.5, 100):
            assert picture.percentile(values, share) == pytest.approx(float(np.percentile(values, share)))


def face(side: float) -> Face:
    return Face(Box(500, 300, side, side), 0.9, Probabilities.of([1 / 7] * 7))


def nobody(_: np.ndarray) -> bool:
    return False


def hints(luma: np.ndarray, *faces: Face, shows: Callable[[np.ndarray], bool] = nobody) -> set[str]:
    check = PictureCheck()
    for _ in range(len(picture.TURNS) * picture.AGREED * picture.EVERY):
        check.see(luma, faces, shows)
    return set(check.hints)


def test_nothing_is_wrong_with_a_sharp_and_bright_picture() -> None:
    assert hints(ROOM) == hints(ROOM, face(90)) == set()


def test_a_weakly_lit_room_is_dim() -> None:
    assert hints((ROOM * 0.2).astype(np.uint8)) == {PictureHint.DIM}


@pytest.mark.parametrize("spread", [10, 16, 30])
def test_a_picture_out_of_focus_is_blurred(spread: float) -> None:
    assert hints(cv2.GaussianBlur(ROOM, (0, 0), spread)) == {PictureHint.BLURRED}


def test_noise_does_not_hide_a_dirty_lens() -> None:
    noise = np.random.default_rng(1).normal(0, 6, ROOM.shape)
    dirty = np.clip(cv2.GaussianBlur(ROOM, (0, 0), 16) + noise, 0, 255).astype(np.uint8)
    assert hints(dirty) == {PictureHint.BLURRED}


def test_a_blank_wall_is_not_called_blurred() -> None:
    assert picture.sharpness(np.full((960, 1280), 130, np.uint8)) is None


def test_faces_of_a_few_pixels_are_far() -> None:
    assert hints(ROOM, face(20)) == {PictureHint.FAR}
    assert hints(ROOM, face(90), face(20)) == set()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_hint_names_the_rotation_that_sets_the_picture_upright(rotation: int) -> None:
    marked = ROOM.copy()
    marked[:40, :40] = 255

    def shows(luma: np.ndarray) -> bool:
        return luma.shape == marked.shape and bool((luma == marked).all())

    assert hints(upright(marked, 360 - rotation), shows=shows) == {f"turned_{rotation}"}


def test_who_is_seen_upright_is_not_turned_and_asks_nothing() -> None:
    def never(_: np.ndarray) -> bool:
        raise AssertionError

    assert hints(ROOM, face(90), shows=never) == set()


def test_one_measurement_is_no_hint_and_a_good_one_takes_it_back() -> None:
    check, dim = PictureCheck(), (ROOM * 0.2).astype(np.uint8)
    for _ in range((picture.AGREED - 1) * picture.EVERY):
        check.see(dim, (), nobody)
    assert check.hints == ()
    for _ in range(picture.EVERY):
        check.see(dim, (), nobody)
    assert check.hints == (PictureHint.DIM,)
    for _ in range(picture.EVERY):
        check.see(ROOM, (), nobody)
    assert check.hints == ()
