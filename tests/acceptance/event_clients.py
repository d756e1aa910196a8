"""What twenty readers of the event stream cost a speaker that looks at faces.  Not part of CI.

    PYTHONPATH=tests .venv/bin/python tests/acceptance/event_clients.py

It runs a speaker on the demo's replay, measures CPU and memory of the speaker process without and with
readers, and fails over 5 % of a core or 10 MB more.  `--first-paint` prints when a browser first paints.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from typing import TYPE_CHECKING, Final

import aiohttp
import psutil
from support.browser import browser
from support.servers import free_port, short_folder
from support.speaker_process import SpeakerProcess

from moodspeaker.demo.scene import write_replay

if TYPE_CHECKING:
    from pathlib import Path

    from support.browser import Page

CLIENTS: Final = 20
SECONDS: Final = 45.0
CORE: Final = 0.05
MEGABYTES: Final = 10.0
TRIES: Final = 5


async def reader(address: str, heard: list[int]) -> None:
    """Read the event stream for ever."""
    async with aiohttp.ClientSession() as session, session.get(address + "api/events") as stream:
        async for part in stream.content.iter_any():
            heard[0] += len(part)


async def cost(process: psutil.Process) -> tuple[float, float]:
    """Return the share of a core over some seconds, and the memory in MB after them."""
    spent, begun = sum(process.cpu_times()[:2]), time.monotonic()
    await asyncio.sleep(SECONDS)
    share = (sum(process.cpu_times()[:2]) - spent) / (time.monotonic() - begun)
    return share, process.memory_info().rss / 1e6


async def measure(root: Path, address: str, process: psutil.Process) -> bool:
    """Print what readers cost; tell whether that is little enough."""
    await asyncio.sleep(10)  # it has started
    alone, before = await cost(process)
    heard = [0]
    readers = [asyncio.create_task(reader(address, heard)) for _ in range(CLIENTS)]
    share, after = await cost(process)
    for one in readers:
        one.cancel()
    print(f"alone: {alone:.1%} of a core, {before:.1f} MB")
    print(f"{CLIENTS} readers: {share - alone:.1%} of a core and {after - before:.1f} MB more;", end=" ")
    print(f"{heard[0] / CLIENTS / SECONDS / 1000:.1f} kB/s each")
    return share - alone < CORE and after - before < MEGABYTES


async def first_paint(address: str) -> None:
    """Print when a browser paints the page first: as it starts, as it runs, and when it comes again."""
    times: dict[str, list[float]] = {"as it starts": [], "as it runs": [], "again": []}
    for _ in range(TRIES):
        async with browser(address) as page:
            times["as it starts"].append(await painted(page))
        async with browser("about:blank") as page:
            await asyncio.sleep(1)
            for visit in ("as it runs", "again"):
                await page.call("Page.navigate", url=f"{address}?{visit}")
                await page.holds(f"decodeURI(location.search) === '?{visit}'")
                times[visit].append(await painted(page))
    for visit, found in times.items():
        print(f"first paint, {visit}:", ", ".join(f"{one:.0f}" for one in sorted(found)), "ms")


async def painted(page: Page) -> float:
    """Return the milliseconds after which the page was first painted."""
    await page.until("live", "live", within=30)
    return float(await page.do("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def main() -> int:
    """Measure; return 0 where it is little enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--first-paint", action="store_true", help="measure that alone")
    arguments = parser.parse_args()
    with short_folder() as root:
        (root / "replay").mkdir()
        write_replay(root / "replay", 600)
        port = free_port()
        words = [f"camera.source=replay:{root / 'replay'}", "mpd.host=", f"web.port={port}"]
        with SpeakerProcess(root, words) as speaker:
            assert speaker.process is not None
            address = f"http://127.0.0.1:{port}/"
            if arguments.first_paint:
                asyncio.run(first_paint(address))
                return 0
            return 0 if asyncio.run(measure(root, address, psutil.Process(speaker.process.pid))) else 1


if __name__ == "__main__":
    sys.exit(main())
