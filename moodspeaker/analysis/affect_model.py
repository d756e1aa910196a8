"""Valence and arousal of a song from the descriptors of its sound.

Design notes
============
1. The model is loaded only when its manifest is complete, the file's SHA-256 is the manifest's and it was
   trained on the descriptors that this program makes.  Anything else is a ModelError with cause and cure.
2. It is kernel ridge regression: each descriptor becomes its rank among the songs of training, and a song is
   compared with all of them, `exp(-reach * distance)`, the root mean square over the descriptors.
3. It is so twice: first how a song would be tagged (rock, female vocalists, mellow, ...), which more people
   agree about than about its mood; then valence and arousal, by descriptors and tags together.
4. Answers lie on one scale, however loud or long a song is: 0 is the middle of the songs that people rated,
   and both are shrunk towards it as far as the sound leaves them open.
5. How a song sounds apart from its mood (`domain.timbre`) is where its tags lie along the directions in which
   those of the songs of training differ most: eight of them are 98 % of what they differ.
6. How far to trust an answer is the square of its correlation with people's ratings, measured on songs by
   artists that training did not see, less where a song is unlike all that was seen.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import numpy as np
from annotated_types import Ge, Lt, MinLen

from moodspeaker.analysis.descriptors import FEATURES_VERSION
from moodspeaker.domain.timbre import NUMBERS, timbre
from moodspeaker.errors import ModelError
from moodspeaker.model_files import MANIFEST, read_manifest, verified
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

ARRAYS: Final = (
    "names", "quantiles", "centres", "reach", "tag_coefficients", "tag_offset", "tags", "tag_weight",
    "coefficients", "offset",
)  # fmt: skip
UNLIKE_SHARE: Final = 0.25
"""Share of descriptors beyond all that training saw with which an answer is worth nothing."""

Reliability = Annotated[float, Ge(0), Lt(1)]
LEAST_SPREAD: Final = 1e-12
"""Variance along a direction that is divided by, at least: a tag may be the same for every song."""


@dataclass(frozen=True, slots=True)
class MusicManifest:
    """What `models/music/manifest.json` must say (it may say more)."""

    task: Literal["music"]
    name: str
    version: Annotated[str, MinLen(1)]
    file: Annotated[str, MinLen(1)]
    sha256: str
    features: int
    """The FEATURES_VERSION of the descriptors it was trained on."""
    reliability: tuple[Reliability, Reliability]
    """Of valence and arousal: the share of what people hear that it explains."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model says of one song."""

    valence: float
    """-1 to 1."""
    arousal: float
    """-1 to 1."""
    valence_reliability: float
    """Share of the differences between songs, as people hear them, that it explains; 0 to below 1."""
    arousal_reliability: float
    timbre: bytes
    """How it sounds apart from them (`domain.timbre`)."""

    @property
    def confidence(self) -> float:
        """Both reliabilities in one number, 0 to below 1."""
        return (self.valence_reliability + self.arousal_reliability) / 2


class AffectModel:
    """Judges songs.  Raises ModelError when the model in `folder` is refused."""

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder, MusicManifest)
        file = folder / self.manifest.file
        if self.manifest.features != FEATURES_VERSION:
            message = (
                f"{folder / MANIFEST}: made for descriptors of version {self.manifest.features}, these are "
                f"{FEATURES_VERSION}: reinstall the model"
            )
            raise ModelError(message)
        self._arrays = _arrays(file, verified(file, self.manifest.sha256))
        self._names = tuple(str(name) for name in self._arrays["names"])
        self._middle, self._axes = directions(self._arrays["tags"])

    @property
    def version(self) -> str:
        """The version of descriptors and model together: with another one, songs are to be judged again."""
        return f"{FEATURES_VERSION}/{self.manifest.version}"

    def __call__(self, descriptors: Mapping[str, float]) -> Judgement:
        """Return valence and arousal of a song from `descriptors.describe`."""
        values = np.array([descriptors[name] for name in self._names])
        quantiles = self._arrays["quantiles"]
        beyond = float(((values < quantiles[0]) | (values > quantiles[-1])).mean())
        like = max(0.0, 1 - beyond / UNLIKE_SHARE)
        place = ranks(values, quantiles)[None]
        tags = tagged(self._arrays, place)
        valence, arousal = (float(value) for value in np.clip(answers(self._arrays, place, tags)[0], -1, 1))
        sounds = timbre(((tags[0] - self._middle) @ self._axes).tolist())
        reliable = self.manifest.reliability
        return Judgement(valence, arousal, like * reliable[0], like * reliable[1], sounds)


