"""The page, as it is served and in a browser."""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from typing import TYPE_CHECKING

import aiohttp
from support.browser import FLAGS, browser, browser_environment
from support.fake_daemon import CAMERA, SNAPSHOT, FakeDaemon, settings
from support.servers import free_port, require
from support.speaker_process import eventually
from support.web_api import serve

from moodspeaker.domain.commands import Hold, Next, Override, Sensing
from moodspeaker.domain.emotion import Emotion
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.api import Api


def test_the_page_runs_its_own_script_alone_and_loads_nothing_from_elsewhere(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.get(api.address) as answer:
            html = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert answer.content_type == "text/html"
        assert "default-src 'none'" in policy
        assert "script-src 'sha256-" in policy
        assert "unsafe" not in policy
        assert not re.findall(r"""(?:src|href)=["'](?!data:)""", html)
        assert "http" not in html.replace("http-equiv", "")
        assert "innerHTML" not in html

    serve(settings(root, port=free_port()), story)


def chromium(address: str, size: tuple[int, int], picture: Path | None = None) -> str:
    """Return the page's DOM after a few seconds in a headless browser, and write a picture of it."""
    program = require("chromium")
    with tempfile.TemporaryDirectory(prefix="ms", ignore_cleanup_errors=True) as profile:
        flags = [
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--window-size={size[0]},{size[1]}",
            "--virtual-time-budget=3000",
        ]
        what = [f"--screenshot={picture}"] if picture else ["--dump-dom"]
        done = subprocess.run(
            [program, *flags, *what, address], capture_output=True, text=True, timeout=60, check=True,
            env=browser_environment(profile),
        )  # fmt: skip
    return done.stdout


def text_of(dom: str, identity: str) -> str:
    """Return what stands in the element with this id, as markup."""
    found = re.search(rf'<(\w+)[^>]* id="{identity}"[^>]*>(.*?)</\1>', dom, re.DOTALL)
    assert found is not None, f"{identity} is not on the page"
    return found.group(2)


def test_a_browser_shows_the_snapshot(root: Path) -> None:
    require("chromium")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        dom = await asyncio.to_thread(chromium, api.address, (1100, 900))
        assert text_of(dom, "mood") == "happy"
        assert "83 % sure" in text_of(dom, "since")
        assert text_of(dom, "faces") == "1 face"
        assert text_of(dom, "live") == "live"
        assert "mood-happy (stored playlist)" in text_of(dom, "selection")
        assert "sad follows when this song ends" in text_of(dom, "pending")
        assert "mood-happy, 12 songs" in text_of(dom, "override")
        assert "sad (no music)" in text_of(dom, "override")
        assert "refuses the password" in text_of(dom, "health")
        assert "no music for angry" in text_of(dom, "decisions")
        assert "No picture is stored" in dom

    serve(settings(root, port=free_port()), story)


def test_a_songs_tags_stay_text(root: Path) -> None:
    require("chromium")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        dom = await asyncio.to_thread(chromium, api.address, (1100, 900))
        assert text_of(dom, "title").startswith("&lt;img src=x")
        assert "<title>happy" in dom

    serve(settings(root, port=free_port()), story)


def test_a_browser_takes_a_picture_on_a_phone_too(root: Path) -> None:
    require("chromium")
    picture = root / "page.png"

    async def story(api: Api, daemon: FakeDaemon) -> None:
        await asyncio.to_thread(chromium, api.address, (500, 1600), picture)

    serve(settings(root, port=free_port()), story)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_page_follows_what_happens(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "happy")
            daemon.shown = {
                **SNAPSHOT,
                "mood": "lost",
                "camera": {**CAMERA, "state": "lost", "reason": "pulled out"},
            }
            await page.until("mood", "no camera")
            await page.until("health", "lost: pulled out")
            daemon.shown = {
                **SNAPSHOT,
                "hold": {"active": True, "until": "2026-03-01T11:14:00Z", "control": "held"},
            }
            await page.until("hold", "left alone until")
            await page.until("resume", "Resume")
            assert await page.text("do-hold") == ""
            await api.close()
            await page.until("live", "no answer")

    serve(settings(root, port=free_port()), story)


def test_the_buttons_command(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("override", "sad (no music)")
            for button in ("next", "do-hold", "sensing"):
                await page.click(button)
            choose = (
                "const it = document.getElementById('override');"
                "it.value = 'sad'; it.dispatchEvent(new Event('change'))"
            )
            await page.do(choose)
            await asyncio.to_thread(eventually, lambda: len(daemon.given) >= 4, 10, "four commands")
            assert sorted(daemon.given, key=repr) == [
                Hold(None),
                Next(),
                Override(Emotion.SAD),
                Sensing(on=False),
            ]
            daemon.refusal = StoreError("the disk is full: free some space")
            await page.click("next")
            await page.until("said", "the disk is full: free some space")

    serve(settings(root, port=free_port()), story)


def test_the_page_asks_for_the_token(root: Path, address: str) -> None:
    (root / "token").write_text("sesame-open-the-door", encoding="utf-8")
    port = free_port()

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"http://{address}:{port}/") as page:
            await page.until("live", "token wanted")
            assert await page.text("mood") in {"", "\u2026"}
            await page.do("document.getElementById('token').value = 'sesame-open-the-door'")
            await page.do("document.getElementById('token-form').requestSubmit()")
            await page.until("mood", "happy")
            assert await page.text("ask") == ""

    serve(settings(root, host="0.0.0.0", port=port, token_file=str(root / "token")), story)
