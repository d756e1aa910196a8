"""The title that is most like another, among many.  Pure.

Titles that share a word, or the first letters of one, are compared letter by letter, those with the most in
common first, `COMPARED` at most: a hundred thousand songs cost no more than a hundred.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from moodspeaker.library.names import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COMPARED: Final = 30
"""Titles that are compared letter by letter."""
COMMON: Final = 2000
"""Songs with one word beyond which it says nothing."""
LIKE: Final = 0.6
"""Share of the letters that must agree."""
FIRST: Final = 4
"""Letters of a word that its kin share."""
LONGEST: Final = 100
"""Letters of a title that are compared."""
_WORD: Final = re.compile(r"\w+")


class Nearest:
    """An index of songs by the words of their titles."""

    def __init__(self, titles: Iterable[Sequence[str]]) -> None:
        """Take the titles that each song may go by."""
        self._titles: list[tuple[str, ...]] = []
        self._songs: defaultdict[str, list[int]] = defaultdict(list)
        for number, names in enumerate(titles):
            self._titles.append(tuple(key(name)[:LONGEST] for name in names))
            for word in {word for name in names for word in _words(name)}:
                self._songs[word].append(number)

    def find(self, title: str) -> int | None:
        """Return the number of the song whose title is most like this one; None where none is like it."""
        shared: Counter[int] = Counter()
        for word in set(_words(title)):
            songs = self._songs.get(word, ())
            if len(songs) <= COMMON:
                shared.update(songs)
        wanted = SequenceMatcher(None, b=key(title)[:LONGEST], autojunk=False)
        best, found = LIKE, None
        for number, _ in shared.most_common(COMPARED):
            for name in self._titles[number]:
                wanted.set_seq1(name)
                if wanted.quick_ratio() > best and (ratio := wanted.ratio()) > best:
                    best, found = ratio, number
        return found


def _words(title: str) -> Iterator[str]:
    for word in _WORD.findall(title[:LONGEST]):
        whole = key(word)
        yield whole
        yield f"{whole[:FIRST]}…"
