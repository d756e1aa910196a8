"""Train the model of valence and arousal: ``music_train.py DATA CACHE OUT``.

DATA as `music_set` reads it; CACHE keeps the descriptors (`.npz`) from one run to the next, beside the
`tags.npz` of `music_tags.py`; OUT is `models/music`, where `affect.npz` is written.  Kernel ridge regression
as `moodspeaker.analysis.affect_model` serves it: exponential kernel (Matern 1/2), every song of every set
with weight 1; first from ranked descriptors to tags, then from descriptors and tags to valence and arousal.
The second step learns from tags as the first one tells them of songs whose artist it did not know, for so it
will be told them of a listener's songs.  What it learns is for the most part what people said of a song, for
the rest what descriptors and the tagging net's own tags say of it, from other songs: that knows more than our
tags can, and one listener's whim less.

`music_evaluate.py` then measures it on songs by artists it did not see, and writes the manifest.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from music_set import folds, load

from moodspeaker.analysis.affect_model import answers, closeness, joined, ranks, tagged

if TYPE_CHECKING:
    from music_set import Songs
    from numpy.typing import NDArray

LEVELS: Final = 65
"""Quantiles kept of each descriptor."""
REACH: Final = 0.85
"""How fast closeness falls with distance; ranks lie in -1 to 1."""
RIDGE: Final = 0.1
TAG_WEIGHT: Final = 0.6
"""How much all tags together count beside all descriptors."""
OPINION: Final = 0.3
"""Share of what descriptors and the tagging net's own tags say of a song's mood in what is learnt of it."""
OPINION_RIDGE: Final = 0.2
INNER_FOLDS: Final = 5
"""Within the songs of training, to tell the tags and moods from which the second step learns."""
TAG_SPREAD: Final = 0.58
"""Deviation to which each tag is brought: that of ranks."""
SCALE: Final = 0.45
"""Of one standard deviation of people's labels on the scale of -1 to 1."""


def fit(songs: Songs, rows: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Return the model's arrays, trained on these rows of the songs."""
    values, targets, wanted = songs.descriptors[rows], songs.targets[rows], songs.tags[rows]
    quantiles = np.quantile(values, np.linspace(0, 1, LEVELS), axis=0).astype(np.float32)
    quantiles = np.maximum.accumulate(quantiles, axis=0)
    centres = ranks(values, quantiles.astype(np.float64)).astype(np.float16)
    place = centres.astype(np.float64)
    near = closeness(place, place, REACH)
    fold = folds(songs.artists[rows], INNER_FOLDS)
    told = _of_others(near, wanted, fold, RIDGE)
    middle, spread = told.mean(axis=0), told.std(axis=0) / TAG_SPREAD
    tags = ((told - middle) / spread).astype(np.float16)
    with_net = joined(place, TAG_SPREAD * wanted, 1.0)
    opinion = _of_others(closeness(with_net, with_net, REACH), targets, fold, OPINION_RIDGE)
    learnt = (1 - OPINION) * targets + OPINION * opinion
    offset = learnt.mean(axis=0)
    both = joined(place, tags.astype(np.float64), TAG_WEIGHT)
    coefficients = _solved(closeness(both, both, REACH), learnt - offset)
    return {
        "names": np.array(songs.names),
        "quantiles": quantiles,
        "centres": centres,
        "reach": np.array(REACH, np.float32),
        "tag_coefficients": (_solved(near, wanted) / spread).astype(np.float16),
        "tag_offset": (-middle / spread).astype(np.float32),
        "tags": tags,
        "tag_weight": np.array(TAG_WEIGHT, np.float32),
        "coefficients": (SCALE * coefficients).astype(np.float32),
        "offset": (SCALE * offset).astype(np.float32),
    }


def _of_others(
    near: NDArray[np.float64], wanted: NDArray[np.float64], fold: NDArray[np.int64], ridge: float
) -> NDArray[np.float64]:
    """Return what is wanted of each song as the songs of the other folds tell it."""
    told = np.zeros_like(wanted)
    for number in range(INNER_FOLDS):
        known, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        told[test] = near[np.ix_(test, known)] @ _solved(near[np.ix_(known, known)], wanted[known], ridge)
    return told


def _solved(
    near: NDArray[np.float64], wanted: NDArray[np.float64], ridge: float = RIDGE
) -> NDArray[np.float64]:
    return np.asarray(np.linalg.solve(near + ridge * np.eye(len(near)), wanted), np.float64)


def predict(arrays: dict[str, NDArray[Any]], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return valence and arousal, [songs, 2], of descriptors [songs, n]."""
    numbers = {name: array.astype(np.float64) for name, array in arrays.items() if name != "names"}
    place = ranks(values, numbers["quantiles"])
    return answers(numbers, place, tagged(numbers, place))


def main() -> None:
    """Train on all songs and write the file that ships."""
    data, cache, out = (Path(word) for word in sys.argv[1:4])
    songs = load(data, cache)
    arrays = fit(songs, np.arange(len(songs.kinds)))
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "affect.npz", **arrays)  # type: ignore[arg-type]
    print(f"{out / 'affect.npz'}: {len(songs.kinds)} songs, {(out / 'affect.npz').stat().st_size} bytes")


if __name__ == "__main__":
    main()
