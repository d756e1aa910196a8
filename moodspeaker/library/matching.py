r"""Which song of the library a row of an export means.  Pure.

Design notes
============
A path is found by its end: `D:\Music\wesnoth\wanderer.ogg` is `wesnoth/wanderer.ogg` where only one song
ends so.  A title is found by its key (`names`); then these decide, each only where it leaves somebody:

    version    a live or remixed version is found only where it was meant, the usual one only where that was
    artists    all the same, else some the same; of a song without artists the folders' names count
    album      where several are left
    at last    copies of one song: the first by URI; songs of different artists: none, all are named

A song without a title tag goes by its file's name, with `Artist - ` or the track's number before it or not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote

from moodspeaker.library.names import (
    Version,
    album_key,
    artists_of,
    is_live_album,
    said_as_one,
    title_of,
)
from moodspeaker.library.nearest import Nearest
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from moodspeaker.domain.song import CatalogueSong

ALL, SOME, NONE = 2, 1, 0
"""How many of the artists are the same."""
_TRACK: Final = re.compile(r"^\d{1,3}(\s*[-._)]\s*|\s+)(?=\S)")
"""The number in front of a file's name."""
_NUMBERED: Final = re.compile(r"^(track|title|audio|audiotrack|piste|spur|titel)?[\W_]*\d*$", re.IGNORECASE)
"""The name of a file that may be any song."""
_LIVE: Final = Version(frozenset({"live"}))


@dataclass(frozen=True, slots=True)
class Missing:
    """No song was found, or more than one."""

    reason: str
    nearest: tuple[CatalogueSong, ...] = ()


Answer: TypeAlias = "CatalogueSong | Missing"
NOT_HERE: Final = "no such song is here"


class Finder:
    """Finds songs in a library, which it reads once."""

    def __init__(self, songs: Iterable[CatalogueSong]) -> None:
        self._songs = list(songs)
        self._by_title: defaultdict[str, list[int]] = defaultdict(list)
        self._by_file: defaultdict[str, list[int]] = defaultdict(list)
        for number, song in enumerate(self._songs):
            for title in {title_of(name).song for name, _ in _names(song)}:
                self._by_title[title].append(number)
            self._by_file[_parts(song.uri)[-1]].append(number)
        self._nearest: Nearest | None = None

    def __len__(self) -> int:
        return len(self._songs)

    def by_path(self, path: str, *, name_is_enough: bool) -> Answer:
        """Return the song at a path, on whatever machine; the answer says why where there is none.

        `name_is_enough`: a file's name alone may tell, where nothing else is known of the song.
        """
        ways = dict.fromkeys((path, unquote(path), path.replace("\\", "/"), unquote(path).replace("\\", "/")))
        answer: Answer = Missing(NOT_HERE)
        for way in ways:
            found = self._at(_parts(way), name_is_enough=name_is_enough)
            if not isinstance(found, Missing):
                return found
            if found.nearest:
                answer = found
        return answer

    def by_tags(self, title: str, artist: str, album: str) -> Answer:
        """Return the song with a title, by an artist where one is given, or why there is none."""
        artists = (artist,) if artists_of((artist,)) else ()
        answer = self._titled(title, artists, album)
        if not isinstance(answer, Missing) or artists:
            return answer
        for said, rest in said_as_one(title):
            better = self._titled(rest, (said,), album)
            if not isinstance(better, Missing):
                return better
            answer = better if better.nearest and not answer.nearest else answer
        return answer

    def nearest_to(self, title: str) -> tuple[CatalogueSong, ...]:
        """Return the song whose title is most like this one; none where none is like it."""
        if self._nearest is None:
            self._nearest = Nearest([[name for name, _ in _names(song)] for song in self._songs])
        number = self._nearest.find(title)
        return () if number is None else (self._songs[number],)

    def _at(self, parts: Sequence[str], *, name_is_enough: bool) -> Answer:
        if not parts:
            return Missing(NOT_HERE)
        ends: defaultdict[int, list[CatalogueSong]] = defaultdict(list)
        for number in self._by_file.get(parts[-1], ()):
            song = self._songs[number]
            ends[_same_end(parts, _parts(song.uri))].append(song)
        if not ends:
            return Missing(NOT_HERE)
        longest = max(ends)
        songs = ends[longest]
        same = [song for song in songs if _parts(song.uri) == tuple(parts)] or songs
        if len(same) > 1:
            return Missing(f"{len(same)} songs have such a path", tuple(same))
        named = name_is_enough and not _NUMBERED.match(parts[-1].rpartition(".")[0])
        if longest > 1 or named or len(same) < len(songs) or _parts(same[0].uri) == tuple(parts):
            return same[0]
        return Missing("only the file's name is the same", tuple(same))

    def _titled(self, text: str, artists: tuple[str, ...], album: str) -> Answer:
        title = title_of(text)
        found = [self._songs[number] for number in self._by_title.get(title.song, ())]
        if not found:
            return Missing(NOT_HERE)
        version = _version(title.version, album)
        fitting = [
            song for song in found if any(_fits(name, version, song.album) for name, _ in _names(song))
        ]
        exact = [
            song for song in fitting if any(title_of(name).version == version for name, _ in _names(song))
        ]
        fitting = exact or fitting
        if not fitting:
            return Missing("only another version of it is here", tuple(found))
        if artists:
            fitting = _best((*artists, *title.guests), fitting)
            if not fitting:
                return Missing("only a song of that title by another artist is here", tuple(found))
        albums = [song for song in fitting if album and album_key(song.album) == album_key(album)]
        fitting = sorted(albums or fitting, key=lambda song: song.uri)
        if all(_same_artists(_artists(fitting[0]), _artists(song)) == ALL for song in fitting[1:]):
            return fitting[0]
        return Missing(f"{len(fitting)} songs have that title", tuple(fitting))


