"""What somebody wants who does not wait for it, until a task of its own carries it out."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

V = TypeVar("V")


class Wishes(Generic[V]):
    """Keeps the newest wish for each key; used on the event loop."""

    def __init__(self) -> None:
        """Begin with none."""
        self._wanted: dict[str, V] = {}
        self._woken = asyncio.Event()

    def want(self, key: str, value: V) -> None:
        """Take a wish; an earlier one for the key is no longer wanted."""
        self._wanted[key] = value
        self._woken.set()

    async def taken(self) -> dict[str, V]:
        """Wait for a wish, and take all there are."""
        await self._woken.wait()
        self._woken.clear()
        wanted, self._wanted = self._wanted, {}
        return wanted
