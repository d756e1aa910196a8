"""A made-up library of as many songs as a test wants, scanned as the scan does it: tags, sound, places."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

from moodspeaker.domain.commands import SongMood
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.songs import Sound
from moodspeaker.resources import folder, schema_folder
from support.fake_daemon import FakeDaemon
from support.songs import library_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from moodspeaker.domain.commands import Command

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


class LibraryDaemon(FakeDaemon):
    """A daemon that carries out `song_mood` on the library of a state folder, and has music for each mood."""

    def __init__(self, state: Path) -> None:
        super().__init__()
        self._state = state

    def moods(self) -> Sequence[Mapping[str, object]]:
        """Return the seven moods; happy has a stored playlist, the others the index."""
        index = {"name": "nearest", "rule": "index", "songs": 500}
        listed = {"name": "mood-happy", "rule": "stored playlist", "songs": 12}
        return [
            {"mood": str(mood), "music": listed if mood is Emotion.HAPPY else index, "current": False}
            for mood in EMOTIONS
        ]

    async def command(self, command: Command) -> None:
        """Keep a command, and carry it out where it is a song's mood."""
        await super().command(command)
        if isinstance(command, SongMood):
            with closing(library_file(self._state)) as database:
                SqliteMoodIndex(database).correct(command.uri, command.mood)
