"""The API against its own description: every answer has the type that is served, whatever is asked."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.parse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from support.fake_daemon import SNAPSHOT, FakeDaemon
from support.fake_daemon import settings as web_settings
from support.web_api import ask, serve

from moodspeaker.config.layers import changeable
from moodspeaker.domain.commands import NAMES
from moodspeaker.speaker.snapshot import Snapshot
from moodspeaker.web.documentation import openapi
from moodspeaker.web.routes import ROUTES
from moodspeaker.web.shapes import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.app import Api
    from moodspeaker.web.route import Route

ANSWERS = [
    route
    for route in ROUTES
    if route.method == "GET" and route.answer is not None and not route.upgrade and "{id}" not in route.path
]
STREAMS = "text/event-stream"


def test_the_description_has_every_route_and_command() -> None:
    described = openapi(ROUTES)
    there = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert there == {(route.method, route.path) for route in ROUTES}
    body = described["paths"]["/api/command"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == set(NAMES)
    text = json.dumps(described)
    named = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(described["components"]["schemas"])
    assert "Snapshot" in named


@pytest.mark.parametrize("route", ANSWERS, ids=lambda route: route.path)
def test_an_answer_has_the_type_that_is_described(root: Path, route: Route) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await ask(root / "api.sock", "GET", route.path.replace("{mood}", "sad"))
        assert status == 200
        adapter: TypeAdapter[Any] = TypeAdapter(route.answer)
        adapter.validate_python(answer)

    serve(web_settings(root), story)


def test_the_snapshot_of_these_tests_is_whole() -> None:
    snapshot = TypeAdapter(Snapshot).validate_python(SNAPSHOT)
    assert snapshot.as_json().keys() == SNAPSHOT.keys()
    assert snapshot.as_json() == asdict(snapshot)


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BODIES = (
    st.dictionaries(st.sampled_from(NAMES) | TEXTS, VALUES, max_size=2).map(json.dumps).map(str.encode)
    | st.dictionaries(st.sampled_from(changeable()), VALUES, max_size=3).map(json.dumps).map(str.encode)
    | VALUES.map(json.dumps).map(str.encode)
    | st.binary(max_size=200)
)
HEADERS = st.sampled_from(
    [{}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}, {"Content-Type": "a/b; c"}]
)
REQUESTS = st.tuples(
    st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", "PATCH", "OPTIONS"]),
    st.sampled_from([route for route in ROUTES if route.content != STREAMS]),
    st.dictionaries(
        st.sampled_from(["count", "after", "text", "mood", "other"]),
        st.integers().map(str) | TEXTS,
        max_size=2,
    ),
    TEXTS.filter(lambda text: text.strip("./ ") != "") | st.sampled_from(["sad", "happy"]),
    BODIES,
    HEADERS,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(REQUESTS, min_size=10, max_size=30))
def test_whatever_is_asked_the_answer_is_one_that_is_described(
    root: Path, requests: list[tuple[Any, ...]]
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        connector = aiohttp.UnixConnector(str(root / "api.sock"))
        async with aiohttp.ClientSession(connector=connector) as session:
            for request in requests:
                await check(session, request)

    async def check(session: aiohttp.ClientSession, request: tuple[Any, ...]) -> None:
        method, route, query, word, body, headers = request
        place = urllib.parse.quote(word, safe="")
        path = re.sub(r"{\w+}", place, route.path)
        more = {"data": body} if method not in {"GET", "HEAD"} else {}
        async with session.request(
            method, f"http://localhost{path}", params=query, headers=headers, **more
        ) as answer:
            content = await answer.read()
        operation = openapi(ROUTES)["paths"].get(route.path, {}).get(method.lower())
        if operation is not None:
            assert str(answer.status) in {*operation["responses"], "404"}, (method, path, content)
        assert answer.status != 500, (method, path, body, content)
        if answer.status >= 400 and method != "HEAD":
            TypeAdapter(Refusal).validate_json(content)

    serve(web_settings(root), story)


def test_what_prometheus_reads(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        connector = aiohttp.UnixConnector(str(root / "api.sock"))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get("http://localhost/metrics") as answer,
        ):
            text = await answer.text()
        assert answer.content_type == "text/plain"
        lines = text.splitlines()
        for wanted in (
            'moodspeaker_mood{value="happy"} 1',
            "moodspeaker_sensing 1",
            "moodspeaker_confidence 83",
            "moodspeaker_volume 40",
            "moodspeaker_temperature 51.5",
            "moodspeaker_faces 1",
            'moodspeaker_probability{mood="sad"} 0.03',
            'moodspeaker_info{version="0.1.0"} 1',
        ):
            assert wanted in lines, wanted
        names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
        assert len(names) == len(set(names))
        seen = {line.partition("{")[0].partition(" ")[0] for line in lines if not line.startswith("#")}
        assert seen == set(names)

    serve(web_settings(root), story)


def test_a_quick_stop_of_a_request_is_no_error(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        _, writer = await asyncio.open_unix_connection(str(root / "api.sock"))
        writer.write(b"POST /api/command HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        await writer.drain()
        writer.close()
        assert (await ask(root / "api.sock", "GET", "/healthz"))[0] == 200

    serve(web_settings(root), story)
    assert "Traceback" not in caplog.text
