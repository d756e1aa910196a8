"""Where the detector looks next."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moodspeaker.domain.observation import Box
from moodspeaker.vision import schedule
from moodspeaker.vision.boxes import Window
from moodspeaker.vision.schedule import Plan

FRAMES = st.tuples(st.integers(48, 2600), st.integers(48, 2600))


def covered(windows: tuple[Window, ...], width: int, height: int) -> bool:
    """Tell whether every cell of a coarse lattice over the frame lies in a window."""
    return all(
        any(w.x <= x <= w.x + w.width and w.y <= y <= w.y + w.height for w in windows)
        for x in range(1, width, max(1, width // 17))
        for y in range(1, height, max(1, height // 17))
    )


def test_a_small_frame_is_looked_at_whole_and_nothing_else() -> None:
    assert schedule.thorough(320, 240) == (Window(0, 0, 320, 240),)
    assert schedule.sides(320, 240) == (320,)


def test_a_frame_smaller_than_the_eye_is_enlarged_to_it() -> None:
    assert schedule.thorough(160, 120) == (Window(0, 0, 160, 120),)


def test_the_default_camera_is_looked_at_in_three_scales() -> None:
    windows = schedule.thorough(1280, 960)
    assert schedule.sides(1280, 960) == (320, 640, 1280)
    assert windows[0] == Window(0, 0, 1280, 960)
    assert sorted({w.width for w in windows}) == [320, 640, 1280]
    assert len(windows) == len(set(windows)) == 35


def test_no_grid_is_finer_than_the_picture_nor_hardly_finer_than_the_one_before() -> None:
    assert schedule.sides(500, 400) == (320, 500)
    assert schedule.sides(700, 400) == (320, 640)
    assert schedule.sides(4000, 3000) == (320, 640, 1280)
    assert schedule.sides(100, 90) == (320,)


def test_a_wide_picture_is_padded_and_a_tall_one_is_also_seen_whole() -> None:
    assert schedule.whole(1280, 720) == Window(0, 0, 1280, 960)
    assert schedule.whole(720, 1280).height == 1280
    tall = schedule.at_frame(720, 1280, 320)
    assert len(tall) == 2
    assert schedule.thorough(720, 1280)[:3] == (schedule.whole(720, 1280), *tall)


@example((1498, 2268), 1000)
@given(FRAMES, st.sampled_from([320, 640, 1000]))
def test_the_windows_of_one_scale_cover_the_frame(frame: tuple[int, int], side: int) -> None:
    windows = schedule.at_frame(*frame, side)
    assert covered(windows, *frame)
    assert len({round(w.width, 6) for w in windows}) == 1


@given(FRAMES)
def test_a_live_look_shows_the_whole_frame_and_keeps_its_budget(frame: tuple[int, int]) -> None:
    windows, _ = Plan().look(*frame)
    assert windows[0] == schedule.whole(*frame)
    assert len(windows) <= schedule.BUDGET


def looks(plan: Plan, count: int) -> set[Window]:
    """Return the windows of looks that find nothing."""
    seen: set[Window] = set()
    for _ in range(count):
        windows, plan = plan.look(1280, 960)
        last, plan = plan.closer(windows, (), 1280, 960)
        assert len(windows) + len(last) == schedule.BUDGET
        seen.update(windows, last)
    return seen


def grid(side: int) -> set[Window]:
    """Return the windows of one of the grids that live looks search."""
    return set(schedule.at_frame(1280, 960, side, schedule.SHARED))


def test_few_windows_cover_the_grids_of_the_search() -> None:
    assert [len(grid(side)) for side in schedule.SEARCHED] == [4, 16]
    assert all(covered(tuple(grid(side)), 1280, 960) for side in schedule.SEARCHED)


def test_by_turns_every_window_of_every_grid_comes_up() -> None:
    assert looks(Plan(), 16) == {schedule.whole(1280, 960)} | grid(600) | grid(1160)


def test_two_looks_search_the_coarse_grid() -> None:
    assert looks(Plan(), 2) >= grid(600)
    assert looks(Plan(turn=7), 2) >= grid(600)


def test_a_far_face_is_followed_in_a_window_that_shows_it_large() -> None:
    face = Box(1000, 500, 52, 54)
    windows, _ = Plan().saw([face]).look(1280, 960)
    close = windows[1]
    assert (close.width, close.height) == pytest.approx((172.8, 129.6))
    assert close.x <= face.x - 50
    assert close.x + close.width >= face.x + face.width + 50
    assert close == schedule.around(face, 1280, 960)


def test_a_near_face_needs_no_window_of_its_own() -> None:
    assert Plan().saw([Box(400, 300, 250, 300)]).look(1280, 960)[0] == Plan().look(1280, 960)[0]


def test_two_far_faces_beside_each_other_share_a_window() -> None:
    pair = Plan().saw([Box(600, 500, 60, 60), Box(664, 500, 59, 59)])
    one = Plan().saw([Box(600, 500, 60, 60)])
    assert pair.look(1280, 960)[0][:3] == one.look(1280, 960)[0][:3]


def test_a_crowd_leaves_a_window_to_search_with() -> None:
    crowd = Plan().saw([Box(100 * i, 90 * i, 40, 40) for i in range(10)])
    windows, after = crowd.look(1280, 960)
    last, after = after.closer(windows, (), 1280, 960)
    assert len(windows) == 1 + schedule.FOLLOWED
    assert last[0] in grid(600)
    assert after.turn == 1


LAMP, PERSON = Box(1000, 500, 40, 44), Box(200, 300, 30, 36)


def test_the_last_window_goes_to_the_best_suspect() -> None:
    windows, plan = Plan().look(1280, 960)
    assert plan.closer(windows, [LAMP, PERSON], 1280, 960)[0] == (schedule.around(LAMP, 1280, 960),)


def test_a_suspect_that_is_seen_well_or_known_needs_no_closer_look() -> None:
    near = Box(300, 200, 250, 300)
    windows, plan = Plan().saw([PERSON]).look(1280, 960)
    (last,), _ = plan.closer(windows, [near, PERSON], 1280, 960)
    assert last in grid(600) | grid(1160)


def test_a_lamp_is_looked_at_closer_only_now_and_then() -> None:
    plan, closer = Plan(), []
    for _ in range(2 * (schedule.RECHECK + 1)):
        windows, plan = plan.look(1280, 960)
        last, plan = plan.closer(windows, [LAMP], 1280, 960)
        plan = plan.saw([])
        closer.append(last == (schedule.around(LAMP, 1280, 960),))
    assert closer == [True, *[False] * schedule.RECHECK] * 2


def test_a_suspect_beside_a_lamp_is_looked_at_in_turn() -> None:
    windows, plan = Plan().look(1280, 960)
    _, plan = plan.closer(windows, [LAMP, PERSON], 1280, 960)
    windows, plan = plan.saw([]).look(1280, 960)
    assert plan.closer(windows, [LAMP, PERSON], 1280, 960)[0] == (schedule.around(PERSON, 1280, 960),)


def test_while_a_face_is_seen_two_looks_in_three_are_short() -> None:
    face, plan, short = Box(1000, 500, 52, 54), Plan(), []
    for _ in range(9):
        windows = plan.short(1280, 960)
        short.append(windows == (schedule.around(face, 1280, 960),))
        if not windows:
            _, plan = plan.look(1280, 960)
        plan = plan.saw([face])
    assert short == [False, True, True] * 3


def test_the_window_of_a_short_look_is_the_whole_frame_where_that_shows_the_faces_large() -> None:
    near = [Box(100, 300, 250, 300), Box(800, 300, 250, 300)]
    assert Plan().saw(near).short(1280, 960) == (schedule.whole(1280, 960),)


def test_a_short_look_follows_no_more_faces_than_a_searching_one() -> None:
    far = [Box(100, 90, 40, 40), Box(600, 500, 40, 40), Box(1100, 800, 40, 40)]
    assert len(Plan().saw(far[:2]).short(1280, 960)) == 2
    assert Plan().saw(far).short(1280, 960) == ()


def test_no_look_is_short_while_a_face_is_missing_or_none_is_known() -> None:
    assert Plan().short(1280, 960) == ()
    assert Plan().saw([PERSON, LAMP]).saw([PERSON]).short(1280, 960) == ()


def test_a_short_look_finds_what_it_knows_or_it_does_not() -> None:
    plan = Plan().saw([PERSON, LAMP])
    assert plan.finds([Box(205, 302, 30, 36), LAMP])
    assert not plan.finds([LAMP])
    assert not Plan().finds([PERSON])


def test_after_something_moved_the_next_looks_search() -> None:
    plan = Plan().saw([PERSON]).moved(Box(900, 320, 128, 448))
    for turn in range(schedule.AWAKE):
        assert plan.short(1280, 960) == ()
        windows, plan = plan.look(1280, 960)
        assert (windows[2] == Window(804, 260, 320, 240)) is (turn == 0)
        plan = plan.saw([PERSON])
    assert plan.short(1280, 960) == (schedule.around(PERSON, 1280, 960),)


def test_what_keeps_moving_takes_a_window_of_one_look_in_two() -> None:
    plan, curtain, aimed = Plan(), Box(64, 0, 128, 640), []
    for _ in range(6):
        windows, plan = plan.moved(curtain).look(1280, 960)
        aimed.append(schedule.at_the_top(curtain, 1280, 960) in windows)
        plan = plan.saw([])
    assert aimed == [True, False] * 3


@given(FRAMES, st.tuples(*[st.floats(0, 2600)] * 4))
def test_a_window_over_what_moved_stays_in_the_frame(
    frame: tuple[int, int], place: tuple[float, float, float, float]
) -> None:
    window, fitted = schedule.at_the_top(Box(*place), *frame), schedule.whole(*frame)
    assert 0 <= window.x <= max(0, frame[0] - window.width + 1)
    assert 0 <= window.y <= max(0, frame[1] - window.height + 1)
    assert window.width <= fitted.width


def test_a_lost_face_is_followed_for_a_while_and_then_forgotten() -> None:
    plan = Plan().saw([Box(1000, 500, 40, 44)])
    for _ in range(schedule.PATIENCE):
        plan = plan.saw([])
        assert len(plan.known) == 1
    assert plan.saw([]).known == ()


def test_a_face_that_moves_a_little_is_one_face() -> None:
    plan = Plan().saw([Box(1000, 500, 40, 44)]).saw([Box(1006, 503, 42, 44)])
    assert [known.box for known in plan.known] == [Box(1006, 503, 42, 44)]


@given(FRAMES, st.floats(-50, 2600), st.floats(-50, 2600), st.floats(1, 2600))
def test_a_window_around_a_face_stays_in_the_frame(
    frame: tuple[int, int], x: float, y: float, side: float
) -> None:
    window = schedule.around(Box(x, y, side, side), *frame)
    assert 0 <= window.x <= max(0, frame[0] - window.width + 1)
    assert 0 <= window.y <= max(0, frame[1] - window.height + 1)
    assert window.width >= 320 / schedule.MOST_ENLARGED - 1e-9


def test_fine_windows_are_those_of_the_finer_grids() -> None:
    fine = [schedule.is_fine(window, 1280, 960) for window in schedule.thorough(1280, 960)]
    assert fine == [False] + [True] * 34
    assert not any(schedule.is_fine(window, 720, 1280) for window in schedule.at_frame(720, 1280, 320))
