"""The stickers that music players share: what counts as a play, and what is written."""

from __future__ import annotations

import pytest

from moodspeaker.adapters.mpd.stickers import Count, changes, counted, shared, texts
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.player import TrackEnded
from moodspeaker.domain.song import Song

NOW = 1_000_000.0
SONG = Song("a/one.ogg", "One", "Ann", 200.0)


def ended(heard: float, why: EndReason, song: Song = SONG, lasted: float | None = None) -> TrackEnded:
    return TrackEnded(song, heard, why, None, heard if lasted is None else lasted)


@pytest.mark.parametrize(
    ("over", "skipped"),
    [
        (ended(200, EndReason.FINISHED), False),
        (ended(2, EndReason.FINISHED), False),
        (ended(30, EndReason.SKIPPED), True),
        (ended(150, EndReason.SKIPPED), False),
        (ended(120, EndReason.REPLACED), False),
        (ended(245, EndReason.STOPPED, Song("long.ogg", seconds=3600.0)), False),
        (ended(30, EndReason.REPLACED), None),
        (ended(30, EndReason.STOPPED), None),
        (ended(30, EndReason.UNKNOWN), None),
        (ended(3600, EndReason.FINISHED, Song("http://radio.example/", "Radio")), None),
        (ended(200, EndReason.FINISHED, Song("http://radio.example/a.ogg", "A", "", 200.0)), None),
    ],
)
def test_what_counts_as_a_play_and_what_as_a_skip(over: TrackEnded, *, skipped: bool | None) -> None:
    count = counted(over, NOW)
    assert (None if count is None else count.skipped) is skipped


def test_a_play_is_one_more_and_says_when_it_began() -> None:
    count = counted(ended(200, EndReason.FINISHED, lasted=260.5), NOW)
    assert count is not None
    assert changes(count, {}) == (("playCount", "1"), ("lastPlayed", "999739"))
    there = {"playCount": "41", "lastPlayed": "999000", "skipCount": "7"}
    assert changes(count, there) == (("playCount", "42"), ("lastPlayed", "999739"))


def test_a_skip_is_one_more_and_says_when_it_was() -> None:
    count = counted(ended(30, EndReason.SKIPPED), NOW)
    assert count is not None
    there = {"skipCount": "1", "lastSkipped": "999000"}
    assert changes(count, there) == (("skipCount", "2"), ("lastSkipped", "1000000"))


@pytest.mark.parametrize("last", ["999798", "999800", "999900"])
def test_a_play_that_another_player_counted_is_left(last: str) -> None:
    count = counted(ended(200, EndReason.FINISHED), NOW)
    assert count is not None
    assert changes(count, {"playCount": "5", "lastPlayed": last}) == ()


def test_a_skip_that_another_player_counted_is_left() -> None:
    count = counted(ended(30, EndReason.SKIPPED), NOW)
    assert count is not None
    assert changes(count, {"skipCount": "5", "lastSkipped": "1000001"}) == ()


def test_a_song_that_is_heard_twice_in_a_row_is_two_plays() -> None:
    first = Count("a.ogg", skipped=False, began=100.4, ended=103.4, slack=1.5)
    second = Count("a.ogg", skipped=False, began=103.4, ended=106.4, slack=1.5)
    there = dict(changes(first, {}))
    assert dict(changes(second, there))["playCount"] == "2"


def test_a_moment_in_the_future_is_a_clock_that_was_wrong() -> None:
    count = counted(ended(200, EndReason.FINISHED), NOW)
    assert count is not None
    assert changes(count, {"lastPlayed": "2000000"}) != ()


def test_what_is_known_is_told_as_it_was_read() -> None:
    there = {
        "like": "0",
        "rating": "8",
        "playCount": "3",
        "lastPlayed": "99",
        "skipCount": "1",
        "lastSkipped": "9",
    }
    assert texts(shared(there)) == there
    assert texts(SharedStickers()) == {}


def test_what_stickers_say_is_taken_within_its_range() -> None:
    there = {"like": "2", "rating": "8", "playCount": "3", "lastPlayed": "99", "skipCount": "1"}
    assert shared(there) == SharedStickers(2, 8, 3, 1, 99, None)
    odd = {"like": "7", "rating": "five", "playCount": "-1", "skipCount": "٣", "lastSkipped": "9" * 40}
    assert shared(odd) == SharedStickers()
