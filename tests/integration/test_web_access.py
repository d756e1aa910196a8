"""Who may ask the API on its TCP port: this machine, the token, a session; and nobody for another site."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from support.fake_daemon import SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.web_api import JSON, ask, serve

from moodspeaker.domain.commands import Hold, Sensing

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.config.schema import Config
    from moodspeaker.web.app import Api

TOKEN = "sesame-open-the-door"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def guarded(root: Path, **web: object) -> Config:
    """Return settings with a token and a port."""
    (root / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    return settings(root, port=free_port(), token_file=str(root / "token"), **web)


async def enter(address: str, secret: dict[str, str], **headers: str) -> tuple[int, str]:
    """Ask for a session; return the status and the Set-Cookie header."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(address + "api/session", json=secret, headers=headers) as answer,
    ):
        return answer.status, answer.headers.get("Set-Cookie", "")


def test_this_machine_needs_its_own_name_where_no_token_is_set(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        machine = socket.gethostname()
        for host in ("localhost", "127.0.0.1:99", "[::1]:99", machine, f"{machine}.local".upper()):
            assert (await ask(api.address, "GET", "/api/status", headers={"Host": host}))[0] == 200, host
        evil = ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[", "", "192.0.2.7")
        for host in evil:
            status, answer = await ask(api.address, "GET", "/api/status", headers={"Host": host})
            assert (status, answer["error"]) == (403, "host"), host

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_gives_no_commands_and_is_logged_once(
    root: Path, caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        for _ in range(3):
            status, answer = await ask(
                api.address, "POST", "/api/command", data='{"sensing": "on"}', headers={**JSON, **headers}
            )
            assert (status, answer["error"]) == (403, "origin")
        assert daemon.given == []

    with caplog.at_level("WARNING"):
        serve(settings(root, port=free_port()), story)
    assert caplog.text.count("a page of another site may not give commands") == 1


@pytest.mark.parametrize("path", ["/api/aim", "/api/listen", "/api/preview"])
def test_another_sites_page_starts_nothing_by_reading(root: Path, path: str) -> None:
    async def story(api: Api, _: FakeDaemon) -> None:
        status, answer = await ask(api.address, "GET", path, headers={"Sec-Fetch-Site": "cross-site"})
        assert (status, answer["error"]) == (403, "origin")

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize("proxied", [False, True])
def test_its_own_page_gives_commands(root: Path, proxied: bool) -> None:  # noqa: FBT001 - a parameter
    async def story(api: Api, daemon: FakeDaemon) -> None:
        own = api.address.rstrip("/")
        # A proxy that sends its own Host: the browser's word counts.
        said = (
            {"Origin": "https://moods.example", "Sec-Fetch-Site": "same-origin"}
            if proxied
            else {"Origin": own}
        )
        assert (await ask(own, "POST", "/api/command", data='{"hold": 5}', headers={**JSON, **said}))[
            0
        ] == 200
        assert daemon.given == [Hold(5.0)]

    serve(settings(root, port=free_port()), story)


def test_where_a_token_is_set_this_machine_gives_it_too(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        for path in ("/api/status", "/api/why", "/api/events", "/metrics", "/nothing"):
            status, answer = await ask(api.address, "GET", path)
            assert (status, answer["error"]) == (401, "token"), path
        assert (await ask(api.address, "POST", "/api/command", data="{}", headers=JSON))[0] == 401
        assert (await ask(api.address, "GET", "/api/status", headers=BEARER))[0] == 200
        assert (await ask(root / "api.sock", "GET", "/api/status"))[0] == 200

    serve(guarded(root), story)


def test_others_give_the_token(root: Path, address: str) -> None:
    config = guarded(root, host="0.0.0.0")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        lan = f"http://{address}:{config.web.port}"
        wrong: tuple[dict[str, str], ...] = (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": TOKEN},
            {"Authorization": "Bearer ä"},
        )
        for headers in wrong:
            status, answer = await ask(lan, "GET", "/api/status", headers=headers)
            assert (status, answer["error"]) == (401, "token"), headers
        assert await ask(lan, "GET", "/api/status", headers=BEARER) == (200, SNAPSHOT)
        named = {**BEARER, "Host": "moods.example"}
        assert await ask(lan, "GET", "/api/status", headers=named) == (200, SNAPSHOT)
        off = await ask(lan, "POST", "/api/command", data='{"sensing": "off"}', headers={**JSON, **BEARER})
        assert off[0] == 200
        assert daemon.given == [Sensing(on=False)]
        assert await ask(lan, "GET", "/healthz") == (200, {"ok": True})
        assert any(address in one for one in api.addresses())

    serve(config, story)


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


def test_a_code_opens_the_page_once(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        _, told = await ask(root / "api.sock", "POST", "/api/pair", json={})
        assert told["addresses"] == [api.address]
        assert (await enter(api.address, {"code": "000000" if told["code"] != "000000" else "1"}))[0] == 401
        status, cookie = await enter(api.address, {"code": told["code"]})
        assert status == 204
        assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
        assert "Secure" not in cookie
        pair = {"Cookie": cookie.partition(";")[0]}
        assert (await ask(api.address, "GET", "/api/status", headers=pair))[0] == 200
        assert (await enter(api.address, {"code": told["code"]}))[0] == 401
        forged = {"Cookie": pair["Cookie"][:-1] + "0"}
        flipped = forged if forged != pair else {"Cookie": pair["Cookie"][:-1] + "1"}
        assert (await ask(api.address, "GET", "/api/status", headers=flipped))[0] == 401

    serve(guarded(root), story)


def test_a_session_goes_on_after_a_restart_and_ends_with_the_token(root: Path) -> None:
    config = guarded(root)
    kept: dict[str, str] = {}

    async def first(api: Api, daemon: FakeDaemon) -> None:
        _, cookie = await enter(api.address, {"token": TOKEN}, **{"X-Forwarded-Proto": "https"})
        assert "Secure" in cookie
        kept["Cookie"] = cookie.partition(";")[0]

    async def again(api: Api, daemon: FakeDaemon) -> None:
        assert (await ask(api.address, "GET", "/api/status", headers=kept))[0] == 200

    async def other(api: Api, daemon: FakeDaemon) -> None:
        assert (await ask(api.address, "GET", "/api/status", headers=kept))[0] == 401

    serve(config, first)
    serve(config, again)
    (root / "token").write_text("another-token-than-before", encoding="utf-8")
    serve(config, other)


def test_a_code_is_asked_for_over_the_socket_or_stands_in_the_journal(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await ask(api.address, "POST", "/api/pair", json={}, headers=BEARER)
        assert (status, answer["error"]) == (403, "socket")
        async with (
            aiohttp.ClientSession() as session,
            session.post(api.address + "api/session/code", json={}) as answered,
        ):
            assert (answered.status, await answered.read()) == (204, b"")
        assert (await ask(api.address, "POST", "/api/session/code", json={}))[0] == 429
        code = caplog.text.partition("pairing code ")[2][:6]
        assert (await enter(api.address, {"code": code}))[0] == 204

    with caplog.at_level("WARNING"):
        serve(guarded(root), story)


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"code": 123456}', '{"code": "1", "token": "2"}', '{"other": "1"}', "[" * 4000]
)
def test_what_is_no_secret_is_refused(root: Path, body: str) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await ask(api.address, "POST", "/api/session", data=body, headers=JSON)
        assert (status, answer["error"]) == (400, "request")

    serve(guarded(root), story)


def test_a_guesser_is_stopped_and_logged_once(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        statuses = [(await enter(api.address, {"token": f"guess {n}"}))[0] for n in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert (await enter(api.address, {"token": TOKEN}))[0] == 429
        status, answer = await ask(api.address, "GET", "/api/status", headers=BEARER)
        assert (status, answer["error"]) == (429, "rate")

    with caplog.at_level("WARNING"):
        serve(guarded(root), story)
    assert caplog.text.count("wrong token") == 1


def test_the_link_is_heard_from_an_address_whose_guesses_are_used_up(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        _, told = await ask(root / "api.sock", "POST", "/api/pair", json={})
        wrong = "000000" if told["code"] != "000000" else "000001"
        statuses = [(await enter(api.address, {"code": wrong}))[0] for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert (await enter(api.address, {"code": told["code"]}))[0] == 429
        link = told["links"][0].partition("#pair=")[2]
        assert (await enter(api.address, {"code": link}))[0] == 204
        assert (await enter(api.address, {"code": link}))[0] == 429, "it is good once"

    serve(guarded(root), story)


def test_behind_a_proxy_of_this_machine_each_client_has_its_own_limit(root: Path, address: str) -> None:
    config = guarded(root, host="0.0.0.0")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async def wrong(host: str, client: str) -> int:
            place = f"http://{host}:{config.web.port}/"
            return (await enter(place, {"token": "wrong"}, **{"X-Forwarded-For": client}))[0]

        for _ in range(12):
            last = await wrong("127.0.0.1", "198.51.100.1, 203.0.113.1")
        assert last == 429
        assert await wrong("127.0.0.1", "203.0.113.1, 203.0.113.2") == 401
        assert await wrong("127.0.0.1", "nonsense") == 401
        for n in range(12):  # who is not on this machine may name whom it likes
            last = await wrong(address, f"203.0.113.{n + 100}")
        assert last == 429

    serve(config, story)


def test_no_answer_may_be_framed_or_run_what_is_not_ours(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with aiohttp.ClientSession() as session:
            for path in ("", "static/app.js", "api/status", "nothing"):
                async with session.get(api.address + path) as answer:
                    policy = answer.headers["Content-Security-Policy"]
                    assert "frame-ancestors 'none'" in policy
                    assert "unsafe" not in policy
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"

    serve(settings(root, port=free_port()), story)


def test_a_flood_is_told_to_wait(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        statuses: list[int] = []
        async with aiohttp.ClientSession() as session:
            for _ in range(400):
                async with session.get(api.address + "healthz") as answer:
                    statuses.append(answer.status)
        assert statuses[0] == 200
        assert 429 in statuses

    serve(settings(root, port=free_port()), story)


def test_without_a_token_nobody_needs_to_pair(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        told: Any = (await ask(root / "api.sock", "POST", "/api/pair", json={}))[1]
        assert (told["code"], told["addresses"]) == (None, [api.address])
        assert (await enter(api.address, {"code": "123456"}))[0] == 409

    serve(settings(root, port=free_port()), story)
