"""A day on record with the rules in force and with others: what became of the mood and of the music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.director.rehearsal import rehearse
from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.mood import RoomState
from moodspeaker.mood.tuning import outcome_of
from moodspeaker.replaying.changes import ReplayedMood
from moodspeaker.replaying.day import RecordedDay

if TYPE_CHECKING:
    from moodspeaker.director.rehearsal import DayToReplay, Rules
    from moodspeaker.domain.emotion import Affect

MINUTES: Final = 24 * 60
"""Of a day."""


def compared(asked: DayToReplay) -> dict[str, object]:
    """Return the day with both rules as JSON values (`web.shapes.ReplayAnswer`)."""
    day = RecordedDay.of_rows(asked.rows, asked.oldest)
    moods = ReplayedMood.of(day, [asked.now.mood, asked.then.mood])
    return {
        "looks": len(day),
        "begin": rfc3339(day.at[0]) if len(day) else None,
        "end": rfc3339(day.at[-1]) if len(day) else None,
        "now": _replayed(day, asked, asked.now, next(moods)),
        "then": _replayed(day, asked, asked.then, next(moods)),
    }


def _replayed(
    day: RecordedDay, asked: DayToReplay, rules: Rules, replayed: ReplayedMood
) -> dict[str, object]:
    if not len(day):
        return {"switches": 0, "changes": 0, "brief": 0, "lasting": 0, "strip": []}
    span = float(day.at[0]), float(day.at[-1])
    changes = list(replayed.changes())
    found = outcome_of(changes, span[1], rules.mood)

    def room(at: float) -> tuple[int, Affect | None]:
        return (int(at // 60) + asked.minute) % MINUTES, replayed.affect(at)

    switches = rehearse(rules.director, asked.sources, changes, span, room)
    strip = [{"at": rfc3339(span[0]), "mood": str(RoomState.UNSURE)}]
    strip += [{"at": rfc3339(change.at), "mood": str(change.current)} for change in changes]
    return {
        "switches": len(switches),
        "changes": found.changes,
        "brief": found.brief,
        "lasting": found.lasting,
        "strip": strip,
    }
