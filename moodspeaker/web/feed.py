"""The stream of events: the snapshot, then what changed in it and what was decided, to every reader at once.

Design notes
============
1. The speaker calls `show` after each of its events.  What changed is worked out and written as bytes once,
   however many readers there are; with none, nothing is.
2. A change holds the top-level keys of the snapshot whose value is another, whole.
3. A reader has a short queue.  One that does not read until it is full is dropped; nobody waits for it.
4. The time goes out every few seconds: a reader knows that the speaker lives, and how wrong its own clock
   is.

    event: snapshot    everything, first
    event: change      {key: value}
    event: decision    one decision, as in /api/why
    event: time        {"now": RFC 3339}
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Self

from moodspeaker.domain.moment import rfc3339
from moodspeaker.web.answers import json_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from moodspeaker.web.daemon import Daemon

WAITING: Final = 64
"""Events that may wait for one reader."""
READERS: Final = 32
"""Readers at once."""
TIME_EVERY: Final = 5.0
"""Seconds between two events that tell the time."""
RETRY: Final = b"retry: 1000\n\n"
"""Milliseconds after which a browser asks again when the stream broke."""


class Reader:
    """One reader's queue; use it in a `with`, which takes it off the feed."""

    def __init__(self, readers: set[Reader], first: bytes) -> None:
        self._readers = readers
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._queue.put_nowait(first)
        self.on_drop: Callable[[], object] = lambda: None
        """Called when it did not read and was dropped; it must cut the connection."""

    def __enter__(self) -> Self:
        self._readers.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._readers.discard(self)

    async def next(self) -> bytes:
        """Return the next events, as they go on the wire; empty where the feed ends."""
        return await self._queue.get()

    def put(self, events: bytes) -> None:
        """Let events wait for the reader; drop it where too many do."""
        try:
            self._queue.put_nowait(events)
        except asyncio.QueueFull:
            self._readers.discard(self)
            self.on_drop()


class Feed:
    """All readers, and what they have been told."""

    def __init__(self, daemon: Daemon, now: Callable[[], float] = time.time) -> None:
        """Prepare; `now` is the wall clock."""
        self._daemon, self._now = daemon, now
        self._readers: set[Reader] = set()
        self._told: Mapping[str, object] = {}
        self._decided = 0
        self._timed_at = 0.0

    @property
    def readers(self) -> int:
        """How many read now."""
        return len(self._readers)

    @property
    def full(self) -> bool:
        """Whether no other reader is taken."""
        return len(self._readers) >= READERS

    def reader(self) -> Reader:
        """Return a new reader, whose first event is the snapshot."""
        shown = self._daemon.snapshot().as_json()
        if not self._readers:
            self._told = shown
        # The others are told of what changed since with the next event, and this one once more: no harm.
        return Reader(self._readers, RETRY + event("time", self._time()) + event("snapshot", shown))

    def show(self, snapshot: Mapping[str, object], decided: int) -> None:
        """Tell the readers what changed; `decided` is the number of decisions so far."""
        fresh, self._decided = decided - self._decided, decided
        if not self._readers:
            return
        events = b""
        changed = {key: value for key, value in snapshot.items() if self._told.get(key) != value}
        self._told = snapshot
        if changed:
            events += event("change", changed)
        if fresh > 0:
            for decision in reversed(self._daemon.records.decisions(fresh)):
                events += event("decision", decision)
        if not 0 <= self._now() - self._timed_at < TIME_EVERY:
            self._timed_at = self._now()
            events += event("time", self._time())
        if events:
            for reader in tuple(self._readers):
                reader.put(events)

    def close(self) -> None:
        """End every stream."""
        for reader in tuple(self._readers):
            reader.put(b"")

    def _time(self) -> Mapping[str, object]:
        return {"now": rfc3339(self._now())}


def event(name: str, value: object) -> bytes:
    """Return one event as it goes on the wire."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), json_bytes(value))
