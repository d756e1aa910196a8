"""The stream of events over a real connection."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import aiohttp
from support.fake_daemon import DECISIONS, SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.web_api import ask, serve

from moodspeaker.web.feed import READERS

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.app import Api


class Stream:
    """An open event stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self, wanted: str) -> Any:  # noqa: ANN401 - JSON
        """Return the content of the next event of this name; others are passed over."""
        async with asyncio.timeout(10):
            name = ""
            while line := (await self.answer.content.readline()).decode():
                key, _, value = line.rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "data" and name == wanted:
                    return json.loads(value)
        message = f"the stream ended before {wanted}"
        raise AssertionError(message)


def test_the_snapshot_comes_first_and_then_what_changed(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.get(api.address + "api/events") as answer:
            assert answer.content_type == "text/event-stream"
            stream = Stream(answer)
            assert "now" in await stream.next("time")
            assert await stream.next("snapshot") == SNAPSHOT
            daemon.change(mood="sad", faces=2)
            assert await stream.next("change") == {"mood": "sad", "faces": 2}
            daemon.change(mood="sad")
            daemon.decide({**DECISIONS[0], "mood": "fear"})
            assert (await stream.next("decision"))["mood"] == "fear"
            daemon.change(faces=0)
            assert await stream.next("change") == {"faces": 0}

    serve(settings(root, port=free_port()), story)


def test_a_second_reader_begins_with_what_is_true_now(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.get(api.address + "api/events") as one:
            first = Stream(one)
            await first.next("snapshot")
            daemon.change(mood="sad")
            async with session.get(api.address + "api/events") as two:
                second = Stream(two)
                assert (await second.next("snapshot"))["mood"] == "sad"
                daemon.change(faces=4)
                assert await second.next("change") == {"faces": 4}
                assert await first.next("change") == {"mood": "sad"}
                assert await first.next("change") == {"faces": 4}

    serve(settings(root, port=free_port()), story)


def test_a_client_that_does_not_read_is_dropped_and_nobody_waits(root: Path) -> None:
    port = free_port()

    async def story(api: Api, daemon: FakeDaemon) -> None:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port))
            deaf.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            async with aiohttp.ClientSession() as session, session.get(api.address + "api/events") as answer:
                stream = Stream(answer)
                await stream.next("snapshot")
                for number in range(400):
                    daemon.change(mood=f"{number} " + "x" * 50_000)
                    assert (await stream.next("change"))["mood"].startswith(f"{number} ")
            deaf.settimeout(5)
            received = 0
            try:
                while part := deaf.recv(1 << 20):
                    received += len(part)
            except ConnectionError:
                pass
            assert received < 400 * 50_000  # it was cut off, and had not got all of it

    serve(settings(root, port=port), story)


def test_one_stream_too_many_is_refused_by_name_and_a_freed_place_is_taken(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        connector = aiohttp.UnixConnector(str(root / "api.sock"), limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            open_ones = [await session.get("http://localhost/api/events") for _ in range(READERS)]
            for one in open_ones:
                await Stream(one).next("snapshot")
            status, answer = await ask(root / "api.sock", "GET", "/api/events")
            assert (status, answer["error"]) == (503, "streams")
            for one in open_ones:
                one.close()
            async with asyncio.timeout(10):
                while True:
                    daemon.change(faces=1)
                    async with session.get("http://localhost/api/events") as again:
                        if again.status == 200:
                            break
                    await asyncio.sleep(0.05)

    serve(settings(root), story)


def test_open_streams_end_with_the_api(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session, session.get(api.address + "api/events") as answer:
            await Stream(answer).next("snapshot")
            async with asyncio.timeout(5):
                await api.close()
                assert (await answer.content.read()).strip() == b""

    serve(settings(root, port=free_port()), story)
