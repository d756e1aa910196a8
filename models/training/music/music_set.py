"""The songs with people's labels, as training and evaluation take them.

``DATA`` is a folder with ``emotify_clips``, ``emotify_labels.csv`` and ``more/``.  Each set has its own
scale, so labels are standardized within a set.  Songs by one artist always fall into the same fold.

- emotify: 298 songs, valence and arousal derived from nine emotions named by about 48 listeners a song.
- musifeast: 303 songs of 17 genres, valence and arousal rated by 701 people.
- panda4q: 430 songs; the quadrant was checked by people, valence and arousal derive from mood words: the
  target is the mean of the quadrant's signs and of those.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.descriptors import FEATURES_VERSION, describe

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETS: Final = ("emotify", "musifeast", "panda4q")
QUADRANTS: Final = {"happy": (1.0, 1.0), "angry": (-1.0, 1.0), "sad": (-1.0, -1.0), "relaxed": (1.0, -1.0)}
"""Signs of valence and arousal of panda4q's moods."""
FOLDS: Final = 10


@dataclass(frozen=True, slots=True)
class Song:
    """A clip and what people said of it."""

    file: Path
    kind: str
    """The set."""
    artist: str
    label: tuple[float, float]
    """Valence and arousal on the set's own scale."""
    signs: tuple[float, float] | None
    """Signs of the checked quadrant, where there is one."""


@dataclass(frozen=True, slots=True)
class Songs:
    """All songs, in arrays of one row a song."""

    names: tuple[str, ...]
    """Of the descriptors."""
    descriptors: NDArray[np.float64]
    kinds: NDArray[np.str_]
    artists: NDArray[np.str_]
    labels: NDArray[np.float64]
    """[songs, 2]: valence and arousal as people gave them."""
    targets: NDArray[np.float64]
    """[songs, 2]: what is learnt, mean 0 and deviation 1 within a set."""
    signs: NDArray[np.float64]
    """[songs, 2]: signs of the checked quadrant, else 0."""
    tags: NDArray[np.float64]
    """[songs, k]: what a tagging net answers (`music_tags.py`), mean 0 and deviation 1."""

    def some(self, rows: NDArray[np.intp]) -> Songs:
        """Return these songs alone."""
        return Songs(
            self.names,
            self.descriptors[rows],
            self.kinds[rows],
            self.artists[rows],
            self.labels[rows],
            self.targets[rows],
            self.signs[rows],
            self.tags[rows],
        )


def read(data: Path) -> list[Song]:
    """Return the songs of the data folder."""
    songs = []
    with (data / "emotify_labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            clip = data / "emotify_clips" / f"{row['id']}.mp3"
            songs.append(
                Song(clip, "emotify", row["artist"].casefold(), (float(row["V"]), float(row["A"])), None)
            )
    with (data / "more" / "labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["set"] not in SETS:
                continue
            label = (float(row["valence"]), float(row["arousal"]))
            signs = QUADRANTS[row["mood"]] if row["set"] == "panda4q" else None
            songs.append(
                Song(data / "more" / row["clip"], row["set"], row["artist"].casefold(), label, signs)
            )
    return songs


def load(data: Path, cache: Path) -> Songs:
    """Return the songs; descriptors are kept in the file `cache`, tags stand in `tags.npz` beside it."""
    songs = read(data)
    kept: dict[str, NDArray[np.float64]] = {}
    names: list[str] = []
    if cache.exists():
        stored = np.load(cache)
        if int(stored["version"]) == FEATURES_VERSION:
            names = stored["names"].tolist()
            kept = dict(zip(stored["files"].tolist(), stored["rows"], strict=True))
    rows = []
    for number, song in enumerate(songs):
        key = str(song.file.relative_to(data))
        if key not in kept:
            found = describe(decode(song.file).sound)
            names = list(found)
            kept[key] = np.array(list(found.values()))
            if number % 50 == 0:
                print(f"{number}/{len(songs)}", flush=True)
        rows.append(kept[key])
    np.savez(
        cache, version=FEATURES_VERSION, names=names, files=list(kept), rows=np.stack(list(kept.values()))
    )
    kinds = np.array([song.kind for song in songs])
    labels = np.array([song.label for song in songs])
    signs = np.array([song.signs or (0.0, 0.0) for song in songs])
    return Songs(
        tuple(names),
        np.stack(rows),
        kinds,
        np.array([song.artist for song in songs]),
        labels,
        _targets(kinds, labels, signs),
        signs,
        _tags(cache.with_name("tags.npz"), [str(song.file.relative_to(data)) for song in songs]),
    )


def _tags(path: Path, files: list[str]) -> NDArray[np.float64]:
    with np.load(path) as stored:
        rows = dict(zip(stored["files"].tolist(), stored["rows"].astype(np.float64), strict=True))
    return _standard(np.stack([rows[file] for file in files]))


def folds(artists: NDArray[np.str_], count: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of each song; songs by one artist share theirs."""
    every = sorted(set(artists.tolist()))
    order = np.random.default_rng(seed).permutation(len(every))
    place = {every[who]: position % count for position, who in enumerate(order)}
    return np.array([place[artist] for artist in artists.tolist()])


def _targets(
    kinds: NDArray[np.str_], labels: NDArray[np.float64], signs: NDArray[np.float64]
) -> NDArray[np.float64]:
    targets = np.zeros_like(labels)
    for kind in SETS:
        own = kinds == kind
        targets[own] = _standard(labels[own])
        if signs[own].any():
            targets[own] = _standard(_standard(signs[own]) + targets[own])
    return targets


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0))
