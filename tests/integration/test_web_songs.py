"""The routes of the song library, over a real library's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter
from support.fake_daemon import FakeDaemon, settings
from support.library import scanned, songs
from support.web_api import ask, serve

from moodspeaker.library.migrations import FILE
from moodspeaker.web.song_shapes import FoundAnswer, SongAnswer, SongColumns

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.app import Api


def test_the_songs_come_as_columns_page_by_page(root: Path) -> None:
    scanned(root / "state", songs(45))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        seen: list[int] = []
        after: int | None = 0
        while after is not None:
            _, answer = await ask(root / "api.sock", "GET", f"/api/songs?count=20&after={after}")
            TypeAdapter(SongColumns).validate_python(answer)
            columns = [values for values in answer.values() if isinstance(values, list)]
            assert {len(values) for values in columns} == {len(answer["id"])}
            seen += answer["id"]
            after = answer["next"]
        assert len(set(seen)) == 45
        assert (answer["total"], answer["placed"]) == (45, 45)

    serve(settings(root), story)


def test_a_search_and_a_song_of_it(root: Path) -> None:
    scanned(root / "state", songs(45))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        door = root / "api.sock"
        _, found = await ask(door, "GET", "/api/songs/search", params={"text": "RIO", "count": "2"})
        TypeAdapter(FoundAnswer).validate_python(found)
        assert found["total"] == len(found["ids"]) > len(found["songs"]) == 2
        assert all("Río" in song["title"] for song in found["songs"])
        first = found["songs"][0]
        status, song = await ask(door, "GET", f"/api/songs/{first['id']}")
        TypeAdapter(SongAnswer).validate_python(song)
        assert (status, song) == (200, first)
        _, sad = await ask(door, "GET", "/api/songs/search?mood=sad")
        assert {song["mood"] for song in sad["songs"]} == {"sad"}
        _, scan = await ask(door, "GET", "/api/scan")
        assert (scan["songs"], scan["heard"], scan["scanned_at"]) == (45, 45, "2023-11-14T22:13:20Z")

    serve(settings(root), story)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/songs?count=5001", (400, "count")),
        ("/api/songs?after=-1", (400, "after")),
        ("/api/songs/search?mood=bored", (400, "mood")),
        ("/api/songs/search?yours=perhaps", (400, "yours")),
        (f"/api/songs/search?text={'x' * 201}", (400, "text")),
        ("/api/songs/4711", (404, "song")),
        ("/api/songs/first", (404, "song")),
    ],
)
def test_what_is_wrong_is_refused_by_name(root: Path, path: str, expected: tuple[int, str]) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await ask(root / "api.sock", "GET", path)
        assert (status, answer["error"]) == expected

    serve(settings(root), story)


@pytest.mark.parametrize("path", ["/api/songs", "/api/songs/search?text=x", "/api/songs/1", "/api/scan"])
def test_a_file_that_cannot_be_read_has_its_cure(root: Path, path: str) -> None:
    (root / "state").mkdir()
    (root / "state" / FILE).write_bytes(b"this is no database" * 100)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        answer: tuple[int, Any] = await ask(root / "api.sock", "GET", path)
        assert (answer[0], answer[1]["error"]) == (503, "store")
        assert "check the disk" in answer[1]["message"]

    serve(settings(root), story)
