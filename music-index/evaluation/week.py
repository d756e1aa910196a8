"""A simulated week of listening: how much is heard to its end, by who chooses the songs.

    python music-index/evaluation/week.py SITUNES [--listeners 20] [--seeds 3] [--plot FILE.png]

SITUNES is the folder of the data set.  A listener (`listener.py`) hears `SESSIONS` sessions a day, each of
`SONGS` songs in one mood, drawn from the moods that people had before they listened in SiTunes.  The library
is that of SiTunes, placed by its valence and energy with the error of the shipped sound model.

    random        every song is as likely
    mood only     the songs nearest to the mood, shuffled: no taste
    no learning   the shipped choice, which is never told how a play ended
    moodspeaker   the shipped choice, through the real files, a few songs at a time
    knows all     the songs that this listener likes best in the mood: what cannot be reached

None plays a song twice within a day.  A table on the standard output, and a plot.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

sys.path.insert(0, str(Path(__file__).parent))

from listener import Listener, fit, read_ratings, read_songs

from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.play import Play
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.fusion import Estimate, nearest
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.songs import Sound
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from listener import Shares, Song

DAYS: Final = 7
SESSIONS: Final = 4
SONGS: Final = 10
DRAW: Final = 5
"""Songs that are chosen at once."""
DAY: Final = 86_400.0
START: Final = 1_772_366_400.0
RELIABILITY: Final = (0.35, 0.55)
"""What the shipped sound model explains of valence and arousal (models/music/CARD.md)."""
Point = tuple[float, float]


class Clock:
    """Both clocks of a simulated machine."""

    def __init__(self) -> None:
        self.seconds = 1e6

    def __call__(self) -> Moment:
        """Return this instant."""
        return Moment(self.seconds, START + self.seconds)


class Policy(Protocol):
    """Who chooses the songs."""

    def choose(self, mood: Emotion, point: Point, today: Sequence[str]) -> list[str]:
        """Return the next songs; those of today do not come again."""

    def hear(self, song: Song, mood: Emotion, heard: float, *, finished: bool) -> None:
        """Learn how a play ended."""


class Chance:
    """Every song is as likely."""

    def __init__(self, songs: Mapping[str, Song], chance: random.Random) -> None:
        self._songs, self._chance = sorted(songs), chance

    def choose(self, _mood: Emotion, _point: Point, today: Sequence[str]) -> list[str]:
        """Choose by chance."""
        left = sorted(set(self._songs) - set(today))
        return self._chance.sample(left, DRAW)

    def hear(self, song: Song, mood: Emotion, heard: float, *, finished: bool) -> None:
        """Learn nothing."""


class KnowsAll(Chance):
    """The songs that are liked best."""

    def __init__(self, songs: Mapping[str, Song], chance: random.Random, listener: Listener) -> None:
        super().__init__(songs, chance)
        self._all, self._listener = songs, listener

    def choose(self, _mood: Emotion, point: Point, today: Sequence[str]) -> list[str]:
        """Choose the best."""
        left = set(self._all) - set(today)
        return sorted(left, key=lambda uri: -self._listener.likes(self._all[uri], point))[:DRAW]


class Indexed(Chance):
    """The songs of the index."""

    def __init__(
        self, songs: Mapping[str, Song], chance: random.Random, state: Path, *, learns: bool
    ) -> None:
        super().__init__(songs, chance)
        self.clock = Clock()
        timestamps = Timestamps(self.clock, "simulated")
        with closing(SongIndex(state, schema_folder())) as index:
            _fill(index, songs, chance)
        self.history = SqliteHistory(state, schema_folder(), timestamps)
        self._chooser = SongChooser(self.history.database, timestamps)
        self._learns = learns

    def choose(self, mood: Emotion, _point: Point, today: Sequence[str]) -> list[str]:
        """Choose as the daemon does."""
        wanted = Wanted(POINTS[mood], mood, recent=tuple(today))
        return [song.uri for song in self._chooser.suggest(wanted, DRAW, self._chance.randrange(2**31))]

    def hear(self, song: Song, mood: Emotion, heard: float, *, finished: bool) -> None:
        """Keep the play, as the daemon does."""
        self.clock.seconds += heard
        if self._learns:
            why = EndReason.FINISHED if finished else EndReason.SKIPPED
            play = Play(
                self.clock(), song.id, song.title, song.artist, song.seconds, heard, why, mood, mood, None
            )
            self.history.add(play)
            self.history.flush()


class MoodOnly(Indexed):
    """The songs nearest to the mood, shuffled."""

    def choose(self, mood: Emotion, _point: Point, today: Sequence[str]) -> list[str]:
        """Choose among the nearest."""
        near = [uri for uri in SqliteMoodIndex(self.history.database).nearest(mood) if uri not in today]
        return self._chance.sample(near, min(DRAW, len(near)))


def _fill(index: SongIndex, songs: Mapping[str, Song], chance: random.Random) -> None:
    """Place the songs as the sound model would: shrunk, and with its error."""
    index.take_listing(
        [CatalogueSong(song.id, song.title, (song.artist,), "", song.seconds) for song in songs.values()]
    )
    after = 0
    while unheard := index.unheard("1", after):
        sounds = []
        for one in unheard:
            song = songs[one.uri]
            values = [
                share * value + chance.gauss(0, 0.5 * (share * (1 - share)) ** 0.5)
                for share, value in zip(RELIABILITY, (song.valence, song.energy), strict=True)
            ]
            sounds.append((one, Sound(song.seconds, estimate=Estimate(*values, *RELIABILITY))))
        index.add_sounds(sounds, "1", bytes.__eq__)
        after = unheard[-1].id
    index.place(Lexicon(folder("music-index") / "lexicon"))


def week(
    policy: Policy, listener: Listener, songs: Mapping[str, Song], moods: Sequence[Point]
) -> list[float]:
    """Return the share that is heard to its end, a day each."""
    shares = []
    points = iter(moods)
    for _ in range(DAYS):
        today: list[str] = []
        finished = 0
        for _ in range(SESSIONS):
            point = next(points)
            mood, _ = nearest(Affect(*point))
            for _ in range(0, SONGS, DRAW):
                for uri in policy.choose(mood, point, today):
                    whole, heard = listener.finishes(songs[uri], point)
                    policy.hear(songs[uri], mood, heard, finished=whole)
                    today.append(uri)
                    finished += whole
            _pass(policy, 2 * 3600.0)
        _pass(policy, DAY - SESSIONS * 2 * 3600.0 - SESSIONS * SONGS * 150.0)
        shares.append(finished / len(today))
    return shares


def _pass(policy: Policy, seconds: float) -> None:
    if isinstance(policy, Indexed):
        policy.clock.seconds += seconds


def simulate(
    songs: Mapping[str, Song], shares: Shares, felt: Sequence[Point], number: int, state: Path
) -> dict[str, list[float]]:
    """Return each policy's week with one listener."""
    found = {}
    for name in ("random", "mood only", "no learning", "moodspeaker", "knows all"):
        chance = random.Random(number)  # noqa: S311 - no secret
        listener = Listener(shares, songs, chance)
        moods = [chance.choice(felt) for _ in range(DAYS * SESSIONS)]
        home = state / f"{number} {name}"
        policy: Policy
        if name == "random":
            policy = Chance(songs, chance)
        elif name == "knows all":
            policy = KnowsAll(songs, chance, listener)
        elif name == "mood only":
            policy = MoodOnly(songs, chance, home, learns=False)
        else:
            policy = Indexed(songs, chance, home, learns=name == "moodspeaker")
        found[name] = week(policy, listener, songs, moods)
        if isinstance(policy, Indexed):
            policy.history.close()
    return found


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean."""
    chance = random.Random(0)  # noqa: S311 - no secret
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(1000))
    return means[25], means[975]


def table(found: Sequence[Mapping[str, list[float]]]) -> str:
    """Return the tables of the week in Markdown."""
    lines = ["| who chooses | day 1 | day 3 | day 5 | day 7 | whole week |", "|---|---|---|---|---|---|"]
    for name in found[0]:
        days = [statistics.fmean(one[name][day] for one in found) for day in (0, 2, 4, 6)]
        whole = statistics.fmean(statistics.fmean(one[name]) for one in found)
        lines.append(f"| {name} | {' | '.join(f'{day:.3f}' for day in days)} | {whole:.3f} |")
    lines += ["", "| moodspeaker over | whole week | day 7 |", "|---|---|---|"]
    for name in ("random", "mood only", "no learning"):
        week = [statistics.fmean(one["moodspeaker"]) - statistics.fmean(one[name]) for one in found]
        last = [one["moodspeaker"][-1] - one[name][-1] for one in found]
        lines.append(f"| {name} | {_gain(week)} | {_gain(last)} |")
    return "\n".join(lines)


def _gain(differences: Sequence[float]) -> str:
    low, high = interval(differences)
    return f"{statistics.fmean(differences):+.3f} ({low:+.3f} to {high:+.3f})"


def draw(found: Sequence[Mapping[str, list[float]]], path: Path) -> None:
    """Draw the days with their intervals."""
    import matplotlib as mpl  # noqa: PLC0415 - only where a plot is wanted

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    days = range(1, DAYS + 1)
    for name in found[0]:
        columns = list(zip(*(one[name] for one in found), strict=True))
        axes.plot(days, [statistics.fmean(column) for column in columns], marker="o", label=name)
        bounds = [interval(column) for column in columns]
        axes.fill_between(days, [low for low, _ in bounds], [high for _, high in bounds], alpha=0.15)
    axes.set(
        xlabel="day", ylabel="share heard to the end", title="A simulated week of listening", ylim=(0.4, 1)
    )
    axes.legend(loc="center", bbox_to_anchor=(0.5, 0.68), ncols=3)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Simulate, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="SITUNES")
    parser.add_argument("--listeners", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    given = parser.parse_args()
    songs, ratings = read_songs(given.data), read_ratings(given.data)
    shares = fit(songs, ratings)
    print(f"variances of a rating, mean, and what the mood counts: {shares}", file=sys.stderr)
    felt = [point for rated in ratings.values() for _, _, point in rated if point is not None]
    numbers = [1000 * seed + number for seed in range(given.seeds) for number in range(given.listeners)]
    with tempfile.TemporaryDirectory() as state:
        found = [simulate(songs, shares, felt, number, Path(state)) for number in numbers]
    print(table(found))
    if given.plot is not None:
        draw(found, given.plot)


if __name__ == "__main__":
    main()
