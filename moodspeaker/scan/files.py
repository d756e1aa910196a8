"""Where the file of a song is, and which part of it.

A URI of MPD is a path in its music folder, and Mopidy's local library has the path in its URIs.  The songs
of a CUE sheet are no paths: of `album.cue/track0001` the sheet names the file, of `album.flac/track0001` the
file has the sheet in itself; which part of it is the song MPD tells.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from moodspeaker import access
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SAMPLE: Final = 200
"""Songs by which it is seen whether a folder is the one that MPD reads."""
GONE: Final = "its file is not there any more: let MPD read its folder again (mpc update)"
LARGEST_SHEET: Final = 1 << 20
"""Bytes of a CUE sheet."""
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""The beginning of a URI that is no path."""
_MOPIDY: Final = "local:track:"
"""The beginning of a URI of Mopidy's local library; the path follows, percent-encoded."""
_FILE: Final = re.compile(r'FILE\s+(?:"(.*)"|(\S+))', re.IGNORECASE)
_TRACK: Final = re.compile(r"TRACK\s+\d+\s+AUDIO", re.IGNORECASE)
_OF_SHEET: Final = re.compile(r"track(\d{4,})")


@dataclass(frozen=True, slots=True)
class Located:
    """A song's file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Missing:
    """A song has no file that could be read."""

    reason: str
    passing: bool
    """Whether that may be another time the next time."""


def locate(uri: str, folder: Path) -> Located | Missing:
    """Return where the file of a song is in the music folder, or why there is none to read."""
    name = _name(uri)
    if not name:
        return Missing("no file: its tags alone tell", passing=False)
    path = folder / name
    if not path.is_relative_to(folder) or ".." in path.parts:
        return Missing("not in the music folder", passing=False)
    numbered = _OF_SHEET.fullmatch(path.name)
    try:
        if numbered is not None and path.parent.is_file():
            path = _of_sheet(path.parent, int(numbered[1]))
        path.stat()
    except ValueError as error:
        return Missing(str(error), passing=False)
    except (FileNotFoundError, NotADirectoryError):
        return Missing(GONE, passing=True)
    except OSError:
        pass  # `unreadable` says why
    reason = access.unreadable(path)
    return Missing(reason, passing=True) if reason else Located(path)


def unreachable(folder: str, uris: Iterable[str], *, address: str) -> str:
    """Return why the songs' files cannot be read, with the cure; empty where they can.

    `folder` is the music folder, empty where nobody names it; `address` where the music server is.
    """
    if not folder:
        return (
            f"the music server at {address} does not tell where its files are: set index.music_dir, "
            "or give MPD's socket as mpd.host"
        )
    if reason := access.unreadable(Path(folder)):
        return f"the music folder {folder}: {reason}"
    files = [name for uri in uris if (name := _name(uri))][:SAMPLE]
    if not files:
        return "the songs are no files: their tags alone tell"
    if not any(_exists(Path(folder), name) for name in files):
        return f"none of the music server's songs is in {folder}: correct index.music_dir"
    return ""


def _name(uri: str) -> str:
    """Return the path of a song's file in the music folder; empty where it is no file."""
    if uri.startswith(_MOPIDY):
        return unquote(uri.removeprefix(_MOPIDY), errors="surrogateescape")
    return "" if _ADDRESS.match(uri) else uri


def _exists(folder: Path, name: str) -> bool:
    path = folder / name
    return os.path.lexists(path) or path.parent.is_file()


def _of_sheet(sheet: Path, number: int) -> Path:
    """Return the file in which a CUE sheet has its nth song; raise OSError, or ValueError with the reason."""
    if sheet.suffix.lower() != ".cue":
        return sheet
    with sheet.open("rb") as opened:
        content = opened.read(LARGEST_SHEET)
    name, tracks = "", 0
    for line in _text(content):
        if found := _FILE.match(line):
            name = found[1] or found[2] or ""
        elif _TRACK.match(line):
            tracks += 1
            if tracks == number and name:
                return sheet.parent / name.replace("\\", "/")
    message = f"{sheet.name} names no file for its song {number}"
    raise ValueError(message)


def _text(content: bytes) -> Sequence[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return [line.strip() for line in text.splitlines()]
