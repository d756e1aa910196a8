"""The music that MPD has for each mood.

A mood's music is its stored playlist `mood-<emotion>`, else the songs that the listener brought along for it
(`moodspeaker import`), else the songs whose genre is the emotion, else the top-level folder of that name,
whatever the letter case.  A source whose songs are all gone falls through to the next.  What a server lacks
(no database, no playlist folder, not one of the commands) is nothing found.  A name that is not UTF-8 is
skipped, and the log names it: it could not be shown, stored or sent.

MPD closes the link to whoever asks for more than an answer may hold (`max_output_buffer_size`), as the songs
of a stored playlist of tens of thousands are.  Such a playlist is read by its URIs alone then, and passed
over where those are too many as well.
"""

from __future__ import annotations

import itertools
import logging
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import Row, clean, is_clean, text_of
from moodspeaker.adapters.mpd.connection import BATCH, Refusal, ask, rows, rows_unless_refused
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.song import MusicSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.ports import ImportedSongs

PAGE: Final = 5000
"""Songs of an answer at most: MPD cuts off who asks for more than 8 MB (`max_output_buffer_size`)."""
_STREAM: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""The beginning of a URI that is not a path in MPD's music folder."""

_log = logging.getLogger(__name__)


class MoodMusic:
    """Reads the music of each mood; the log names each skipped name once."""

    def __init__(self, imported: ImportedSongs | None) -> None:
        self._imported = imported
        self._seen: Mapping[Emotion, tuple[str, ...]] = {}
        """The imported songs as they were at the last reading."""
        self._skipped: set[str] = set()
        self._lost: dict[str, int] = {}
        """How often the link was lost while a stored playlist was read."""

    def is_outdated(self) -> bool:
        """Tell whether songs were imported since the last reading."""
        return self._imported is not None and self._imported.songs() != self._seen

    async def read(self, client: Client) -> Mapping[Emotion, MusicSource]:
        """Return the music of each mood that has any; raise the library's errors of a lost connection."""
        playlists = self._names(await rows_unless_refused(client.listplaylists()), "playlist")
        genres = self._names(await rows_unless_refused(client.list("genre")), "genre")
        folders = self._names(await rows_unless_refused(client.lsinfo("")), "directory")
        self._seen = {} if self._imported is None else self._imported.songs()
        music: dict[Emotion, MusicSource] = {}
        for emotion in EMOTIONS:
            source = await self._stored(client, emotion, playlists)
            source = source or await _brought(client, emotion, self._seen.get(emotion, ()))
            source = source or await self._found(client, emotion, "genre", "genre", genres)
            source = source or await self._found(client, emotion, "folder", "base", folders)
            if source is not None:
                music[emotion] = source
        return MappingProxyType(music)

    async def _stored(self, client: Client, emotion: Emotion, names: Iterable[str]) -> MusicSource | None:
        for name in _matching(f"mood-{emotion}", names):
            lost = self._lost.get(name, 0)
            if lost > 1:
                self._skip(name, "it is longer than MPD may answer: shorten it")
                continue
            self._lost[name] = lost + 1  # until its songs have come
            lines = await (_long_list(client, name) if lost else _list(client, name))
            self._lost[name] = lost
            if songs := tuple(self._names(lines, "file")):
                return MusicSource(name, "stored playlist", songs)
        return None

    async def _found(
        self, client: Client, emotion: Emotion, kind: str, tag: str, names: Iterable[str]
    ) -> MusicSource | None:
        songs: dict[str, None] = {}
        for name in _matching(str(emotion), names):
            found = filter(_is_song, await _find(client, tag, name))
            songs |= dict.fromkeys(self._names(found, "file"))
        return MusicSource(f"{kind} {emotion}", kind, tuple(songs)) if songs else None

    def _names(self, found: Iterable[Row], key: str) -> list[str]:
        """Return the values of a key in the rows that have it, without those that are not UTF-8."""
        return [name for row in found if (name := text_of(row, key)) and self._is_usable(name)]

    def _is_usable(self, name: str) -> bool:
        if is_clean(name):
            return True
        self._skip(name, "its name is not UTF-8: rename it (convmv)")
        return False

    def _skip(self, name: str, why: str) -> None:
        if name not in self._skipped:
            self._skipped.add(name)
            _log.warning("%s is skipped: %s", clean(name), why)


async def _list(client: Client, name: str) -> list[Row]:
    """Return the lines of a stored playlist that can be played."""
    return [row for row in await rows_unless_refused(client.listplaylistinfo(name)) if _is_there(row)]


async def _long_list(client: Client, name: str) -> list[Row]:
    """Return the lines of a long one as the URIs that they are, none unless one of them can be played."""
    [answer] = await ask(client, ("listplaylist", name))
    uris = [] if isinstance(answer, Refusal) else list(answer)
    for start in range(0, len(uris), BATCH):
        batch = uris[start : start + BATCH]
        if any(map(_STREAM.match, batch)) or await _those_there(client, batch):
            return [{"file": uri} for uri in uris]
    return []


async def _brought(client: Client, emotion: Emotion, uris: Sequence[str]) -> MusicSource | None:
    """Return the imported songs of a mood that are still there.

    A server that names songs by schemes cannot be asked for them all: those that it can have count.
    """
    if client.dialect.schemes:
        found = [uri for uri in uris if client.dialect.sent(uri) is not None]
    else:
        found = []
        for start in range(0, len(uris), BATCH):
            found += await _those_there(client, uris[start : start + BATCH])
    return MusicSource(f"imported {emotion}", "imported", tuple(found)) if found else None


async def _those_there(client: Client, batch: Sequence[str]) -> list[str]:
    """Return the songs of a batch that are in the server's database."""
    replies = [client.lsinfo(uri) for uri in batch]
    return [uri for uri, reply in zip(batch, replies, strict=True) if await rows_unless_refused(reply)]


async def _find(client: Client, tag: str, name: str) -> list[Row]:
    """Return the songs with a tag's value, a page at a time: MPD cuts off who asks for too much at once."""
    found: list[Row] = []
    for start in itertools.count(0, PAGE):
        try:
            page = await rows(client.find(tag, name, "window", f"{start}:{start + PAGE}"))
        except Refusal:  # it knows no pages
            return found or await rows_unless_refused(client.find(tag, name))
        found += page
        if len(page) < PAGE:
            break
    return found


def _matching(wanted: str, names: Iterable[str]) -> list[str]:
    """Return the names that are the wanted one, whatever their letter case, the exact one first."""
    found = [name for name in names if name.casefold() == wanted]
    return sorted(found, key=lambda name: name != wanted)


def _is_song(row: Row) -> bool:
    """Tell whether a find is a song: Mopidy gives albums and artists too, of no length."""
    return row.get("time") != "0" or "duration" in row


def _is_there(row: Row) -> bool:
    """Tell whether a line of a stored playlist can be played.

    Of a song in its database MPD tells more than the URI; a stream's address counts as it is.
    """
    return len(row) > 1 or _STREAM.match(text_of(row, "file")) is not None
