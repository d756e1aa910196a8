"""Measure the model of songs, write its manifest: ``music_evaluate.py DATA CACHE OUT [COMPARED]``.

COMPARED is the JSON of `music_net.py`: other models in the same kind of folds.

Ten folds, artists apart across all sets.  `r` is the correlation with people's labels over all songs of a
set, each predicted by the model that did not see its artist; *quadrant* the share of songs on the right side
of both medians (panda4q: in the quadrant that people checked; 25 % by chance).  Copies: how far a song at
-12 dB and ones at 40 kbit/s (mono) land from the song itself, by the file that ships.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from music_set import FOLDS, SETS, folds, load, read
from music_train import LEVELS, OPINION, REACH, RIDGE, SCALE, TAG_WEIGHT, fit, predict

from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.descriptors import FEATURES_VERSION, describe

if TYPE_CHECKING:
    from music_set import Songs
    from numpy.typing import NDArray

VERSION: Final = "1.2.0"
COPIES: Final = 24
"""Songs of which copies are made."""
TRAINING: Final = {
    "data": {
        "emotify": "298 songs of Magnatune, nine emotions by listeners (Aljanaki, Wiering, Veltkamp 2016); "
        "music CC BY-NC-SA, labels for research",
        "musifeast": "303 excerpts of 17 genres, means of 701 listeners (van der Walle et al. 2025); "
        "research",
        "panda4q": "430 previews, quadrant checked by people (Panda, Malheiro, Paiva 2018), values by "
        "Warriner's norms of mood words (CC BY-NC-ND); research",
    },
    "model": "kernel ridge regression twice, exponential kernel on ranked descriptors "
    f"(reach {REACH}, ridge {RIDGE}, {LEVELS} quantiles): to 50 tags, then from descriptors and tags "
    f"(weight {TAG_WEIGHT}) to valence and arousal",
    "tags": "the first step is taught by the answers of musicnn (Pons and Serra 2019, ISC licence) to the "
    "same songs, a net trained on the tags of 200,000 songs; none of its weights is here",
    "labels": "standardized within a set; panda4q: mean of the quadrant's signs and the derived values; "
    f"one standard deviation is {SCALE} on the scale of -1 to 1; {OPINION} of each is what descriptors and "
    "musicnn's tags tell of the song, learnt from songs by other artists",
    "stored": "descriptors of the songs as ranks, their tags as the first step tells them, and coefficients: "
    "no sound, no name, no label",
}
LIMITS: Final = [
    "Valence is the hard axis: people disagree about it, and the sound explains about a third of it.",
    "Lyrics are not heard; a sad text on a merry tune is merry here.",
    "Labels are of Western listeners, mostly young; music of other traditions is hardly in the sets.",
    "Speech, noises and sound effects get a place too, a meaningless one.",
    "Of a song longer than a minute only the minute in its middle is heard.",
]


def cross_validated(songs: Songs) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each song's valence and arousal by a model that did not see its artist, and its fold."""
    fold = folds(songs.artists)
    said = np.zeros_like(songs.labels)
    for number in range(FOLDS):
        test = fold == number
        said[test] = predict(fit(songs, np.flatnonzero(~test)), songs.descriptors[test])
    return said, fold


def figures(songs: Songs, said: NDArray[np.float64], rows: NDArray[np.bool_]) -> dict[str, float]:
    """Return correlations and quadrant of some songs of one set."""
    labels, own = songs.labels[rows], said[rows]
    sides = own > np.median(own, axis=0)
    signs = songs.signs[rows]
    truth = signs > 0 if signs.any() else labels > np.median(labels, axis=0)
    return {
        "songs": int(rows.sum()),
        "arousal_r": _r(labels[:, 1], own[:, 1]),
        "valence_r": _r(labels[:, 0], own[:, 0]),
        "quadrant": round(float((sides == truth).all(axis=1).mean()), 3),
    }


def copies(data: Path, arrays: dict[str, NDArray[Any]]) -> dict[str, dict[str, float]]:
    """Return how far copies of songs land from the songs."""
    songs = read(data)
    chosen = [songs[number] for number in np.linspace(0, len(songs) - 1, COPIES).astype(int)]
    moved: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for song in chosen:
            here = _place(song.file, arrays)
            for name, words in (
                ("-12 dB", ("-af", "volume=-12dB", "-c:a", "pcm_s16le", "-f", "wav")),
                ("40 kbit/s MP3", ("-ac", "1", "-ar", "22050", "-b:a", "40k", "-f", "mp3")),
                ("40 kbit/s AAC", ("-ac", "1", "-b:a", "40k", "-f", "adts")),
            ):
                copy = Path(folder) / "copy"
                command = (
                    "ffmpeg",
                    "-nostdin",
                    "-y",
                    "-loglevel",
                    "error",
                    "-i",
                    f"file:{song.file}",
                    "-vn",
                    *words,
                )
                subprocess.run((*command, copy), check=True)  # noqa: S603 - our own words
                moved.setdefault(name, []).append(float(np.abs(_place(copy, arrays) - here).max()))
    return {
        name: {
            "songs": len(far),
            "median": round(float(np.median(far)), 3),
            "largest": round(max(far), 3),
            "within_0.15": round(float((np.array(far) <= 0.15).mean()), 3),
        }
        for name, far in moved.items()
    }


def _place(file: Path, arrays: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    described = describe(decode(file).sound)
    return np.asarray(predict(arrays, np.array([list(described.values())]))[0])


def _r(labels: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    return round(float(np.corrcoef(labels, said)[0, 1]), 3)


def main() -> None:
    """Measure, and write the manifest beside the model."""
    data, cache, out = (Path(word) for word in sys.argv[1:4])
    songs = load(data, cache)
    said, fold = cross_validated(songs)
    by_set = {kind: figures(songs, said, songs.kinds == kind) for kind in SETS}
    by_fold = {
        f"fold {number + 1}": {
            kind: figures(songs, said, (songs.kinds == kind) & (fold == number)) for kind in SETS
        }
        for number in range(FOLDS)
    }
    file = out / "affect.npz"
    with np.load(file) as stored:
        arrays = dict(stored)
    reliability = [
        round(float(np.mean([by_set[kind][f"{axis}_r"] ** 2 for kind in SETS])), 3)
        for axis in ("valence", "arousal")
    ]
    manifest: dict[str, Any] = {
        "task": "music",
        "name": "song affect",
        "version": VERSION,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "features": FEATURES_VERSION,
        "reliability": reliability,
        "input": {"descriptors": len(songs.names), "sound": "the middle minute, mono, 16 kHz, up to 6 kHz"},
        "outputs": {"valence": "-1 to 1", "arousal": "-1 to 1"},
        "training": TRAINING,
        "metrics": {
            "on": "songs by artists that training did not see, ten folds",
            "sets": by_set,
            "copies": copies(data, arrays),
            "folds": by_fold,
        },
        "limits": LIMITS,
    }
    if len(sys.argv) > 4:
        manifest["metrics"]["compared"] = json.loads(Path(sys.argv[4]).read_text())
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(by_set, indent=2))


if __name__ == "__main__":
    main()
