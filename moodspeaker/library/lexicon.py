"""What words of a song's tags say of its mood: `music-index/lexicon`, one row a word with its source.

Spelling does not matter: "Hip Hop", "hip-hop" and "HipHop" are one word, "R&B" is "rnb".  Several genres in
one tag ("Rock; Pop", "Folk/Rock") count alike.  A genre that is not in the table is known by the words in it
that are, the longest first: "Melodic Death Metal" is death metal.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Affect
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_SEPARATORS: Final = re.compile(r"[;,/|\\\0]")
_AND: Final = re.compile(r"&|\band\b|\+")
LONGEST: Final = 4
"""Words of a tag that are looked up together at most."""
MOST: Final = 12
"""Words of a tag that are looked at: a tag may hold a whole text."""


class Lexicon:
    """The tables of a folder: `genres.csv` and `moods.csv`."""

    def __init__(self, folder: Path) -> None:
        """Read them; raise StoreError where they are not as they came with the program."""
        self._genres = _table(folder / "genres.csv")
        self._moods = _table(folder / "moods.csv")

    def genre(self, tag: str) -> Affect | None:
        """Return where a genre tag places a song; None for genres that nobody knows."""
        return _mean(_found(tag, self._genres))

    def mood(self, tag: str) -> Affect | None:
        """Return where a mood tag places a song; None for words that nobody knows."""
        return _mean(_found(tag, self._moods))

    def moods_alone(self, comment: str) -> Affect | None:
        """Return where a comment places a song that is nothing but known words of moods; None for others."""
        points = [self._moods.get(normal(part)) for part in _SEPARATORS.split(comment) if part.strip()]
        known = [point for point in points if point is not None]
        return _mean(known) if len(known) == len(points) else None


def normal(word: str) -> str:
    """Return a word as it is compared: letters and digits alone, in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", _AND.sub("n", word.casefold()))
    return "".join(letter for letter in plain if letter.isalnum())


def _found(tag: str, table: Mapping[str, Affect]) -> Iterator[Affect]:
    for part in _SEPARATORS.split(tag):
        whole = table.get(normal(part))
        yield from (whole,) if whole is not None else _longest(part, table)


def _longest(part: str, table: Mapping[str, Affect]) -> list[Affect]:
    """Return what the longest runs of words say of which the table knows any."""
    words = _AND.sub(" n ", part.casefold()).replace("-", " ").split()[:MOST]
    for length in range(min(LONGEST, len(words)), 0, -1):
        runs = (normal(" ".join(words[start : start + length])) for start in range(len(words) - length + 1))
        if known := [table[run] for run in runs if run in table]:
            return known
    return []


def _mean(points: Iterable[Affect]) -> Affect | None:
    several = list(points)
    if not several:
        return None
    return Affect(
        sum(point.valence for point in several) / len(several),
        sum(point.arousal for point in several) / len(several),
    )


def _table(path: Path) -> dict[str, Affect]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return {normal(row["word"]): Affect(float(row["valence"]), float(row["arousal"])) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        message = f"{path}: the words of moods cannot be read ({error}): install moodspeaker again"
        raise StoreError(message) from None
