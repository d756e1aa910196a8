"""One song through the whole analysis: from its file to length, fingerprint, valence and arousal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.descriptors import NothingToDescribeError, describe
from moodspeaker.analysis.fingerprint import fingerprint
from moodspeaker.analysis.sound import DecodeError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.analysis.affect_model import AffectModel, Judgement
    from moodspeaker.analysis.sound import Range


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening to a song gave."""

    seconds: float | None
    """Length by decoding; None where nothing could be decoded."""
    judgement: Judgement | None
    """None where the sound has no mood."""
    fingerprint: bytes = b""
    reason: str = ""
    """Why there is no judgement, in words for a person."""
    damaged: bool = False
    """The file holds less than it states."""


def listen(path: Path, model: AffectModel, part: Range | None = None) -> Heard:
    """Return what a file, or a part of it, sounds like; what cannot be heard is a reason, never an error."""
    try:
        excerpt = decode(path, part)
    except DecodeError as error:
        return Heard(None, None, reason=str(error))
    found = b""
    try:
        found = fingerprint(excerpt.sound)
        judgement = model(describe(excerpt.sound))
    except NothingToDescribeError as error:
        return Heard(excerpt.seconds, None, found, str(error), excerpt.damaged)
    except Exception as error:  # one odd song ends no scan  # noqa: BLE001
        reason = f"its sound cannot be analysed ({type(error).__name__}: {error})"
        return Heard(excerpt.seconds, None, found, reason, excerpt.damaged)
    return Heard(excerpt.seconds, judgement, found, damaged=excerpt.damaged)
