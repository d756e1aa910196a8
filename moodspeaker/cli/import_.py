"""`moodspeaker import`: playlists, tables of songs and moods, and listening histories of other programs.

Each file is read row by row, its songs are looked up in the music server's library, and what follows is kept
in one transaction: moods of songs, plays, verdicts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from moodspeaker.adapters.mpd.catalogue import Catalogue
    from moodspeaker.config.schema import Config
    from moodspeaker.library.imported import Kept, LibraryImports
    from moodspeaker.library.imports.importing import Importer, Outcome

SUMMARY: Final = "take over playlists, moods and listening histories of other programs"
SHOWN: Final = 30
"""Rows of a file that are named to a person."""
PROGRESS: Final = 2.0
"""Seconds between two reports on a long file."""
SERVICE_SOCKET: Final = "/run/moodspeaker/api.sock"
SERVICE_STATE: Final = "/var/lib/moodspeaker"
EPILOG: Final = """\
A file is recognised by its content, whatever its name:
  tables       CSV of Exportify, exportify.net, TuneMyMusic, Soundiiz; any with columns such as title, artist,
               album, uri and mood, emotion or label
  playlists    M3U, M3U8, PLS, XSPF, and lists of URIs or links, one a line
  histories    ListenBrainz (JSON, ZIP with feedback), Last.fm (CSV), Spotify (JSON, short and extended)
  playlists of Spotify's account data (JSON), and ZIP archives of any of these

The mood of a song comes from the row's column, else the playlist's name, else the file's (happy.csv,
mood-sad.m3u), else --mood. It then plays in that mood, unless a stored playlist mood-... is there. A song is
found by its path, or by title, artist and album, in the music server's library; a live or remixed version is
not taken for another, and of two songs that may be meant neither is. Importing a file twice changes nothing.

examples:
  moodspeaker import --dry-run happy.csv        what would be found
  moodspeaker import --mood neutral evening.m3u  a plain playlist, as music for neutral
  moodspeaker import my_spotify_data.zip        what was heard, and playlists

Exit code 0: every row has its song; 1: a row is bad or has none; 2: a file cannot be read.
Where moodspeaker runs as a service, its own user keeps the library:
  sudo -u moodspeaker moodspeaker import --set paths.state=/var/lib/moodspeaker FILE..."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from pathlib import Path

    parser.epilog = EPILOG
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what another program exported")
    parser.add_argument(
        "--mood", choices=[str(emotion) for emotion in EMOTIONS], help="the mood where a file tells none"
    )
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be found")
    parser.add_argument("--json", action="store_true", help="one JSON object a row, then one for each file")


def run(arguments: argparse.Namespace) -> int:
    """Import the files; 1 when a row is bad or has no song, 2 when a file cannot be read."""
    import contextlib

    from moodspeaker.config.load import load
    from moodspeaker.database import Database
    from moodspeaker.library.imported import LibraryImports
    from moodspeaker.library.imports.importing import Importer
    from moodspeaker.library.matching import Finder
    from moodspeaker.library.migrations import FILE, migrations
    from moodspeaker.resources import schema_folder

    config = load(arguments.config, arguments.set)
    _warn_of_service(config)
    catalogue = _catalogue(config)
    mood = Emotion(arguments.mood) if arguments.mood else None
    importer = Importer(Finder(catalogue.songs), catalogue.schemes, mood)
    with contextlib.closing(
        Database(config.state_folder / FILE, lambda: migrations(schema_folder()))
    ) as file:
        library = None if arguments.dry_run else LibraryImports(file)
        return max([_import(path, importer, library, as_json=arguments.json) for path in arguments.files])


def _warn_of_service(config: Config) -> None:
    if os.path.exists(SERVICE_SOCKET) and config.paths.state != SERVICE_STATE:  # noqa: PTH110 - it is no Path
        cure = f"sudo -u moodspeaker moodspeaker import --set paths.state={SERVICE_STATE} FILE..."
        print(f"moodspeaker: the service keeps its own library; for that one: {cure}", file=sys.stderr)


def _catalogue(config: Config) -> Catalogue:
    """Return the music server's songs; raise UsageError or PlayerError where there is none."""
    import asyncio

    from moodspeaker.adapters.mpd.address import addresses
    from moodspeaker.adapters.mpd.catalogue import read_catalogue
    from moodspeaker.errors import PlayerError, UsageError

    if not config.mpd.host:
        message = "mpd.host is empty: set it to the music server in whose library the songs are looked up"
        raise UsageError(message)
    catalogue = asyncio.run(read_catalogue(config.mpd, addresses(config.mpd, os.environ)))
    left_out = catalogue.left_out.words
    if not catalogue.songs and not catalogue.schemes:
        none = "the music server has no songs: let it read its music folder first (mpc update)"
        raise PlayerError(left_out or none)
    if left_out:
        print(f"moodspeaker: {left_out}", file=sys.stderr)
    return catalogue


