"""axe-core over every view of the page, light and dark, on a phone and at a desk.  Not part of CI.

    npm pack axe-core && tar xzf axe-core-*.tgz package/axe.min.js
    PYTHONPATH=tests .venv/bin/python tests/acceptance/axe.py --axe package/axe.min.js

The page is that of a daemon of the tests, with something to show in each view, or that of `--address`.  It
prints each finding and fails where one is serious or critical.

Last tried with axe-core 4.14.1: nothing found, of no weight, in any of the four states.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.browser import browser
from support.fake_daemon import CAMERA, FakeDaemon, settings
from support.servers import free_port, short_folder
from support.web_api import serve

if TYPE_CHECKING:
    from support.browser import Page

    from moodspeaker.web.app import Api

SIZES: Final = ((360, 780), (1400, 900))
BAD: Final = frozenset({"serious", "critical"})
RUN: Final = """
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => JSON.stringify(violations.map((one) => (
  {id: one.id, impact: one.impact, help: one.help, where: one.nodes.map((node) => node.target.join(" ") + ": " + node.any.concat(node.all, node.none).map((check) => check.message).join("; "))}))))
"""  # noqa: E501 - JavaScript


async def examine(page: Page, axe: str, state: str) -> set[str]:
    """Look at every view in each size and theme; print what is found, and return what is bad."""
    bad = set()
    views = await page.do("[...document.querySelectorAll('#views a')].map((link) => link.hash.slice(1))")
    for width, height in SIZES:
        for dark in (False, True):
            await page.look_like(width, height, dark=dark, still=True)
            for view in views:
                await page.click(f"to-{view}")
                await asyncio.sleep(1)
                await page.do("for (const one of document.querySelectorAll('details')) one.open = true")
                await page.do(axe)
                for finding in json.loads(await page.do(RUN)):
                    where = f"{state}, {view}, {width} px, {'dark' if dark else 'light'}"
                    print(f"{finding['impact']}: {finding['id']} ({where}): {finding['help']}")
                    print(*(f"    {node}" for node in finding["where"]), sep="\n")
                    if finding["impact"] in BAD:
                        bad.add(finding["id"])
    return bad


async def states(
    address: str, axe: str, api: Api | None = None, daemon: FakeDaemon | None = None
) -> set[str]:
    """Examine the page as it is; a daemon of the tests also held with a fault, being aimed, and dead."""
    async with browser(address) as page:
        await page.until("live", "live")
        bad = await examine(page, axe, "well")
        if api is not None and daemon is not None:
            lost = {**CAMERA, "state": "lost", "reason": "lost: pulled out"}
            hold = {"active": True, "until": "2099-03-01T11:14:00Z", "control": "held"}
            daemon.change(mood="lost", faces=0, camera=lost, hold=hold)
            await page.until("alerts", "Pulled out")
            bad |= await examine(page, axe, "with a fault, held")
            daemon.change(mood="happy", faces=1, camera={**CAMERA, "preview": "on", "hints": ["dim"]})
            await page.until("alerts", "The camera's picture is shown")
            bad |= await examine(page, axe, "with the preview")
            await api.close()
            await page.until("alerts", "The speaker does not answer")
            bad |= await examine(page, axe, "dead")
        return bad


def main() -> int:
    """Examine; return 0 where nothing is serious."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--axe", type=Path, required=True, help="axe.min.js")
    parser.add_argument("--address", help="a running page that needs no token")
    arguments = parser.parse_args()
    axe = arguments.axe.read_text(encoding="utf-8")
    bad: set[str] = set()

    async def story(api: Api, daemon: FakeDaemon) -> None:
        bad.update(await states(api.address, axe, api, daemon))

    if arguments.address:
        bad = asyncio.run(states(arguments.address, axe))
    else:
        with short_folder() as root:
            serve(settings(root, port=free_port()), story)
    print(f"serious or critical: {', '.join(sorted(bad)) or 'nothing'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
