"""Pixels on their way to the models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.vision import preprocess

SIDES = st.integers(1, 70)


def ramp(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return ((x * 3 + y * 2) % 251).astype(np.uint8)


@given(SIDES, SIDES, SIDES, SIDES, st.integers(0, 255))
def test_resizing_keeps_an_even_picture_even(
    height: int, width: int, to_height: int, to_width: int, luma: int
) -> None:
    resized = preprocess.resize(np.full((height, width), luma, np.uint8), to_height, to_width)
    assert resized.shape == (to_height, to_width)
    assert resized.dtype == np.uint8
    assert (resized == luma).all()


def test_shrinking_by_a_whole_factor_is_the_mean_of_blocks() -> None:
    picture = ramp(40, 60)
    means = picture.reshape(10, 4, 15, 4).mean((1, 3))
    assert np.abs(preprocess.resize(picture, 10, 15) - means).max() <= 0.5


def test_shrinking_does_not_alias() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
    assert np.abs(preprocess.resize(stripes, 32, 32).astype(int) - 127).max() <= 1


@pytest.mark.parametrize("side", [48, 60, 90, 103, 150])
def test_shrinking_by_any_factor_is_nearly_the_mean_of_areas(side: int) -> None:
    y, x = np.mgrid[0:160, 0:160] / 160
    picture = (128 + 80 * np.sin(9 * x + 5 * y) * np.cos(7 * y)).astype(np.uint8)
    ends = np.linspace(0, 160, side + 1)
    sums = np.zeros((161, 161))
    sums[1:, 1:] = picture.cumsum(0).cumsum(1)
    rows = np.array([np.interp(ends, np.arange(161), line) for line in sums])
    until = np.array([np.interp(ends, np.arange(161), line) for line in rows.T]).T
    means = np.diff(np.diff(until, axis=0), axis=1) * (side / 160) ** 2
    assert np.abs(preprocess.resize(picture, side, side) - means).max() <= 1.5


@pytest.mark.parametrize("side", [50, 90])
def test_shrinking_by_a_fraction_hardly_aliases(side: int) -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (160, 80))
    assert preprocess.resize(stripes, side, side).std() <= 0.25 * stripes.std()


def test_enlarging_is_bilinear_with_half_pixel_centres() -> None:
    row = np.array([[0, 100]], np.uint8)
    assert preprocess.resize(row, 1, 4).tolist() == [[0, 25, 75, 100]]


def test_the_same_size_is_the_same_picture() -> None:
    picture = ramp(5, 7)
    assert (preprocess.resize(picture, 5, 7) == picture).all()


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (5, 5, 3)])
def test_an_empty_or_coloured_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cannot resize"):
        preprocess.resize(np.zeros(shape, np.uint8), 4, 4)


def test_an_empty_target_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot resize"):
        preprocess.resize(ramp(4, 4), 0, 4)


@given(st.integers(1, 300), st.integers(1, 300))
def test_fitting_keeps_the_aspect_and_pads_right_or_below(height: int, width: int) -> None:
    canvas, scale = preprocess.fit(np.full((height, width), 7, np.uint8), 48, 64)
    assert canvas.shape == (48, 64)
    rows, columns = (canvas == 7).any(1).sum(), (canvas == 7).any(0).sum()
    assert abs(rows - height * scale) <= 1
    assert abs(columns - width * scale) <= 1
    assert rows == 48 or columns == 64
    assert (canvas[:rows, :columns] == 7).all()
    assert (canvas[rows:] == preprocess.GREY).all()
    assert (canvas[:, columns:] == preprocess.GREY).all()


def test_a_crop_within_the_frame_is_cut_and_resized() -> None:
    picture = ramp(200, 300)
    assert (preprocess.crop(picture, 100, 80, 48) == picture[56:104, 76:124]).all()


def test_a_crop_at_the_border_repeats_the_border() -> None:
    picture = np.full((50, 50), 10, np.uint8)
    picture[:, 0] = 200
    face = preprocess.crop(picture, 0, 25, 48)
    assert (face[:, :24] == 200).all()
    assert (face[:, 26:] == 10).all()


@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(0.1, 400))
def test_a_crop_anywhere_has_its_size(x: float, y: float, side: float) -> None:
    assert preprocess.crop(ramp(60, 80), x, y, side).shape == (48, 48)


@given(st.integers(0, 120), st.integers(1, 2))
def test_standardizing_forgets_brightness_and_nearly_contrast(shift: int, gain: int) -> None:
    face = ramp(48, 48) // 4
    plain, lit = preprocess.standardize(face), preprocess.standardize((face * gain + shift).astype(np.uint8))
    assert plain.shape == (44, 44)
    assert abs(float(plain.mean())) < 0.05
    assert np.abs(plain - lit).max() < 0.6


def test_a_blank_face_is_zero_and_values_are_limited() -> None:
    assert not preprocess.standardize(np.full((48, 48), 90, np.uint8)).any()
    spike = np.zeros((48, 48), np.uint8)
    spike[24, 24] = 255
    assert preprocess.standardize(spike).max() == preprocess.CONTRAST_LIMIT


def test_grey_is_zero_for_the_detector() -> None:
    assert preprocess.centre_on_grey(np.array([[0, 128, 255]], np.uint8)).tolist() == [[-1.0, 0.0, 127 / 128]]


def test_integers_of_a_window_are_those_of_its_centred_values() -> None:
    every = np.arange(256, dtype=np.uint8)[None]
    expected = preprocess.quantize(preprocess.centre_on_grey(every), 1 / 128, 0)
    assert (preprocess.grey_integers(every) == expected).all()


@given(st.floats(1e-3, 1), st.integers(-128, 127), st.integers(-128, 127))
def test_quantizing_undoes_dequantizing(scale: float, zero_point: int, integer: int) -> None:
    integers = np.array([integer], np.int8)
    assert (
        preprocess.quantize(preprocess.dequantize(integers, scale, zero_point), scale, zero_point) == integers
    )


def test_quantizing_rounds_half_to_even_and_clips() -> None:
    values = np.array([0.5, 1.5, 2.5, -0.5, 1e6, -1e6], np.float32)
    assert preprocess.quantize(values, 1.0, 0).tolist() == [0, 2, 2, 0, 127, -128]
