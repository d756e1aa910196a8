"""The sound cards that the kernel knows, by names that stay the same when another one is plugged in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from moodspeaker.values import dataclass

CARDS: Final = Path("/proc/asound/cards")
_CARD: Final = re.compile(r"^ *\d+ \[(\S+) *\]: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SoundCard:
    """A sound card."""

    identity: str
    """ALSA's name of it, such as `Headphones`: unlike its number it does not depend on the order."""
    name: str
    """What it is, for people."""


def sound_cards(file: Path = CARDS) -> tuple[SoundCard, ...]:
    """Return the cards in the kernel's order; none where it tells none."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(
        SoundCard(identity, name.partition(" - ")[2] or name) for identity, name in _CARD.findall(text)
    )
