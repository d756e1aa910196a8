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
        player: Player | None,
        wants: Callable[[PlayerEffect], bool],
        post: Callable[[Confirmed | Failed], None],
    ) -> None:
        """Prepare; `wants` tells whether an order is still to be carried out, `post` takes the answers.

        Where there is no player, orders go nowhere.
        """
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
        if self._player is not None:
            self._waiting.append((self._acts_known, order))
            self._news.set()

    def clear(self) -> None:
        """Drop what waits: the player is gone."""
        self._waiting.clear()

    async def run(self) -> None:
        """Carry orders out until cancelled."""
        while True:
            while self._waiting and self._player is not None:
                acts, order = self._waiting.popleft()
                await self._perform(self._player, acts, order)
            self._news.clear()
            await self._news.wait()

    async def _perform(self, player: Player, acts: int, order: Order) -> None:
        try:
            if acts != self._acts_heard or not (isinstance(order, SetVolume) or self._wants(order)):
                raise Superseded
            await _call(player, order)
        except PlayerError as error:
            superseded = isinstance(error, Superseded)
            _log.log(logging.INFO if superseded else logging.WARNING, "the player did not do it: %s", error)
            if not isinstance(order, SetVolume):
                self._post(Failed(order, str(error), superseded=superseded))
        else:
            if not isinstance(order, SetVolume):
                self._post(Confirmed(order))


async def _call(player: Player, order: Order) -> None:
    match order:
        case PlayProgramme(programme):
            await player.play(programme)
        case QueueProgramme(programme, fade=fade):
            await player.queue_next(programme, fade=fade)
        case ExtendQueue(programme):
            await player.extend(programme)
        case StartPlaying():
            await player.unpause()
        case PausePlaying():
            await player.pause()
        case GoToNext():
            await player.next()
        case GoToPrevious():
            await player.previous()
        case SetVolume(percent):
            await player.set_volume(percent)
        case _:
            assert_never(order)
