"""Stores on SQLite, decisions for them, and what can be read off them and off the disk."""

from __future__ import annotations

import resource
import signal
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from moodspeaker.adapters.state.store import FILE, SqliteStore
from moodspeaker.domain.decision import Decision, Reason, Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.timestamps import Timestamps
from support.clock import NOON, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodspeaker.domain.mood import Mood
    from moodspeaker.ports import Store

YEARS = 13 * 365 * 86400.0
"""Seconds by which a clock that was never set may be ahead."""


def decision(after: float, mood: Mood = Emotion.HAPPY, name: str = "a") -> Decision:
    """Return a decision some seconds after noon."""
    reason = Reason(Rule.AT_ONCE, {"name": name, "source_rule": "genre"})
    return Decision(
        Moment(after, NOON + after), Verb.SWITCHED, mood, reason, {"confidence": 0.5, "song": None}
    )


def opened(
    root: Path, hours: float = 24, *, clock: Clock | None = None, boot: str | None = "this boot"
) -> SqliteStore:
    """Return a store; its clocks stand still at noon, of a long day, unless others are given."""
    return SqliteStore(root / "state", hours, Timestamps(clock or Clock(), boot))


def names(store: Store) -> list[object]:
    """Return the names in the reasons of all decisions, newest first."""
    reasons = [row["reason"] for row in store.decisions(1000)]
    return [reason.get("name") for reason in reasons if isinstance(reason, dict)]


def written(root: Path) -> list[float]:
    """Return the times that stand on the disk."""
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        return [at for (at,) in reader.execute("SELECT at FROM decisions ORDER BY id")]


def moments(store: Store) -> list[object]:
    """Return when all decisions were made, newest first."""
    return [row["at"] for row in store.decisions(100)]


def made(clock: Clock) -> Decision:
    """Return a decision of this instant."""
    return Decision(clock(), Verb.KEPT, Emotion.SAD, Reason(Rule.PERSON_CHOSE))


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let no file grow beyond `limit` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
