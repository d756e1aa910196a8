"""A browser's camera from end to end: Chromium over https and wss with a CA of our own, the shipped models, a
real MPD; restarts of either process; and no picture on the disk.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import aiohttp
import cv2
import pytest
from support import wall
from support.browser import browser, showing, write_y4m
from support.certificates import fingerprint, make
from support.drawn import STANDINS, white_square
from support.servers import RealMpd, free_port
from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.demo.faces import HAPPY, SAD, Pose, frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(240)

SETTLED = 30
"""Seconds within which a change of the face must be heard."""
HAPPY_FOR, SAD_FOR = 25, 45
"""Seconds of the video that show each face."""
MARK = b"moodspeaker was here and must not be found"
"""A comment in a JPEG."""


@pytest.fixture
def mpd_server(root: Path) -> Iterator[RealMpd]:
    folder = root / "mpd"
    folder.mkdir()
    server = RealMpd(folder)
    for mood in ("happy", "sad"):
        server.add_mood(mood)
    with server:
        yield server


@pytest.fixture
def video(root: Path) -> Path:
    faces = [[frame(expression, Pose(), seed) for seed in range(3)] for expression in (HAPPY, SAD)]
    pictures = [faces[0][second % 3] for second in range(HAPPY_FOR)]
    return write_y4m(root / "faces.y4m", pictures + [faces[1][second % 3] for second in range(SAD_FOR)])


def plays(server: RealMpd, mood: str) -> bool:
    with server.client() as client:
        playing = client.currentsong().get("file", "").startswith(mood)
        return playing and client.status()["state"] == "play"


def test_the_music_follows_a_browsers_camera_over_wss_and_a_restart(
    root: Path, mpd_server: RealMpd, video: Path
) -> None:
    make(root, "one")
    port = free_port()
    words = [
        "camera.source=browser", "camera.browser=true", f"mpd.host={mpd_server.socket}", "mqtt.host=",
        "listen.start=arrival", "music.switch=now", f"web.port={port}",
        f"web.cert_file={root / 'one.pem'}", f"web.key_file={root / 'one.key'}",
    ]  # fmt: skip
    trusting = f"--ignore-certificate-errors-spki-list={fingerprint(root, 'one')}"

    async def soon(mood: str, within: float) -> None:
        await asyncio.to_thread(eventually, lambda: plays(mpd_server, mood), within, f"{mood} music")

    async def story() -> None:
        async with browser(f"https://localhost:{port}/", trusting, *showing(video)) as page:
            await page.until("camera-start", "Start the camera")
            await page.click("camera-start")
            await page.until("camera-seen", "1 face")
            await soon("happy", SETTLED)
            await page.until("alerts", "A browser's camera is on")
            await page.until("mood", "Happy")
            assert speaker.status()["camera"]["browser"] == "sends"
            await soon("sad", HAPPY_FOR + SETTLED)
            await page.until("mood", "Sad")
            speaker.vision.kill()
            await page.until("camera-told", "vision process ended")
            await page.until("camera-told", "On:", within=20)
            speaker.kill()
            await page.until("live", "no answer", within=20)
            speaker.start()
            await page.until("camera-told", "On:", within=30)
            assert speaker.status()["camera"]["browser"] == "sends"

    with SpeakerProcess(root, words) as speaker:
        asyncio.run(story())


def test_no_picture_reaches_a_file_and_the_wall_stands(root: Path) -> None:
    make(root, "one")
    port = free_port()
    words = [
        f"models.path={STANDINS}", "camera.source=browser", "camera.browser=true", "mpd.host=", "mqtt.host=",
        f"web.port={port}", f"web.cert_file={root / 'one.pem'}", f"web.key_file={root / 'one.key'}",
    ]  # fmt: skip
    plain = bytes(cv2.imencode(".jpg", white_square())[1])
    marked = plain[:2] + b"\xff\xfe" + (len(MARK) + 2).to_bytes(2) + MARK + plain[2:]
    secure = ssl.create_default_context(cafile=str(root / "ca.pem"))

    async def story() -> None:
        address = f"wss://localhost:{port}/api/camera"
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await session.ws_connect(address, ssl=secure, headers={"Origin": "https://evil.example"})
            async with session.ws_connect(address, ssl=secure) as link:
                for _ in range(5):
                    await link.send_bytes(marked)
                    assert len((await link.receive_json(timeout=20))["faces"]) == 1
                    await asyncio.sleep(0.3)

    speaker = SpeakerProcess(root, words)
    trace = wall.Trace(speaker)
    with speaker:
        eventually(lambda: speaker.status()["camera"]["browser"] == "waits", 60, "vision takes pictures")
        asyncio.run(story())
        assert speaker.status()["camera"]["frames_written"] == 0
        wall.assert_that_it_stands(speaker)
        speaker.kill()
    trace.assert_that_only_the_store_is_written()
    kept = [file for file in root.rglob("*") if file.is_file() and MARK in file.read_bytes()]
    assert kept == []