def tagged(arrays: Mapping[str, NDArray[Any]], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how songs would be tagged, [songs, tags], by ranked descriptors, [songs, n]."""
    near = closeness(place, arrays["centres"], float(arrays["reach"]))
    return np.asarray(near @ arrays["tag_coefficients"] + arrays["tag_offset"])


def answers(
    arrays: Mapping[str, NDArray[Any]], place: NDArray[np.float64], tags: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return valence and arousal, [songs, 2], of ranked descriptors, [songs, n], and their tags.

    Some lie beyond -1 to 1.
    """
    reach, weight = float(arrays["reach"]), float(arrays["tag_weight"])
    near = closeness(joined(place, tags, weight), joined(arrays["centres"], arrays["tags"], weight), reach)
    return np.asarray(near @ arrays["coefficients"] + arrays["offset"])


def directions(tags: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle of the songs' tags, [songs, tags], and the directions in which they differ most.

    The second, [tags, `NUMBERS`], holds principal components, each divided by its standard deviation; the
    largest number of each is positive.  Of a model with fewer tags the last columns are zero.
    """
    middle = tags.mean(axis=0)
    count = min(NUMBERS, tags.shape[1])
    squares, axes = np.linalg.eigh(np.atleast_2d(np.cov(tags, rowvar=False)))
    axes = axes[:, ::-1][:, :count] / np.sqrt(np.maximum(squares[::-1][:count], LEAST_SPREAD))
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(count)])
    return middle, np.pad(axes * signs, ((0, 0), (0, NUMBERS - count)))


def joined(place: NDArray[np.float64], tags: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return ranks [songs, n] and tags [songs, k] as one, [songs, n + k], where tags count `weight` times."""
    n, k = place.shape[1], tags.shape[1]
    parts = (place * np.sqrt((n + k) / n), weight * np.sqrt((n + k) / k) * tags)
    return np.asarray(np.concatenate(parts, axis=1) / np.hypot(1, weight))


def ranks(values: NDArray[np.float64], quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return descriptors, [..., n], as their ranks, -1 to 1, among those of quantiles [levels, n]."""
    levels = np.linspace(-1, 1, len(quantiles))
    columns = [np.interp(values[..., k], quantiles[:, k], levels) for k in range(quantiles.shape[1])]
    return np.stack(columns, axis=-1)


def closeness(songs: NDArray[np.float64], centres: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Return how near songs [m, n] are to centres [k, n], 0 to 1: [m, k]."""
    squares = (songs**2).mean(axis=1)[:, None] + (centres**2).mean(axis=1)
    apart = squares - 2 * songs @ centres.T / songs.shape[1]
    return np.asarray(np.exp(-reach * np.sqrt(np.maximum(apart, 0))))


def _arrays(file: Path, content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a model's file, numbers as float64; raise ModelError unless they fit together."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            found = {name: stored[name] for name in ARRAYS}
    except (KeyError, ValueError, OSError) as error:
        message = f"{file}: {error}: reinstall the model"
        raise ModelError(message) from None
    (songs, count), tags = found["centres"].shape, found["tag_offset"].size
    fits = {
        "names": (count,),
        "quantiles": (len(found["quantiles"]), count),
        "reach": (),
        "tag_coefficients": (songs, tags),
        "tag_offset": (tags,),
        "tags": (songs, tags),
        "tag_weight": (),
        "coefficients": (songs, 2),
        "offset": (2,),
    }
    for name, shape in fits.items():
        if found[name].shape != shape:
            message = f"{file}: {name} is {found[name].shape}, not {shape}: reinstall the model"
            raise ModelError(message)
    return {name: array if name == "names" else array.astype(np.float64) for name, array in found.items()}
