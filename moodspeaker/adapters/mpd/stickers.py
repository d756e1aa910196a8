"""The stickers that music players share, by the names and values that myMPD gives them.  Pure.

    like         0 disliked, 1 neutral, 2 liked
    rating       0 to 10
    playCount    how often it was played          lastPlayed     when the last play began
    skipCount    how often it was skipped         lastSkipped    when that was last

Moments are seconds since the epoch.
A play counts when the song came to its end, or at least half of it or four minutes were heard; a skip where
less was.  What was stopped or gave way to another queue earlier is neither.  A play that another player has
counted already, as its moment shows, is not counted again.

Source: https://github.com/jcorporation/myMPD, docs/references/sticker.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.library import SharedStickers
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.domain.player import TrackEnded

LIKE, RATING = "like", "rating"
PLAYS, LAST_PLAYED = "playCount", "lastPlayed"
SKIPS, LAST_SKIPPED = "skipCount", "lastSkipped"
NAMES: Final = (LIKE, RATING, PLAYS, SKIPS, LAST_PLAYED, LAST_SKIPPED)
MOST_LIKED: Final = 2
BEST: Final = 10
HALF: Final = 0.5
DIGITS: Final = 15
"""Of a number that is one."""
LONG_HEARD: Final = 240.0
"""Seconds of a song that are a play, however long it is."""
SLACK: Final = 2.0
"""Seconds by which two players may differ about when a song began."""


@dataclass(frozen=True, slots=True)
class Count:
    """One play or one skip to be counted."""

    uri: str
    skipped: bool
    began: float
    """Seconds since the epoch."""
    ended: float
    """Seconds since the epoch."""
    slack: float
    """Seconds by which another player's word for when it began may differ."""


def counted(ended: TrackEnded, at: float) -> Count | None:
    """Return what a play that was over at a moment counts as; None for streams, and for what is neither.

    `at` is in seconds since the epoch.
    """
    song = ended.song
    if song.seconds is None or "://" in song.uri:
        return None
    enough = ended.heard >= min(HALF * song.seconds, LONG_HEARD)
    skipped = ended.why is EndReason.SKIPPED and not enough
    if not (skipped or enough or ended.why is EndReason.FINISHED):
        return None
    return Count(song.uri, skipped, at - ended.lasted, at, min(SLACK, song.seconds / 2))


def changes(count: Count, there: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Return the stickers to set, by what a song has now; none where another player has counted the play."""
    if count.skipped:
        number, moment, at, earliest = SKIPS, LAST_SKIPPED, count.ended, count.began
    else:
        number, moment, at, earliest = PLAYS, LAST_PLAYED, count.began, count.began - count.slack
    last = _number(there.get(moment))
    if last is not None and earliest <= last <= count.ended + SLACK:
        return ()
    return (number, str((_number(there.get(number)) or 0) + 1)), (moment, str(int(at)))


def shared(there: Mapping[str, str]) -> SharedStickers:
    """Return what a song's stickers say; what is out of range says nothing."""
    number = {name: _number(there.get(name)) for name in NAMES}
    return SharedStickers(
        _within(number[LIKE], MOST_LIKED),
        _within(number[RATING], BEST),
        number[PLAYS] or 0,
        number[SKIPS] or 0,
        number[LAST_PLAYED] or None,
        number[LAST_SKIPPED] or None,
    )


def texts(stickers: SharedStickers) -> Mapping[str, str]:
    """Return the stickers that say this; those that would say nothing are left out."""
    said = {
        LIKE: stickers.verdict,
        RATING: stickers.rating,
        PLAYS: stickers.plays or None,
        SKIPS: stickers.skips or None,
        LAST_PLAYED: stickers.last_played,
        LAST_SKIPPED: stickers.last_skipped,
    }
    return {name: str(value) for name, value in said.items() if value is not None}


def _number(text: str | None) -> int | None:
    """Return a whole number, not negative; None where a text is none."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        return None
    return int(text)


def _within(number: int | None, most: int) -> int | None:
    return number if number is not None and number <= most else None
