"""Gives the player its orders, in a task of its own: a slow music server delays only itself.

An order that waits is looked at once more before the player begins with it: what the director does not want
any more (a newer wish came) is dropped, and so is everything that was decided before a person's act: their
choice stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, TypeAlias, assert_never

from moodspeaker.director.effects import (
    Confirmed,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    PausePlaying,
    PlayerEffect,
    PlayProgramme,
    QueueProgramme,
    StartPlaying,
)
from moodspeaker.domain.commands import SetVolume
from moodspeaker.errors import PlayerError, Superseded

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.ports import Player

Order: TypeAlias = PlayerEffect | SetVolume

_log = logging.getLogger(__name__)


class Performer:
    """Carries orders out and tells what came of each."""

    def __init__(
        self,
        player: Player,
        wants: Callable[[PlayerEffect], bool],
        post: Callable[[Confirmed | Failed], None],
    ) -> None:
        """Prepare; `wants` tells whether an order is still to be carried out, `post` takes the answers."""
        self._player, self._wants, self._post = player, wants, post
        self._waiting: deque[tuple[int, Order]] = deque()
        """Each with the number of persons' acts that were known when it was decided."""
        self._news = asyncio.Event()
        self._acts_heard = self._acts_known = 0

    def person_heard(self) -> None:
        """Note that a person acted: what was decided before is outdated."""
        self._acts_heard += 1

    def person_known(self) -> None:
        """Note that the director knows of it: what is decided from here on is not."""
        self._acts_known += 1

    def put(self, order: Order) -> None:
        """Let an order wait for its turn."""
        self._waiting.append((self._acts_known, order))
        self._news.set()

    def clear(self) -> None:
        """Drop what waits: the player is gone."""
        self._waiting.clear()

    async def run(self) -> None:
        """Carry orders out until cancelled."""
        while True:
            while self._waiting:
                acts, order = self._waiting.popleft()
                await self._perform(acts, order)
            self._news.clear()
            await self._news.wait()

    async def _perform(self, acts: int, order: Order) -> None:
        try:
            if acts != self._acts_heard or not (isinstance(order, SetVolume) or self._wants(order)):
                raise Superseded
            await self._call(order)
        except PlayerError as error:
            superseded = isinstance(error, Superseded)
            _log.log(logging.INFO if superseded else logging.WARNING, "the player did not do it: %s", error)
            if not isinstance(order, SetVolume):
                self._post(Failed(order, str(error), superseded=superseded))
        else:
            if not isinstance(order, SetVolume):
                self._post(Confirmed(order))

    async def _call(self, order: Order) -> None:
        match order:
            case PlayProgramme(programme):
                await self._player.play(programme)
            case QueueProgramme(programme, fade=fade):
                await self._player.queue_next(programme, fade=fade)
            case ExtendQueue(programme):
                await self._player.extend(programme)
            case StartPlaying():
                await self._player.unpause()
            case PausePlaying():
                await self._player.pause()
            case GoToNext():
                await self._player.next()
            case GoToPrevious():
                await self._player.previous()
            case SetVolume(percent):
                await self._player.set_volume(percent)
            case _:
                assert_never(order)
