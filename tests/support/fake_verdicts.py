"""Verdicts in memory, which can be told to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.listener import Verdict


class FakeVerdicts:
    """`ports.Verdicts`; while `refusal` is set nothing can be kept."""

    def __init__(self) -> None:
        self.refusal = ""
        self.kept: list[Verdict] = []

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        if self.refusal:
            raise StoreError(self.refusal)
        self.kept.append(verdict)

    def verdicts(self, count: int) -> Sequence[Verdict]:
        """Return the last verdicts."""
        return self.kept[::-1][:count]
