"""What the wall clock shows for a moment, also when it is set."""

from __future__ import annotations

import pytest

from moodspeaker.domain.moment import JUMP, Moment, WallClock

NOON = 1_772_366_400.0
"""2026-03-01T12:00:00Z, in seconds since the epoch."""


def test_a_moment_is_shown_as_it_was_noted_while_nobody_sets_the_clock() -> None:
    clock = WallClock(Moment(100.0, NOON))
    at = Moment(110.0, NOON + 10.3)
    assert clock.read(Moment(120.0, NOON + 20.5)) == 0.0
    assert clock.wall(at) == NOON + 10.3
    assert clock.text(at) == "2026-03-01T12:00:10Z"


@pytest.mark.parametrize("wrong", [20.0, NOON + 13 * 365 * 86400, NOON - 3600, NOON + 2 * JUMP])
def test_moments_of_before_and_after_are_right_when_the_clock_is_set(wrong: float) -> None:
    clock = WallClock(Moment(0.0, wrong))
    since, until = Moment(10.0, wrong + 10), Moment(1810.0, wrong + 1810)
    assert clock.read(Moment(60.0, NOON + 60)) == pytest.approx(NOON - wrong)
    assert clock.read(Moment(61.0, NOON + 61)) == 0.0
    assert clock.text(since) == "2026-03-01T12:00:10Z"
    assert clock.text(until) == "2026-03-01T12:30:10Z"
    assert clock.text(Moment(70.0, NOON + 70)) == "2026-03-01T12:01:10Z"


def test_a_shown_moment_does_not_flicker_after_a_jump() -> None:
    clock = WallClock(Moment(0.0, 20.0))
    clock.read(Moment(60.0, NOON + 60))
    at = Moment(10.0, 30.0)
    shown = {clock.text(at)}
    for step in range(100):
        clock.read(Moment(60.0 + step, NOON + 60 + step + 1e-6 * (-1) ** step))
        shown.add(clock.text(at))
    assert len(shown) == 1


def test_small_steps_add_up_to_a_jump() -> None:
    clock = WallClock(Moment(0.0, NOON))
    assert clock.read(Moment(60.0, NOON + 61.5)) == 0.0
    assert clock.read(Moment(120.0, NOON + 123.0)) == 3.0
