"""The times in histories, all of them UTC, as seconds since the epoch."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

EARLIEST: Final = 946_684_800
"""2000: before any of these services; a play with an earlier time was timed by a clock that was not set."""
LATEST: Final = 4_102_444_800
"""2100."""
MINUTES: Final = ("%d %b %Y %H:%M", "%d %b %Y, %H:%M", "%Y-%m-%d %H:%M")
"""Last.fm's and Spotify's times without seconds; the names of months are English."""


def number(cell: object) -> int | None:
    """Return seconds since the epoch that stand as a number or a numeral; None where they make no sense."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return None
    try:
        seconds = float(cell)
    except (ValueError, OverflowError):
        return None
    return int(seconds) if math.isfinite(seconds) and EARLIEST <= seconds < LATEST else None


def minute(text: str) -> int | None:
    """Return the minute that a text such as `24 Nov 2025 20:41` names; None where it is none."""
    for form in MINUTES:
        try:
            return number(datetime.strptime(text.strip(), form).replace(tzinfo=UTC).timestamp())
        except (ValueError, OverflowError):
            continue
    return None


def instant(text: str) -> int | None:
    """Return the moment that an RFC 3339 text such as `2025-11-20T19:03:35Z` names; None where it is none."""
    try:
        at = datetime.fromisoformat(text)
        return number((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
