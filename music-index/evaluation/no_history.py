"""How well the next song of other people's playlists is found before anything at all was heard.

    python music-index/evaluation/no_history.py FOLDER [--seeds 6] [--folds 3 4]

FOLDER is that of `next_songs.py`, whose libraries and questions these are, without a single session; its
playlists have a "name" too.  Songs have no genres there, so an artist's is made of what people call the
playlists that the artist stands in: of the genres of our lexicon the one that stands in most of their names,
in `LEAST` of them at least, measured by how often it does elsewhere.  Playlists that are asked about tell
nothing.  One genre an artist, and none where nobody says one: what tags of a library are like.

    moodspeaker      `music.collaborative.Ranking` of songs with artist, title and genre
    without genres   the same of songs with artist and title alone
    same genre       songs of the last songs' genres, those of the newest first, by chance among themselves
    artist, genre    songs by the last songs' artists, then of their genres
    same artist      songs by the last songs' artists, by chance among themselves
    random           ten songs by chance

HR@10 and its standard deviation over libraries; the gain of the first over each, on the same questions, with
its 95 % interval over playlists, then how many of the libraries it was one in.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from next_songs import FOLDS, TOP, Task, gain, make, outcome, shipped

from moodspeaker.music.collaborative import Named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from next_songs import Rule

LEXICON: Final = Path(__file__).parents[1] / "lexicon" / "genres.csv"
LEAST: Final = 2
"""Playlists that have to name a genre."""
OFTEN: Final = 5.0
"""Playlists of another name that are supposed for each artist: one name proves little."""


def words_of_genres() -> Sequence[str]:
    """Return the genres of the lexicon, the longest first: "indie rock" is none of "rock"."""
    rows = LEXICON.read_text(encoding="utf-8").splitlines()[1:]
    return sorted({row.partition(",")[0] for row in rows}, key=lambda word: (-len(word), word))


def genres(
    items: Mapping[str, Named], playlists: Sequence[Mapping[str, object]], fold: int
) -> Mapping[str, str]:
    """Return the genre of each artist of whom one is told."""
    known = re.compile(rf"\b({'|'.join(map(re.escape, words_of_genres()))})\b")
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    stands: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    rest = [row for n, row in enumerate(playlists) if n % FOLDS != fold]
    for row in rest:
        name = re.sub(r"[^a-z&]+", " ", str(row["name"]).lower())
        said = set(known.findall(name))
        everywhere.update(said)
        for artist in {items[song].artist for song in row["songs"]}:  # type: ignore[attr-defined]
            stands[artist] += 1
            told[artist].update(said)

    def lift(artist: str, genre: str) -> float:
        return told[artist][genre] / (stands[artist] + OFTEN) / everywhere[genre]

    return {
        artist: max(often, key=lambda genre, artist=artist: (lift(artist, genre), genre))
        for artist, counted in told.items()
        if (often := [genre for genre, count in counted.items() if count >= LEAST])
    }


def alike(task: Task, **weights: float) -> Rule:
    """Return the rule of songs that have an artist or a genre in common with the last ones; else by chance.

    `weights` says what each counts.
    """
    chance = random.Random(0)  # noqa: S311 - no secret
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for n, song in enumerate(task.songs):
        for what in weights:
            groups[what, getattr(song, what)].append(n)

    def expected(history: Sequence[int]) -> list[int]:
        scores = [1e-6 * chance.random() for _ in task.songs]
        for age, one in enumerate(reversed(history)):
            for what, weight in weights.items():
                if name := getattr(task.songs[one], what):
                    for n in groups[what, name]:
                        scores[n] += 0.9**age * weight
        known = set(history)
        order = sorted(range(len(scores)), key=lambda n: -scores[n])
        return [n for n in order if n not in known][:TOP]

    return expected


RULES: Final[Mapping[str, Callable[[Task], Rule]]] = {
    "moodspeaker": shipped,
    "without genres": lambda task: shipped(task._replace(songs=[s._replace(genre="") for s in task.songs])),
    "same genre": lambda task: alike(task, genre=1.0),
    "artist, genre": lambda task: alike(task, artist=100.0, genre=1.0),
    "same artist": lambda task: alike(task, artist=1.0),
    "random": alike,
}


def main() -> None:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--folds", type=int, nargs="+", default=[3, 4])
    given = parser.parse_args()
    items = {
        row["id"]: Named(row["id"], row["title"], row["artist"])
        for row in map(json.loads, (given.folder / "items.jsonl").open(encoding="utf-8"))
    }
    playlists = [json.loads(row) for row in (given.folder / "playlists.jsonl").open(encoding="utf-8")]
    tasks = []
    for fold in given.folds:
        genre = genres(items, playlists, fold)
        for seed in range(given.seeds):
            task = make(items, [row["songs"] for row in playlists], fold, 0, seed)
            songs = [song._replace(genre=genre.get(song.artist, "")) for song in task.songs]
            tasks.append(task._replace(songs=songs))
    share = statistics.fmean(bool(song.genre) for task in tasks for song in task.songs)
    kinds = statistics.fmean(len({song.genre for song in task.songs} - {""}) for task in tasks)
    print(f"{len(tasks)} libraries, {share:.0%} of their songs with one of {kinds:.0f} genres\n")
    found = {name: [outcome(task, rule(task)) for task in tasks] for name, rule in RULES.items()}
    print("| rule | HR@10 | moodspeaker over it |\n|---|---|---|")
    for name, outcomes in found.items():
        rates = [statistics.fmean(one.hits) for one in outcomes]
        over = "" if name == "moodspeaker" else gain(tasks, found["moodspeaker"], outcomes)
        print(f"| {name} | {statistics.fmean(rates):.3f} ± {statistics.stdev(rates):.3f} | {over} |")


if __name__ == "__main__":
    main()
