"""Make the data folder of the expression net from the two published tables.

    data_emotion.py fer2013.csv fer2013new.csv DATA/fer2013

`fer2013.csv` (Goodfellow et al. 2013) has the columns emotion, pixels (48x48 numbers) and Usage;
`fer2013new.csv` (FER+, Barsoum et al. 2016) one row for each of them, in the same order, with Usage, the
image's name and the ten votes (neutral to NF).  Writes train.npz (the rows of Usage Training) and valid.npz
(those of PublicTest) as `emotion_set.py` describes them; PrivateTest is left alone, for a last test.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Final

import numpy as np

PARTS: Final = {"Training": "train", "PublicTest": "valid"}
SIDE: Final = 48
VOTES: Final = 10


def rows(path: Path) -> list[list[str]]:
    """Return a table's rows without its head."""
    csv.field_size_limit(1_000_000)
    with path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def main() -> None:
    """Write both files."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    faces, voted, out = rows(Path(sys.argv[1])), rows(Path(sys.argv[2])), Path(sys.argv[3])
    if [row[2] for row in faces] != [row[0] for row in voted]:
        sys.exit(f"{sys.argv[1]} and {sys.argv[2]} do not agree row by row in Usage: take both as published")
    out.mkdir(parents=True, exist_ok=True)
    for usage, part in PARTS.items():
        chosen = [k for k, row in enumerate(faces) if row[2] == usage]
        images = np.array([faces[k][1].split() for k in chosen], np.uint8)
        np.savez(
            out / f"{part}.npz",
            images=images.reshape(-1, SIDE, SIDE),
            votes=np.array([[int(vote) for vote in voted[k][-VOTES:]] for k in chosen], np.uint8),
            fer_label=np.array([int(faces[k][0]) for k in chosen], np.int8),
            row=np.array(chosen, np.int32),
            label_ambiguous=np.zeros(len(chosen), bool),
        )
        print(out / f"{part}.npz", len(chosen))


if __name__ == "__main__":
    main()
