"""Make the table of genres, `music-index/lexicon/genres.csv`: ``music_genres.py DATA CACHE FILE``.

DATA and CACHE as `music_set` reads them; FILE is written.  Nothing of another table of genres goes into it:

- *measured* words: how our own model hears the songs of a genre, each by the model that did not see its
  artist.  Artists count alike; what a handful of songs says is drawn towards the middle.
- *related* words (`related_genres.csv`): placed by us beside the measured ones, by how such music is usually
  played: ``as`` other words, so much more pleasant and active.

Also prints what the table is worth: the correlation with people's labels of tags alone, of the sound alone
and of both as `moodspeaker.library.fusion` joins them, in ten folds, artists apart: a song's own artist is
neither in the model nor in the table that place it.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from music_evaluate import cross_validated
from music_set import FOLDS, SETS, folds, load, read

from moodspeaker.library.evidence import GENRE_RELIABILITY, beside
from moodspeaker.library.fusion import Estimate, Evidence, fused
from moodspeaker.library.lexicon import Lexicon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from music_set import Songs
    from numpy.typing import NDArray

    Words = Mapping[str, tuple[NDArray[np.float64], str]]
    """Valence and arousal of each word, and where they come from."""

TAGS: Final = {
    "60s": "60s", "80s": "80s", "ambient": "ambient", "blues": "blues", "classical": "classical",
    "country": "country", "dance": "dance", "easy listening": "easy listening", "electronic": "electronic",
    "film": "soundtrack", "folk": "folk", "funk": "funk", "hip-hop": "hip-hop", "international": "world",
    "jazz": "jazz", "latin": "latin", "metal": "metal", "new age": "new age", "pop": "pop", "rap": "rap",
    "reggae": "reggae", "rock": "rock", "r&b": "R&B", "stage & screen": "soundtrack",
    "video game": "video game", "vocal": "vocal",
}  # fmt: skip
"""Tags of the songs, and the words that they measure."""
FEW: Final = 3
"""With so many artists, what they say and the middle count alike."""
STRETCH: Final = 1.25
"""Readings of genres times this lie as far apart as people's means do (the slope over all of them)."""
RELIABILITY: Final = (0.31, 0.59)
"""Of valence and arousal by sound, as in the model's manifest."""
MOODS: Final = Path(__file__).resolve().parents[3] / "music-index" / "lexicon" / "moods.csv"
RELATED: Final = Path(__file__).with_name("related_genres.csv")


def genres(data: Path) -> list[str]:
    """Return the genre tag of each song, in the order of `music_set.read`."""
    told: dict[Path, str] = {}
    with (data / "emotify_labels.csv").open(newline="") as file:
        told |= {data / "emotify_clips" / f"{row['id']}.mp3": row["genre"] for row in csv.DictReader(file)}
    with (data / "more" / "labels.csv").open(newline="") as file:
        told |= {data / "more" / row["clip"]: row["genre"] for row in csv.DictReader(file)}
    return [told[song.file] for song in read(data)]


def measured(songs: Songs, said: NDArray[np.float64], tags: list[str]) -> Words:
    """Return the place of each word that songs have, by the readings `said`, [songs, 2], and tags."""
    centred = said.copy()
    for kind in SETS:
        own = songs.kinds == kind
        centred[own] -= said[own].mean(axis=0)
    by_artist: dict[str, dict[str, list[NDArray[np.float64]]]] = defaultdict(lambda: defaultdict(list))
    for row, artist, told in zip(centred, songs.artists.tolist(), tags, strict=True):
        for tag in told.casefold().split(";"):
            if word := TAGS.get(tag.strip()):
                by_artist[word][artist].append(row)
    return {
        word: (
            STRETCH
            * np.sum([np.mean(rows, axis=0) for rows in artists.values()], axis=0)
            / (len(artists) + FEW),
            f"own model: songs of {len(artists)} artists",
        )
        for word, artists in by_artist.items()
    }


def table(anchors: Words) -> Words:
    """Return all words: the measured ones, and those that are placed beside them."""
    with RELATED.open(newline="") as file:
        related = {row["word"]: row for row in csv.DictReader(file)}
    found = dict(anchors)

    def place(word: str) -> NDArray[np.float64]:
        if word not in found:
            row = related[word]
            step = np.array([float(row["valence"]), float(row["arousal"])])
            near = [name.strip() for name in row["as"].split(";")]
            found[word] = (np.mean([place(name) for name in near], axis=0) + step, _worded(near, step))
        return found[word][0]

    for word in related:
        place(word)
    return found


def _worded(near: list[str], step: NDArray[np.float64]) -> str:
    more = [
        words[int(value < 0)]
        for value, words in zip(
            step, (("more pleasant", "less pleasant"), ("more active", "calmer")), strict=True
        )
        if value
    ]
    return f"own: as {' and '.join(near)}" + (f", {' and '.join(more)}" if more else "")


def write(words: Words, path: Path) -> None:
    """Write the table."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("word", "valence", "arousal", "source"))
        for word in sorted(words, key=str.casefold):
            (valence, arousal), source = words[word]
            rows.writerow((word, f"{valence + 0:.2f}", f"{arousal + 0:.2f}", source))


def looked_up(path: Path, tags: list[str]) -> NDArray[np.float64]:
    """Return where a table places songs by their tags, [songs, 2]; NaN where it knows none of them."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, Path(folder) / "genres.csv")
        shutil.copy(MOODS, Path(folder) / "moods.csv")
        lexicon = Lexicon(Path(folder))
    points = [lexicon.genre(tag) for tag in tags]
    return np.array(
        [(np.nan, np.nan) if point is None else (point.valence, point.arousal) for point in points]
    )


def apart(songs: Songs, tags: list[str]) -> NDArray[np.float64]:
    """Return where the songs of each fold are placed by a table that comes from the other folds alone."""
    fold, found = folds(songs.artists), np.full_like(songs.labels, np.nan)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for number in range(FOLDS):
            known, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            others = songs.some(known)
            write(table(measured(others, cross_validated(others)[0], [tags[row] for row in known])), path)
            found[test] = looked_up(path, [tags[row] for row in test])
    return found


def worth(songs: Songs, said: NDArray[np.float64], points: NDArray[np.float64]) -> None:
    """Print how tags ([songs, 2], NaN where nothing is known), sound and both go with people's labels."""
    known = ~np.isnan(points[:, 0])
    both = said.copy()
    for row in np.flatnonzero(known):
        sound = Estimate(said[row, 0], said[row, 1], *RELIABILITY)
        tags = beside(Estimate(points[row, 0], points[row, 1], *GENRE_RELIABILITY), sound)
        joined = fused(Evidence((tags,), sound))
        assert joined is not None
        both[row] = joined.valence, joined.arousal
    for kind in SETS:
        own = known & (songs.kinds == kind)
        for name, values in (("tags", points), ("sound", said), ("both", both)):
            valence, arousal = (
                np.corrcoef(values[own, axis], songs.labels[own, axis])[0, 1] for axis in (0, 1)
            )
            print(f"{kind:10} {own.sum():3} songs  {name:5} valence {valence:.3f} arousal {arousal:.3f}")


def main() -> None:
    """Print what the table that is there is worth, then what the new one is, and write that."""
    data, cache, path = (Path(word) for word in sys.argv[1:4])
    songs, tags = load(data, cache), genres(data)
    said = cross_validated(songs)[0]
    if path.exists():
        print(path)
        worth(songs, said, looked_up(path, tags))
    print("a table from the other folds")
    worth(songs, said, apart(songs, tags))
    write(table(measured(songs, said, tags)), path)


if __name__ == "__main__":
    main()
