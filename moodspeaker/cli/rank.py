"""`moodspeaker rank`: next songs for given histories, for evaluation on data from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from moodspeaker.music.collaborative import Named

SUMMARY = "rank next songs for given histories, to evaluate the recommender"
EPILOG = """\
Files of JSON objects, one a line:

  items     {"id", "title", "artist"}, and where they are known "genre", "year",
            "valence" and "arousal" (-1 to 1)
  sessions  {"songs": [id, ...]}                in the order in which they were heard
  queries   {"query": name, "history": [id, ...]}

A line a query comes out: {"query": name, "ranked": [id, ...]}, none of its history.  The songs come as they
are expected, without the rules of a programme (an artist once in four songs, nothing twice a day).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from moodspeaker.cli.plain import count

    parser.epilog = EPILOG
    for name, what in (("library", "items"), ("sessions", "sessions"), ("queries", "queries")):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE", help=f"the {what}")
    parser.add_argument("--top", type=count, default=10, metavar="K", help="songs a query (10)")


def run(arguments: argparse.Namespace) -> int:
    """Print a line a query."""
    from moodspeaker.music.collaborative import Ranking, Sessions

    songs: dict[str, Named] = {}
    for where, row in _rows(arguments.library):
        match row:
            case {"id": str(uri)}:
                songs[uri] = _song(uri, row)
            case _:
                raise _malformed(where, '{"id", "title", "artist"}')
    sessions = Sessions()
    for where, row in _rows(arguments.sessions):
        match row:
            case {"songs": [*uris]}:
                sessions.add(_known(uris, songs, where))
            case _:
                raise _malformed(where, '{"songs": [id, ...]}')
    ranking = Ranking(songs.values(), sessions)
    for where, row in _rows(arguments.queries):
        match row:
            case {"query": query, "history": [*uris]}:
                ranked = ranking.next(_known(uris, songs, where), arguments.top)
                print(json.dumps({"query": query, "ranked": [song.uri for song in ranked]}))
            case _:
                raise _malformed(where, '{"query", "history": [id, ...]}')
    return 0


def _song(uri: str, row: dict[str, object]) -> Named:
    from moodspeaker.domain.emotion import Affect
    from moodspeaker.music.collaborative import Named

    title, artist, genre = (_text(row.get(name)) for name in ("title", "artist", "genre"))
    place: Affect | None = None
    match row:
        case {"valence": int() | float() as valence, "arousal": int() | float() as arousal}:
            place = Affect(float(valence), float(arousal))
    year = row.get("year")
    return Named(uri, title, artist, genre, place, year if isinstance(year, int) else None)


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield where each line stands, for people, and its value."""
    from moodspeaker.errors import UsageError

    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}:{number}", json.loads(line)
    except OSError as error:
        message = f"{path}: {error.strerror}: give a file that can be read"
        raise UsageError(message) from None
    except ValueError as error:
        message = f"{path}: not JSON, one object a line ({error})"
        raise UsageError(message) from None


def _known(uris: Sequence[object], songs: dict[str, Named], where: str) -> list[Named]:
    from moodspeaker.errors import UsageError

    for uri in uris:
        if not isinstance(uri, str) or uri not in songs:
            message = f"{where}: {uri!r} is not in the library: every song needs its line there"
            raise UsageError(message)
    return [songs[uri] for uri in uris if isinstance(uri, str)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _malformed(where: str, wanted: str) -> Exception:
    from moodspeaker.errors import UsageError

    return UsageError(f"{where}: give {wanted}")
