"""The day in bins: what the faces showed, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState
from moodspeaker.web.day import SECONDS, Day

if TYPE_CHECKING:
    from collections.abc import Iterable

GLAD = Probabilities(0, 0, 0, 1, 0, 0, 0)
BIN = 1_700_000_100 // SECONDS * SECONDS


def covered(seen: Iterable[float], nobody: Iterable[float] = ()) -> list[object]:
    """Return the seconds of each bin, after looks at seconds after a bin's begin."""
    day = Day()
    looks = sorted([(at, (GLAD,)) for at in seen] + [(at, ()) for at in nobody])
    for at, faces in looks:
        day.add(LookRecord(Moment(at, BIN + at), CameraState.OK, faces))
    return [row["seconds"] for row in day.bins()]


def test_a_bin_says_for_how_long_somebody_was_seen() -> None:
    assert covered(range(10, 40)) == [29], "not the five minutes of the bin"
    assert covered([0.0]) == [0]


def test_time_in_which_nobody_looked_or_nobody_was_seen_is_left_out() -> None:
    assert covered([1, 2, 3, 200, 201]) == [3]
    assert covered([1, 2, 3, 21, 22], range(4, 21)) == [4]


def test_no_bin_has_more_time_than_it_lasts() -> None:
    assert covered(range(0, 2 * SECONDS, 7)) == [294, 295]


def test_a_clock_that_is_set_back_takes_no_time_away() -> None:
    day = Day()
    for at in (100, 101, 50, 51):
        day.add(LookRecord(Moment(0.0, BIN + at), CameraState.OK, (GLAD,)))
    assert day.bins()[0]["seconds"] == 2
