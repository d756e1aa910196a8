"""The Setup view in a real browser, and the routes behind it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
from support.browser import browser
from support.fake_daemon import CAMERA, SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.speaker_process import eventually
from support.web_api import ask, serve

from moodspeaker.domain.commands import Calibrate, Sensing, SetVolume
from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.observation import Box, Face, Observation
from moodspeaker.errors import DoctorError
from moodspeaker.wire import Look

if TYPE_CHECKING:
    from pathlib import Path

    from support.browser import Page

    from moodspeaker.web.app import Api

EVEN = Probabilities.of(1 / len(EMOTIONS) for _ in EMOTIONS)
NO_BROKER = {"state": "off", "reason": ""}


def look(*boxes: tuple[float, float, float, float]) -> Look:
    """Return a look at faces in these boxes of a frame of 1280x960."""
    faces = tuple(Face(Box(*box), 0.9, EVEN) for box in boxes)
    return Look(Observation(1.0, faces, size=(1280, 960)))


async def aiming(daemon: FakeDaemon) -> None:
    """Wait until somebody aims."""
    async with asyncio.timeout(10):
        while not daemon.setup._aiming:  # noqa: ASYNC110 - there is no event of it
            await asyncio.sleep(0.05)


async def opened(page: Page) -> None:
    """Open the Setup view by the keyboard."""
    await page.until("live", "live")
    await page.do("document.getElementById('to-setup').focus()")
    await page.key("Enter")
    await page.until("sound-play", "Play a chime")


def test_faces_are_boxes_and_small_ones_are_said_to_be(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**SNAPSHOT, "camera": {**CAMERA, "hints": ["dim"]}, "broker": NO_BROKER}
        async with browser(api.address) as page:
            await opened(page)
            await aiming(daemon)
            assert "more light helps" in await page.text("aim-hints")
            cures = "words.hintsOf({browser: 'sends', hints: ['turned_90', 'far']}).join()"
            words = "document.querySelector('script[src*=\"app\"]').src.replace('app.js', 'words.js')"
            assert "camera." not in await page.do(f"import({words}).then((words) => {cures})")
            daemon.setup.hear(look((300, 200, 200, 220), (900, 300, 20, 24)))
            await page.until("aim-told", "2 faces, 1 of them too small to be read")
            boxes = await page.do(
                "[...document.querySelectorAll('.face-box')].map((n) => [n.classList.contains('small'),"
                " n.textContent])"
            )
            assert boxes == [[False, "210 px"], [True, "22 px"]]
            assert await page.do("document.querySelectorAll('img, video, canvas').length") == 0
            daemon.setup.hear(look())
            await page.until("aim-told", "Nobody is in sight")
            daemon.setup.tick(100.0)
            assert daemon.vision.calibrations == [8.0]
            await page.click("to-now")
            async with asyncio.timeout(10):
                while daemon.setup._aiming:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.05)
            daemon.setup.tick(200.0)
            assert daemon.vision.calibrations == [8.0], "nobody aims any more"

    serve(settings(root, port=free_port()), story)


def test_a_lost_camera_says_why_and_a_closed_one_can_be_opened(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        closed = {**CAMERA, "state": "off", "open": False}
        daemon.shown = {**SNAPSHOT, "camera": {**closed, "state": "lost", "reason": "lost: pulled out"}}
        async with browser(api.address) as page:
            await opened(page)
            await page.until("aim-told", "Pulled out")
            daemon.change(sensing=False, camera=closed)
            await page.until("aim-told", "The camera is closed")
            await page.click("aim-open")
            await asyncio.to_thread(eventually, lambda: daemon.given == [Sensing(on=True)], 10, "it opens")

    serve(settings(root, port=free_port()), story)


def test_the_chime_is_asked_about_and_silence_has_a_cure(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await opened(page)
            await page.click("sound-play")
            await page.until("sound-told", "It went to nowhere (null). Did you hear it?")
            assert await page.do("document.activeElement.id") == "sound-yes"
            await page.key("Enter")
            await page.until("sound-told", "The sound works")
            await page.click("sound-play")
            await page.until("sound-no", "I heard nothing")
            await page.click("sound-no")
            await page.until("sound-checks", "sound is well")
            assert daemon.doctor.asked == ["sound"]
            daemon.player.error = "Failed to open ALSA device: plug it in"
            await page.click("sound-play")
            await page.until("sound-told", "The chime is not heard: Failed to open ALSA device: plug it in")
            slide = (
                "const it = document.getElementById('sound-volume');"
                "it.value = 25; it.dispatchEvent(new Event('input'))"
            )
            await page.do(slide)
            await asyncio.to_thread(eventually, lambda: daemon.given == [SetVolume(25)], 10, "the volume")

    serve(settings(root, port=free_port()), story)


def test_each_server_is_tried_and_answers_with_the_cure(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await opened(page)
            for part in ("player", "broker"):
                await page.click(f"{part}-test")
                await page.until(f"{part}-checks", f"{part} is well")
            daemon.doctor.refusal = DoctorError("the doctor cannot be started: no memory")
            await page.click("broker-test")
            await page.until("broker-told", "The doctor cannot be started: no memory")
            assert await page.text("broker-checks") == ""

    serve(settings(root, port=free_port()), story)


def test_a_calibration_counts_down_and_tells_its_outcome(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await opened(page)
            await page.click("rest-begin")
            await asyncio.to_thread(eventually, lambda: daemon.given == [Calibrate(on=True)], 10, "it begins")
            outcome: dict[str, Any] = {"until": None, "reason": "", "lowered": []}
            daemon.change(calibration={**outcome, "state": "running", "until": "2099-01-01T00:00:00Z"})
            await page.until("rest-told", "Look at the camera, face at rest")
            daemon.change(calibration={**outcome, "state": "failed", "reason": "the face moved: try again"})
            await page.until("rest-told", "The face moved: try again")
            daemon.change(calibration={**outcome, "state": "done", "lowered": ["sad"]})
            await page.until("rest-told", "Done: sad counts less")
            await page.click("rest-forget")
            await asyncio.to_thread(
                eventually, lambda: daemon.given[1:] == [Calibrate(on=False)], 10, "it is forgotten"
            )

    serve(settings(root, port=free_port()), story)


def test_an_answer_that_comes_late_hides_no_change_that_came_before_it(root: Path) -> None:
    late = """
        const asked = window.fetch;
        window.fetch = async (...words) => {
          const answer = await asked(...words);
          if (words[0] === "api/command") await new Promise((go) => window.answer = go);
          return answer;
        }"""

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await opened(page)
            await page.do(late)
            await page.click("rest-begin")
            await page.holds("Boolean(window.answer)")
            failed = {"until": None, "reason": "the face moved: try again", "lowered": []}
            daemon.change(calibration={**failed, "state": "failed"})
            await page.until("rest-told", "The face moved: try again")
            await page.do("window.answer(), new Promise((done) => setTimeout(done, 200))")
            await page.until("rest-told", "The face moved: try again", within=0.2)

    serve(settings(root, port=free_port()), story)


def test_everything_is_reached_by_the_keyboard_named_and_fits_a_phone(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await opened(page)
            await aiming(daemon)
            daemon.setup.hear(look((300, 200, 200, 220)))
            await page.until("aim-told", "1 face")
            for width in (360, 1400):
                await page.look_like(width, 900)
                assert await page.do("document.documentElement.scrollWidth") <= width
                daemon.setup.hear(look((300, 200, 200, 220), (900, 300, 200, 240)))
                await page.until("aim-told", "2 faces")
                heights = (
                    "[...document.querySelectorAll('.aim text')].map((n) => n.getBoundingClientRect().height)"
                )
                assert await page.do(f"Math.min(...{heights})") >= 14, "it can be read"
                daemon.setup.hear(look((300, 200, 200, 220)))
                await page.until("aim-told", "1 face")
            assert await page.nameless() == []
            reached = set()
            for _ in range(25):
                await page.key("Tab")
                reached.add(await page.do("document.activeElement.id"))
            assert {"sound-play", "sound-volume", "player-test", "broker-test", "rest-begin"} <= reached
            assert await page.console() == []

    serve(settings(root, port=free_port()), story)


def test_what_the_routes_refuse_they_name(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        where = root / "api.sock"
        assert await ask(where, "POST", "/api/checks/broker") == (
            200,
            {"checks": [{"name": "broker", "verdict": "ok", "message": "broker is well"}]},
        )
        status, told = await ask(where, "POST", "/api/checks/kitchen")
        assert (status, told["error"]) == (404, "part")
        daemon.player.lose("MPD is gone: start it")
        assert await ask(where, "POST", "/api/chime") == (
            409, {"error": "sound", "message": "MPD is gone: start it"},
        )  # fmt: skip

    serve(settings(root, port=free_port()), story)


def test_no_more_than_a_few_aim_at_once_and_each_hears_the_looks(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        connector = aiohttp.UnixConnector(str(root / "api.sock"))
        async with aiohttp.ClientSession(connector=connector) as session:
            streams = [await session.get("http://localhost/api/aim") for _ in range(4)]
            async with session.get("http://localhost/api/aim") as fifth:
                assert (fifth.status, (await fifth.json())["error"]) == (503, "streams")
            daemon.setup.hear(look((10, 10, 40, 40)))
            for stream in streams:
                lines = [(await stream.content.readline()).decode() for _ in range(4)]
                assert lines[2] == "event: look\n"
                told = json.loads(lines[3].removeprefix("data: "))
                assert told == {
                    "width": 1280, "height": 960, "least": 28.0,
                    "faces": [{"box": [10, 10, 40, 40], "size": 40.0, "large_enough": True}],
                }  # fmt: skip
                stream.close()

    serve(settings(root, port=free_port()), story)
