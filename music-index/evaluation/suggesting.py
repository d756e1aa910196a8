"""What a choice of songs costs in a library of 100,000 made-up songs, without a history and with a long one.

    python music-index/evaluation/suggesting.py [COUNT]

A line for no history and for `SESSIONS` evenings of a dozen songs, in CPU milliseconds of one core:

    tables, kept    reading what was heard: all of it, and what is kept of it (`library.digest`)
    first, later    a choice of 25 songs in a new process, a dozen songs before; the median of later ones
    adds, peak      the memory that all this adds, and the peak of the process
    command         `moodspeaker suggest` as a person calls it, a process of its own, and Python that does
                    nothing; the clock's milliseconds in brackets (medians)
"""

from __future__ import annotations

import json
import os
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
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.play import Play
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps, boot_id, this_instant

COUNT = 100_000
SESSIONS = 3_000
SONGS = 12
ROUNDS = 5


def make(state: Path, count: int, sessions: int) -> None:
    """Write a library and what was heard of it."""
    chance, songs = random.Random(3), library(count)  # noqa: S311 - no secret
    with closing(SongIndex(state, schema_folder())) as index:
        index.take_listing(songs)
        hear(index)
        index.place(Lexicon(folder("music-index") / "lexicon"))
    now = this_instant()
    own = chance.sample(songs, min(3000, count))
    history = SqliteHistory(state, schema_folder(), Timestamps(this_instant, None))
    for n in range(sessions * SONGS):
        evening, song = divmod(n, SONGS)
        ago = (sessions - evening) * 20_000.0 - song * 200
        song = own[min(int(chance.expovariate(1 / 500)), len(own) - 1)]
        why = chance.choice([EndReason.FINISHED, EndReason.FINISHED, EndReason.SKIPPED])
        mood = chance.choice(EMOTIONS)
        ended = Moment(now.monotonic - ago, now.wall - ago)
        history.add(Play(ended, song.uri, song.title, song.artist, 200.0, 190.0, why, mood, mood, None))
    history.close()


def memory(name: str) -> float:
    """Return a line of this process's status in MB: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(name))


def measure(state: Path) -> dict[str, float]:
    """Return what choices cost in this process."""
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
    return {"reading": reading, "first": costs[0], "later": later, "adds": added, "peak": memory("VmHWM")}


def process(*words: str) -> tuple[float, float]:
    """Return the medians of a process's CPU and wall milliseconds, once all is compiled."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    costs = []
    for _ in range(2 * ROUNDS):
        begun = time.perf_counter()
        number = os.posix_spawn(sys.executable, (sys.executable, *words), environment, file_actions=silent)
        _, status, used = os.wait4(number, 0)
        if status:
            message = f"{' '.join(words)} failed"
            raise SystemExit(message)
        costs.append((1e3 * (used.ru_utime + used.ru_stime), 1e3 * (time.perf_counter() - begun)))
    cpu, wall = zip(*costs[1:], strict=True)
    return statistics.median(cpu), statistics.median(wall)


def line(state: Path) -> str:
    """Return the line of a library."""
    words = (sys.executable, __file__, "--one", str(state))
    first, again = (json.loads(subprocess.check_output(words)) for _ in range(2))  # noqa: S603 - ourselves
    suggest = process("-m", "moodspeaker", "suggest", "--mood", "happy", "--set", f"paths.state={state}")
    nothing = process("-c", "pass")
    return (
        f"{first['reading']:8.1f} {again['reading']:6.1f} {again['first']:7.1f} {again['later']:7.1f} "
        f"{again['adds']:6.1f} MB {again['peak']:5.0f} MB    {suggest[0]:.0f} ({suggest[1]:.0f}), "
        f"Python {nothing[0]:.0f} ({nothing[1]:.0f})"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        count = int(sys.argv[1]) if sys.argv[1:] else COUNT
        print("  songs sessions   tables   kept   first   later      adds     peak    command", flush=True)
        for sessions in (0, SESSIONS):
            with tempfile.TemporaryDirectory() as state:
                make(Path(state), count, sessions)
                print(f"{count:7} {sessions:8} {line(Path(state))}", flush=True)
