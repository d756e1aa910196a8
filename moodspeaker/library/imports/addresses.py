"""What a URI, a link or a path in an export stands for.  Pure."""

from __future__ import annotations

import re
from typing import Final, TypeAlias
from urllib.parse import unquote, unquote_plus

from moodspeaker.values import dataclass


@dataclass(frozen=True, slots=True)
class NoAddress:
    """There is none."""


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path, on this machine or on another."""

    path: str
    """As it is written: it may be percent-encoded, and may have backslashes."""


@dataclass(frozen=True, slots=True)
class ServerSong:
    """A song in the catalogue of a service that a music server may play."""

    uri: str
    """As a server wants it."""
    scheme: str


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of the listener's own, of which Spotify keeps only these words."""

    artist: str
    album: str
    title: str


@dataclass(frozen=True, slots=True)
class NoSong:
    """Something that is no song."""

    kind: str
    """In words that follow `is`."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that names nothing."""

    reason: str


Address: TypeAlias = NoAddress | FilePath | ServerSong | LocalFile | NoSong | Malformed

SPOTIFY: Final = "spotify"
SPOTIFY_ID: Final = re.compile(r"[0-9A-Za-z]{22}")
_LINK: Final = re.compile(
    r"https?://(?:open|play)\.spotify\.com/(?:intl-[\w-]+/|embed/)*(?P<kind>[a-z]+)/(?P<id>[^/?#]*)",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
"""Two letters at least: one is a drive."""
_FILE: Final = re.compile(r"file:(//[^/]*)?(?=/)|local:track:", re.IGNORECASE)
STREAMS: Final = frozenset(
    {"http", "https", "mms", "mmsh", "rtmp", "rtp", "rtsp", "cdda", "ftp", "icy", "hls+http", "hls+https"}
)


def address_of(text: str) -> Address:
    """Return what a text stands for."""
    if link := _LINK.match(text):
        return _spotify(link["kind"].casefold(), link["id"])
    if found := _FILE.match(text):
        return FilePath(unquote(text[found.end() :]))
    scheme = _SCHEME.match(text)
    if scheme is None:
        return FilePath(text) if text else NoAddress()
    name, rest = scheme[1].casefold(), text[scheme.end() :]
    if name == SPOTIFY:
        kind, _, which = rest.partition(":")
        return _local(which) if kind == "local" else _spotify(kind, which)
    if name in STREAMS:
        return NoSong("a stream, no song")
    return ServerSong(text, name)


def _spotify(kind: str, which: str) -> Address:
    if kind != "track":
        return NoSong(f"a Spotify {kind or 'address'}, no song")
    if not SPOTIFY_ID.fullmatch(which):
        return Malformed(f"{which!r} is not the id of a Spotify track, which has 22 letters and digits")
    return ServerSong(f"{SPOTIFY}:track:{which}", SPOTIFY)


def _local(which: str) -> Address:
    words = [unquote_plus(word) for word in which.split(":")]
    artist, album, title = (*words, "", "", "")[:3]
    return LocalFile(artist, album, title) if title else Malformed("it names no song")