def _names(song: CatalogueSong) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the titles that a song may go by, each with its artists."""
    if song.title:
        yield song.title, song.artists
        return
    *folders, file = song.uri.split("/")
    stem = file.rpartition(".")[0] or file
    artists = song.artists or tuple(folders)
    for name in dict.fromkeys((stem, _TRACK.sub("", stem))):
        yield name, artists
        for artist, title in said_as_one(name):
            yield title, (artist, *artists)


def _artists(song: CatalogueSong) -> tuple[frozenset[str], ...]:
    """Return the readings of a song's artists, guests in its title among them."""
    if song.artists:
        guests = title_of(song.title).guests
        with_guests = artists_of((*song.artists, *guests)) if guests else ()
        return (*artists_of(song.artists), *with_guests)
    folders = {name for _, names in _names(song) for name in names} | set(song.uri.split("/")[:-1])
    return tuple(reading for name in sorted(folders) for reading in artists_of((name,)))


def _version(version: Version, album: str) -> Version:
    """Return the version that title and album tell together."""
    return _LIVE if not version.kinds and is_live_album(album) else version


def _fits(title: str, wanted: Version, album: str) -> bool:
    return _version(title_of(title).version, album).fits(wanted)


def _best(artists: tuple[str, ...], songs: Sequence[CatalogueSong]) -> list[CatalogueSong]:
    """Return the songs of which most of the artists are the same; none where no artist is."""
    wanted = artists_of(artists) + artists_of(artists[:1])
    marks = [_same_artists(wanted, _artists(song)) for song in songs]
    best = max(marks, default=NONE)
    return [song for song, mark in zip(songs, marks, strict=True) if mark == best] if best else []


def _same_artists(some: Sequence[frozenset[str]], others: Sequence[frozenset[str]]) -> int:
    if not set(some).isdisjoint(others):
        return ALL
    return SOME if not frozenset().union(*some).isdisjoint(frozenset().union(*others)) else NONE


def _parts(path: str) -> tuple[str, ...]:
    """Return the parts of a path in the form in which they are compared."""
    parts: list[str] = []
    for part in unicodedata.normalize("NFC", path).casefold().split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part and part not in {".", ".."}:
            parts.append(part)
    return tuple(parts) or ("",)


def _same_end(some: Sequence[str], others: Sequence[str]) -> int:
    """Return how many parts at the end of two paths are the same."""
    count = 0
    for one, other in zip(reversed(some), reversed(others), strict=False):
        if one != other:
            break
        count += 1
    return count


def shown(song: CatalogueSong) -> str:
    """Return a song as a report names it."""
    by = f" by {', '.join(song.artists)}" if song.artists else ""
    return f"{song.title}{by} ({song.uri})" if song.title else song.uri
