"""The store on SQLite under a clock that is set: decisions end up at their true times, within their hours."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clock import NOON, Clock
from support.servers import short_folder
from support.sqlite_store import YEARS, made, moments, opened, written

from moodspeaker.domain.moment import rfc3339
from moodspeaker.timestamps import SETTLED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("wrong", [20.0, NOON + YEARS])
def test_decisions_of_this_boot_are_right_once_the_clock_is_set(root: Path, wrong: float) -> None:
    clock = Clock(20, wrong)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
        store.flush()
        clock.later(5)
        store.record(made(clock))
        clock.set(NOON)
        assert moments(store) == ["2026-03-01T12:00:00Z", "2026-03-01T11:59:55Z"]
        store.flush()
        assert moments(store) == ["2026-03-01T12:00:00Z", "2026-03-01T11:59:55Z"]
    assert written(root) == [NOON - 5, NOON]


def test_they_are_right_too_when_the_program_was_started_again_in_between(root: Path) -> None:
    clock = Clock(20, 20.0)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock.later(60)
    clock.set(NOON)
    with closing(opened(root, clock=clock)) as store:
        assert moments(store) == ["2026-03-01T11:59:00Z"]
        assert written(root) == [NOON - 60]


def test_decisions_of_an_earlier_boot_survive_a_boot_without_a_clock(root: Path) -> None:
    clock = Clock(5000, NOON)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock = Clock(10, 10.0)
    with closing(opened(root, clock=clock, boot="next")) as store:
        assert moments(store) == ["1970-01-01T00:00:00Z"]
        clock.later(30)
        clock.set(NOON + 600)
        assert moments(store) == ["2026-03-01T12:00:00Z"]
    assert written(root) == [NOON]


def test_a_decision_of_the_future_is_erased_by_its_age(root: Path) -> None:
    clock = Clock(50, NOON + YEARS)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock = Clock(10, NOON)
    with closing(opened(root, hours=1, clock=clock, boot="second")) as store:
        assert moments(store) == ["2026-03-01T11:59:50Z"]
        clock.later(SETTLED)
        store.flush()
        assert written(root) == [NOON - 10]
        assert moments(store) == ["2026-03-01T11:59:50Z"]
    clock = Clock(10, NOON + 3500)
    with closing(opened(root, hours=1, clock=clock, boot="third")) as store:
        assert moments(store) == ["2026-03-01T11:59:50Z"]
        clock.later(200)
        store.flush()
        assert moments(store) == written(root) == []


def test_a_boot_longer_than_the_hours_erases_a_decision_of_the_future(root: Path) -> None:
    clock = Clock(50, NOON + YEARS)
    with closing(opened(root, clock=clock)) as store:
        store.record(made(clock))
    clock = Clock(3605, NOON)
    with closing(opened(root, hours=1, clock=clock, boot="second")) as store:
        assert moments(store) == written(root) == []


@pytest.mark.parametrize("boots", [(None, None), ("a", None), (None, "a")])
def test_where_boots_have_no_names_only_the_future_is_corrected(
    root: Path, boots: tuple[str | None, str | None]
) -> None:
    for clock in (Clock(50, NOON + YEARS), Clock(60, NOON + 10)):
        with closing(opened(root, clock=clock, boot=boots[0])) as store:
            store.record(made(clock))
    with closing(opened(root, clock=Clock(70, NOON + 20), boot=boots[1])) as store:
        first = "2026-03-01T12:00:00Z" if boots[0] else "2026-03-01T11:59:10Z"
        assert moments(store) == ["2026-03-01T12:00:10Z", first]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["record", "flush", "restart", "boot", "set"]),
            st.sampled_from([0.0, 3.0, 1000.0, 4000.0]),
            st.sampled_from([0.0, NOON - 5000, NOON + 5000, NOON + YEARS]),
        ),
        max_size=12,
    )
)
@settings(max_examples=20, deadline=None)
def test_whatever_the_clock_does_no_decision_is_shown_in_the_future_nor_out_of_its_hours(
    steps: list[tuple[str, float, float]],
) -> None:
    with short_folder() as root:
        clock, boot = Clock(10, NOON), 0
        store = opened(root, hours=1, clock=clock, boot="0")
        for act, seconds, wall in steps:
            clock.later(seconds)
            match act:
                case "record":
                    store.record(made(clock))
                case "flush":
                    store.flush()
                case "set":
                    clock.set(wall + clock.monotonic)
                case _:
                    store.close()
                    if act == "boot":
                        boot, clock = boot + 1, Clock(5, wall)
                    store = opened(root, hours=1, clock=clock, boot=f"{boot}")
            shown = moments(store)
            assert all(isinstance(at, str) and at <= rfc3339(clock.wall) for at in shown)
            assert all(isinstance(at, str) and at >= rfc3339(clock.wall - 3600) for at in shown)
        store.close()
