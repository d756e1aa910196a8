"""The songs of the library: all of them for a picture, some of them by a search, one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.errors import StoreError
from moodspeaker.web.answers import answer, json_bytes, refusal, sent
from moodspeaker.web.route import Count, Route, Word, refused
from moodspeaker.web.song_shapes import FoundAnswer, SongAnswer, SongColumns

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.library.browsing import FoundSongs, ListedSong, SongBrowser, SongPage

FOLDER: Final[web.AppKey[Path]] = web.AppKey("folder of the songs")
HIGHEST: Final = 2**31 - 1
AFTER: Final = Count("after", 0, HIGHEST, 0, "The id behind which to begin.")
PAGE: Final = Count("count", 1, 5000, 2000, "How many.")
TEXT: Final = Word("text", "Words that all stand in title, artist, album or genre.")
MOOD: Final = Word("mood", "Songs of this mood alone.", among=(*EMOTIONS, "none"))
YOURS: Final = Word("yours", "Songs alone whose mood a person gave.", among=("true", "false"))
OFFSET: Final = Count("offset", 0, HIGHEST, 0, "How many to leave out.")
FOUND: Final = Count("count", 1, 500, 50, "How many.")


def browser(request: web.Request) -> SongBrowser:
    """Return what reads the songs."""
    from moodspeaker.library.browsing import SongBrowser  # noqa: PLC0415 - no start waits for it

    return SongBrowser(request.app[FOLDER])


async def _songs(request: web.Request) -> web.Response:
    after, count = (one.read(request.query.get(one.name)) for one in (AFTER, PAGE))
    if after is None or count is None:
        return refused(request.query, AFTER, PAGE)
    page = browser(request).page
    try:
        body = await asyncio.to_thread(lambda: json_bytes(_columns(page(after, count), count)))
    except StoreError as error:
        return refusal(503, "store", str(error))
    return sent(body)


async def _search(request: web.Request) -> web.Response:
    text, mood, yours = (one.read(request.query.get(one.name)) for one in (TEXT, MOOD, YOURS))
    offset, count = (one.read(request.query.get(one.name)) for one in (OFFSET, FOUND))
    if text is None or mood is None or yours is None or offset is None or count is None:
        return refused(request.query, TEXT, MOOD, YOURS, OFFSET, FOUND)
    search = browser(request).search
    try:
        found = await asyncio.to_thread(search, text, mood, yours=yours == "true", offset=offset, count=count)
    except StoreError as error:
        return refusal(503, "store", str(error))
    return answer(_found(found))


async def _song(request: web.Request) -> web.Response:
    number = Count("id", 0, HIGHEST, 0, "").read(request.match_info["id"])
    try:
        song = None if number is None else await asyncio.to_thread(browser(request).song, number)
    except StoreError as error:
        return refusal(503, "store", str(error))
    if song is None:
        return refusal(404, "song", "there is no such song: it may have gone with the last scan")
    return answer(_listed(song))


def _columns(page: SongPage, count: int) -> dict[str, object]:
    songs = page.songs
    return {
        "total": page.total,
        "placed": page.placed,
        "id": [song.id for song in songs],
        "title": [song.name for song in songs],
        "artist": [song.artist for song in songs],
        "valence": [song.valence for song in songs],
        "arousal": [song.arousal for song in songs],
        "mood": [song.mood for song in songs],
        "yours": [song.is_corrected for song in songs],
        "next": songs[-1].id if len(songs) == count else None,
    }


def _found(found: FoundSongs) -> dict[str, object]:
    return {"total": found.total, "songs": [_listed(song) for song in found.songs], "ids": found.ids}


def _listed(song: ListedSong) -> dict[str, object]:
    return {
        "id": song.id,
        "uri": song.uri,
        "title": song.name,
        "artist": song.artist,
        "album": song.album,
        "genre": song.genre,
        "seconds": song.seconds,
        "valence": song.valence,
        "arousal": song.arousal,
        "mood": song.mood,
        "confidence": song.confidence,
        "source": song.source,
        "reason": song.reason,
        "damaged": song.is_damaged,
        "yours": song.is_corrected,
        "before": song.before,
    }


ROUTES: Final = (
    Route(
        "GET", "/api/songs", _songs, "The songs that have a place in the affect plane, as columns.",
        SongColumns, query=(AFTER, PAGE), refusals=(400, 503),
    ),
    Route(
        "GET", "/api/songs/search", _search, "The songs that a search finds, those first whose titles fit.",
        FoundAnswer, query=(TEXT, MOOD, YOURS, OFFSET, FOUND), refusals=(400, 503),
    ),
    Route(
        "GET", "/api/songs/{id}", _song, "A song of the library.", SongAnswer, refusals=(404, 503),
    ),
)  # fmt: skip
