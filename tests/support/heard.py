"""What a port tells, kept and waited for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
E = TypeVar("E")


class Heard(Generic[E]):
    """Keeps the events posted to it; `await` one that has not been read yet."""

    def __init__(self) -> None:
        self.events: list[E] = []
        self._read = 0
        self._more = asyncio.Event()

    def __call__(self, event: E) -> None:
        """Keep an event: this is the `post` of a port."""
        self.events.append(event)
        self._more.set()

    async def next(
        self, kind: type[T], *, within: float = 5.0, where: Callable[[T], bool] = lambda _: True
    ) -> T:
        """Return the first unread event of a kind for which `where` holds; those before it count as read."""
        try:
            async with asyncio.timeout(within):
                while True:
                    while self._read < len(self.events):
                        event = self.events[self._read]
                        self._read += 1
                        if isinstance(event, kind) and where(event):
                            return event
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            message = f"no {kind.__name__} within {within:g} s among {self.events}"
            raise AssertionError(message) from None

    def unread(self) -> list[E]:
        """Return what was not read yet; it counts as read then."""
        new, self._read = self.events[self._read :], len(self.events)
        return new
