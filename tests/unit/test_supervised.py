"""Restarts that somebody asks for."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from support.fake_store import FakeStore

from moodspeaker.errors import RestartRefused, StoreError
from moodspeaker.speaker.supervised import AGAIN, LIFE, Supervised

if TYPE_CHECKING:
    from moodspeaker.speaker.snapshot import Snapshot

NOON = 1_800_000_000.0


class Told:
    """What there is to tell systemd, as of a snapshot."""

    def __init__(self, mood: str = "happy") -> None:
        self.mood = mood
        self.camera = self.player = self.broker = SimpleNamespace(state="ok")


class House:
    """A process that can be ended, and started again on the same store."""

    def __init__(self) -> None:
        self.ended, self.store = 0, FakeStore()

    def end(self) -> None:
        self.ended += 1

    def start(self) -> Supervised:
        return Supervised(lambda _: None, self.end, self.store)


def test_it_ends_to_be_started_again() -> None:
    house = House()
    house.start().restart(NOON)
    assert house.ended == 1


def test_a_loop_that_asks_at_each_start_is_refused_and_told_for_how_long() -> None:
    house = House()
    house.start().restart(NOON)
    with pytest.raises(RestartRefused, match=r"it was 10 s ago: wait for 290 s"):
        house.start().restart(NOON + 10)
    assert house.ended == 1
    house.start().restart(NOON + AGAIN)
    assert house.ended == 2


def test_a_loop_that_asks_every_minute_gets_five_a_day() -> None:
    house = House()
    for minute in range(3 * 24 * 60):
        with suppress(RestartRefused):
            house.start().restart(NOON + 60.0 * minute)
    assert house.ended == 15
    with pytest.raises(RestartRefused, match="5 times in a day: wait for"):
        house.start().restart(NOON + 3 * 86_400.0 - 60)


def test_a_clock_that_was_set_back_keeps_nobody_waiting_for_years() -> None:
    house = House()
    house.start().restart(NOON)
    house.start().restart(NOON - 1_000_000)
    assert house.ended == 2


def test_where_nobody_would_start_it_again_it_stays() -> None:
    with pytest.raises(RestartRefused, match="no service started it"):
        Supervised(lambda _: None, None, FakeStore()).restart(NOON)


def test_a_restart_that_cannot_be_noted_is_none_for_a_loop_would_go_on_for_ever() -> None:
    house = House()
    house.store.refusal = "the disk is full"
    with pytest.raises(StoreError):
        house.start().restart(NOON)
    assert house.ended == 0


def test_signs_of_life_are_as_rare_as_the_watchdog_lets_them_be_and_news_is_told_at_once() -> None:
    told: list[str] = []
    supervised = Supervised(told.append, None, FakeStore())
    for second in range(20):
        supervised.tell(cast("Snapshot", Told()), "", float(second))
    line = "STATUS=mood happy, camera ok, player ok, broker ok"
    assert told == [f"WATCHDOG=1\n{line}", *["WATCHDOG=1"] * (int(20 / LIFE) - 1)]
    supervised.tell(cast("Snapshot", Told("sad")), "", 19.5)
    assert told[-1] == "WATCHDOG=1\nSTATUS=mood sad, camera ok, player ok, broker ok"
