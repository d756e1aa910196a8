"""Listen here: what a real MPD's httpd output plays comes out at the page's own address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from support.browser import browser
from support.fake_daemon import FakeDaemon, settings
from support.servers import RealMpd, free_port
from support.speaker_process import SpeakerProcess, eventually
from support.web_api import ask, serve
from yarl import URL

from moodspeaker.web.routes import listen
from moodspeaker.web.routes.listen import LISTENERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodspeaker.web.app import Api


@pytest.fixture
def stream_port() -> int:
    return free_port()


@pytest.fixture
def mpd_server(root: Path, stream_port: int) -> Iterator[RealMpd]:
    """An MPD that plays a song over HTTP."""
    folder = root / "mpd"
    folder.mkdir()
    lines = (
        'type "httpd"', 'name "page"', 'bind_to_address "127.0.0.1"', f'port "{stream_port}"',
        'encoder "lame"', 'bitrate "64"', 'format "44100:16:1"', 'always_on "yes"',
    )  # fmt: skip
    output = "audio_output {\n " + "\n ".join(lines) + "\n}"
    server = RealMpd(folder, extra=output)
    server.add_song("one.wav", seconds=300, title="One")
    with server:
        with server.client() as client:
            client.add("one.wav")
            client.play()
        yield server


def test_the_speaker_finds_the_output_and_a_browser_hears_it(
    root: Path, mpd_server: RealMpd, stream_port: int
) -> None:
    port = free_port()
    words = [
        f"mpd.host={mpd_server.socket}",
        f"mpd.stream_port={stream_port}",
        "mqtt.host=",
        f"web.port={port}",
    ]

    async def story() -> None:
        async with browser(f"http://127.0.0.1:{port}/") as page:
            await page.until("listen", "Listen here")
            await page.click("listen")
            await page.until("listen-told", "Some seconds behind the room", within=20)
            await page.until("listen", "Stop listening")
            await page.click("listen")
            await page.until("listen", "Listen here")
            assert await page.console() == []

    with SpeakerProcess(root, [*words, "camera.source=none"]) as speaker:
        eventually(lambda: speaker.status()["player"]["listen"], 15, "the output is found")
        asyncio.run(story())


def test_without_such_an_output_the_page_offers_nothing(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await ask(api.address, "GET", "/api/listen")
        assert (status, answer["error"]) == (409, "no stream")
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            assert await page.text("listen") == ""

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize("kind", ["nobody there", "a page"])
def test_what_gives_no_sound_is_named(root: Path, kind: str) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.listened = f"http://127.0.0.1:{free_port()}/" if kind == "nobody there" else api.address
        status, answer = await ask(api.address, "GET", "/api/listen")
        assert (status, answer["error"]) == (502, "stream")
        assert "mpd.stream_port" in answer["message"]

    serve(settings(root, port=free_port()), story)


def test_an_output_that_opens_as_the_music_starts_is_asked_again(root: Path) -> None:
    asked = 0

    async def opening(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        if asked > 4:  # aiohttp itself asks twice
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\nsound")
            await writer.drain()
        writer.close()

    async def story(api: Api, daemon: FakeDaemon) -> None:
        server = await asyncio.start_server(opening, "127.0.0.1", port := free_port())
        daemon.listened = f"http://127.0.0.1:{port}/"
        async with (
            server,
            aiohttp.ClientSession() as session,
            session.get(api.address + "api/listen") as heard,
        ):
            assert (heard.status, await heard.read()) == (200, b"sound")

    serve(settings(root, port=free_port()), story)


def test_so_many_listen_at_once_and_one_that_goes_makes_room(root: Path) -> None:
    async def sound(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
        await response.prepare(request)
        while True:
            await response.write(bytes(1000))
            await asyncio.sleep(0.05)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        application = web.Application()
        application.add_routes([web.get("/", sound)])
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        daemon.listened = f"http://127.0.0.1:{port}/"
        async with aiohttp.ClientSession() as session:
            streams = [await session.get(api.address + "api/listen") for _ in range(LISTENERS)]
            assert {stream.content_type for stream in streams} == {"audio/mpeg"}
            assert len(await streams[0].content.read(1000)) > 0
            assert (await ask(api.address, "GET", "/api/listen"))[0] == 503
            streams[0].close()
            async with asyncio.timeout(5):
                while True:
                    async with session.get(api.address + "api/listen") as again:
                        if again.status == 200:
                            break
                    await asyncio.sleep(0.05)
            for stream in streams:
                stream.close()
        await runner.cleanup()

    serve(settings(root, port=free_port()), story)


def test_browsers_that_do_not_read_are_cut_off_and_make_room(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "STALLED", 0.3)

    async def sound(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
        await response.prepare(request)
        while True:
            await response.write(bytes(1 << 16))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        application = web.Application()
        application.add_routes([web.get("/", sound)])
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        port, own = free_port(), URL(api.address).port
        await web.TCPSite(runner, "127.0.0.1", port).start()
        daemon.listened = f"http://127.0.0.1:{port}/"
        asleep = []
        for _ in range(LISTENERS):
            _, writer = await asyncio.open_connection("127.0.0.1", own, limit=1)
            writer.write(b"GET /api/listen HTTP/1.1\r\nHost: localhost\r\n\r\n")
            asleep.append(writer)
        await until_status(api.address, 503)
        await until_status(api.address, 200)
        for writer in asleep:
            writer.close()
        await runner.cleanup()

    serve(settings(root, port=free_port()), story)


async def until_status(address: str, wanted: int) -> None:
    """Ask to listen until the answer has a status."""
    async with asyncio.timeout(10), aiohttp.ClientSession() as session:
        while True:
            async with session.get(address + "api/listen") as stream:
                if stream.status == wanted:
                    return
            await asyncio.sleep(0.05)
