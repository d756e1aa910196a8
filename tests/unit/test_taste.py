"""What the stickers of other players say of taste."""

from __future__ import annotations

import pytest

from moodspeaker.domain.library import SharedStickers
from moodspeaker.library.taste import Taste, taste_of


@pytest.mark.parametrize(
    ("stickers", "liked"),
    [
        (SharedStickers(verdict=2), True),
        (SharedStickers(verdict=0), False),
        (SharedStickers(verdict=1, rating=10), None),
        (SharedStickers(verdict=0, rating=10), False),
        (SharedStickers(rating=8), True),
        (SharedStickers(rating=5), None),
        (SharedStickers(rating=2), False),
        (SharedStickers(rating=0), None),
        (SharedStickers(), None),
    ],
)
def test_a_verdict_counts_before_a_rating(stickers: SharedStickers, *, liked: bool | None) -> None:
    assert taste_of(stickers).liked is liked


def test_plays_and_skips_are_told() -> None:
    assert taste_of(SharedStickers(plays=3, skips=1)) == Taste(None, 3, 1)
