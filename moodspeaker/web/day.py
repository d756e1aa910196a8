"""The day in bins of a few minutes: the mood that the faces of each showed most; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.moment import rfc3339

if TYPE_CHECKING:
    from moodspeaker.domain.look_record import LookRecord

MINUTES: Final = 5
"""Length of a bin."""
SECONDS: Final = 60 * MINUTES
LONGEST: Final = 60.0
"""Seconds between two looks above which nobody looked."""


class Day:
    """Adds looks up."""

    def __init__(self) -> None:
        self._sums: dict[int, list[float]] = {}
        """By bin: seven sums of probabilities."""
        self._covered: dict[int, float] = {}
        """By bin: seconds in which somebody was seen."""
        self._last = float("-inf")
        """When the last look was."""

    def add(self, look: LookRecord) -> None:
        """Count the faces of a look, which stands for the time since the one before it."""
        number, into = divmod(look.at.wall, SECONDS)
        since, self._last = look.at.wall - self._last, look.at.wall
        if look.expressions:
            covered = min(since, into) if 0.0 <= since <= LONGEST else 0.0
            self._covered[int(number)] = self._covered.get(int(number), 0.0) + covered
        for face in look.expressions:
            sums = self._sums.setdefault(int(number), [0.0] * len(EMOTIONS))
            for place, share in enumerate(face):
                sums[place] += share

    def bins(self) -> list[dict[str, object]]:
        """Return the bins in which somebody was seen, the oldest first, as JSON values."""
        rows: list[dict[str, object]] = []
        for number, sums in sorted(self._sums.items()):
            most = max(sums)
            mood = str(EMOTIONS[sums.index(most)])
            share, seconds = round(most / sum(sums), 2), round(self._covered[number])
            rows.append({"at": rfc3339(number * SECONDS), "mood": mood, "share": share, "seconds": seconds})
        return rows
