"""What the stickers that music players share say of the listener's taste.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.library import SharedStickers

LIKED: Final = 2
DISLIKED: Final = 0
"""Of `SharedStickers.verdict`."""
WELL_RATED: Final = 7
"""A rating from which on a song is liked: four stars of five are eight."""
BADLY_RATED: Final = 3
"""A rating up to which it is not; none at all is written as 0 by some players, and says nothing."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What is known of a song from other players."""

    liked: bool | None = None
    """None where nobody said."""
    plays: int = 0
    """Plays that were heard, those of this speaker included where it counts them (`index.stickers`)."""
    skips: int = 0


def taste_of(stickers: SharedStickers) -> Taste:
    """Return what a song's stickers mean; a verdict counts before a rating."""
    verdict, rating = stickers.verdict, stickers.rating
    if verdict is not None:
        liked = {LIKED: True, DISLIKED: False}.get(verdict)
    elif rating and not BADLY_RATED < rating < WELL_RATED:
        liked = rating >= WELL_RATED
    else:
        liked = None
    return Taste(liked, stickers.plays, stickers.skips)
