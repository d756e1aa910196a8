"""How long to wait between attempts to connect to a music server."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from moodspeaker.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.adapters.mpd.address import Address

FIRST_RETRY: Final = 0.5
"""Seconds before the first attempt to connect again at most."""
LONGEST_RETRY: Final = 30.0
"""Seconds between attempts at most."""
LONGEST_LOCAL_RETRY: Final = 5.0
"""The same on this machine, where an attempt costs nothing."""
REFUSED_RETRY: Final = 15.0
"""Seconds before the first attempt at most, and the half of it at least, when the server refuses us: only a
person can cure that.
"""
LONGEST_REFUSED_RETRY: Final = 60.0
"""Seconds between attempts at most then."""


def backoff(candidates: Sequence[Address], *, refused: bool) -> Backoff:
    """Return how long to wait between attempts to connect."""
    chance = random.Random()  # noqa: S311 - no secret
    if refused:
        return Backoff(chance, first=REFUSED_RETRY, longest=LONGEST_REFUSED_RETRY, shortest=REFUSED_RETRY / 2)
    local = all(address.local for address in candidates)
    return Backoff(chance, first=FIRST_RETRY, longest=LONGEST_LOCAL_RETRY if local else LONGEST_RETRY)
