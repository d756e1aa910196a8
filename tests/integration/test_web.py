"""The API and the page over both real listeners, with a fake daemon behind them."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from support.browser import FLAGS, browser, browser_environment
from support.fake_daemon import CAMERA, SNAPSHOT, FakeDaemon, settings
from support.servers import free_port, require
from support.speaker_process import eventually

from moodspeaker.domain.commands import Hold, Next, Override, Sensing
from moodspeaker.domain.emotion import Emotion
from moodspeaker.errors import StoreError, UsageError
from moodspeaker.web.api import CONNECTIONS, Api

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from moodspeaker.config.schema import Config

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def serve(config: Config, story: Callable[[Api, FakeDaemon], Awaitable[None]]) -> None:
    """Run a story while the API serves."""

    async def whole() -> None:
        daemon = FakeDaemon()
        api = Api(daemon, config)
        await api.start()
        try:
            await story(api, daemon)
        finally:
            await api.close()

    asyncio.run(whole())


async def ask(where: str | Path, method: str, path: str, **more: Any) -> tuple[int, Any]:  # noqa: ANN401
    """Return the status and the JSON of an answer of a socket (a path) or of a URL."""
    url = isinstance(where, str)
    connector = aiohttp.TCPConnector() if url else aiohttp.UnixConnector(str(where))
    base = str(where).removesuffix("/") if url else "http://localhost"
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, base + path, **more) as answer,
    ):
        return answer.status, json.loads(await answer.read())


@pytest.fixture
def address() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        try:
            link.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network address")
        found: str = link.getsockname()[0]
        return found


# --- what may be asked ------------------------------------------------------------------------------------


def test_the_socket_answers_every_route_without_a_token(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        door = root / "api.sock"
        assert await ask(door, "GET", "/api/status") == (200, SNAPSHOT)
        assert (await ask(door, "GET", "/api/moods"))[1][1] == {
            "mood": "sad",
            "music": None,
            "current": False,
        }
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


# --- who may ask ------------------------------------------------------------------------------------------


def test_this_machine_needs_no_token_but_its_own_name(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        for host in (
            "localhost",
            "127.0.0.1:99",
            "[::1]:99",
            socket.gethostname(),
            f"{socket.gethostname()}.local".upper(),
        ):
            assert (await ask(api.address, "GET", "/api/status", headers={"Host": host}))[0] == 200, host
        for host in (
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "[",
            "",
            "192.0.2.7",
        ):
            status, answer = await ask(api.address, "GET", "/api/status", headers={"Host": host})
            assert (status, answer["error"]) == (403, "host"), host

    serve(settings(root, port=free_port()), story)


def test_another_sites_page_gives_no_commands(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        for origin in (
            "http://evil.example",
            "null",
            "",
            "http://localhost:1",
            api.address.rstrip("/") + "0",
        ):
            status, answer = await ask(
                api.address,
                "POST",
                "/api/command",
                data='{"sensing": "on"}',
                headers={**JSON, "Origin": origin},
            )
            assert (status, answer["error"]) == (403, "origin"), origin
        assert daemon.given == []
        own = api.address.rstrip("/")
        assert (await ask(own, "POST", "/api/command", data='{"hold": 5}', headers={**JSON, "Origin": own}))[
            0
        ] == 200
        assert daemon.given == [Hold(5.0)]

    serve(settings(root, port=free_port()), story)


def test_others_give_the_token(root: Path, address: str) -> None:
    (root / "token").write_text("a long token\n", encoding="utf-8")
    port = free_port()

    async def story(api: Api, daemon: FakeDaemon) -> None:
        lan = f"http://{address}:{port}"
        for header in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "a long token"},
            {"Authorization": "Bearer ä"},
        ):
            status, answer = await ask(lan, "GET", "/api/status", headers=header)
            assert (status, answer["error"]) == (401, "token"), header
        right = {"Authorization": "Bearer a long token"}
        assert await ask(lan, "GET", "/api/status", headers=right) == (200, SNAPSHOT)
        assert await ask(lan, "GET", "/api/status", headers={**right, "Host": "moods.example"}) == (
            200,
            SNAPSHOT,
        )
        assert (await ask(lan, "POST", "/api/command", data='{"sensing": "off"}', headers={**JSON, **right}))[
            0
        ] == 200
        assert daemon.given == [Sensing(on=False)]
        assert await ask(lan, "GET", "/healthz") == (200, {"ok": True})

    serve(settings(root, host="0.0.0.0", port=port, token_file=str(root / "token")), story)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "no.such.invalid"])
def test_nothing_beyond_loopback_is_listened_on_without_a_token(
    root: Path, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert "web.token_file" in api.reason
        assert api.address == ""
        with pytest.raises(aiohttp.ClientConnectorError):
            await ask(f"http://127.0.0.1:{port}", "GET", "/healthz")
        assert (await ask(root / "api.sock", "GET", "/healthz"))[0] == 200

    serve(settings(root, host=host, port=port), story)
    assert "web.token_file" in caplog.text


def test_many_idle_connections_cost_the_page_alone(root: Path) -> None:
    port = free_port()

    async def story(_api: Api, _daemon: FakeDaemon) -> None:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
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


def test_a_port_in_use_leaves_the_socket(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def story(api: Api, daemon: FakeDaemon) -> None:
            assert f"127.0.0.1:{port}" in api.reason
            assert (await ask(root / "api.sock", "GET", "/api/status"))[0] == 200

        serve(settings(root, port=port), story)


# --- one daemon a socket ----------------------------------------------------------------------------------


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


# --- the page ---------------------------------------------------------------------------------------------


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