@dataclass(slots=True)
class Tally:
    """What became of a file's rows."""

    forms: list[str] = field(default_factory=list)
    """In the order in which they were met, each once."""
    counts: Counter[str] = field(default_factory=Counter)
    """Rows of each status."""
    moods: Counter[str] = field(default_factory=Counter)
    """Songs of each mood."""
    plain: int = 0
    """Songs of playlists whose mood nothing tells."""
    refused: str = ""
    """Why the file cannot be read."""

    @property
    def code(self) -> int:
        """The exit code of this file."""
        return 2 if self.refused else int(bool(self.counts["bad"] or self.counts["no match"]))

    @property
    def note(self) -> str:
        """What a playlist without a mood is good for."""
        if not self.plain:
            return ""
        return (
            f"songs whose mood nothing tells: {self.plain}; as a plain playlist nothing is kept of them: "
            "import it with --mood to make them a mood's music"
        )


def _import(path: Path, importer: Importer, library: LibraryImports | None, *, as_json: bool) -> int:
    """Import a file, tell what became of it, and return its exit code; raise StoreError."""
    from moodspeaker.library.imported import Kept
    from moodspeaker.library.imports.rows import Unreadable
    from moodspeaker.library.imports.spool import Spool

    tally, kept = Tally(), Kept()
    with Spool() as spool:
        try:
            for outcome in _outcomes(path, importer, tally):
                if outcome.fact is not None:
                    spool.add(outcome.fact)
                _tell(path, outcome, tally, as_json=as_json)
            if library is not None:
                kept = library.keep(spool.facts, ", ".join(tally.forms), time.time())
        except Unreadable as error:
            tally.refused = str(error)
            print(f"moodspeaker: {path}: {error}", file=sys.stderr)
    if as_json:
        _print_json({"file": str(path), "summary": _summary(tally, kept, dry=library is None)})
    elif not tally.refused:
        _print_summary(path, tally, kept, dry=library is None)
    return tally.code


def _outcomes(path: Path, importer: Importer, tally: Tally) -> Iterator[Outcome]:
    """Yield what becomes of each row, and count it; raise Unreadable."""
    from moodspeaker.library.imports.opening import opened

    with opened(path) as (file, exports):
        progress = _Progress(path, file)
        for export in exports:
            if export.form not in tally.forms:
                tally.forms.append(export.form)
            for outcome in importer.outcomes(export, path.stem):
                progress.tell()
                tally.counts[outcome.status] += 1
                if outcome.mood is not None:
                    tally.moods[outcome.mood] += 1
                elif outcome.uri and outcome.is_plain:
                    tally.plain += 1
                yield outcome


class _Progress:
    """Says on the standard error how far a long file was read."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._size = max(1, os.fstat(file.fileno()).st_size)
        self._next = time.monotonic() + PROGRESS

    def tell(self) -> None:
        """Say it, every few seconds."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PROGRESS
            share = min(1.0, self._file.tell() / self._size)
            print(f"{self._path}: {share:.0%} read", file=sys.stderr)


def _tell(path: Path, outcome: Outcome, tally: Tally, *, as_json: bool) -> None:
    """Print a row: to a program every one, to a person those that need a look."""
    from moodspeaker.library.imports.importing import Status

    if as_json:
        _print_json({"file": str(path), **outcome.as_json()})
        return
    if outcome.status is Status.MATCH and not outcome.reason:
        return
    noted = tally.counts["noted"] = tally.counts["noted"] + 1
    if noted <= SHOWN:
        nearest = f"; nearest: {outcome.nearest}" if outcome.nearest else ""
        print(f"{path}:{outcome.where}: {outcome.status}: {outcome.reason or outcome.uri}{nearest}")
    elif noted == SHOWN + 1:
        print(f"{path}: more rows need a look: --json shows them all")


def _summary(tally: Tally, kept: Kept, *, dry: bool) -> dict[str, Any]:
    counts = {name: tally.counts[name] for name in ("match", "no match", "bad", "ignored")}
    found: dict[str, Any] = {"form": ", ".join(tally.forms), "rows": sum(counts.values()), **counts}
    found |= {"moods": dict(tally.moods), "new": kept.by_name(), "dry_run": dry}
    if tally.note:
        found["note"] = tally.note
    if tally.refused:
        found["refused"] = tally.refused
    return found


def _print_summary(path: Path, tally: Tally, kept: Kept, *, dry: bool) -> None:
    counts = ", ".join(f"{tally.counts[name]} {name}" for name in ("match", "no match", "bad", "ignored"))
    print(f"{path}: {', '.join(tally.forms)}: {counts}")
    if tally.moods:
        print(f"  songs by mood: {', '.join(f'{mood} {count}' for mood, count in tally.moods.items())}")
    if dry:
        print("  a dry run: nothing was kept")
    else:
        new = ", ".join(f"{count} {name}" for name, count in kept.by_name().items() if count)
        print(f"  new in the library: {new or 'nothing'}")
    if tally.note:
        print(f"  {tally.note}")


def _print_json(line: dict[str, Any]) -> None:
    from moodspeaker.cli.status import shows

    print(json.dumps(line, ensure_ascii=not shows("é█")))
