"""What is kept of looks and decisions, for whoever asks to see it or has it erased."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.domain.look_rows import LookRow
    from moodspeaker.ports import Disk
    from moodspeaker.speaker.calibrating import Calibrating
    from moodspeaker.speaker.happening import Ports
    from moodspeaker.speaker.snapshot import Surroundings

FLUSH: Final = 15 * 60.0
"""Seconds between two writes of the waiting records."""

_log = logging.getLogger(__name__)


async def on_the_disk(disk: Disk) -> None:
    """Wait until all that was written until now is on the disk; raise StoreError."""
    done = asyncio.get_running_loop().create_future()
    disk.settle(done)
    await done


class Records:
    """The records of a running speaker."""

    def __init__(self, ports: Ports, calibrating: Calibrating, around: Surroundings) -> None:
        self._store, self._history, self._disk = ports.store, ports.history, ports.disk
        self._calibrating, self._around = calibrating, around
        self._written_at: float | None = None
        """When what waited was written last, in monotonic seconds; the first tick counts as such."""

    def tick(self, now: float) -> None:
        """Write what waits, every `FLUSH` seconds: call it every second."""
        if self._written_at is None:
            self._written_at = now
        elif now - self._written_at >= FLUSH:
            self._written_at = now
            self._store.flush()
            self._history.flush()

    def decisions(self, count: int) -> list[dict[str, object]]:
        """Return the last decisions, newest first, fit for JSON."""
        return [dict(decision) for decision in self._store.decisions(count)]

    def looks(self) -> Iterator[LookRecord]:
        """Return the looks on record, oldest first."""
        return self._store.looks()

    def look_rows(self) -> Sequence[LookRow]:
        """Return the same as bytes, at a fraction of the work."""
        return self._store.look_rows()

    async def forget(self) -> None:
        """Erase looks and decisions, and the calibration, at once; raise StoreError."""
        self._store.forget()
        self._calibrating.forget()
        self._around.decision = None
        await on_the_disk(self._disk)
        _log.info("the records of looks and decisions are erased, as asked")
