"""The page as it is used: by a thumb, by keys, enlarged, without motion, and while it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from support.browser import browser
from support.fake_daemon import CAMERA, DECISIONS, SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.web_api import serve

if TYPE_CHECKING:
    from pathlib import Path

    from support.browser import Page

    from moodspeaker.web.app import Api

VIEWS: Final = {
    "now": "#override [data-value=sad]",
    "day": "#day-decisions li",
    "library": "#moods-music li",
    "settings": "#set-mood-gap",
    "setup": "#rest-begin",
}
"""Each view, and what it shows when it is complete."""
SMALL: Final = """
  [...document.querySelectorAll("button, select, input, summary, nav a")].filter((node) => {
    const {height, bottom} = node.getBoundingClientRect();
    const reach = parseFloat(getComputedStyle(node, "::before").inset) || 0;
    return node.checkVisibility() && bottom > 0 && !node.matches(".plain, .mark") && height - 2 * reach < 44;
  }).map((node) => `${node.localName}#${node.id}.${node.className}: ${node.textContent.slice(0, 30)}`)
"""
"""What a thumb would miss: less than 44 pixels high, with what is around it; not links in a text."""
MOVING: Final = """
  [...document.querySelectorAll("*")].filter((node) => [null, "::before", "::after"].some((part) => {
    const {transitionDuration, animationName} = getComputedStyle(node, part);
    return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== "none";
  })).length
"""
"""How many of all nodes move when they change."""
REACHED: Final = """
  (() => {
    const node = document.activeElement;
    node.reached = true;
    return parseFloat(getComputedStyle(node).outlineWidth) >= 2 ? "" : node.outerHTML;
  })()
"""
"""Marks what has the focus; returns what of it is seen no focus."""
UNREACHED: Final = """
  [...document.querySelectorAll("a[href], button, input, select, summary")]
    .filter((node) => node.checkVisibility() && node.tabIndex >= 0 && !node.disabled && !node.reached)
    .map((node) => node.outerHTML)
"""
"""What the focus has never been on, of all that can have it."""


async def opened(page: Page, view: str) -> None:
    """Open a view and wait until it is complete."""
    await page.until("live", "live", within=30)
    await page.do(f"location.hash = '{view}'")
    await page.holds(f"document.querySelector({VIEWS[view]!r})?.checkVisibility()")


@pytest.mark.parametrize("view", VIEWS)
def test_a_thumb_hits_and_nothing_overflows_however_it_is_enlarged(root: Path, view: str) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**SNAPSHOT, "camera": {**CAMERA, "preview": "off"}}
        async with browser(api.address) as page:
            await page.look_like(360, 780)
            await opened(page, view)
            assert await page.do(SMALL) == []
            for width in (320, 700):  # a phone with large letters; a desk of 1,400 at 200 %
                await page.look_like(width, 450)
                assert await page.do("document.documentElement.scrollWidth") <= width
            assert await page.nameless() == []

    serve(settings(root, port=free_port()), story)


def test_what_is_opened_and_what_has_the_focus_stay_when_something_new_comes(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await opened(page, "now")
            await page.do("document.querySelector('#decisions summary').focus()")
            await page.key("Enter")
            was = "document.activeElement.textContent"
            before = await page.do(was)
            assert "71" in await page.text("decisions"), "its evidence is shown"
            daemon.decide(
                {**DECISIONS[1], "at": "2026-03-01T10:45:00Z", "mood": "fear", "rule": "no music for fear"}
            )
            await page.until("decisions", "no music for fear")
            assert await page.do(was) == before
            assert "71" in await page.text("decisions")
            await page.do("document.querySelector('#override [data-value=sad]').focus()")
            daemon.change(override="sad")
            await page.holds("document.querySelector('#override [data-value=sad]').ariaPressed === 'true'")
            assert await page.do("document.activeElement.dataset.value") == "sad"

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_is_reached_by_keys_alone_and_is_seen_to_have_the_focus(root: Path, view: str) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**SNAPSHOT, "camera": {**CAMERA, "preview": "off"}}
        async with browser(api.address) as page:
            await opened(page, "now")
            while await page.do("document.activeElement.id") != f"to-{view}":
                await page.key("Tab")
                assert await page.do(REACHED) == ""
            await page.key("Enter")
            await opened(page, view)
            for _ in range(await page.do(f"{UNREACHED}.length") + 10):
                await page.key("Tab")
                assert await page.do(f"document.activeElement === document.body ? '' : {REACHED}") == ""
            await page.key("Tab")  # around, and to what stands before
            assert [one for one in await page.do(UNREACHED) if "to-" not in one] == []

    serve(settings(root, port=free_port()), story)


def test_nothing_moves_for_who_wishes_that(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.look_like(1400, 900, still=True)
            await opened(page, "now")
            assert await page.do(MOVING) == 0
            await page.look_like(1400, 900)
            assert await page.do(MOVING) > 0

    serve(settings(root, port=free_port()), story)
