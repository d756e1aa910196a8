"""The priorities of our songs where MPD plays at random."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.adapters.mpd.random_order import priorities


@given(
    st.lists(st.integers(1, 60), unique=True, max_size=60),
    st.dictionaries(st.integers(1, 60), st.integers(1, 255)),
)
def test_they_fall_from_song_to_song(ahead: list[int], before: dict[int, int]) -> None:
    found = priorities(ahead, before)
    assert list(found) == ahead
    assert all(one > following for one, following in pairwise(found.values()))
    assert all(1 <= one <= 255 for one in found.values())


def test_those_that_were_given_stay_while_there_is_room() -> None:
    first = priorities([1, 2, 3], {})
    assert first == {1: 255, 2: 254, 3: 253}
    assert priorities([3, 4, 5], first) == {3: 253, 4: 252, 5: 251}
    assert priorities([1, 9, 2], first) == {1: 255, 9: 254, 2: 253}
    assert priorities([3, 4, 5], {3: 2}) == {3: 255, 4: 254, 5: 253}
