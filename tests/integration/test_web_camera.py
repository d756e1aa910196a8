"""`GET /api/camera`: who may send pictures, how fast, and how it is told that none are taken."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from pydantic import TypeAdapter
from support.fake_daemon import FakeDaemon, settings
from support.servers import free_port
from support.web_api import ask, serve

from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.speaker.views import SeenView
from moodspeaker.web import bounded_socket
from moodspeaker.web.routes import camera

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.app import Api

PICTURE = b"\xff\xd8 a picture \xff\xd9"


async def exchange(link: aiohttp.ClientWebSocketResponse, message: bytes | str) -> Any:  # noqa: ANN401 - JSON
    """Send a message and return its answer."""
    await (link.send_bytes(message) if isinstance(message, bytes) else link.send_str(message))
    return await link.receive_json(timeout=5)


async def gone(daemon: FakeDaemon) -> None:
    """Wait until no browser sends."""
    async with asyncio.timeout(5):
        while daemon.pictures.end is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_a_picture_goes_in_and_what_is_seen_comes_back(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(api.address + "api/camera") as link:
            seen = await exchange(link, PICTURE)
            assert (seen["picture"], seen["mood"], seen["faces"][0]["box"]) == (1, "happy", [10, 20, 30, 40])
            assert daemon.pictures.given == [PICTURE]
            assert TypeAdapter(SeenView).validate_python(seen)
        await gone(daemon)

    serve(settings(root, port=free_port()), story)


def test_what_is_no_picture_or_comes_too_fast_is_refused_by_name_and_ends_nothing(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(api.address + "api/camera") as link:
            assert (await exchange(link, "a word"))["error"] == "not jpeg"
            assert "faces" in await exchange(link, PICTURE)
            assert (await exchange(link, PICTURE))["error"] == "too fast"
            await asyncio.sleep(1 / camera.RATE)
            assert (await exchange(link, PICTURE))["picture"] == 4
            assert len(daemon.pictures.given) == 2
        assert (await ask(api.address, "GET", "/api/status"))[0] == 200

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize("size", [camera.LONGEST_MESSAGE + 1, 12 * camera.LONGEST_MESSAGE])
def test_who_sends_a_huge_message_is_told_why_and_may_begin_again(root: Path, size: int) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(api.address + "api/camera") as link:
                await link.send_bytes(bytes(size))
                told = await link.receive_json(timeout=10)
                assert (told["error"], "send a JPEG of" in told["message"]) == ("too big", True)
                ended = await link.receive(timeout=10)
                assert (ended.type, ended.data, ended.extra) == (aiohttp.WSMsgType.CLOSE, 1009, "too big")
            await gone(daemon)
            async with session.ws_connect(api.address + "api/camera") as link:
                assert (await exchange(link, PICTURE))["mood"] == "happy"
        assert daemon.pictures.given == [PICTURE]

    serve(settings(root, port=free_port()), story)


def test_who_sends_without_an_end_is_cut_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_socket, "DROPPED_FOR", 0.3)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(api.address + "api/camera") as link:
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(10):
                    while True:
                        await link.send_bytes(bytes(camera.LONGEST_MESSAGE + 1))
            assert link._writer.transport.is_closing()
        await gone(daemon)

    serve(settings(root, port=free_port()), story)


def test_where_none_are_taken_the_reason_comes_before_any_websocket(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await ask(api.address, "GET", "/api/camera")
        assert (status, answer["error"]) == (426, "upgrade")
        daemon.pictures.refusal = PictureError(PictureFault.BUSY, "another one is on")
        status, answer = await ask(api.address, "GET", "/api/camera")
        assert (status, answer) == (409, {"error": "busy", "message": "another one is on"})
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
                await session.ws_connect(api.address + "api/camera")

    serve(settings(root, port=free_port()), story)


def test_a_browser_is_told_why_it_must_end(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(api.address + "api/camera") as link:
            await exchange(link, PICTURE)
            daemon.pictures.stop(PictureError(PictureFault.CLOSED, "sensing is off"))
            told = await link.receive_json(timeout=5)
            assert told == {"error": "closed", "message": "sensing is off"}
            assert (await link.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE

    serve(settings(root, port=free_port()), story)


def test_a_silent_browser_makes_room(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "SILENCE", 0.2)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(api.address + "api/camera") as link:
            assert (await link.receive_json(timeout=5))["error"] == "silent"

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"Origin": "http://evil.example"}, "origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "origin"),
        ({"Host": "evil.example"}, "host"),
    ],
)
def test_no_page_of_another_site_sends_pictures(root: Path, headers: dict[str, str], error: str) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", **headers}
        status, answer = await ask(api.address, "GET", "/api/camera", headers=upgrade)
        assert (status, answer["error"]) == (403, error)
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await session.ws_connect(api.address + "api/camera", headers=headers)

    serve(settings(root, port=free_port()), story)


def test_where_a_token_is_set_it_is_given_here_too(root: Path) -> None:
    (root / "token").write_text("sesame-open-the-door", encoding="utf-8")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert (await ask(api.address, "GET", "/api/camera"))[0] == 401
        given = {"Authorization": "Bearer sesame-open-the-door"}
        async with (
            aiohttp.ClientSession(headers=given) as session,
            session.ws_connect(api.address + "api/camera") as link,
        ):
            assert "faces" in await exchange(link, PICTURE)

    serve(settings(root, port=free_port(), token_file=str(root / "token")), story)
