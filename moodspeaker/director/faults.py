"""What the player refuses or swallows: each reason is recorded once, and what did not sound is tried again.

Design notes
============
Another try comes after 2, 4, 8 ... 60 seconds at most (with jitter), at once when the music changed.  Music
that played for a while without a refusal is well again: the next refusal is news, and its first try comes
soon.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from moodspeaker.backoff import Backoff
from moodspeaker.domain.decision import Rule, Verb

if TYPE_CHECKING:
    from random import Random

    from moodspeaker.director.state import Turn

FIRST_RETRY: Final = 2.0
LONGEST_RETRY: Final = 60.0
SHORTEST_RETRY: Final = 1.0
"""Seconds before what did not sound is tried again."""
STEADY: Final = 30.0
"""Seconds of music without a refusal after which a fault is over."""


class Faults:
    """The last refusal, and when the next try is due."""

    def __init__(self, chance: Random) -> None:
        """Begin without a fault; `chance` draws the delays."""
        self._backoff = Backoff(chance, first=FIRST_RETRY, longest=LONGEST_RETRY, shortest=SHORTEST_RETRY)
        self._reason = ""
        self._refused_at = -math.inf
        self._retry_at: float | None = None

    @property
    def retrying(self) -> bool:
        """Whether another try is to come."""
        return self._retry_at is not None

    def refused(self, turn: Turn, reason: str) -> None:
        """Record a refusal, the first time that it is given."""
        self._refused_at = turn.now.monotonic
        if reason != self._reason:
            self._reason = reason
            turn.record(Verb.KEPT, Rule.PLAYER_REFUSED, reason=reason)

    def retry_later(self, turn: Turn) -> None:
        """Let another try come after the next delay."""
        self._retry_at = turn.now.monotonic + self._backoff.delay()

    def retry_soon(self) -> None:
        """Let a try that is to come be due: something changed."""
        if self._retry_at is not None:
            self._retry_at = -math.inf

    def give_up(self) -> None:
        """Let no other try come."""
        self._retry_at = None

    def take_due(self, turn: Turn) -> bool:
        """Tell whether another try is due; whoever asks makes it."""
        due = self._retry_at is not None and turn.now.monotonic >= self._retry_at
        if due:
            self._retry_at = None
        return due

    def played(self, turn: Turn, since: float) -> None:
        """See that music plays and nothing is open, since that monotonic moment at least."""
        steady_since = max(since, self._refused_at)
        if self._retry_at is None and turn.now.monotonic - steady_since >= STEADY:
            self._reason = ""
            self._backoff.reset()
