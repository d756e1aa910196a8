"""The camera's own picture, shown to aim it: through the running speaker to a browser, and no further."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import aiohttp
import cv2
import numpy as np
import pytest
from support import wall
from support.browser import browser
from support.drawn import STANDINS, white_square
from support.servers import free_port
from support.speaker_process import HomeAutomation, SpeakerProcess, eventually
from support.vision_process import VisionListener, VisionProcess

from moodspeaker.errors import PictureFault
from moodspeaker.wire.pictures import Preview

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.servers import RealMosquitto

DIFFERENCE = 4
"""Mean difference of grey between what the camera sees and its JPEG, at most."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(root: Path, port: int) -> list[str]:
    """A speaker that sees a drawn face, with neither player nor broker, and no key."""
    picture = root / "seen.png"
    cv2.imwrite(str(picture), white_square())
    return [
        f"models.path={STANDINS}", f"camera.source=file:{picture}", "mpd.host=", "mqtt.host=",
        f"web.port={port}", "vision.interval=0.2",
    ]  # fmt: skip


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def watching(port: int) -> AsyncIterator[aiohttp.MultipartReader]:
    """Ask for the picture as an <img> would."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address(port)}/api/preview") as answer,
    ):
        assert answer.status == 200
        yield aiohttp.MultipartReader.from_response(answer)


async def shown(reader: aiohttp.MultipartReader) -> bytes:
    """Return the next picture."""
    part = await asyncio.wait_for(reader.next(), 10)
    assert isinstance(part, aiohttp.BodyPartReader)
    return bytes(await part.read())


async def until_its_end(reader: aiohttp.MultipartReader) -> None:
    while True:
        await shown(reader)


def preview(speaker: SpeakerProcess) -> str | None:
    word: str | None = speaker.status()["camera"]["preview"]
    return word


def is_what_it_sees(jpeg: bytes) -> bool:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return picture is not None and float(np.abs(picture.astype(int) - white_square()).mean()) < DIFFERENCE


def test_without_the_key_no_picture_crosses_whatever_is_asked(root: Path, settings: list[str]) -> None:
    with VisionProcess(root, *settings) as vision, VisionListener(vision.socket) as client:
        client.hello()
        client.sense(on=True)
        assert not client.status(lambda status: status.camera.open).camera.may_preview
        client.say(Preview(on=True))
        refused = client.refused()
        assert (refused.number, refused.error) == (0, PictureFault.NOT_ALLOWED)
        assert "camera.preview = true" in refused.message
        for _ in range(5):
            client.look()
        assert client.shown == []


def test_without_the_key_the_speaker_refuses_by_name(root: Path, settings: list[str]) -> None:
    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
        assert preview(speaker) is None
        refused = speaker.ask("/api/preview")
        assert refused["error"] == "not allowed"
        assert "camera.preview = true" in refused["message"]


def test_with_it_the_picture_comes_and_home_automation_is_told_until_the_browser_goes(
    root: Path, settings: list[str], port: int, mosquitto: RealMosquitto
) -> None:
    async def story() -> None:
        async with watching(port) as reader:
            for _ in range(3):
                assert is_what_it_sees(await shown(reader))
            assert preview(speaker) == "on"
            assert speaker.ask("/api/preview")["error"] == "busy"
            told("ON")

    def told(payload: str) -> None:
        eventually(lambda: home.retained.get("preview") == payload, 5, f"{payload} is retained")

    words = [*settings, "camera.preview=true", "mqtt.host=127.0.0.1", f"mqtt.port={mosquitto.port}"]
    with HomeAutomation(mosquitto.port) as home, SpeakerProcess(root, words) as speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
        told("OFF")
        asyncio.run(story())
        eventually(lambda: preview(speaker) == "off", 5, "the browser's going is noticed")
        told("OFF")


def test_sensing_off_ends_it(root: Path, settings: list[str], port: int) -> None:
    async def story() -> None:
        async with watching(port) as reader:
            assert is_what_it_sees(await shown(reader))
            await asyncio.to_thread(eventually, lambda: preview(speaker) == "on", 5, "it is on")
            await asyncio.to_thread(speaker.ask, "/api/command", {"sensing": "off"})
            with pytest.raises((aiohttp.ClientError, ValueError, AssertionError)):
                await until_its_end(reader)
        assert speaker.ask("/api/preview")["error"] == "closed"

    with SpeakerProcess(root, [*settings, "camera.preview=true"]) as speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
        asyncio.run(story())


def test_the_hard_lock_ends_it_and_no_new_one_begins(root: Path, settings: list[str], port: int) -> None:
    lock = root / "lock"

    async def story() -> None:
        async with watching(port) as reader:
            assert is_what_it_sees(await shown(reader))
            await asyncio.to_thread(eventually, lambda: preview(speaker) == "on", 5, "it is on")
            lock.touch()
            with pytest.raises((aiohttp.ClientError, ValueError, AssertionError)):
                await until_its_end(reader)
        refused = speaker.ask("/api/preview")
        assert (refused["error"], "lock" in refused["message"]) == ("closed", True)
        lock.unlink()
        await asyncio.to_thread(eventually, lambda: speaker.status()["camera"]["open"], 15, "it is open")
        assert preview(speaker) == "off", "it does not come back by itself"
        async with watching(port) as reader:
            assert is_what_it_sees(await shown(reader))

    with SpeakerProcess(root, [*settings, "camera.preview=true", f"camera.lock=file:{lock}"]) as speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
        asyncio.run(story())


def test_it_ends_by_itself_for_the_browser_too(root: Path, settings: list[str], port: int) -> None:
    shortened = (
        "import runpy, sys; from moodspeaker.vision import preview; preview.LONGEST = 1.5; "
        "sys.argv = ['moodspeaker', *sys.argv[1:]]; runpy.run_module('moodspeaker', run_name='__main__')"
    )

    async def story() -> None:
        async with watching(port) as reader:
            assert is_what_it_sees(await shown(reader))
            begun = time.monotonic()
            with pytest.raises((aiohttp.ClientError, ValueError, AssertionError)):
                await until_its_end(reader)
            assert 0.5 < time.monotonic() - begun < 8
        await asyncio.to_thread(eventually, lambda: preview(speaker) == "off", 5, "it is told that it is off")

    words = [*settings, "camera.preview=true", "vision.spawn=false"]
    speaker = SpeakerProcess(root, words)
    vision = [sys.executable, "-c", shortened, "vision", *speaker.argv[4:]]
    with speaker, subprocess.Popen(vision, cwd=root) as process:
        try:
            eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
            asyncio.run(story())
        finally:
            process.terminate()


def test_a_page_of_another_site_does_not_turn_it_on(root: Path, settings: list[str], port: int) -> None:
    async def story() -> None:
        async with (
            aiohttp.ClientSession(headers={"Sec-Fetch-Site": "cross-site"}) as session,
            session.get(f"{address(port)}/api/preview") as answer,
        ):
            assert (answer.status, (await answer.json())["error"]) == (403, "origin")
        assert preview(speaker) == "off"

    with SpeakerProcess(root, [*settings, "camera.preview=true"]) as speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
        asyncio.run(story())


def test_setup_shows_the_picture_and_every_view_says_so(root: Path, settings: list[str], port: int) -> None:
    async def story() -> None:
        async with browser(address(port)) as setup, browser(address(port)) as other:
            await setup.until("live", "live")
            await setup.click("to-setup")
            await setup.until("preview-show", "Show the picture")
            await setup.click("preview-show")
            await other.until("alerts", "The camera's picture is shown")
            await setup.until("alerts", "The camera's picture is shown")
            size = "[...document.images].map((it) => [it.offsetWidth > 0, it.naturalWidth])"
            async with asyncio.timeout(10):
                while await setup.do(size) != [[True, 320]]:  # noqa: ASYNC110 - there is no event of it
                    await asyncio.sleep(0.1)
            await setup.click("to-now")
            await asyncio.to_thread(
                eventually, lambda: preview(speaker) == "off", 10, "leaving Setup ends it"
            )
            async with asyncio.timeout(10):
                while "picture is shown" in await other.text("alerts"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

    with SpeakerProcess(root, [*settings, "camera.preview=true"]) as speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 15, "the camera is open")
        asyncio.run(story())


def test_no_picture_reaches_a_file_and_the_wall_stands(root: Path, settings: list[str], port: int) -> None:
    async def story() -> list[bytes]:
        async with watching(port) as reader:
            return [await shown(reader) for _ in range(5)]

    speaker = SpeakerProcess(root, [*settings, "camera.preview=true"])
    trace = wall.Trace(speaker)
    with speaker:
        eventually(lambda: speaker.status()["camera"]["open"], 60, "the camera is open")
        pictures = asyncio.run(story())
        assert all(map(is_what_it_sees, pictures))
        assert speaker.status()["camera"]["frames_written"] == 0
        wall.assert_that_it_stands(speaker)
        speaker.kill()
    trace.assert_that_only_the_store_is_written()
