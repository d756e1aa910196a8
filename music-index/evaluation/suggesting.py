"""What a choice of 25 songs costs in a library of 100,000 made-up songs with 5,000 plays.

    python music-index/evaluation/suggesting.py [COUNT]

CPU milliseconds of one core: reading what was heard, which the speaker does at its start; the first choice,
and the median of later ones, with 12 songs heard before.  The memory that all this adds, and the peak of the
process.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from growth import hear, library

from moodspeaker.database import Database
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.play import Play
from moodspeaker.domain.player import EndReason
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.history import FILE, SqliteHistory
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.migrations import migrations
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps, boot_id, this_instant

COUNT = 100_000
PLAYS = 5_000
ROUNDS = 5


def make(state: Path, count: int) -> None:
    """Write a library and what was heard of it."""
    chance, songs = random.Random(3), library(count)  # noqa: S311 - no secret
    with closing(SongIndex(state, schema_folder())) as index:
        index.take_listing(songs)
        hear(index)
        index.place(Lexicon(folder("music-index") / "lexicon"))
    now = this_instant()
    own = chance.sample(songs, min(3000, count))
    history = SqliteHistory(state, schema_folder(), Timestamps(this_instant, None))
    ago = PLAYS * 1200.0
    for _ in range(PLAYS):
        ago -= 200 if chance.random() < 0.95 else 20_000  # noqa: PLR2004 - an evening of twenty songs
        song = own[min(int(chance.expovariate(1 / 500)), len(own) - 1)]
        why = chance.choice([EndReason.FINISHED, EndReason.FINISHED, EndReason.SKIPPED])
        mood = chance.choice(EMOTIONS)
        ended = Moment(now.monotonic - ago, now.wall - ago)
        history.add(Play(ended, song.uri, song.title, song.artist, 200.0, 190.0, why, mood, mood, None))
        if why is EndReason.FINISHED and chance.random() < 0.01:  # noqa: PLR2004 - some now and then
            history.flush()
    history.close()


def memory(name: str) -> float:
    """Return a line of this process's status in MB: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(name))


def measure(state: Path) -> str:
    """Return the line."""
    with closing(Database(state / FILE, lambda: migrations(schema_folder()))) as opened:
        opened.write(lambda _: None)
        before = memory("VmRSS")
        chooser = SongChooser(opened, Timestamps(this_instant, boot_id()))
        last = [uri for (uri,) in opened.read("SELECT uri FROM plays ORDER BY id DESC LIMIT 12", {})]
        begun = time.process_time_ns()
        chooser.prepare()
        reading = (time.process_time_ns() - begun) / 1e6
        costs = []
        for number in range(ROUNDS):
            for mood in EMOTIONS:
                begun = time.process_time_ns()
                chooser.suggest(Wanted(POINTS[mood], mood, recent=tuple(last)), 25, number)
                costs.append((time.process_time_ns() - begun) / 1e6)
        added = memory("VmRSS") - before
    later = statistics.median(costs[1:])
    return f"{reading:8.1f} ms {costs[0]:8.1f} ms {later:9.1f} ms {added:8.1f} MB {memory('VmHWM'):7.0f} MB"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(Path(sys.argv[2])))
    else:
        count = int(sys.argv[1]) if sys.argv[1:] else COUNT
        print("  songs     reading       first        later        adds      peak", flush=True)
        with tempfile.TemporaryDirectory() as state:
            make(Path(state), count)
            print(f"{count:7}", end=" ", flush=True)
            subprocess.run([sys.executable, __file__, "--one", state], check=True)  # noqa: S603 - ourselves
