"""What is kept of looks and decisions, for whoever asks to see it or has it erased."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.domain.look_rows import LookRow
    from moodspeaker.ports import Store
    from moodspeaker.speaker.calibrating import Calibrating
    from moodspeaker.speaker.snapshot import Surroundings

_log = logging.getLogger(__name__)


class Records:
    """The records of a running speaker."""

    def __init__(self, store: Store, calibrating: Calibrating, around: Surroundings) -> None:
        self._store, self._calibrating, self._around = store, calibrating, around

    def decisions(self, count: int) -> list[dict[str, object]]:
        """Return the last decisions, newest first, fit for JSON."""
        return [dict(decision) for decision in self._store.decisions(count)]

    def looks(self) -> Iterator[LookRecord]:
        """Return the looks on record, oldest first."""
        return self._store.looks()

    def look_rows(self) -> Sequence[LookRow]:
        """Return the same as bytes, at a fraction of the work."""
        return self._store.look_rows()

    def forget(self) -> None:
        """Erase looks and decisions, and the calibration, at once; raise StoreError."""
        self._store.forget()
        self._calibrating.forget()
        self._around.decision = None
        _log.info("the records of looks and decisions are erased, as asked")
