"""All songs that the music server has, with their tags, for commands that look through them once; or one.

MPD is asked a page at a time.  Mopidy knows no pages and refuses to list everything; its local library has a
folder with all tracks.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import clean, is_clean, length_of, printable, text_of
from moodspeaker.adapters.mpd.connection import Refusal, ask, connected, rows, rows_unless_refused
from moodspeaker.adapters.mpd.mood_music import PAGE
from moodspeaker.domain.library import NONE_LEFT_OUT, LeftOut
from moodspeaker.domain.song import RECORDING, CatalogueSong
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from moodspeaker.adapters.mpd.address import Address
    from moodspeaker.adapters.mpd.answers import Row
    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.config.schema import MpdSettings

ALL: Final = '(base "")'
"""MPD's filter that every song passes, one without tags too."""
ALL_TRACKS: Final = "Local media/Tracks"
"""Mopidy's folder of the songs in its music folder."""
TAGS: Final = ("Title", "Artist", "Album", "Genre", "Mood", "MUSICBRAINZ_TRACKID", "Date", "OriginalDate")
"""What is asked for; Mopidy wants these letter cases, MPD knows `Mood` from 0.24 on."""
YEAR: Final = re.compile(r"\s*([12]\d{3})(?!\d)")
"""How a date that tells a year begins, of whatever form it is else."""
ATTEMPTS: Final = 3
"""How often a listing is made in whose midst the server reads its files; the last one is taken as it is."""
LISTING: Final = "2"
"""What stands in each mark: another one where a listing tells more than before, so that it is made again."""
PATIENCE: Final = 60.0
"""Seconds for the first song of an answer: a large library takes a small machine a while."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the music server can play."""

    songs: Sequence[CatalogueSong]
    """Each URI once; none where `mark` is the one that was known."""
    schemes: frozenset[str] = frozenset()
    """Schemes of songs that it plays by their URIs, such as `spotify`; empty for MPD."""
    address: str = ""
    """Where it is."""
    mark: str = ""
    """Another one when the server has read its files again; empty where it does not tell."""
    folder: str = ""
    """Its music folder; empty where it does not tell it to us."""
    left_out: LeftOut = NONE_LEFT_OUT
    """Songs that are not among `songs`, for their names cannot be shown, stored and sent."""


async def read_catalogue(
    settings: MpdSettings,
    candidates: Sequence[Address],
    known: str = "",
    tell: Callable[[int], None] = lambda _: None,
) -> Catalogue:
    """Return the songs of the first server that answers, or none where its mark is the `known` one.

    `tell` is called with the number of songs so far.  A listing in whose midst the server reads its files is
    made again.  Raises PlayerError when none answers or the link breaks, PlayerRefused when it wants a
    password.
    """
    link = await connected(settings, candidates)
    address = str(link.address)
    try:
        with link.translated():
            client = link.client
            await ask(client, *(("tagtypes", "enable", tag) for tag in TAGS))
            schemes, mark = client.dialect.schemes, await _mark(client, address)
            if mark and mark == known:
                return Catalogue((), schemes, address, mark)
            folder = await _folder(client)
            for attempt in itertools.count(1):
                songs, left_out = await _songs(client, tell)
                before, mark = mark, await _mark(client, address)
                if mark == before or attempt == ATTEMPTS:
                    break
            return Catalogue(songs, schemes, address, mark, folder, left_out)
    finally:
        link.close()


async def has_song(client: Client, uri: str) -> bool:
    """Tell whether a server has a song in its library; raise the library's errors of a lost connection.

    A service on the network would be asked for long: of its songs a scheme that the server has is enough.
    """
    named = client.dialect.sent(uri) if is_clean(uri) and "\n" not in uri else None
    if named is None or client.dialect.states_length(named):
        return named is not None
    found = await rows_unless_refused(client.find("file", named))
    return any(text_of(row, "file") == uri for row in found)


async def _mark(client: Client, address: str) -> str:
    """Return what changes when the server has read its files; empty while it reads, or never tells."""
    stats, status = await ask(client, ("stats",), ("status",))
    if isinstance(stats, Refusal) or isinstance(status, Refusal) or "updating_db" in status:
        return ""
    updated = str(stats.get("db_update", "0"))
    return f"{address} {updated} {stats.get('songs', '')} {LISTING}" if updated != "0" else ""


async def _folder(client: Client) -> str:
    """Return the server's music folder, which MPD tells to clients of its socket alone."""
    [answer] = await ask(client, ("config",))
    folder = "" if isinstance(answer, Refusal) else str(answer.get("music_directory", ""))
    return folder if folder.startswith("/") else ""


async def _songs(client: Client, tell: Callable[[int], None]) -> tuple[Sequence[CatalogueSong], LeftOut]:
    found: dict[str, CatalogueSong] = {}
    left_out: dict[str, None] = {}
    async for row in _listed(client):
        uri = text_of(row, "file")
        if not is_clean(uri):
            left_out[uri] = None
        elif uri:
            found[uri] = _song(row)
            tell(len(found))
    return tuple(found.values()), LeftOut(len(left_out), printable(next(iter(left_out), "")))


async def _listed(client: Client) -> AsyncIterator[Row]:
    """Yield the rows of all songs, a page at a time: MPD cuts off who asks for too much at once."""
    for start in itertools.count(0, PAGE):
        window = ("window", f"{start}:{start + PAGE}")
        try:
            page = await rows(client.find(ALL, *window), within=PATIENCE)
        except Refusal:
            break
        for row in page:
            yield row
        if len(page) < PAGE:
            return
    with contextlib.suppress(Refusal):
        for row in await rows(client.lsinfo(ALL_TRACKS), within=PATIENCE):
            yield row


def _song(row: Row) -> CatalogueSong:
    start, end = _range(text_of(row, "range"))
    return CatalogueSong(
        text_of(row, "file"),
        clean(text_of(row, "title")),
        tuple(_several(row, "artist")),
        clean(text_of(row, "album")),
        length_of(row),
        "; ".join(_several(row, "genre")),
        "; ".join(_several(row, "mood")),
        text_of(row, "last-modified"),
        start,
        end,
        _recording(row),
        _year(row),
    )


def _recording(row: Row) -> str:
    """Return the first id of a recording that a song's tags name, empty where none does."""
    ids = (text.strip().lower() for text in _several(row, "musicbrainz_trackid"))
    return next(filter(RECORDING.fullmatch, ids), "")


def _year(row: Row) -> int | None:
    """Return the year of a song's first date, None where none names one."""
    dates = (*_several(row, "originaldate"), *_several(row, "date"))
    return next((int(found[0]) for date in dates if (found := YEAR.match(date))), None)


def _several(row: Row, tag: str) -> list[str]:
    value = row.get(tag, ())
    return [clean(text) for text in (value if isinstance(value, list | tuple) else (str(value),))]


def _range(text: str) -> tuple[float | None, float | None]:
    """Return where a song of a CUE sheet begins and ends in its file, such as of `12.000-24.000`."""
    start, _, end = text.partition("-")
    try:
        return (float(start) if start else None, float(end) if end else None)
    except ValueError:
        return (None, None)
