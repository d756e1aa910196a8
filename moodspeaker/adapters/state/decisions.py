"""The records of decisions: what was decided, when, by which rule and from which evidence.

Invariants
==========
1. Decisions wait in memory and are written in batches, every 15 minutes at most and on `flush`: SD cards wear
   out.  Writing them never raises; what cannot be written waits on, and the last ones can always be read.
2. Records older than `records.hours` are erased, also when the wall clock is set (see `timestamps`); with 0
   none are written.
3. A record that an older or a newer version wrote, or that a bad disk changed, is shown as far as it can be
   read, and hides no other.
"""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.wording import sentence
from moodspeaker.timestamps import TIME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from moodspeaker.database import Database
    from moodspeaker.domain.decision import Decision
    from moodspeaker.timestamps import Timestamps

BATCH_SECONDS: Final = 15 * 60.0
"""The longest that a decision waits in memory while others follow it."""
IN_MEMORY: Final = 1000
"""Decisions kept in memory."""
HOUR: Final = 3600.0
RULES: Final = frozenset(Rule)
_INSERT: Final = (
    "INSERT INTO decisions (at, boot, monotonic, verb, mood, rule, details, evidence) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_LAST: Final = (
    f"SELECT {TIME} AS time, verb, mood, rule, details, evidence FROM decisions "  # noqa: S608 - text of ours
    "WHERE time >= :oldest ORDER BY id DESC LIMIT :count"
)
_ERASE: Final = f"DELETE FROM decisions WHERE {TIME} < :oldest"  # noqa: S608 - text of ours


class Decisions:
    """The table `decisions` of a database, and what waits to be written to it."""

    def __init__(self, database: Database, hours: float, timestamps: Timestamps) -> None:
        self._database, self._hours, self._timestamps = database, hours, timestamps
        self._waiting: deque[Decision] = deque(maxlen=IN_MEMORY)
        """Decisions that are not on the disk: not yet, or never with `records.hours` = 0."""

    def record(self, decision: Decision) -> None:
        """Keep a decision; a disk that refuses is the database's fault."""
        self._waiting.append(decision)
        if self._hours and decision.at.monotonic - self._waiting[0].at.monotonic >= BATCH_SECONDS:
            self.flush()

    def latest(self, count: int) -> list[Mapping[str, object]]:
        """Return the last decisions, newest first, as JSON values."""
        self._drop_old()
        waiting = [self._shown_waiting(decision) for decision in list(reversed(self._waiting))[:count]]
        written = self._database.read(_LAST, self._parameters() | {"count": count - len(waiting)})
        return waiting + [
            _shown(at, verb, mood, rule=rule, details=_object(details), evidence=_object(evidence))
            for at, verb, mood, rule, details, evidence in written
        ]

    def flush(self) -> None:
        """Write what waits, correct what was written under a wrong clock, erase what is too old."""
        self._drop_old()
        rows = [self._row(decision) for decision in self._waiting] if self._hours else []
        parameters = self._parameters()

        def write(connection: sqlite3.Connection) -> None:
            for statement in self._timestamps.corrections("decisions"):
                connection.execute(statement, parameters)
            connection.executemany(_INSERT, rows)
            connection.execute(_ERASE, parameters)

        if self._database.write(write) and self._hours:
            self._waiting.clear()

    def forget(self) -> None:
        """Erase those in memory; those on the disk are the store's to erase."""
        self._waiting.clear()

    def _shown_waiting(self, decision: Decision) -> Mapping[str, object]:
        at, reason = self._timestamps.wall(decision.at), decision.reason
        return _shown(
            at,
            decision.verb,
            decision.mood,
            rule=reason.rule,
            details=reason.details,
            evidence=decision.evidence,
        )

    def _drop_old(self) -> None:
        """Drop what waited until it was too old to be written."""
        oldest = self._timestamps.now().monotonic - self._hours * HOUR
        while self._hours and self._waiting and self._waiting[0].at.monotonic < oldest:
            self._waiting.popleft()

    def _parameters(self) -> dict[str, Any]:
        parameters = self._timestamps.parameters()
        return parameters | {"oldest": parameters["wall"] - self._hours * HOUR}

    def _row(self, decision: Decision) -> tuple[object, ...]:
        reason = decision.reason
        texts = json.dumps(dict(reason.details)), json.dumps(dict(decision.evidence))
        return (*self._timestamps.columns(decision.at), decision.verb, decision.mood, reason.rule, *texts)


def _object(text: str) -> Mapping[str, Any]:
    """Return a JSON object; an empty one where a bad disk changed it."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _shown(
    at: float, verb: str, mood: str, *, rule: str, details: Mapping[str, Any], evidence: Mapping[str, Any]
) -> Mapping[str, object]:
    """Return a decision as JSON values; a rule that is not known, such as a text of old, as it stands."""
    words = sentence(Reason(Rule(rule), details)) if rule in RULES else rule
    return {
        "at": rfc3339(at),
        "verb": str(verb),
        "mood": str(mood),
        "rule": words,
        "reason": {"rule": str(rule), **details},
        "evidence": dict(evidence),
    }
