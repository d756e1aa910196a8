"""What the columns of a table are, by the names in its header.  Pure.

The names are those of Exportify, exportify.net, TuneMyMusic, Soundiiz, Last.fm's exporters and of the tables
of songs and moods that circulate.  Exportify writes its header in the browser's language: where the names say
nothing, the columns that hold Spotify's URIs tell which texts stand beside them.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "title": ("track name", "song name", "song title", "track title", "title", "song", "track", "name"),
        "artist": (
            *("artist name(s)", "artist name", "artist names", "artists", "artist", "artist(s)"),
            *("album artist name(s)", "album artist", "performer", "creator"),
        ),
        "album": ("album name", "album title", "album", "release name", "release"),
        "uri": (
            *("track uri", "spotify uri", "uri", "spotify - id", "spotify id", "track url", "spotify url"),
            *("track id", "url", "link", "file", "path", "location", "id"),
        ),
        "mood": ("mood", "emotion", "label", "moods", "labels"),
        "playlist": ("playlist name", "playlist"),
        "seconds_utc": ("uts",),
        "minute_utc": ("utc time",),
    }
)
"""For each meaning the header's names, of which the first that is there counts; `_` is a space."""
_SPOTIFY: Final = re.compile(r"spotify:(track|local|artist|album):")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each meaning stands; a meaning that has no column is missing in `places`."""

    places: Mapping[str, int]
    width: int
    """Cells of a row."""

    def cell(self, cells: Sequence[str], meaning: str) -> str:
        """Return a row's cell without outer spaces; empty where there is none."""
        place = self.places.get(meaning)
        return cells[place].strip() if place is not None and place < len(cells) else ""


def columns_of(header: Sequence[str], first: Sequence[str]) -> Columns | None:
    """Return what the columns are, by the header and the first row; None where no column names songs."""
    names = [" ".join(name.casefold().replace("_", " ").split()) for name in header]
    places: dict[str, int] = {}
    for meaning, known in NAMES.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            places[meaning] = place
    if "name" in names and places.get("title") != names.index("name"):
        places.setdefault("playlist", names.index("name"))  # the newest Exportify
    if "title" not in places and "artist" not in places:
        places |= _beside_uris(first)
    if not {"title", "uri"} & set(places):
        return None
    return Columns(MappingProxyType(places), len(header))


def known_names(header: Sequence[str]) -> int:
    """Return how many of the names are known: a header was split at the right sign where they are most."""
    known = {name for names in NAMES.values() for name in names}
    return sum(" ".join(name.casefold().replace("_", " ").split()) in known for name in header)


def _beside_uris(first: Sequence[str]) -> dict[str, int]:
    """Return the columns of an Exportify table by its first row: each URI stands before its text."""
    kinds: dict[str, int] = {}
    for place, cell in enumerate(first):
        if found := _SPOTIFY.match(cell.strip()):
            kinds.setdefault(found[1], place)
    track = kinds.get("track", kinds.get("local"))
    if track is None or track + 1 >= len(first):
        return {}
    places = {"uri": track, "title": track + 1}
    if track == 1:
        places["playlist"] = 0
    for kind in ("artist", "album"):
        if kind in kinds and kinds[kind] + 1 < len(first):
            places[kind] = kinds[kind] + 1
    return places
