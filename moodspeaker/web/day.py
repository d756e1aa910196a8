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


class Day:
    """Adds looks up."""

    def __init__(self) -> None:
        self._sums: dict[int, list[float]] = {}
        """By bin: seven sums of probabilities."""

    def add(self, look: LookRecord) -> None:
        """Count the faces of a look."""
        for face in look.expressions:
            sums = self._sums.setdefault(int(look.at.wall // SECONDS), [0.0] * len(EMOTIONS))
            for place, share in enumerate(face):
                sums[place] += share

    def bins(self) -> list[dict[str, object]]:
        """Return the bins in which somebody was seen, the oldest first, as JSON values."""
        rows: list[dict[str, object]] = []
        for number, sums in sorted(self._sums.items()):
            most = max(sums)
            mood = str(EMOTIONS[sums.index(most)])
            rows.append({"at": rfc3339(number * SECONDS), "mood": mood, "share": round(most / sum(sums), 2)})
        return rows
