"""FER2013 with FER+ votes: which images train, which calibrate, which score, and what their labels mean.

The data folder holds `train.npz` and `valid.npz`: `images` uint8 [N,48,48], `votes` uint8 [N,10] (FER+
voters: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face),
`fer_label` int8 [N] (FER2013 order) and `label_ambiguous` bool [N].  FER2013: Goodfellow et al. 2013.  FER+:
Barsoum et al. 2016.

Three parts that share no image (nor an equal copy of one):
    training      train.npz without the calibration part and without blanks
    calibration   one group of equal images in twenty of train.npz: temperature and free biases
    score         valid.npz without the images that also stand in train.npz
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
FERPLUS_COLUMNS = (4, 5, 6, 1, 3, 2, 0)
"""The FER+ vote columns of the seven emotions in FER2013 order."""
CONTEMPT, UNKNOWN, NOT_A_FACE = 7, 8, 9
BLANK_SPREAD = 2.0
CALIBRATION_SHARE = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Faces:
    """Images with both labellings.

    `images` uint8 [N,48,48]; `soft` float32 [N,7], FER+ shares (single votes dropped), zero rows where
    unusable; `weight` float32 [N], the seven's share of the ten votes, 0 where unusable; `ferplus` int [N],
    the majority by FER+'s own rule or -1; `fer2013` int [N]; `ambiguous` bool [N]; `copies` int [N], how
    often the same image stands in its file.
    """

    images: np.ndarray
    soft: np.ndarray
    weight: np.ndarray
    ferplus: np.ndarray
    fer2013: np.ndarray
    ambiguous: np.ndarray
    copies: np.ndarray

    def take(self, rows: np.ndarray) -> Faces:
        """Return these rows only."""
        return Faces(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


def majority(votes: np.ndarray) -> np.ndarray:
    """Return FER+'s majority label in FER2013 order, or -1.

    Single votes are dropped, and the winner holds more than half.  `votes` [N,10]; contempt, unknown and
    not-a-face are never a label.
    """
    kept = np.where(votes > 1, votes, 0).astype(int)
    winner = kept.argmax(1)
    clear = kept.max(1) * 2 > kept.sum(1)
    to_ours = np.full(10, -1)
    to_ours[list(FERPLUS_COLUMNS)] = np.arange(7)
    return np.where(clear, to_ours[winner], -1)


def digests(images: np.ndarray) -> np.ndarray:
    """Return a name for each image's pixels, equal for equal images."""
    return np.array([hashlib.blake2b(image.tobytes(), digest_size=8).hexdigest() for image in images])


def read(path: Path) -> tuple[Faces, np.ndarray]:
    """Return the faces of one file, and their digests."""
    arrays = np.load(path)
    images, votes = arrays["images"], arrays["votes"]
    kept = np.where(votes > 1, votes, 0).astype(np.float32)
    seven = kept[:, list(FERPLUS_COLUMNS)]
    refused = np.isin(kept.argmax(1), (UNKNOWN, NOT_A_FACE)) | (seven.sum(1) < 3)
    weight = np.where(refused, 0, seven.sum(1) / 10).astype(np.float32)
    soft = seven / np.maximum(seven.sum(1, keepdims=True), 1)
    names = digests(images)
    _, back, counts = np.unique(names, return_inverse=True, return_counts=True)
    return Faces(
        images,
        soft.astype(np.float32),
        weight,
        majority(votes),
        arrays["fer_label"].astype(int),
        arrays["label_ambiguous"],
        counts[back],
    ), names


def training_and_calibration(folder: Path) -> tuple[Faces, Faces]:
    """Return the faces to train on and those to calibrate on."""
    faces, names = read(folder / "train.npz")
    held = np.array([int(name, 16) % CALIBRATION_SHARE == 0 for name in names])
    seen = faces.images.reshape(len(held), -1).std(1) >= BLANK_SPREAD
    first = np.zeros(len(held), bool)
    first[np.unique(names, return_index=True)[1]] = True
    return faces.take(np.flatnonzero(~held & seen)), faces.take(np.flatnonzero(held & seen & first))


def score_part(folder: Path) -> Faces:
    """Return valid.npz without the images that also stand in train.npz."""
    faces, names = read(folder / "valid.npz")
    _, trained = read(folder / "train.npz")
    return faces.take(np.flatnonzero(~np.isin(names, trained)))
