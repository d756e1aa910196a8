"""The API over both real listeners: what may be asked, by whom, and one daemon a socket."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest
from support.fake_daemon import SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.web_api import FORM, JSON, ask, serve

from moodspeaker.domain.commands import Override
from moodspeaker.domain.emotion import Emotion
from moodspeaker.errors import StoreError, UsageError
from moodspeaker.web import access, visitors
from moodspeaker.web.app import Api

if TYPE_CHECKING:
    from pathlib import Path


# --- what may be asked ----------------------------------------------------------------------------------


def test_the_socket_answers_every_route_without_a_token(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        door = root / "api.sock"
        assert await ask(door, "GET", "/api/status") == (200, SNAPSHOT)
        assert (await ask(door, "GET", "/api/moods"))[1][1] == {
            "mood": "sad",
            "music": None,
            "current": False,
            "valence": -0.65,
            "arousal": -0.4,
        }
        songs = (await ask(door, "GET", "/api/moods/Sad/songs?count=2"))[1]
        assert (songs["mood"], [song["uri"] for song in songs["songs"]]) == ("sad", ["sad0", "sad1"])
        assert songs["songs"][0]["reasons"] == {"taste": "you like it"}
        assert [row["verb"] for row in (await ask(door, "GET", "/api/why?count=2"))[1]] == ["pending", "kept"]
        assert await ask(door, "GET", "/healthz") == (200, {"ok": True})
        assert await ask(door, "POST", "/api/command", data='{"override": "sad"}', headers=JSON) == (
            200,
            SNAPSHOT,
        )
        assert daemon.given == [Override(Emotion.SAD)]
        assert api.address == ""

    serve(settings(root), story)
    assert not (root / "api.sock").exists()


def test_the_socket_is_for_its_user_and_group_alone(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert (root / "api.sock").stat().st_mode & 0o777 == 0o660

    serve(settings(root), story)


@pytest.mark.parametrize(
    ("method", "path", "more", "expected"),
    [
        ("GET", "/api/command", {}, (405, "method")),
        ("GET", "/nothing", {}, (404, "not found")),
        ("POST", "/api/status", {}, (405, "method")),
        ("GET", "/api/why?count=0", {}, (400, "count")),
        ("GET", "/api/moods/sad/songs?count=501", {}, (400, "count")),
        ("GET", "/api/moods/bored/songs", {}, (404, "mood")),
        ("GET", "/api/why?count=-1", {}, (400, "count")),
        ("GET", "/api/why?count=99999999999999999999", {}, (400, "count")),
        ("GET", "/api/why?count=²", {}, (400, "count")),
        ("POST", "/api/command", {"data": '{"sensing": "off"}'}, (415, "content type")),
        ("POST", "/api/command", {"data": "sensing=off", "headers": FORM}, (415, "content type")),
        ("POST", "/api/command", {"data": "{", "headers": JSON}, (400, "command")),
        ("POST", "/api/command", {"data": b"\xff\xfe", "headers": JSON}, (400, "command")),
        ("POST", "/api/command", {"data": "[" * 4000, "headers": JSON}, (400, "command")),
        ("POST", "/api/command", {"data": '{"volume": 300}', "headers": JSON}, (400, "command")),
        ("POST", "/api/command", {"data": '{"sensing": "maybe"}', "headers": JSON}, (400, "command")),
        ("POST", "/api/command", {"data": " " * 5000 + "{}", "headers": JSON}, (413, "too large")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(
    root: Path, method: str, path: str, more: dict[str, Any], expected: tuple[int, str]
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        given, answer = await ask(root / "api.sock", method, path, **more)
        assert (given, answer["error"]) == expected
        assert answer["message"]
        assert daemon.given == []

    serve(settings(root), story)


def test_a_command_that_cannot_be_made_durable_answers_503(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.refusal = StoreError("the disk is full")
        answer = await ask(root / "api.sock", "POST", "/api/command", data='{"sensing": "off"}', headers=JSON)
        assert answer == (503, {"error": "store", "message": "the disk is full"})

    serve(settings(root), story)


def test_an_error_of_our_own_is_logged_and_answered_without_its_details(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.refusal = KeyError("secret")
        status, answer = await ask(
            root / "api.sock", "POST", "/api/command", data='{"play": "on"}', headers=JSON
        )
        assert (status, answer["error"]) == (500, "internal")
        assert "secret" not in answer["message"]

    serve(settings(root), story)
    assert "secret" in caplog.text


# --- the port -------------------------------------------------------------------------------------------


def test_many_idle_connections_cost_the_page_alone(root: Path) -> None:
    port = free_port()

    async def story(_api: Api, _daemon: FakeDaemon) -> None:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(visitors.CONNECTIONS)]
        for _, writer in idle:
            writer.write(b"GET / HT")
        await asyncio.sleep(0.2)
        reader, one_too_many = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert (await ask(root / "api.sock", "GET", "/healthz"))[0] == 200
        for writer in (one_too_many, *(writer for _, writer in idle)):
            writer.close()
        await asyncio.sleep(0.2)
        assert (await ask(f"http://127.0.0.1:{port}", "GET", "/healthz"))[0] == 200

    serve(settings(root, port=port), story)


def test_who_says_nothing_makes_room(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moodspeaker.web.app.IDLE", 0.3)
    port = free_port()

    async def story(_api: Api, _daemon: FakeDaemon) -> None:
        silent, kept = await asyncio.open_connection("127.0.0.1", port)
        slow, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: local")
        for reader in (silent, slow):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        assert (await ask(f"http://127.0.0.1:{port}", "GET", "/healthz"))[0] == 200
        for one in (kept, writer):
            one.close()
            await one.wait_closed()

    serve(settings(root, port=port), story)


def test_a_body_that_does_not_come_is_no_longer_waited_for(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "IDLE", 0.3)
    port = free_port()

    async def story(_api: Api, daemon: FakeDaemon) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = b"POST /api/command HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(head + b"Content-Length: 14\r\n\r\n{")
        answered = await asyncio.wait_for(reader.readuntil(b"}"), 5)
        assert answered.startswith(b"HTTP/1.1 408 ")
        assert b'"error": "timeout"' in answered
        assert daemon.given == []
        writer.close()

    serve(settings(root, port=port), story)


def test_one_address_cannot_take_all_places(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "is_loopback", lambda _: False)
    port = free_port()

    async def story(_api: Api, _daemon: FakeDaemon) -> None:
        first = [await asyncio.open_connection("127.0.0.1", port) for _ in range(visitors.EACH)]
        await asyncio.sleep(0.1)
        reader, one_too_many = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        other = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        other[1].write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await asyncio.wait_for(other[0].readline(), 5)).startswith(b"HTTP/1.1 200")
        for writer in (one_too_many, *(writer for _, writer in (*first, other))):
            writer.close()
            await writer.wait_closed()

    serve(settings(root, port=port), story)


def test_a_port_in_use_leaves_the_socket(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def story(api: Api, daemon: FakeDaemon) -> None:
            assert f"127.0.0.1:{port}" in api.reason
            assert (await ask(root / "api.sock", "GET", "/api/status"))[0] == 200

        serve(settings(root, port=port), story)


# --- one daemon a socket --------------------------------------------------------------------------------


def test_a_dead_daemons_socket_is_replaced(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(root / "api.sock"))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert (await ask(root / "api.sock", "GET", "/healthz"))[0] == 200

    serve(settings(root), story)


def test_a_living_daemons_socket_is_not(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        second = Api(FakeDaemon(), settings(root))
        with pytest.raises(UsageError, match="another moodspeaker runs on"):
            await second.start()
        await second.close()
        assert (await ask(root / "api.sock", "GET", "/healthz"))[0] == 200

    serve(settings(root), story)


def test_a_file_in_the_sockets_place_is_left_alone(root: Path) -> None:
    (root / "api.sock").write_text("mine", encoding="utf-8")

    async def story() -> None:
        api = Api(FakeDaemon(), settings(root))
        with pytest.raises(UsageError, match="remove it"):
            await api.start()
        await api.close()

    asyncio.run(story())
    assert (root / "api.sock").read_text(encoding="utf-8") == "mine"
