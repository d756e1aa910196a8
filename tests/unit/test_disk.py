"""What is written comes onto the disk beside everything else, and is answered then."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from moodspeaker.adapters.state.disk import Disk
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable


class File:
    """A `Database` that is synced when the test lets it."""

    def __init__(self) -> None:
        self.fault = ""
        self.waits = True
        self.synced = 0
        self.refusal: StoreError | None = None
        self.may = threading.Event()
        self.may.set()

    def unsynced(self) -> Callable[[], None] | None:
        """Return the sync, where something waits."""
        if not self.waits:
            return None
        self.waits = False
        return self._sync

    def _sync(self) -> None:
        self.may.wait(10)
        if self.refusal is not None:
            raise self.refusal
        self.synced += 1

    def not_synced(self, error: StoreError) -> None:
        """Keep why."""
        self.fault = str(error)


def asked() -> asyncio.Future[None]:
    """Return what somebody waits for."""
    return asyncio.get_running_loop().create_future()


def disk(*files: Any) -> Disk:  # noqa: ANN401 - stand-ins for databases
    """Return a disk of these files."""
    return Disk(*files)


def test_what_needs_no_sync_is_answered_at_once() -> None:
    async def story() -> None:
        file = File()
        file.waits = False
        done = asked()
        disk(file).settle(done)
        assert done.done()

    asyncio.run(story())


def test_a_sync_that_hangs_holds_up_its_answer_alone_and_what_comes_meanwhile_shares_the_next() -> None:
    async def story() -> None:
        file = File()
        file.may.clear()
        ours = disk(file)
        first, second, third = asked(), asked(), asked()
        ours.settle(first)
        file.waits = True
        ours.settle(second)
        ours.settle(third)
        await asyncio.sleep(0)
        assert not any(one.done() for one in (first, second, third))
        file.may.set()
        await asyncio.wait_for(asyncio.gather(first, second, third), 10)
        assert file.synced == 2

    asyncio.run(story())


def test_what_nobody_waits_for_is_synced_too() -> None:
    async def story() -> None:
        file = File()
        ours = disk(file)
        ours.settle()
        done = asked()
        ours.settle(done)
        await asyncio.wait_for(done, 10)
        assert file.synced == 1

    asyncio.run(story())


def test_a_disk_that_refuses_is_a_fault_of_its_file_and_told_to_who_asked() -> None:
    async def story() -> None:
        well, ill = File(), File()
        ill.refusal = StoreError("input/output error")
        done = asked()
        disk(well, ill).settle(done)
        with pytest.raises(StoreError, match="input/output error"):
            await asyncio.wait_for(done, 10)
        assert (well.synced, well.fault, ill.fault) == (1, "", "input/output error")

    asyncio.run(story())


def test_who_asked_may_have_gone_meanwhile() -> None:
    async def story() -> None:
        file = File()
        ours = disk(file)
        gone, done = asked(), asked()
        ours.settle(gone)
        gone.cancel()
        ours.settle(done)
        await asyncio.wait_for(done, 10)

    asyncio.run(story())
