"""A browser's camera and the whole speaker: pictures in over the page's WebSocket, mood and music out."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import aiohttp
import cv2
import pytest
from support.drawn import STANDINS, white_square
from support.servers import free_port
from support.speaker_process import HomeAutomation, SpeakerProcess, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.servers import RealMosquitto

JPEG = bytes(cv2.imencode(".jpg", white_square())[1])
SIZE = JPEG.index(b"\xff\xc0") + 5
"""Where the header tells height, width and the number of components."""
BAD = {
    "not jpeg": bytes(cv2.imencode(".png", white_square())[1]),
    "progressive": bytes(cv2.imencode(".jpg", white_square(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1]),
    "cmyk": JPEG[: SIZE + 4] + b"\x04" + JPEG[SIZE + 5 :],
    "too big": JPEG[:SIZE] + b"\xff\xff\xff\xff" + JPEG[SIZE + 4 :],
    "broken": JPEG[:300],
}
"""Pictures that are refused, by the name of the refusal."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(port: int) -> list[str]:
    """A speaker that looks through a browser's camera, with neither player nor broker."""
    return [
        f"models.path={STANDINS}", "camera.source=browser", "camera.browser=true", "mpd.host=", "mqtt.host=",
        f"web.port={port}", "vision.interval=0.1",
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def browser_camera(port: int) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open the WebSocket as a page would."""
    address = f"http://127.0.0.1:{port}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{address}/api/camera", headers={"Origin": address}) as link,
    ):
        yield link


async def look(link: aiohttp.ClientWebSocketResponse, jpeg: bytes = JPEG) -> Any:  # noqa: ANN401 - JSON
    """Send a picture at a page's pace, and return the answer."""
    await asyncio.sleep(0.25)
    await link.send_bytes(jpeg)
    return await link.receive_json(timeout=10)


def ready(speaker: SpeakerProcess) -> bool:
    return bool(speaker.status()["camera"]["browser"] == "waits")


def test_faces_come_back_and_every_surface_says_that_a_browser_sends(
    root: Path, settings: list[str], port: int
) -> None:
    async def story() -> None:
        async with browser_camera(port) as link:
            seen = await look(link)
            [face] = seen["faces"]
            assert face["box"] == [112, 72, 64, 64]
            assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.01)
            assert speaker.status()["camera"]["browser"] == "sends"
            assert speaker.status()["camera"]["open"]
            assert speaker.status()["faces"] == 1
            with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
                async with browser_camera(port):
                    pass
            assert speaker.ask("/api/camera")["error"] == "busy"
            for error, jpeg in BAD.items():
                assert (await look(link, jpeg))["error"] == error
            await link.send_bytes(JPEG)
            await link.send_bytes(JPEG)
            answers = [await link.receive_json(timeout=10) for _ in range(2)]
            assert answers[1]["error"] == "too fast"
            assert (await look(link))["faces"], "the one that was first goes on"
            assert speaker.status()["camera"]["state"] == "ok"

    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: ready(speaker), 15, "vision takes pictures")
        asyncio.run(story())
        eventually(lambda: ready(speaker), 5, "the browser's going is noticed")


def test_home_automation_is_told_when_a_browsers_camera_is_on(
    root: Path, settings: list[str], port: int, mosquitto: RealMosquitto
) -> None:
    async def story() -> None:
        async with browser_camera(port) as link:
            await look(link)
            told("ON")

    def told(payload: str) -> None:
        eventually(lambda: home.retained.get("browser_camera") == payload, 5, f"{payload} is retained")

    words = [*settings, "mqtt.host=127.0.0.1", f"mqtt.port={mosquitto.port}"]
    with HomeAutomation(mosquitto.port) as home, SpeakerProcess(root, words) as speaker:
        eventually(lambda: ready(speaker), 15, "vision takes pictures")
        told("OFF")
        asyncio.run(story())
        told("OFF")


def test_without_the_key_it_is_refused_by_name(root: Path, settings: list[str], port: int) -> None:
    with SpeakerProcess(root, [*settings, "camera.browser=false"]) as speaker:
        eventually(lambda: speaker.status()["camera"]["reason"], 15, "vision says what it lacks")
        assert speaker.status()["camera"]["browser"] is None
        refused = speaker.ask("/api/camera")
        assert refused["error"] == "not wanted"
        assert "camera.browser = true" in refused["message"]


def test_sensing_off_sends_the_browser_away(root: Path, settings: list[str], port: int) -> None:
    async def story() -> None:
        async with browser_camera(port) as link:
            assert (await look(link))["faces"]
            speaker.ask("/api/command", {"sensing": "off"})
            assert (await link.receive_json(timeout=5))["error"] == "closed"
        assert speaker.ask("/api/camera")["error"] == "closed"

    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: ready(speaker), 15, "vision takes pictures")
        asyncio.run(story())


def test_after_a_restart_of_vision_a_browser_begins_again(root: Path, settings: list[str], port: int) -> None:
    async def before() -> None:
        async with browser_camera(port) as link:
            assert (await look(link))["faces"]
            speaker.vision.kill()
            assert "vision" in (await link.receive_json(timeout=10))["message"]

    async def after() -> None:
        async with browser_camera(port) as link:
            assert (await look(link))["faces"]

    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: ready(speaker), 15, "vision takes pictures")
        asyncio.run(before())
        eventually(lambda: ready(speaker), 15, "vision is back")
        asyncio.run(after())
