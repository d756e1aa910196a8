"""A store in memory that can be told to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.look_rows import LookRow, packed
from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.wording import sentence
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from moodspeaker.domain.decision import Decision
    from moodspeaker.domain.look_record import LookRecord


class FakeStore:
    """`ports.Store`; while `refusal` is set nothing can be written."""

    def __init__(self) -> None:
        self.refusal = ""
        self.recorded: list[Decision] = []
        self.looked: list[LookRecord] = []
        self._values: dict[str, str] = {}

    @property
    def fault(self) -> str:
        """Why nothing can be written."""
        return self.refusal

    @property
    def data_lost(self) -> bool:
        """Nothing is ever lost here."""
        return False

    def get(self, name: str, default: str) -> str:
        """Return a value."""
        return self._values.get(name, default)

    def set(self, name: str, value: str) -> None:
        """Keep a value."""
        if self.refusal:
            raise StoreError(self.refusal)
        self._values[name] = value

    def record(self, decision: Decision) -> None:
        """Keep a decision."""
        self.recorded.append(decision)

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the last decisions."""
        return [
            {
                "at": rfc3339(d.at.wall),
                "verb": str(d.verb),
                "mood": str(d.mood),
                "rule": sentence(d.reason),
                "reason": {"rule": str(d.reason.rule), **d.reason.details},
                "evidence": dict(d.evidence),
            }
            for d in self.recorded[::-1][:count]
        ]

    def record_look(self, look: LookRecord) -> None:
        """Keep a look."""
        self.looked.append(look)

    def looks(self) -> Iterator[LookRecord]:
        """Yield the looks."""
        return iter(self.looked)

    def look_rows(self) -> Sequence[LookRow]:
        """Return the looks, a row each."""
        return [LookRow(look.at.wall, packed(look, 0.0)) for look in self.looked]

    def flush(self) -> None:
        """Do nothing: everything is where it stays."""

    def forget(self) -> None:
        """Erase the records."""
        self.recorded.clear()
        self.looked.clear()

    def close(self) -> None:
        """Do nothing."""
