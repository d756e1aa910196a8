"""Train the model of valence and arousal: ``music_train.py DATA CACHE OUT``.

DATA as `music_set` reads it; CACHE keeps the descriptors (`.npz`) from one run to the next; OUT is
`models/music`, where `affect.npz` is written.  Kernel ridge regression as `moodspeaker.analysis.affect_model`
serves it: exponential kernel (Matern 1/2) on ranked descriptors, every song of every set with weight 1.

`music_evaluate.py` then measures it on songs by artists it did not see, and writes the manifest.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from music_set import load

from moodspeaker.analysis.affect_model import closeness, ranks

if TYPE_CHECKING:
    from music_set import Songs
    from numpy.typing import NDArray

LEVELS: Final = 65
"""Quantiles kept of each descriptor."""
REACH: Final = 0.85
"""How fast closeness falls with distance; ranks lie in -1 to 1."""
RIDGE: Final = 0.2
SCALE: Final = 0.45
"""Of one standard deviation of people's labels on the scale of -1 to 1."""


def fit(songs: Songs, rows: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Return the model's arrays, trained on these rows of the songs."""
    values, targets = songs.descriptors[rows], songs.targets[rows]
    quantiles = np.quantile(values, np.linspace(0, 1, LEVELS), axis=0).astype(np.float32)
    quantiles = np.maximum.accumulate(quantiles, axis=0)
    centres = ranks(values, quantiles.astype(np.float64)).astype(np.float16)
    place = centres.astype(np.float64)
    offset = targets.mean(axis=0)
    near = closeness(place, place, REACH) + RIDGE * np.eye(len(rows))
    coefficients = np.linalg.solve(near, targets - offset)
    return {
        "names": np.array(songs.names),
        "quantiles": quantiles,
        "centres": centres,
        "coefficients": (SCALE * coefficients).astype(np.float32),
        "offset": (SCALE * offset).astype(np.float32),
        "reach": np.array(REACH, np.float32),
    }


def predict(arrays: dict[str, NDArray[Any]], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return valence and arousal, [songs, 2], of descriptors [songs, n]."""
    place = ranks(values, arrays["quantiles"].astype(np.float64))
    near = closeness(place, arrays["centres"].astype(np.float64), float(arrays["reach"]))
    return np.asarray(near @ arrays["coefficients"] + arrays["offset"], np.float64)


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
