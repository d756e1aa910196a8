"""A disk that is never slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


class FakeDisk:
    """`ports.Disk` on which everything is at once."""

    def settle(self, done: asyncio.Future[None] | None = None) -> None:
        """Answer at once."""
        if done is not None and not done.done():
            done.set_result(None)
