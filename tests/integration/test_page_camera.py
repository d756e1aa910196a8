"""The page's own camera, in a browser whose camera shows the demo's drawn faces."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from support.browser import browser, showing, write_y4m
from support.fake_daemon import CAMERA, FakeDaemon, settings
from support.servers import free_port
from support.web_api import serve

from moodspeaker.demo.faces import HAPPY, Pose, frame
from moodspeaker.errors import PictureError, PictureFault

if TYPE_CHECKING:
    from pathlib import Path

    from support.browser import Page

    from moodspeaker.web.app import Api

WAITS = {
    **CAMERA,
    "state": "off",
    "open": False,
    "source": "browser",
    "browser": "waits",
    "reason": "none sends",
}
SENDS = {**CAMERA, "source": "browser", "browser": "sends"}


@pytest.fixture
def video(root: Path) -> Path:
    return write_y4m(root / "face.y4m", [frame(HAPPY, Pose(), seed) for seed in range(2)])


HIDE = (
    "Object.defineProperty(document, 'hidden', {get: () => %s, configurable: true});"
    "document.dispatchEvent(new Event('visibilitychange'))"
)


async def attribute(page: Page, identity: str, name: str) -> object:
    return await page.do(f"document.getElementById({identity!r}).{name}")


def test_a_speaker_with_its_own_camera_has_no_such_card(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            assert await attribute(page, "card-camera", "hidden")
            assert await page.do(
                "!performance.getEntriesByType('resource').some((r) => /camera/.test(r.name))"
            )

    serve(settings(root, port=free_port()), story)


def test_it_sends_small_pictures_one_after_the_other_and_draws_what_comes_back(
    root: Path, video: Path
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**daemon.shown, "mood": "paused", "faces": 0, "camera": WAITS}
        async with browser(api.address, *showing(video)) as page:
            await page.until("mood", "No camera")
            assert "Camera" not in await page.text("alerts")
            await page.until("camera-start", "Start the camera")
            assert daemon.pictures.given == []
            await page.click("camera-start")
            await page.until("camera-told", "On:")
            await page.until("camera-seen", "1 face \u00b7 mood of the room: happy")
            daemon.change(mood="happy", faces=1, camera=SENDS)
            await page.until("alerts", "browser's camera is on")
            assert await attribute(page, "camera-start", "disabled") is False
            left = "document.querySelector('.boxes div').getBoundingClientRect().left"
            stage = "document.querySelector('.stage').getBoundingClientRect()"
            share = await page.do(f"({left} - {stage}.left) / {stage}.width")
            assert share == pytest.approx((640 - 10 - 30) / 640, abs=0.02), "mirrored, as the picture is"
            for picture in daemon.pictures.given:
                assert picture.startswith(b"\xff\xd8")
                assert b"\xff\xc0" in picture, "baseline"
                assert len(picture) < 100_000
            assert await page.nameless() == []
            before = len(daemon.pictures.given)
            await asyncio.sleep(2)
            assert before + 2 <= len(daemon.pictures.given) <= before + 5
            await page.click("camera-start")
            await page.until("camera-start", "Start the camera")
            assert await page.text("camera-told") == "Nothing is sent yet."
            assert await attribute(page, "camera-video", "srcObject") is None
            assert await page.console() == []

    serve(settings(root, port=free_port()), story)


def test_it_stops_when_the_page_is_hidden_and_when_sensing_is_switched_off(root: Path, video: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**daemon.shown, "camera": WAITS}
        async with browser(api.address, *showing(video)) as page:
            await page.until("camera-start", "Start the camera")
            await page.click("camera-start")
            await page.until("camera-told", "On:")
            await page.do(HIDE % "true")
            await page.until("camera-told", "the page was hidden")
            await page.do(HIDE % "false")
            await page.click("camera-start")
            await page.until("camera-told", "On:")
            daemon.pictures.stop(PictureError(PictureFault.CLOSED, "sensing is off"))
            await page.until("camera-told", "Stopped: sensing is off")
            await page.until("camera-start", "Start the camera")

    serve(settings(root, port=free_port()), story)


def test_it_says_why_no_picture_is_taken_and_begins_again_by_itself(root: Path, video: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**daemon.shown, "camera": WAITS}
        daemon.pictures.refusal = PictureError(PictureFault.BUSY, "another browser's camera is on")
        async with browser(api.address, *showing(video)) as page:
            await page.until("camera-start", "Start the camera")
            await page.click("camera-start")
            await page.until("camera-told", "Another browser's camera is on")
            daemon.pictures.refusal = None
            await page.until("camera-told", "On:")

    serve(settings(root, port=free_port()), story)


def test_where_browsers_give_no_camera_the_page_says_what_is_needed(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**daemon.shown, "camera": WAITS}
        name = socket.gethostname()
        address = api.address.replace("127.0.0.1", name)
        async with browser(address, f"--host-resolver-rules=MAP {name} 127.0.0.1") as page:
            await page.until("camera-told", "open this page over https")
            assert await attribute(page, "camera-start", "disabled") is True

    serve(settings(root, port=free_port()), story)


def test_another_browsers_camera_is_told_before_one_is_asked_for(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**daemon.shown, "camera": SENDS}
        async with browser(api.address) as page:
            await page.until("camera-told", "Another browser's camera is on")
            assert await attribute(page, "camera-start", "disabled") is True
            await page.until("alerts", "browser's camera is on")
            daemon.change(camera=WAITS)
            await page.until("camera-told", "Nothing is sent yet")
            assert await attribute(page, "camera-start", "disabled") is False

    serve(settings(root, port=free_port()), story)
