"""Descriptors of a song's sound: about 260 numbers that do not depend on its level or codec.

Design notes
============
1. The sound is cut into stretches of about ten seconds; each gets its descriptors, and the song their mean.
   So a clip and a whole song are on the same scale, and memory does not grow with length.
2. A stretch far below the loudest (an intro, a fade, a pause) is left out.
3. Whoever changes a descriptor raises FEATURES_VERSION: a stored one of another version is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.analysis.rhythm import rhythm
from moodspeaker.analysis.sound import RATE, SILENT
from moodspeaker.analysis.spectrum import spectrum
from moodspeaker.analysis.timbre import dynamics, timbre
from moodspeaker.analysis.tonality import tonality
from moodspeaker.errors import MoodspeakerError

if TYPE_CHECKING:
    from moodspeaker.analysis.spectrum import Array

FEATURES_VERSION: Final = 2
STRETCH: Final = 10.0
"""Seconds of a stretch."""
SHORTEST: Final = 3.0
"""Seconds of sound below which there is nothing to say."""
QUIET: Final = 0.01
"""Power of a stretch, as a share of the loudest's, below which it is left out."""


class NothingToDescribeError(MoodspeakerError):
    """A sound has no descriptors; the text is the reason alone."""


def describe(sound: Array) -> dict[str, float]:
    """Return the descriptors of a sound, float32 [n] at RATE, by name.

    Raises NothingToDescribeError, `silent` or `too short`, where there are none.
    """
    if sound.size < SHORTEST * RATE:
        message = "too short"
        raise NothingToDescribeError(message)
    sound = np.asarray(sound - sound.mean(), np.float32)
    if float(np.abs(sound).max()) < SILENT:
        message = "silent"
        raise NothingToDescribeError(message)
    count = max(1, round(sound.size / (STRETCH * RATE)))
    parts = np.array_split(sound, count)
    power = [float(np.square(part).mean()) for part in parts]
    heard = [part for part, own in zip(parts, power, strict=True) if own > QUIET * max(power)]
    each = [_stretch(part) for part in heard]
    return {name: float(np.mean([one[name] for one in each])) for name in each[0]}


def _stretch(sound: Array) -> dict[str, float]:
    level = np.sqrt(np.square(sound).mean())
    sound = np.asarray(sound / level, np.float32)
    seen = spectrum(sound)
    return timbre(seen) | dynamics(seen) | rhythm(seen) | tonality(sound)
