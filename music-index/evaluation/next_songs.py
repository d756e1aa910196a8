"""How well the next song of other people's playlists is found, beside simpler rules.

    python music-index/evaluation/next_songs.py FOLDER [--seeds 2] [--folds 0 1 2 3 4] [--plot FILE.png]

FOLDER holds `items.jsonl`, {"id", "title", "artist"} a line, and `playlists.jsonl`, {"songs": [id, ...]}.
A fold keeps every fifth playlist for testing; a seed draws another library of 2,000 songs, by popularity, and
other sessions, playlists of the rest that are cut down to it.  Up to 300 test playlists are asked at three
places each: is the next song among the ten that are named (HR@10)?  The same libraries, sessions and
questions go to each rule:

    moodspeaker      `music.collaborative.Ranking`, as `moodspeaker rank` shows it
    simple hybrid    co-occurrence and a constant for the same artist, damped: the strongest simple one known
    item-kNN         co-occurrence, damped
    same artist      songs by the artists of the last songs, the popular first
    popularity       the songs in most sessions

One table a call.  A gain is over the simple hybrid on the same questions; in brackets its 95 % interval over
playlists, then how many of the libraries it was one in.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.music.collaborative import Named, Ranking, Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SIZES: Final = (30, 100, 300, 1000, 2698)
"""Sessions heard."""
FOLDS: Final = 5
LIBRARY: Final = 2000
PLAYLISTS: Final = 300
PLACES: Final = 3
MEMORY: Final = 20
"""Songs of a history at most."""
TOP: Final = 10
Rule = "Callable[[Sequence[int]], list[int]]"
"""Takes a history, the newest last; returns the songs that are expected, none of the history."""


class Task(NamedTuple):
    """A library, what was heard of it, and what is asked."""

    songs: Sequence[Named]
    sessions: Sequence[Sequence[int]]
    questions: Sequence[tuple[int, Sequence[int], int]]
    """The playlist, the songs before, the answer."""


class Outcome(NamedTuple):
    """What a rule found, a question each."""

    hits: list[float]
    gains: list[float]
    named: set[int]
    repeats: list[int]


def make(
    items: Mapping[str, Named], playlists: Sequence[Sequence[str]], fold: int, size: int, seed: int
) -> Task:
    """Return the task of a fold."""
    chance = random.Random(f"{seed} {fold}")  # noqa: S311 - no secret
    rest = [songs for n, songs in enumerate(playlists) if n % FOLDS != fold]
    count = Counter(song for songs in rest for song in set(songs))
    drawn = sorted(sorted(count), key=lambda song: -math.log(1 - chance.random()) / count[song])[:LIBRARY]
    place = {song: n for n, song in enumerate(sorted(drawn))}

    def cut(lists: Iterable[Sequence[str]], least: int) -> list[list[int]]:
        short = ([place[song] for song in dict.fromkeys(songs) if song in place] for songs in lists)
        long = [songs for songs in short if len(songs) >= least]
        chance.shuffle(long)
        return long

    sessions = cut(rest, 2)[:size]
    questions = []
    for number, songs in enumerate(cut(playlists[fold::FOLDS], 3)[:PLAYLISTS]):
        places = sorted(chance.sample(range(1, len(songs)), min(PLACES, len(songs) - 1)))
        questions += [(number, songs[max(0, at - MEMORY) : at], songs[at]) for at in places]
    return Task([items[song] for song in place], sessions, questions)


def shipped(task: Task) -> Rule:
    """Return the rule that ships."""
    sessions = Sessions()
    for songs in task.sessions:
        sessions.add([task.songs[n] for n in songs])
    ranking, place = Ranking(task.songs, sessions), {song.uri: n for n, song in enumerate(task.songs)}
    return lambda history: [place[song.uri] for song in ranking.next([task.songs[n] for n in history], TOP)]


class Simple:
    """A rule by co-occurrence; what the same artist, and popularity, count."""

    def __init__(self, task: Task, artist: float = 0.0, popular: float = 0.0, more: float = 0.0) -> None:
        """`more` is added to how often songs were heard, where that divides."""
        self._artist, self._popular, self._songs = artist, popular, task.songs
        self._heard = Counter(n for songs in task.sessions for n in songs)
        self._roots = [math.sqrt(self._heard[n] + more) for n in range(len(task.songs))]
        self._having: defaultdict[int, list[Sequence[int]]] = defaultdict(list)
        for songs in task.sessions:
            for n in songs:
                self._having[n].append(songs)
        self._by_artist: defaultdict[str, list[int]] = defaultdict(list)
        for n, song in enumerate(task.songs):
            self._by_artist[song.artist].append(n)
        chance = random.Random(0)  # noqa: S311 - no secret
        self._ties = [1e-6 * chance.random() for _ in task.songs]
        self._rows: dict[int, list[float]] = {}

    def __call__(self, history: Sequence[int]) -> list[int]:
        """Return the songs that are expected."""
        scores = self._ties
        for age, one in enumerate(reversed(history)):
            if one not in self._rows:
                self._rows[one] = self._row(one)
            weight = 0.9**age
            scores = [score + weight * value for score, value in zip(scores, self._rows[one], strict=True)]
        return _best(scores, history)

    def _row(self, one: int) -> list[float]:
        share = self._popular * self._heard[one]
        row = [share * self._heard[n] for n in range(len(self._roots))]
        for songs in self._having[one]:
            for n in songs:
                row[n] += 1.0
        for n in self._by_artist[self._songs[one].artist] if self._artist else ():
            row[n] += self._artist
        mine = self._roots[one]
        return [value / (mine * root + 10) for value, root in zip(row, self._roots, strict=True)]


def same_artist(task: Task) -> Rule:
    """Return the rule of the same artist, then popularity."""
    heard = Counter(n for songs in task.sessions for n in songs)

    def expected(history: Sequence[int]) -> list[int]:
        recent = {task.songs[one].artist: 0.9**age for age, one in reversed(list(enumerate(history[::-1])))}
        scores = [recent.get(song.artist, 0.0) + 1e-3 * heard[n] for n, song in enumerate(task.songs)]
        return _best(scores, history)

    return expected


def popularity(task: Task) -> Rule:
    """Return the rule of the songs in most sessions."""
    heard = Counter(n for songs in task.sessions for n in songs)
    scores = [float(heard[n]) for n in range(len(task.songs))]
    return lambda history: _best(scores, history)


def _best(scores: Sequence[float], history: Sequence[int]) -> list[int]:
    known = set(history)
    order = sorted(range(len(scores)), key=lambda n: -scores[n])[: TOP + len(known)]
    return [n for n in order if n not in known][:TOP]


RULES: Final[Mapping[str, Callable[[Task], Rule]]] = {
    "moodspeaker": shipped,
    "simple hybrid": lambda task: Simple(task, artist=3.0, popular=1e-4, more=1.0),
    "item-kNN": Simple,
    "same artist": same_artist,
    "popularity": popularity,
}


def outcome(task: Task, rule: Rule) -> Outcome:
    """Return what a rule finds."""
    found = Outcome([], [], set(), [])
    for _, history, answer in task.questions:
        named = rule(history)
        rank = named.index(answer) if answer in named else None
        found.hits.append(0.0 if rank is None else 1.0)
        found.gains.append(0.0 if rank is None else 1 / math.log2(rank + 2))
        found.named.update(named)
        found.repeats.append(len(named) - len({task.songs[n].artist for n in named}))
    return found


def gain(tasks: Sequence[Task], ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> str:
    """Return by how much ours hits more often, with its interval over playlists."""
    pairs: defaultdict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for number, (task, one, other) in enumerate(zip(tasks, ours, theirs, strict=True)):
        for (playlist, *_), hit, against in zip(task.questions, one.hits, other.hits, strict=True):
            pairs[number, playlist].append((hit, against))
    groups = [(sum(a for a, _ in pair), sum(b for _, b in pair)) for pair in pairs.values()]
    chance = random.Random(0)  # noqa: S311 - no secret
    drawn = sorted(_ratio(chance.choices(groups, k=len(groups))) for _ in range(400))
    better = sum(
        statistics.fmean(one.hits) > statistics.fmean(other.hits)
        for one, other in zip(ours, theirs, strict=True)
    )
    return f"{_ratio(groups):+.0%} ({drawn[10]:+.0%} to {drawn[389]:+.0%}), {better} of {len(tasks)}"


def _ratio(groups: Sequence[tuple[float, float]]) -> float:
    return sum(a for a, _ in groups) / (sum(b for _, b in groups) or 1.0) - 1


def line(size: int, tasks: Sequence[Task], found: Mapping[str, Sequence[Outcome]]) -> str:
    """Return a line of the table."""
    ours, theirs = found["moodspeaker"], found["simple hybrid"]
    rates = [statistics.fmean(one.hits) for one in ours]
    spread = f"{statistics.fmean(rates):.3f} ± {statistics.stdev(rates) if len(rates) > 1 else 0:.3f}"
    rivals = [
        f"{statistics.fmean(hit for one in found[name] for hit in one.hits):.3f}" for name in list(RULES)[1:]
    ]
    quality = [statistics.fmean(value for one in each for value in one.gains) for each in (ours, theirs)]
    named = statistics.fmean(len(one.named) / LIBRARY for one in ours)
    repeats = [statistics.fmean(value for one in each for value in one.repeats) for each in (ours, theirs)]
    return (
        f"| {size:,} | {spread} | {' | '.join(rivals)} | {gain(tasks, ours, theirs)} "
        f"| {quality[0]:.3f} ({quality[1]:.3f}) | {named:.0%} | {repeats[0]:.1f} ({repeats[1]:.1f}) |"
    )


def draw(rates: Mapping[str, Sequence[float]], sizes: Sequence[int], path: Path) -> None:
    """Draw how often each rule hits."""
    import matplotlib as mpl  # noqa: PLC0415 - only where a plot is wanted

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, values in rates.items():
        axes.plot(sizes, values, marker="o", label=name)
    axes.set(
        xscale="log",
        xlabel="sessions heard",
        ylabel="HR@10",
        title="The next song of other people's playlists",
    )
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(FOLDS)))
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    given = parser.parse_args()
    items = {
        row["id"]: Named(row["id"], row["title"], row["artist"])
        for row in map(json.loads, (given.folder / "items.jsonl").open(encoding="utf-8"))
    }
    lines = (given.folder / "playlists.jsonl").open(encoding="utf-8")
    playlists = [json.loads(text)["songs"] for text in lines]
    heads = [
        "sessions",
        "moodspeaker",
        *list(RULES)[1:],
        "gain over the simple hybrid",
        "nDCG@10",
        "named",
        "repeats",
    ]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}", flush=True)
    rates: dict[str, list[float]] = {name: [] for name in RULES}
    for size in given.sizes:
        tasks = [
            make(items, playlists, fold, size, seed) for seed in range(given.seeds) for fold in given.folds
        ]
        found = {name: [outcome(task, rule(task)) for task in tasks] for name, rule in RULES.items()}
        print(line(size, tasks, found), flush=True)
        for name, outcomes in found.items():
            rates[name].append(statistics.fmean(hit for one in outcomes for hit in one.hits))
    if given.plot is not None:
        draw(rates, given.sizes, given.plot)


if __name__ == "__main__":
    main()
