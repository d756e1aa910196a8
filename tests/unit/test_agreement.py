"""What windows of different scales say of the same place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moodspeaker.vision import agreement
from moodspeaker.vision.agreement import agreed
from moodspeaker.vision.boxes import View, Window, no_boxes

WHOLE, COARSE, CLOSE = Window(0, 0, 1280, 960), Window(0, 0, 640, 480), Window(0, 0, 320, 240)
FACE = (100.0, 100.0, 40.0, 48.0)
NEAR_IT = (104.0, 98.0, 40.0, 48.0)
ELSEWHERE = (200.0, 100.0, 40.0, 48.0)


def view(window: Window, *rows: tuple[tuple[float, float, float, float], float]) -> View:
    return View(
        window,
        np.array([box for box, _ in rows], np.float32).reshape(-1, 4),
        np.array([score for _, score in rows], np.float32),
    )


def test_what_two_scales_see_wins_and_what_one_alone_sees_loses() -> None:
    close, coarse = agreed([view(CLOSE, (FACE, 0.5), (ELSEWHERE, 0.5)), view(COARSE, (NEAR_IT, 0.4))])
    assert close.scores[0] > 0.5 > close.scores[1] > 0.35
    assert coarse.scores[0] > 0.4


def test_windows_of_one_scale_say_nothing_of_each_other() -> None:
    views = [view(CLOSE, (FACE, 0.5)), view(Window(80, 80), (FACE, 0.9)), view(Window(0, 0, 400, 300))]
    assert [list(one.scores) for one in agreed(views)] == [list(one.scores) for one in views]


def test_a_hint_under_the_size_of_a_face_supports_one() -> None:
    tiny = view(WHOLE, (FACE, 0.3))
    with_hint, _ = agreed([view(CLOSE, (FACE, 0.5)), tiny])
    without, _ = agreed([view(CLOSE, (FACE, 0.5)), view(WHOLE)])
    assert with_hint.scores[0] == pytest.approx(0.5)
    assert without.scores[0] < 0.45


def test_a_known_face_that_moved_a_little_is_not_lost_for_one_weak_look() -> None:
    known = np.array([(110.0, 104.0, 40.0, 48.0)], np.float32)
    (seen, _) = agreed([view(CLOSE, (FACE, 0.42), (ELSEWHERE, 0.42)), view(WHOLE)], known)
    assert seen.scores[0] > 0.55
    assert seen.scores[1] < 0.42


def test_nothing_seen_is_nothing() -> None:
    assert [len(one.scores) for one in agreed([view(WHOLE), view(CLOSE)], no_boxes())] == [0, 0]


@given(st.floats(0, 1, width=32), st.floats(0, 1, width=32), st.floats(0, 1, width=32))
@example(0.0, 0.0, float(np.float32(agreement.USUAL)))
def test_a_better_support_never_harms_and_scores_stay_scores(own: float, one: float, other: float) -> None:
    results = [
        float(agreed([view(CLOSE, (FACE, own)), view(WHOLE, (FACE, score))])[0].scores[0])
        for score in sorted((one, other))
    ]
    assert 0 <= results[0] <= results[1] <= 1


def test_the_support_that_is_usual_changes_nothing() -> None:
    close, _ = agreed([view(CLOSE, (FACE, 0.7)), view(WHOLE, (FACE, agreement.USUAL))])
    assert close.scores[0] == pytest.approx(0.7)
