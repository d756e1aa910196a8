"""`moodspeaker index show`: every song of the index with its mood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from moodspeaker.domain.emotion import Affect
    from moodspeaker.library.songs import IndexedSong

SUMMARY = "list the songs of the index with their moods"
EPILOG = """\
Valence and arousal go from -1 to 1.  The rank is a song's place within the library: it decides its mood.

  moodspeaker index show
  moodspeaker index show --json | jq -r 'select(.mood == "happy") | .uri'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.epilog = EPILOG
    parser.add_argument("--json", action="store_true", help="one JSON object a song")


def run(arguments: argparse.Namespace) -> int:
    """Print a line a song; return 1 where there is no index yet."""
    from contextlib import closing

    from moodspeaker import resources
    from moodspeaker.cli.owner import act_as_owner
    from moodspeaker.config.load import load
    from moodspeaker.errors import StoreError
    from moodspeaker.library.index import SongIndex
    from moodspeaker.library.migrations import FILE

    folder = load(arguments.config, arguments.set).state_folder
    act_as_owner(folder)
    if not (folder / FILE).exists():
        message = f"{folder / FILE}: there is no index yet: moodspeaker index scan"
        raise StoreError(message)
    shown = False
    with closing(SongIndex(folder, resources.schema_folder())) as index:
        for song in index.songs():
            print(json.dumps(row(song), allow_nan=False) if arguments.json else _line(song))
            shown = True
    if not shown:
        message = "the index is empty: moodspeaker index scan"
        raise StoreError(message)
    return 0


def row(song: IndexedSong) -> dict[str, Any]:
    """Return a song as JSON values."""
    values: dict[str, Any] = {
        "uri": song.uri,
        "title": song.title,
        "artist": song.artist,
        "album": song.album,
        "genre": song.genre,
        "seconds": None if song.seconds is None else round(song.seconds, 2),
        **_point(song.affect),
        "confidence": round(song.confidence, 3),
        "mood": song.mood,
        "source": song.source,
        "rank": _point(song.rank),
    }
    if song.reason:
        values["reason" if song.mood is None else "note"] = song.reason
    if song.damaged:
        values["damaged"] = True
    taste = song.taste
    told = {"bpm": song.bpm, "key": song.key or None, "gain": song.gain, "liked": taste.liked}
    counts = {"plays": taste.plays or None, "skips": taste.skips or None}
    return values | {name: value for name, value in (told | counts).items() if value is not None}


def _point(point: Affect | None) -> dict[str, float | None]:
    if point is None:
        return {"valence": None, "arousal": None}
    return {"valence": round(point.valence, 3), "arousal": round(point.arousal, 3)}


def _line(song: IndexedSong) -> str:
    name = f"{song.artist} - {song.title}" if song.artist else song.title
    marks = " (damaged)" if song.damaged else ""
    if song.affect is None or song.rank is None:
        return f"{'-':9} {'':17} {name}{marks}: {song.reason}"
    place = f"{song.rank.valence:+.2f} {song.rank.arousal:+.2f} {song.confidence:4.0%}"
    return f"{song.mood or '':9} {place:17} {name}{marks}"
