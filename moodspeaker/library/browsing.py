"""The songs as the page's library shows them: read in any thread, never on the speaker's loop.

Each call opens the file for itself, so a scan or a listener may write meanwhile, and what is returned was
true at one moment.  A file that is not there yet holds no songs.
"""

from __future__ import annotations

import contextlib
import json
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.database import reading
from moodspeaker.library.migrations import FILE
from moodspeaker.library.scan_lock import is_at_work
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from moodspeaker.database import Read

MOST_WORDS: Final = 8
"""Words of a search that count."""
NUMBERED: Final = 3000
"""Songs found up to which the numbers of all are told, so that a picture can show where they lie."""
_PLACE: Final = "round(rank_valence, 3), round(rank_arousal, 3), mood, correction IS NOT NULL"
_PAGE: Final = (
    f"SELECT id, title, artist, uri, {_PLACE} FROM songs "  # noqa: S608 - text of ours
    "WHERE gone IS NULL AND rank_valence IS NOT NULL AND id > :after ORDER BY id LIMIT :count"
)
_COUNT: Final = "SELECT count(*), count(mood) FROM songs WHERE gone IS NULL"
_OF_MOOD: Final = (
    "gone IS NULL AND (:mood = '' OR coalesce(mood, 'none') = :mood) "
    "AND (NOT :yours OR correction IS NOT NULL)"
)
_ALL: Final = (
    f"SELECT id FROM songs WHERE {_OF_MOOD} "  # noqa: S608 - text of ours
    "ORDER BY title COLLATE NOCASE, artist COLLATE NOCASE, id"
)
_SEARCH: Final = (
    f"SELECT id FROM songs WHERE {_OF_MOOD} "  # noqa: S608 - text of ours
    "AND fits(coalesce(nullif(title, ''), uri) || ' ' || artist || ' ' || album || ' ' || genre) "
    "ORDER BY title_rank(coalesce(nullif(title, ''), uri)), title COLLATE NOCASE, artist COLLATE NOCASE, id"
)
_BEFORE: Final = "(SELECT said.mood FROM before_corrections AS said WHERE said.song = songs.id)"
_SONG: Final = (
    "SELECT id, uri, title, artist, album, genre, coalesce(decoded, stated), "  # noqa: S608 - text of ours
    f"{_PLACE}, round(confidence, 3), source, sound_reason, damaged, {_BEFORE} FROM songs"
)
_THESE: Final = f"{_SONG} WHERE id IN (SELECT value FROM json_each(:ids))"  # noqa: S608 - text of ours
_BY_ID: Final = f"{_SONG} WHERE id = :id AND gone IS NULL"
_STATE: Final = "SELECT name, value FROM scan_state"
_HEARD: Final = (
    "SELECT count(*) FROM songs WHERE gone IS NULL AND analysed IS modified "
    "AND (:model IS NULL OR model IS :model)"
)


@dataclass(frozen=True, slots=True)
class PlacedSong:
    """A song of the picture."""

    id: int
    """Stays the same when its file is renamed."""
    name: str
    """Its title, else its file's name."""
    artist: str
    valence: float
    """Its place within the library, -1 to 1."""
    arousal: float
    mood: str
    is_corrected: bool
    """Whether a person gave it its mood."""


@dataclass(frozen=True, slots=True)
class SongPage:
    """Some of the songs that have a place, in the order of their ids."""

    songs: Sequence[PlacedSong]
    total: int
    """Songs that there are."""
    placed: int
    """Of those, the ones that have a place."""


@dataclass(frozen=True, slots=True)
class ListedSong:
    """A song of a list."""

    id: int
    uri: str
    name: str
    """Its title, else its file's name."""
    artist: str
    album: str
    genre: str
    seconds: float | None
    """Its length; None where it is not known."""
    valence: float | None
    """Its place within the library, -1 to 1; None where it could not be judged."""
    arousal: float | None
    mood: str | None
    confidence: float
    source: str
    """`tags`, `sound`, `tags+sound`, `correction`, or empty."""
    reason: str
    """Why its sound could not be judged, else empty."""
    is_damaged: bool
    """Whether its file ends too early, or has parts that cannot be decoded."""
    is_corrected: bool
    """Whether a person gave it its mood."""
    before: str | None
    """The mood that the models had given it before; None where it was not corrected, or had none."""


