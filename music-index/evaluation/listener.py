"""A listener model from SiTunes: what people like there, and what that comes from.

SiTunes (Grigorev et al., CHIIR 2024): 30 people rated songs from 1 to 5, once in a laboratory and for some
days in their own life, with their mood before and after.

The ratings of one person are taken as

    rating = mean of the person + genre + artist + slopes on energy and valence + song + mood match + noise

where each term but the mean and the match is drawn anew for a person.  Its variance is found by moments: the
product of two deviations of one person is, on average, the sum of the variances of what the two songs share
(least squares over all pairs).  How much a song's fit to the mood counts is a common slope, by least squares.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

FINISHES = (0.05, 0.25, 0.50, 0.80, 0.95)
"""An assumption, for SiTunes tells no skips: how often a song is heard to its end that gets 1, 2, ... 5.

Chosen so that little more than half of what chance plays is heard whole, as on a streaming service (Lamere
2014).
"""
WORST, BEST = 1, 5


@dataclass(frozen=True, slots=True)
class Song:
    """A song of SiTunes."""

    id: str
    title: str
    artist: str
    genre: str
    valence: float
    """-1 to 1."""
    energy: float
    """-1 to 1: its arousal."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Shares:
    """Variances of a person's ratings, by what they come from, and what the mood counts."""

    people: float
    genre: float
    artist: float
    energy: float
    valence: float
    song: float
    noise: float
    mean: float
    match: float
    """Rating that a song gains whose place is one unit nearer to the mood."""


def read_songs(data: Path) -> dict[str, Song]:
    """Return the songs by their id."""
    with (data / "music_info.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {
        row["item_id"]: Song(
            row["item_id"], row["title"], row["artist"], row["general_genre"], 2 * float(row["valence"]) - 1,
            2 * float(row["energy"]) - 1, float(row["duration"]) / 1000,
        )
        for row in rows
        if row["valence"] and row["energy"] and row["duration"]
    }  # fmt: skip


def read_ratings(data: Path) -> dict[str, list[tuple[str, float, tuple[float, float] | None]]]:
    """Return each person's ratings: song, rating, and valence and arousal before it, None where not known."""
    found = defaultdict(list)
    for name, mood in (("stage1_interactions.csv", None), ("stage2_interactions.csv", "emo_pre_")):
        with (data / name).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                point = mood and (float(row[f"{mood}valence"]), float(row[f"{mood}arousal"]))
                found[row["user_id"]].append((row["item_id"], float(row["rating"]), point or None))
    return dict(found)


def fit(
    songs: dict[str, Song], ratings: dict[str, list[tuple[str, float, tuple[float, float] | None]]]
) -> Shares:
    """Return what the ratings are made of."""
    means = {who: float(np.mean([rating for _, rating, _ in given])) for who, given in ratings.items()}
    rows, products, squares, matches = [], [], [], []
    for who, given in ratings.items():
        left = [(songs[song], rating - means[who], mood) for song, rating, mood in given if song in songs]
        squares += [deviation**2 for _, deviation, _ in left]
        matches += [(nearness(song, mood), deviation) for song, deviation, mood in left if mood]
        for (one, of_one, _), (other, of_other, _) in combinations(left, 2):
            rows.append(
                (
                    1.0, one.genre == other.genre, one.artist == other.artist, one.energy * other.energy,
                    one.valence * other.valence, one.id == other.id,
                )
            )  # fmt: skip
            products.append(of_one * of_other)
    shares = np.linalg.lstsq(np.array(rows, float), np.array(products), rcond=None)[0].clip(min=0.0)
    near, deviation = np.array(matches).T
    slope = float(np.cov(near, deviation)[0, 1] / np.var(near))
    songs_share = sum(shares[n] * part for n, part in ((1, 1), (2, 1), (3, 0.25), (4, 0.25), (5, 1)))
    return Shares(
        people=float(np.var(list(means.values()))),
        genre=float(shares[1]),
        artist=float(shares[2]),
        energy=float(shares[3]),
        valence=float(shares[4]),
        song=float(shares[5]),
        noise=max(float(np.mean(squares)) - float(songs_share), 0.1),
        mean=float(np.mean(list(means.values()))),
        match=max(slope, 0.0),
    )


def nearness(song: Song, mood: tuple[float, float]) -> float:
    """Return how near a song is to a mood: 0 at the same point, less farther away."""
    return -math.hypot(song.valence - mood[0], song.energy - mood[1])


class Listener:
    """Somebody drawn from the model."""

    def __init__(self, shares: Shares, songs: dict[str, Song], chance: Random) -> None:
        self._shares, self._chance = shares, chance

        def drawn(variance: float) -> float:
            return chance.gauss(0.0, math.sqrt(variance))

        mean, energy, valence = (
            shares.mean + drawn(shares.people),
            drawn(shares.energy),
            drawn(shares.valence),
        )
        genres = {genre: drawn(shares.genre) for genre in sorted({song.genre for song in songs.values()})}
        artists = {
            artist: drawn(shares.artist) for artist in sorted({song.artist for song in songs.values()})
        }
        self._taste = {
            song.id: mean
            + genres[song.genre]
            + artists[song.artist]
            + energy * song.energy
            + valence * song.valence
            + drawn(shares.song)
            for song in songs.values()
        }

    def likes(self, song: Song, mood: tuple[float, float]) -> float:
        """Return the rating that a song gets on average in a mood."""
        return self._taste[song.id] + self._shares.match * nearness(song, mood)

    def finishes(self, song: Song, mood: tuple[float, float]) -> tuple[bool, float]:
        """Hear a song; return whether to its end, and the seconds."""
        rating = self.likes(song, mood) + self._chance.gauss(0.0, math.sqrt(self._shares.noise))
        step = min(max(round(rating), WORST), BEST)
        if self._chance.random() < FINISHES[step - 1]:
            return True, song.seconds
        early = self._chance.random() < (BEST - step) / (BEST - WORST)
        return False, self._chance.uniform(5, 25) if early else self._chance.uniform(0.2, 0.7) * song.seconds
