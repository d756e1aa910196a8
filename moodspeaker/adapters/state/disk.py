"""Brings what was written onto the disk, beside everything else: no song and no event waits for a slow card.

Theory of operation
===================
The files of the speaker are written in its loop, into the memory of the kernel, and synced by a thread that
lives as long as that takes.  Who asked for something to be kept is answered when it is.  What is written
while a sync is under way waits for the next one, all of it together.

A sync that hangs holds up these answers alone; one that fails is a fault of its file, and they are told.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moodspeaker.database import Database

    Done = asyncio.Future[None]


class Disk:
    """`ports.Disk` of some files; used on the event loop."""

    def __init__(self, *databases: Database) -> None:
        """Take the files, which are not `synced` by themselves."""
        self._databases = databases
        self._asking: list[Done] = []
        """Who asked for what waits for the next sync."""
        self._at_work = False

    def settle(self, done: Done | None = None) -> None:
        """Let all that was written until now come onto the disk; then `done`, or StoreError."""
        if done is not None and not done.done():
            self._asking.append(done)
        if not self._at_work:
            self._begin()

    def _begin(self) -> None:
        jobs = {file: job for file in self._databases if (job := file.unsynced()) is not None}
        asking, self._asking = self._asking, []
        if not jobs:
            self._answer(asking, "")
            return
        self._at_work = True
        loop = asyncio.get_running_loop()
        work = threading.Thread(target=self._sync, args=(loop, jobs, asking), name="disk", daemon=True)
        work.start()

    def _sync(
        self,
        loop: asyncio.AbstractEventLoop,
        jobs: Mapping[Database, Callable[[], None]],
        asking: Sequence[Done],
    ) -> None:
        """Do the jobs, in a thread; tell the loop how each ended."""
        failed: dict[Database, StoreError] = {}
        for file, job in jobs.items():
            try:
                job()
            except StoreError as error:
                failed[file] = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._end, failed, asking)

    def _end(self, failed: Mapping[Database, StoreError], asking: Sequence[Done]) -> None:
        self._at_work = False
        for file, error in failed.items():
            file.not_synced(error)
        self._answer(asking, "; ".join(file.fault for file in failed))
        self._begin()

    @staticmethod
    def _answer(asking: Sequence[Done], fault: str) -> None:
        for done in asking:
            if done.done():
                continue
            if fault:
                done.set_exception(StoreError(fault))
            else:
                done.set_result(None)
