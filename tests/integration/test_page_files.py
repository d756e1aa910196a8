"""The files of the page, as they are served."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import aiohttp
import pytest
from support.browser import browser
from support.fake_daemon import FakeDaemon, settings
from support.servers import free_port
from support.web_api import serve

from moodspeaker.web.routes.page import static_files

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.app import Api


WHOLE: int = 150_000
"""Bytes of all files of the page together, at most."""


def test_the_page_is_small_and_loads_nothing_from_elsewhere() -> None:
    files = static_files()
    assert sum(len(file.body) for file in files.values()) <= WHOLE
    for name, file in files.items():
        text = file.body.decode()
        assert not re.findall(r"""(?:src|href)=["'](?!static/|#)""", text), name
        assert "innerHTML" not in text, name
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == [], name
        assert "style=" not in text, name


def test_a_file_that_did_not_change_is_not_sent_again(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(api.address + "static/app.js") as first:
                assert (first.status, first.content_type) == (200, "text/javascript")
                tag = first.headers["ETag"]
            async with session.get(api.address + "static/app.js", headers={"If-None-Match": tag}) as again:
                assert (again.status, await again.read()) == (304, b"")
            async with session.get(api.address + "static/../app.py") as outside:
                assert outside.status == 404

    serve(settings(root, port=free_port()), story)


def test_what_the_first_page_names_is_kept_for_ever_and_another_version_has_other_addresses(
    root: Path,
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(api.address) as answer:
                assert answer.headers["Cache-Control"] == "no-cache"
                named = re.findall(r'"(static/[^"]+)"', await answer.text())
            assert len(named) == 3
            for address in named:
                async with session.get(api.address + address) as file:
                    assert file.status == 200, address
                    assert "immutable" in file.headers["Cache-Control"], address
            older = re.sub(r"static/\w+/", "static/0123456789ab/", named[0])
            async with session.get(api.address + older) as file:
                assert file.status == 404, "what is asked for is of another version"

    serve(settings(root, port=free_port()), story)


def test_a_page_that_was_seen_before_asks_for_no_file_again(root: Path) -> None:
    asked = (
        "performance.getEntriesByType('resource').map((one) => [one.name, one.transferSize])"
        ".filter(([name, size]) => name.includes('/static/') && size).join()"
    )

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("override", "12")
            await page.call("Page.navigate", url=f"{api.address}?again")
            await page.holds("location.search === '?again'")
            await page.until("override", "12")
            assert await page.do(asked) == ""

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize(
    ("takes", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1, GZIP ;q=0.5", True),
        ("identity", False),
        ("gzip;q=0, br", False),
    ],
)
def test_a_file_is_packed_for_whoever_takes_it_packed(root: Path, takes: str, packed: bool) -> None:  # noqa: FBT001
    async def story(api: Api, daemon: FakeDaemon) -> None:
        file = static_files()["style.css"]
        async with (
            aiohttp.ClientSession(auto_decompress=False, headers={"Accept-Encoding": takes}) as session,
            session.get(api.address + "static/style.css") as answer,
        ):
            body = await answer.read()
            assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert (gzip.decompress(body) if packed else body) == file.body
            assert len(file.packed) < len(file.body) / 2

    serve(settings(root, port=free_port()), story)
