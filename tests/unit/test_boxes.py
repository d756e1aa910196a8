"""The geometry of faces: overlap, suppression, decoding, windows and their merging."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from moodspeaker.vision import boxes as bx

positions = st.floats(-50, 400, width=32)
sides = st.floats(1, 200, width=32)
box_rows = st.tuples(positions, positions, sides, sides)
some_boxes = st.lists(box_rows, max_size=12).map(lambda rows: np.array(rows, np.float32).reshape(-1, 4))


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


# ---- overlap


def test_iou_of_known_pairs() -> None:
    a = boxes((0, 0, 10, 10))
    b = boxes((0, 0, 10, 10), (5, 0, 10, 10), (10, 0, 10, 10), (2, 2, 5, 5))
    assert bx.iou(a, b)[0] == pytest.approx([1.0, 50 / 150, 0.0, 0.25])


def test_boxes_without_area_overlap_nothing() -> None:
    assert bx.iou(boxes((3, 3, 0, 0)), boxes((3, 3, 0, 0)))[0, 0] == 0


def test_empty_lists_give_an_empty_table() -> None:
    assert bx.iou(bx.no_boxes(), boxes((0, 0, 1, 1))).shape == (0, 1)


@given(some_boxes, some_boxes)
def test_iou_is_symmetric_and_bounded(a: np.ndarray, b: np.ndarray) -> None:
    table = bx.iou(a, b)
    assert table.shape == (len(a), len(b))
    assert np.allclose(table, bx.iou(b, a).T, atol=1e-5)
    assert ((table >= 0) & (table <= 1)).all()


@given(some_boxes)
def test_a_box_is_wholly_itself(a: np.ndarray) -> None:
    assert np.allclose(np.diag(bx.iou(a, a)), 1, atol=1e-4)


# ---- suppression


def test_the_best_of_two_overlapping_boxes_stays() -> None:
    kept = bx.nms(boxes((0, 0, 10, 10), (1, 0, 10, 10), (40, 0, 10, 10)), scores(0.5, 0.9, 0.4), 0.4)
    assert kept.tolist() == [1, 2]


def test_equal_scores_keep_their_order() -> None:
    assert bx.nms(boxes((0, 0, 4, 4), (0, 0, 4, 4)), scores(0.5, 0.5), 0.4).tolist() == [0]


@given(some_boxes, st.data(), st.floats(0.125, 0.875, width=32))
def test_what_is_kept_is_apart_and_what_is_dropped_had_a_better_one(
    a: np.ndarray, data: st.DataObject, limit: float
) -> None:
    values = data.draw(stn.arrays(np.float32, len(a), elements=st.floats(0, 1, width=32)))
    kept = bx.nms(a, values, limit)
    table = bx.iou(a, a)
    assert (np.diff(values[kept]) <= 0).all()
    for i in kept:
        assert all(table[i, j] <= limit for j in kept if j != i)
    for row in set(range(len(a))) - set(kept.tolist()):
        assert any(table[row, k] > limit and values[k] >= values[row] for k in kept)


def test_a_hint_does_not_suppress_a_face() -> None:
    hint, face, less = (10, 10, 15, 15), (10, 10, 17, 17), (11, 10, 17, 17)
    found, values = bx.suppressed(boxes(hint, face, less), scores(0.9, 0.5, 0.4), 0.4)
    assert found.tolist() == [list(hint), list(face)]
    assert values == pytest.approx([0.9, 0.5])


# ---- decoding


def test_anchors_of_the_real_window_number_1580() -> None:
    anchors = bx.Anchors.of(240, 320, (8, 16, 32), (24, 64, 160))
    assert len(anchors) == 40 * 30 + 20 * 15 + 10 * 8
    assert anchors.centres[0].tolist() == [4, 4]
    assert anchors.centres[41].tolist() == [12, 12]
    assert anchors.centres[1200].tolist() == [8, 8]
    assert anchors.centres[-1].tolist() == [304, 240]
    assert (anchors.priors[-1], anchors.strides[-1]) == (160, 32)


def test_strides_and_priors_go_together() -> None:
    with pytest.raises(ValueError, match="2 strides and 1 priors"):
        bx.Anchors.of(240, 320, (8, 16), (24,))


def test_decode_follows_the_law() -> None:
    anchors = bx.Anchors.of(240, 320, (8, 16, 32), (24, 64, 160))
    logits = np.full(len(anchors), -9, np.float32)
    regressions = np.zeros((len(anchors), 4), np.float32)
    logits[1200], regressions[1200] = 0.0, (0.5, -0.25, np.log(2), 0)
    logits[3] = 2.0
    found, values = bx.decode(logits, regressions, anchors, 0.3)
    assert values == pytest.approx([1 / (1 + np.exp(-2)), 0.5])
    assert found[0] == pytest.approx([28 - 12, 4 - 12, 24, 24])
    assert found[1] == pytest.approx([8 + 8 - 64, 8 - 4 - 32, 128, 64])


@pytest.mark.parametrize("threshold", [0, 0.05, 0.15, 0.37, float(bx.sigmoid(np.float32([0.75]))[0]), 0.99])
def test_every_score_that_reaches_the_threshold_is_decoded_and_no_other(threshold: float) -> None:
    anchors = bx.Anchors.of(240, 320, (8, 16, 32), (24, 64, 160))
    logits = np.full(len(anchors), -30, np.float32)
    logits[:256] = np.arange(-128, 128, dtype=np.float32) / 16
    _, values = bx.decode(logits, np.zeros((len(anchors), 4), np.float32), anchors, threshold)
    scores = np.sort(bx.sigmoid(logits))[::-1]
    assert values.tolist() == scores[scores >= threshold][: bx.MOST_CANDIDATES].tolist()


def test_what_is_too_small_to_tell_anything_is_no_box() -> None:
    anchors = bx.Anchors.of(240, 320, (8,), (24,))
    regressions = np.zeros((len(anchors), 4), np.float32)
    regressions[0, 2:] = np.log((bx.LEAST * 2 / 24, bx.LEAST * 0.51 / 24))
    regressions[1:, 2:] = np.log((bx.LEAST * 2 / 24, bx.LEAST * 0.49 / 24))
    found, values = bx.decode(np.ones(len(anchors), np.float32), regressions, anchors, 0.3)
    assert len(found) == len(values) == 1
    assert found[0, 2:] == pytest.approx([16, 4.08])


def test_a_hint_is_no_face_in_whatever_window_it_stands() -> None:
    window = bx.Window(0, 0, 640, 480)
    small, large = (100, 100, 31, 31), (300, 100, 33, 33)
    found, _ = bx.merge([bx.View(window, boxes(small, large), scores(0.9, 0.8))], 640, 480, 0.4)
    assert found.tolist() == [list(large)]


def test_wild_numbers_stay_finite_and_few() -> None:
    anchors = bx.Anchors.of(240, 320, (8, 16, 32), (24, 64, 160))
    found, values = bx.decode(
        np.full(len(anchors), 1e6, np.float32), np.full((len(anchors), 4), 1e6, np.float32), anchors, 0.3
    )
    assert len(found) == bx.MOST_CANDIDATES
    assert np.isfinite(found).all()
    assert (values <= 1).all()


# ---- windows


@given(st.integers(1, 2000), st.integers(1, 1600), st.integers(0, 120))
def test_windows_see_every_pixel_and_stay_inside(width: int, height: int, shared: int) -> None:
    seen = np.zeros((height, width), bool)
    windows = bx.cover(width, height, shared)
    for window in windows:
        x, y = int(window.x), int(window.y)
        assert (x, y) == (window.x, window.y)
        seen[y : y + 240, x : x + 320] = True
        assert x >= 0
        assert y >= 0
        assert x + 320 <= max(320, width)
        assert y + 240 <= max(240, height)
    assert seen.all()
    across = sorted({window.x for window in windows})
    assert all(a + 320 - b >= shared - 1 for a, b in itertools.pairwise(across))


def test_how_many_windows() -> None:
    assert [
        len(bx.cover(*size)) for size in ((320, 240), (213, 320), (320, 426), (640, 480), (1280, 960))
    ] == [1, 2, 2, 9, 25]


def test_windows_cannot_share_everything() -> None:
    with pytest.raises(ValueError, match="240"):
        bx.cover(640, 480, 240)


def test_to_frame_scales_then_shifts() -> None:
    window = bx.Window(100, 50).scaled(4)
    assert (window.x, window.y, window.width, window.height) == (400, 200, 1280, 960)
    given_boxes = boxes((10, 20, 30, 40))
    assert bx.to_frame(given_boxes, window)[0] == pytest.approx([440, 280, 120, 160])
    assert given_boxes[0].tolist() == [10, 20, 30, 40]


# ---- merging


def view(window: bx.Window, *rows: tuple[float, float, float, float, float]) -> bx.View:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return bx.View(window, table[:, :4], table[:, 4])


def test_one_window_is_only_suppressed() -> None:
    rows = (0, 0, 50, 50, 0.6), (2, 2, 50, 50, 0.8), (200, 190, 40, 60, 0.5)
    found, values = bx.merge([view(bx.Window(0, 0), *rows)], 320, 240, 0.4)
    assert found.tolist() == [[2, 2, 50, 50], [200, 190, 40, 60]]
    assert values == pytest.approx([0.8, 0.5])


def test_nothing_merges_to_nothing() -> None:
    found, values = bx.merge([], 320, 240, 0.4)
    assert found.shape == (0, 4)
    assert values.shape == (0,)


UPPER, LOWER = bx.cover(240, 320)


def test_a_face_in_two_windows_is_one_face() -> None:
    found, values = bx.merge(
        [view(UPPER, (50, 100, 60, 80, 0.7)), view(LOWER, (51, 99, 60, 82, 0.9))], 240, 320, 0.4
    )
    assert len(found) == 1
    assert values == pytest.approx([0.9])


def test_a_cut_face_gives_way_to_the_whole_one_even_with_a_better_score() -> None:
    cut, whole = (50, 160, 60, 79, 0.95), (50, 160, 60, 130, 0.5)
    found, values = bx.merge([view(UPPER, cut), view(LOWER, whole)], 240, 320, 0.4)
    assert found.tolist() == [[50, 160, 60, 130]]
    assert values == pytest.approx([0.5])


def test_a_cut_box_that_the_better_view_does_not_show_is_dropped() -> None:
    found, _ = bx.merge([view(UPPER, (50, 200, 40, 40, 0.95)), view(LOWER)], 240, 320, 0.4)
    assert len(found) == 0


def test_a_cut_box_that_nobody_sees_better_stays() -> None:
    found, _ = bx.merge([view(bx.Window(0, 0), (100, 60, 150, 182, 0.9))], 320, 480, 0.4)
    assert len(found) == 1


def test_the_frames_own_edge_cuts_nothing() -> None:
    found, _ = bx.merge([view(UPPER, (0, 0, 60, 80, 0.7)), view(LOWER)], 240, 320, 0.4)
    assert len(found) == 1


def test_a_coarser_window_does_not_overrule_but_can_replace() -> None:
    whole = bx.Window(0, 0, 1280, 960)
    fine = bx.Window(480, 360)
    cut = (770, 500, 29, 40, 0.8)
    kept, _ = bx.merge([view(whole), view(fine, cut)], 1280, 960, 0.4)
    assert len(kept) == 1
    replaced, _ = bx.merge([view(whole, (765, 495, 66, 66, 0.4)), view(fine, cut)], 1280, 960, 0.4)
    assert replaced.tolist() == [[765, 495, 66, 66]]


@given(st.floats(17, 39), st.floats(0, 640), st.floats(0, 480))
def test_a_small_face_seen_by_perfect_eyes_is_found_once_and_whole(side: float, x: float, y: float) -> None:
    assume(x + side <= 640 and y + side <= 480)
    views = []
    for window in bx.cover(640, 480):
        left, top = max(x, window.x), max(y, window.y)
        right, bottom = min(x + side, window.x + 320), min(y + side, window.y + 240)
        if right - left > side / 3 and bottom - top > side / 3:
            views.append(view(window, (left, top, right - left, bottom - top, 0.9)))
        else:
            views.append(view(window))
    found, _ = bx.merge(views, 640, 480, 0.4)
    assert bx.iou(found, boxes((x, y, side, side))).max() > 0.8
    assert len(found) == 1
