"""Files of other programs and playlists of moods, over HTTP, on a real MPD."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter
from support.browser import browser
from support.fake_daemon import FakeDaemon, settings
from support.import_library import SONGS, write_flac
from support.library import LibraryDaemon
from support.servers import RealMpd, free_port, short_folder
from support.songs import library_file
from support.speaker_process import SpeakerProcess, eventually
from support.web_api import JSON, ask, serve

from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.library.imported import LibraryImports
from moodspeaker.web import upload
from moodspeaker.web.song_shapes import ImportAnswer
from moodspeaker.web.upload import file_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from moodspeaker.config.schema import Config
    from moodspeaker.web.app import Api

pytestmark = pytest.mark.usefixtures("unmeasured")
TABLE = (
    b"title,artist,album,mood\n"
    b"Two Rivers,Nils Berg,Confluence,happy\n"
    b'Gravel Road,"Salt, Smoke and Pine",Embers,sad\n'
    b"Nowhere To Be Found,Nobody,,happy\n"
)
FILE = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def server() -> Iterator[RealMpd]:
    """A running MPD with the library of `support.import_library`."""
    with short_folder() as folder, RealMpd(folder) as running:
        for song in SONGS:
            write_flac(running.music / song.uri, song)
        running.update()
        yield running


def hosted(root: Path, host: str, port: int = 0) -> Config:
    return replace(settings(root, port=port), mpd=MpdSettings(host=host))


def options(root: Path, host: str) -> Sequence[str]:
    return ("--set", f"paths.state={root / 'state'}", "--set", f"mpd.host={host}")


def served(
    root: Path, server: RealMpd, story: Callable[[Api, FakeDaemon], Awaitable[None]], port: int = 0
) -> None:
    host = str(server.socket)
    serve(hosted(root, host, port), story, LibraryDaemon(root / "state"), options(root, host))


def labels(root: Path) -> Mapping[Emotion, tuple[str, ...]]:
    with closing(library_file(root / "state")) as database:
        return LibraryImports(database).songs()


async def send(root: Path, name: str, content: bytes, **query: str) -> tuple[int, Any]:
    where = root / "api.sock"
    return await ask(where, "POST", "/api/import", params={"name": name, **query}, data=content, headers=FILE)


def test_a_table_is_looked_through_first_and_then_taken_over(root: Path, server: RealMpd) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, told = await send(root, "moods.csv", TABLE)
        assert status == 200, told
        TypeAdapter(ImportAnswer).validate_python(told)
        assert (told["dry_run"], told["match"], told["no_match"]) == (True, 2, 1)
        assert told["moods"] == {"happy": 1, "sad": 1}
        assert [(row["where"], row["status"]) for row in told["shown"]] == [("4", "no match")]
        assert labels(root) == {}
        status, told = await send(root, "moods.csv", TABLE, dry_run="false")
        assert (status, told["dry_run"], told["new"]["moods_of_songs"]) == (200, False, 2)
        assert labels(root) == {
            Emotion.HAPPY: ("salt/rivers.flac",),
            Emotion.SAD: ("salt/gravel.flac",),
        }
        assert (await send(root, "moods.csv", TABLE, dry_run="false"))[1]["new"]["moods_of_songs"] == 0

    served(root, server, story)


@pytest.mark.parametrize("name", ["said", "faults", "sent"])
def test_no_name_of_a_file_is_in_the_way_of_what_is_said_of_it(
    root: Path, server: RealMpd, name: str
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, told = await send(root, name, TABLE)
        assert (status, told.get("match")) == (200, 2), told

    served(root, server, story)


def test_the_files_name_or_the_person_tells_the_mood(root: Path, server: RealMpd) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        plain = b"#EXTM3U\nsalt/rivers.flac\n"
        assert (await send(root, "C:\\lists\\mood-sad.m3u", plain))[1]["moods"] == {"sad": 1}
        assert (await send(root, "evening.m3u", plain, mood="neutral"))[1]["moods"] == {"neutral": 1}
        assert "--mood" in (await send(root, "evening.m3u", plain))[1]["note"]

    served(root, server, story)


@pytest.mark.parametrize(
    ("content", "query", "expected"),
    [
        (b"\x00\x01\x02 this is no list of songs", {}, (422, "file")),
        (b"", {}, (422, "file")),
        (b"PK\x03\x04 half of an archive", {}, (422, "file")),
        (TABLE, {"mood": "bored"}, (400, "mood")),
        (TABLE, {"dry_run": "perhaps"}, (400, "dry_run")),
    ],
)
def test_what_cannot_be_imported_is_refused_by_name(
    root: Path, server: RealMpd, content: bytes, query: dict[str, str], expected: tuple[int, str]
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await send(root, "x", content, **query)
        assert (status, answer["error"]) == expected
        assert answer["message"]
        assert labels(root) == {}

    served(root, server, story)


def test_a_file_that_is_too_large_is_refused_before_it_fills_the_disk(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LARGEST", 100_000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 50_000

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert (await send(root, "x", b"x" * 100_001))[0] == 413
        where = root / "api.sock"
        status, answer = await ask(where, "POST", "/api/import?name=x", data=pieces(), headers=FILE)
        assert (status, answer["error"]) == (413, "too large")
        status, answer = await ask(where, "POST", "/api/import", data=b"x", headers=FILE)
        assert (status, answer["error"]) == (400, "name")
        status, answer = await ask(where, "POST", "/api/import?name=x", data=b"{}", headers=JSON)
        assert (status, answer["error"]) == (415, "content type")

    serve(settings(root), story)


def test_a_file_that_does_not_arrive_keeps_nobody_waiting(
    root: Path, server: RealMpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LONGEST", 0.5)
    sent = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield TABLE
        sent.set()
        await asyncio.sleep(30)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        where = root / "api.sock"
        slow = asyncio.create_task(ask(where, "POST", "/api/import?name=x", data=stuck(), headers=FILE))
        await sent.wait()
        assert (await send(root, "moods.csv", TABLE))[0] == 409
        status, answer = await slow
        assert (status, answer["error"]) == (408, "timeout")
        assert (await send(root, "moods.csv", TABLE))[0] == 200

    served(root, server, story)


def test_without_a_music_server_the_cause_is_named(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await send(root, "moods.csv", TABLE)
        assert (status, answer["error"]) == (503, "import")
        assert "nowhere.sock" in answer["message"]

    gone = str(root / "nowhere.sock")
    serve(hosted(root, gone), story, options=options(root, gone))


def test_a_second_file_waits_for_the_end_of_the_first(root: Path, server: RealMpd) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        answers = await asyncio.gather(*(send(root, "moods.csv", TABLE) for _ in range(2)))
        assert sorted(status for status, _ in answers) == [200, 409]
        assert (await send(root, "moods.csv", TABLE))[0] == 200

    served(root, server, story)


def test_the_name_of_a_file_is_made_harmless() -> None:
    assert file_name("../../etc/happy.csv") == "happy.csv"
    assert file_name("C:\\music\\mood-sad.m3u") == "mood-sad.m3u"
    assert file_name("a\0b\n.csv") == "ab.csv"
    assert file_name("..") == file_name("") == file_name("/") == "upload"
    assert len(file_name("ü" * 400).encode()) <= 150


# --- playlists ------------------------------------------------------------------------------------------


class Listed(LibraryDaemon):
    """A daemon for which these songs fit best, one of them gone."""

    def songs(self, mood: Emotion, count: int) -> Sequence[Mapping[str, object]]:
        """Return songs of the library."""
        uris = ["salt/rivers.flac", "gone.flac", "tin/harvest.flac", "reed/harvest.flac"]
        return [{"uri": uri, "title": "", "artist": "", "score": 1.0, "reasons": {}} for uri in uris[:count]]


async def wish(root: Path, **body: object) -> tuple[int, Any]:
    return await ask(root / "api.sock", "POST", "/api/playlists", data=json.dumps(body), headers=JSON)


def test_a_playlist_is_made_of_the_best_songs_and_never_overwritten(root: Path, server: RealMpd) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert await wish(root, mood="angry", count=3) == (200, {"name": "mood-angry", "songs": 2})
        with server.client() as client:
            assert client.listplaylist("mood-angry") == ["salt/rivers.flac", "tin/harvest.flac"]
        status, answer = await wish(root, mood="angry", count=4)
        assert (status, answer["error"]) == (409, "playlist")
        with server.client() as client:
            assert len(client.listplaylist("mood-angry")) == 2
            client.rm("mood-angry")

    host = str(server.socket)
    serve(hosted(root, host), story, Listed(root / "state"))


def test_why_there_is_no_playlist(root: Path) -> None:
    gone = str(root / "nowhere.sock")

    async def away(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await wish(root, mood="sad")
        assert (status, answer["error"]) == (503, "player")
        assert "nowhere.sock" in answer["message"]
        for wrong in ({}, {"mood": "bored"}, {"mood": "sad", "count": 0}, {"mood": "sad", "more": 1}):
            assert (await wish(root, **wrong))[0] == 400

    async def none(api: Api, daemon: FakeDaemon) -> None:
        status, answer = await wish(root, mood="sad")
        assert (status, answer["error"]) == (409, "nothing")
        assert "mpd.host" in answer["message"]

    serve(hosted(root, gone), away)
    serve(hosted(root, ""), none)


# --- the whole speaker ------------------------------------------------------------------------------------


def test_a_running_speaker_plays_what_was_imported_over_http(root: Path, server: RealMpd) -> None:
    running = SpeakerProcess(root, ["camera.source=none", f"mpd.host={server.socket}", "mqtt.host="])
    door = root / "run" / "api.sock"
    where = "/api/import?name=moods.csv&dry_run=false"
    with running:
        status, told = asyncio.run(ask(door, "POST", where, data=TABLE, headers=FILE))
        assert (status, told["new"]["moods_of_songs"]) == (200, 2), told

        def music() -> object:
            return next(row["music"] for row in running.ask("/api/moods") if row["mood"] == "happy")

        wanted = {"name": "imported happy", "rule": "imported", "songs": 1}
        eventually(lambda: music() == wanted, 60, "the imported song is the music for happy")
        assert running.ask("/api/scan")["songs"] == 0
        maps = Path(f"/proc/{running.family()[0].pid}/maps").read_text()
        assert "numpy" not in maps


# --- in a browser ---------------------------------------------------------------------------------------


def put_file(name: str, content: bytes) -> str:
    """Return a script that chooses a file in the page."""
    return (
        f"{{ const list = new DataTransfer(); list.items.add(new File([{content.decode()!r}], {name!r}));"
        "const it = document.getElementById('import-file'); it.files = list.files;"
        "it.dispatchEvent(new Event('change')) }"
    )


def test_the_page_shows_what_would_be_taken_before_it_takes_it(root: Path, server: RealMpd) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.until("card-import", "Nothing is kept before")
            await page.do(put_file("moods.csv", TABLE))
            await page.until("import-head", "2 of 3 rows have their song here")
            assert "1 not in your library" in await page.text("import-counts")
            assert "4: not found" in await page.text("import-rows")
            assert labels(root) == {}
            await page.do("document.getElementById('import-take').focus()")
            await page.key("Enter")
            await page.until("import-head", "Taken over: 2 moods of songs")
            assert set(labels(root)) == {Emotion.HAPPY, Emotion.SAD}
            assert await page.text("import-take") == ""
            await page.do(put_file("broken.csv", b"PK\x03\x04 half of an archive"))
            await page.until("import-fault", "broken.csv: ")
            assert await page.text("import-report") == ""
            assert [line for line in await page.console() if "422" not in line] == []

    served(root, server, story, free_port())


def test_the_page_makes_a_moods_playlist(root: Path, server: RealMpd) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.until("moods-music", "your playlist mood-happy: 12 songs")
            await page.click("see-angry")
            await page.until("best-angry", "tin/harvest.flac")
            await page.click("make-angry")
            await page.until("playlist-said", "mood-angry is made, with 3 songs")
            with server.client() as client:
                client.rm("mood-angry")

    host = str(server.socket)
    serve(hosted(root, host, free_port()), story, Listed(root / "state"))
