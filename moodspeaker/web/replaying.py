"""The day on record with the settings in force and with others: what became of the mood; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.mood import RoomState
from moodspeaker.mood.tuning import outcome_of, replay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.mood.tracker import MoodSettings


def compared(looks: Sequence[LookRecord], now: MoodSettings, then: MoodSettings) -> dict[str, object]:
    """Return the day with both settings as JSON values (`shapes.ReplayAnswer`); `looks` in order of time."""
    return {
        "looks": len(looks),
        "begin": rfc3339(looks[0].at.wall) if looks else None,
        "end": rfc3339(looks[-1].at.wall) if looks else None,
        "now": _day(looks, now),
        "then": _day(looks, then),
    }


def _day(looks: Sequence[LookRecord], settings: MoodSettings) -> dict[str, object]:
    if not looks:
        return {"changes": 0, "brief": 0, "lasting": 0, "strip": []}
    changes = list(replay(looks, settings))
    found = outcome_of(changes, looks, settings)
    first = looks[0].at
    strip = [{"at": rfc3339(first.wall), "mood": str(RoomState.UNSURE)}]
    strip += [
        {"at": rfc3339(first.wall + change.at - first.monotonic), "mood": str(change.current)}
        for change in changes
    ]
    return {"changes": found.changes, "brief": found.brief, "lasting": found.lasting, "strip": strip}
