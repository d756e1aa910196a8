"""A history in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.play import Play


class FakeHistory:
    """`ports.History`."""

    def __init__(self) -> None:
        self.added: list[Play] = []

    def add(self, play: Play) -> None:
        """Keep a play."""
        self.added.append(play)

    def plays(self, count: int) -> Sequence[Play]:
        """Return the last plays."""
        return self.added[::-1][:count]

    def flush(self) -> None:
        """Do nothing: everything is where it stays."""

    def close(self) -> None:
        """Do nothing."""
