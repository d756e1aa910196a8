"""Where a picture has changed."""

from __future__ import annotations

import numpy as np
import pytest

from moodspeaker.domain.observation import Box
from moodspeaker.vision.cameras import empty_room
from moodspeaker.vision.change import elsewhere, thumbnail

ROOM = empty_room(960, 1280)
FACE = Box(600, 300, 150, 150)


def changed(frame: np.ndarray, known: list[Box]) -> bool:
    before, now = thumbnail(ROOM), thumbnail(frame)
    return elsewhere(before, now, known, 1280, 960) is not None


def with_patch(x: int, y: int, side: int) -> np.ndarray:
    frame = ROOM.copy()
    patch = frame[y : y + side, x : x + side]
    patch[:] = np.where(patch < 128, patch + 40, patch - 40)
    return frame


def noisy(frame: np.ndarray) -> np.ndarray:
    return np.clip(frame + np.random.default_rng(2).normal(0, 6, frame.shape), 0, 255).astype(np.uint8)


def test_a_thumbnail_is_the_means_of_blocks() -> None:
    frame = np.zeros((960, 1280), np.uint8)
    frame[:64, 64:128] = 200
    means = thumbnail(frame)
    assert means.shape == (15, 20)
    assert means[0, 1] == 200
    assert means.sum() == 200


def test_the_noise_of_a_sensor_and_more_light_are_no_change() -> None:
    assert not changed(ROOM, [])
    assert not changed(noisy(ROOM), [])
    assert not changed(np.clip(ROOM.astype(int) + 9, 0, 255).astype(np.uint8), [])


@pytest.mark.parametrize("place", [(40, 80), (1180, 860), (900, 60), (1100, 500)])
def test_somebody_who_comes_in_four_metres_away_is_one(place: tuple[int, int]) -> None:
    assert changed(noisy(with_patch(*place, 52)), [FACE])


@pytest.mark.parametrize("place", [(620, 320), (500, 700), (780, 900), (560, 250)])
def test_what_a_known_person_does_is_none(place: tuple[int, int]) -> None:
    assert changed(with_patch(*place, 52), [])
    assert not changed(with_patch(*place, 52), [FACE])


def test_the_place_of_a_change_holds_all_of_it() -> None:
    frame = with_patch(900, 60, 52)
    place = elsewhere(*(thumbnail(luma) for luma in (ROOM, frame)), [FACE], 1280, 960)
    assert place is not None
    assert place == Box(896, 64, 64, 64)


@pytest.mark.parametrize("shape", [(9, 9), (240, 320), (333, 517), (1280, 720)])
def test_a_frame_of_any_size_is_compared(shape: tuple[int, int]) -> None:
    height, width = shape
    dark, light = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    light[height // 2 :, : width // 4] = 99
    assert elsewhere(thumbnail(dark), thumbnail(dark), [], width, height) is None
    place = elsewhere(thumbnail(dark), thumbnail(light), [], width, height)
    assert place is not None
    assert place.x == 0
    assert abs(place.y + place.height / 2 - 0.75 * height) <= max(2, height / 12)
