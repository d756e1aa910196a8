"""How the index grows: time, memory and bytes of 1,000, 10,000 and 100,000 made-up songs.

    python music-index/evaluation/growth.py [COUNT ...]

A line a library: seconds that it takes to list all songs, to give each its mood, to keep what was heard of
all and what their files say, to take the stickers that other players gave to all, to place them again, and to
see that nothing changed; seconds in which the speaker reads the songs of all moods; size of library.db; peak
memory of the process.  Each runs in a process of its own.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from moodspeaker.database import Database
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.domain.timbre import NUMBERS, timbre
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.songs import FileTags, Sound
from moodspeaker.resources import folder, schema_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COUNTS = (1_000, 10_000, 100_000)
GENRES = ("Rock", "Pop", "Jazz", "Metal", "Ambient", "Hip-Hop", "Classical", "Indie Rock; Folk", "", "Dance")
HEAD = "songs      list   place    hear stickers  place    list  speaker   library.db   a song     memory"


def library(count: int) -> Sequence[CatalogueSong]:
    """Return made-up songs with names as long as people's are."""
    return [
        CatalogueSong(
            f"Artist Number {n // 120}/An Album of {1950 + n // 12 % 75}/{n % 12 + 1:02} The Song {n}.flac",
            f"The Song Number {n}",
            (f"Artist Number {n // 120}",),
            f"An Album of {1950 + n // 12 % 75}",
            120.0 + n % 240,
            GENRES[n // 120 % len(GENRES)],
            modified="2026-01-02T03:04:05Z",
        )
        for n in range(count)
    ]


def stickers(count: int) -> Mapping[str, SharedStickers]:
    """Return what other players know of the songs: every one was played."""
    return {song.uri: SharedStickers(2, 8, 7, 1, 1_795_000_000, 1_794_000_000) for song in library(count)}


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def hear(index: SongIndex) -> None:
    """Keep a made-up sound for every song."""
    chance, after = random.Random(1), 0  # noqa: S311 - no secret
    while songs := index.unheard("1", after):
        sounds = [
            Sound(
                200.0,
                fingerprint=chance.randbytes(30),
                estimate=Estimate(chance.gauss(0, 0.3), chance.gauss(0, 0.3), 0.35, 0.6),
                timbre=timbre(chance.gauss(0, 1) for _ in range(NUMBERS)),
                tags=FileTags(bpm=93.5, key="F#m", gain=-6.5, comment="Ripped with a ripper at home"),
            )
            for _ in songs
        ]
        index.add_sounds(list(zip(songs, sounds, strict=True)), "1", bytes.__eq__)
        after = songs[-1].id


def measure(count: int) -> str:
    """Return the line of a library."""
    lexicon = Lexicon(folder("music-index") / "lexicon")
    with tempfile.TemporaryDirectory() as state:
        with closing(SongIndex(Path(state), schema_folder())) as index:
            times = [
                timed(lambda: index.take_listing(library(count))),
                timed(lambda: index.place(lexicon)),
                timed(lambda: hear(index)),
                timed(lambda: index.take_stickers(stickers(count))),
                timed(lambda: index.place(lexicon)),
                timed(lambda: index.take_listing(library(count))),
            ]
        with closing(Database(Path(state) / FILE, lambda: migrations(schema_folder()))) as opened:
            opened.write(lambda _: None)
            moods = SqliteMoodIndex(opened)
            times.append(timed(lambda: [moods.nearest(mood) for mood in EMOTIONS]))
        size = (Path(state) / FILE).stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = "".join(f"{seconds:7.2f}s" for seconds in times)
    return f"{count:6} {shown} {size / 1e6:9.1f} MB {size / count:6.0f} B {peak:7.0f} MiB"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(int(sys.argv[2])))
    else:
        print(HEAD, flush=True)
        for word in sys.argv[1:] or map(str, COUNTS):
            subprocess.run([sys.executable, __file__, "--one", word], check=True)  # noqa: S603 - ourselves
