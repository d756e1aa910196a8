"""Playlists: M3U and plain lists of URIs, PLS, XSPF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from moodspeaker.library.imports.rows import Bad, Export, Unreadable, Wanted
from moodspeaker.library.imports.text import lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from moodspeaker.library.imports.rows import Row

MOST_ENTRIES: Final = 100_000
"""Entries of a PLS file, which may tell of them in any order."""
CHUNK: Final = 1 << 16
"""Bytes of XML at once."""
LONGEST_TEXT: Final = 1 << 13
"""Characters of an element of a track."""
DEEPEST: Final = 64
"""Elements within each other: XSPF has six, and the parser keeps all that are open."""
LONGEST_MARK: Final = 1 << 22
"""Bytes of one tag, all of which the parser holds."""
LOOKED_AT: Final = 20
"""Lines by which a list of URIs is known."""
SAVE_AGAIN: Final = "save it again as XSPF"
TOO_LONG: Final = "longer than a path can be"
_ADDRESS: Final = re.compile(
    r"[a-z][a-z0-9+.-]+:\S|.+\.(mp3|ogg|oga|opus|flac|m4a|mp4|aac|wav|wma|aif|aiff|ape|mpc|wv|dsf|mka|webm)$",
    re.IGNORECASE,
)
"""A URI, or the path of a sound file."""
_EXTINF: Final = re.compile(r"#EXTINF:\s*-?[\d.]*[^,]*,(?P<name>.*)", re.IGNORECASE)
_PLS_KEY: Final = re.compile(r"(file|title)(\d{1,6})\s*=(.*)", re.IGNORECASE)


def is_list(head: str) -> bool:
    """Tell whether a text begins like an M3U playlist or a list of URIs and paths."""
    start = [line for line in head.splitlines()[:LOOKED_AT] if line.strip()]
    if any(line.upper().startswith(("#EXTM3U", "#EXTINF", "#PLAYLIST")) for line in start):
        return True
    entries = [line for line in start if not line.startswith("#")]
    return bool(entries) and 2 * sum(bool(_ADDRESS.match(line.strip())) for line in entries) > len(entries)


def m3u(file: BinaryIO) -> Export:
    """Return the songs of an M3U playlist, plain or extended, or of a list of URIs."""
    return Export("list", _m3u(file))


def _m3u(file: BinaryIO) -> Iterator[Row]:
    name = playlist = ""
    for number, text in lines(file):
        where = str(number)
        if text is None:
            yield Bad(where, TOO_LONG)
        elif found := _EXTINF.match(text):
            name = found["name"].strip()
        elif text.upper().startswith("#PLAYLIST:"):
            playlist = text.partition(":")[2].strip()
        elif text.strip() and not text.startswith("#"):
            yield Wanted(where, name, uri=text.strip(), playlist=playlist)
            name = ""


def pls(file: BinaryIO) -> Export:
    """Return the songs of a PLS playlist, in the order of their numbers."""
    return Export("PLS", _pls(file))


def _pls(file: BinaryIO) -> Iterator[Row]:
    entries: dict[int, dict[str, str]] = {}
    for number, text in lines(file):
        found = None if text is None else _PLS_KEY.match(text.strip())
        if found is None:
            continue
        entry = entries.setdefault(int(found[2]), {})
        entry[found[1].casefold()] = found[3].strip()
        if len(entries) > MOST_ENTRIES:
            yield Bad(str(number), f"more than {MOST_ENTRIES} entries: the rest is left out")
            break
    for number, entry in sorted(entries.items()):
        if entry.get("file"):
            yield Wanted(str(number), entry.get("title", ""), uri=entry["file"])
        else:
            yield Bad(str(number), f"File{number} is missing")


def xspf(file: BinaryIO) -> Export:
    """Return the tracks of an XSPF playlist."""
    return Export("XSPF", _xspf(file))


class _Tracks:
    """Collects tracks from what the XML parser tells; `found` holds those that are complete."""

    def __init__(self) -> None:
        self.found: list[Wanted] = []
        self.complete = 0
        self._path: list[str] = []
        self._text = ""
        self._track: dict[str, str] = {}
        self._playlist = ""

    def start(self, tag: str, _: object) -> None:
        """Begin an element; raise Unreadable where it lies too deep."""
        if len(self._path) == DEEPEST:
            message = f"its elements lie in each other {DEEPEST} deep, which no playlist does: {SAVE_AGAIN}"
            raise Unreadable(message)
        self._path.append(_plain(tag))
        self._text = ""
        if self._path[-1] == "track":
            self._track = {}

    def text(self, text: str) -> None:
        """Take a part of an element's text."""
        if len(self._text) < LONGEST_TEXT:
            self._text += text

    def end(self, _: str) -> None:
        """End an element."""
        path = "/".join(self._path)
        tag = self._path.pop()
        text = self._text[:LONGEST_TEXT].strip()
        self._text = ""
        if path == "playlist/title":
            self._playlist = text
        elif path == f"playlist/trackList/track/{tag}":
            self._track.setdefault(tag, text)
        elif path == "playlist/trackList/track":
            self.complete += 1
            track = self._track.get
            self.found.append(
                Wanted(
                    str(self.complete),
                    track("title", ""),
                    track("creator", ""),
                    track("album", ""),
                    track("location", ""),
                    playlist=self._playlist,
                )
            )


def _xspf(file: BinaryIO) -> Iterator[Row]:
    tracks, parser = _Tracks(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = tracks.start, tracks.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = tracks.text, _refuse
    fed = 0
    while True:
        content = file.read(CHUNK)
        fed += len(content)
        try:
            parser.Parse(content, not content)
        except expat.ExpatError as error:
            yield from map(_checked, tracks.found)
            yield Bad(
                str(tracks.complete + 1),
                f"the XML breaks off or is damaged in line {error.lineno}: what follows is not read",
            )
            return
        yield from map(_checked, tracks.found)
        tracks.found.clear()
        if not content:
            return
        if fed - parser.CurrentByteIndex > LONGEST_MARK:
            message = (
                f"it has a tag of more than {LONGEST_MARK >> 20} MiB, which no playlist has: {SAVE_AGAIN}"
            )
            raise Unreadable(message)


def _checked(track: Wanted) -> Row:
    return track if track.title or track.uri else Bad(track.where, "empty: it names no song")


def _plain(tag: str) -> str:
    """Return a tag without its namespace's prefix."""
    return tag.rpartition(":")[2]


def _refuse(*_: object) -> None:
    """Refuse what XSPF never has and what may be made to grow without end."""
    message = f"it declares a document type, which no playlist does: {SAVE_AGAIN}"
    raise Unreadable(message)