@dataclass(frozen=True, slots=True)
class FoundSongs:
    """What a search found."""

    total: int
    songs: Sequence[ListedSong]
    """Some of them."""
    ids: Sequence[int] | None
    """Of all of them; None where they are more than `NUMBERED`."""


@dataclass(frozen=True, slots=True)
class ScanState:
    """How far the scan is."""

    is_at_work: bool
    songs: int
    placed: int
    """Of those, the ones that have a mood."""
    heard: int
    """Of those, the ones whose sound was listened to as it is now."""
    scanned_at: float | None
    """When the music server's songs were listed last, in seconds since the epoch; None: never."""
    files: str
    """Why the files cannot be read, so that moods come from tags alone, else empty."""
    fault: str
    """Why the last scan could not list the songs, else empty."""
    left_out: str
    """How many songs are left out as their file names are not UTF-8, one of them, the cure; else empty."""


class SongBrowser:
    """Reads the library's file in a state folder.  Each method raises StoreError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self, after: int, count: int) -> SongPage:
        """Return some songs that have a place, those with the next ids."""
        with self._read() as read:
            [(total, placed)] = read(_COUNT, {}) or [(0, 0)]
            rows = read(_PAGE, {"after": after, "count": count})
        songs = [
            PlacedSong(number, _name(title, uri), artist, valence, arousal, mood, bool(corrected))
            for number, title, artist, uri, valence, arousal, mood, corrected in rows
        ]
        return SongPage(songs, total, placed)

    def search(self, text: str, mood: str, *, yours: bool, offset: int, count: int) -> FoundSongs:
        """Return the songs in whose title, artist, album and genre all words of a text stand.

        `mood` is an emotion, `none` for songs without a mood, or empty for all; `yours`: only corrected ones.
        """
        words = folded(text).split()[:MOST_WORDS]
        with self._read(words) as read:
            query = _SEARCH if words else _ALL
            ids = [number for (number,) in read(query, {"mood": mood, "yours": yours})]
            shown = ids[offset : offset + count]
            rows = {row[0]: row for row in read(_THESE, {"ids": json.dumps(shown)})}
        listed = [_listed(rows[number]) for number in shown]
        return FoundSongs(len(ids), listed, ids if len(ids) <= NUMBERED else None)

    def song(self, number: int) -> ListedSong | None:
        """Return a song; None where there is none with this id."""
        with self._read() as read:
            rows = read(_BY_ID, {"id": number})
        return _listed(rows[0]) if rows else None

    def scan(self) -> ScanState:
        """Return how far the scan is."""
        with self._read() as read:
            [(songs, placed)] = read(_COUNT, {}) or [(0, 0)]
            state = dict(read(_STATE, {}))
            [(heard,)] = read(_HEARD, {"model": state.get("model") or None}) or [(0,)]
        at = state.get("scanned_at")
        at_work = is_at_work(self._folder)
        words = (state.get(name, "") for name in ("files", "fault", "left_out"))
        return ScanState(at_work, songs, placed, heard, None if at is None else float(at), *words)

    @contextlib.contextmanager
    def _read(self, words: Sequence[str] = ()) -> Iterator[Read]:
        path = self._folder / FILE
        if not path.exists():
            yield _nothing
            return

        def fits(line: str) -> bool:
            line = folded(line)
            return all(word in line for word in words)

        def title_rank(name: str) -> int:
            """Tell how well a title fits: it begins with the first word, has it somewhere, or not at all."""
            found = folded(name).find(words[0])
            return 2 if found < 0 else min(found, 1)

        with reading(path, {"fits": fits, "title_rank": title_rank}) as read:
            [(version,)] = read("PRAGMA user_version", {})
            yield read if version else _nothing  # its tables are being made


def _nothing(_query: str, _parameters: object) -> list[tuple[Any, ...]]:
    return []


def folded(text: str) -> str:
    """Return a text in which letter case and accents do not count."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _name(title: str, uri: str) -> str:
    return title or uri.rsplit("/", 1)[-1]


def _listed(row: Sequence[Any]) -> ListedSong:
    number, uri, title, artist, album, genre, seconds, valence, arousal, mood, corrected, *rest = row
    confidence, source, reason, damaged, before = rest
    return ListedSong(
        number, uri, _name(title, uri), artist, album, genre, seconds, valence, arousal, mood, confidence,
        source, reason, bool(damaged), bool(corrected), before if corrected else None,
    )  # fmt: skip
