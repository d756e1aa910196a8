"""A made-up library of as many songs as a test wants, scanned as the scan does it: tags, sound, places."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.songs import Sound
from moodspeaker.resources import folder, schema_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ADJECTIVES = (
    "Amber",
    "Quiet",
    "Seventh",
    "Hollow",
    "Bright",
    "Paper",
    "Northern",
    "Slow",
    "Électrique",
    "Last",
)
NOUNS = ("Harbour", "Lantern", "Meadow", "Engine", "Winter", "Staircase", "Río", "Signal", "Orchard", "Mile")
ARTISTS = ("Mira Holt", "The Tin Cups", "José Aldea", "Fern & Fox", "Nils Berg", "Ona Field", "Reed Choir")
GENRES = ("Ambient", "Dance", "Metal", "Folk", "Jazz", "Classical", "Pop", "Blues")
MODEL = "1/1"


def songs(count: int) -> Sequence[CatalogueSong]:
    """Return so many songs, the same ones every time."""
    chance = random.Random(7)
    found = []
    for number in range(count):
        title = f"{chance.choice(ADJECTIVES)} {chance.choice(NOUNS)} {number}"
        artist, genre = chance.choice(ARTISTS), chance.choice(GENRES)
        found.append(
            CatalogueSong(
                f"{artist}/{number:05}.ogg",
                title,
                (artist,),
                f"Album {number // 12}",
                200.0,
                genre,
                modified="t",
            )
        )
    return found


def scanned(state: Path, listed: Sequence[CatalogueSong], *, heard: bool = True) -> None:
    """Leave a library in a state folder as after a scan of these songs."""
    chance = random.Random(8)
    with closing(SongIndex(state, schema_folder())) as index:
        index.take_listing(listed)
        while heard and (waiting := index.unheard(MODEL)):
            index.add_sounds([(song, _sound(chance)) for song in waiting], MODEL, bytes.__eq__)
        index.place(Lexicon(folder("music-index") / "lexicon"))
        index.set_state(scanned_at="1700000000", model=MODEL)


def _sound(chance: random.Random) -> Sound:
    valence, arousal = (max(-1.0, min(1.0, chance.gauss(0, 0.4))) for _ in range(2))
    return Sound(200.0, estimate=Estimate(valence, arousal, 0.4, 0.6))
