"""Delays between attempts."""

from __future__ import annotations

import random

from moodspeaker.backoff import Backoff


def test_delays_grow_to_the_cap_and_begin_again_after_a_success() -> None:
    backoff = Backoff(random.Random(1), first=0.5, longest=8.0, shortest=0.1)
    for attempt in range(200):
        assert 0.1 <= backoff.delay() <= min(8.0, 0.5 * 2**attempt)
    assert backoff.attempts == 200
    backoff.reset()
    assert backoff.attempts == 0
    assert backoff.delay() <= 0.5


def test_delays_are_jittered() -> None:
    backoff = Backoff(random.Random(1), first=8.0, longest=8.0)
    assert len({round(backoff.delay(), 6) for _ in range(50)}) == 50
