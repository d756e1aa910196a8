"""Songs, where the songs of a mood come from, and those chosen for a mood."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Affect, Emotion


BY_INDEX: Final = "index"
"""The rule of a source whose songs the index chose; all others are the listener's own choice."""
RECORDING: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""MusicBrainz' id of a recording: the same one wherever its files lie, whatever their tags say."""


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the queue."""

    uri: str
    """Its URI on the music server."""
    title: str = ""
    """Its title, else its file's name."""
    artist: str = ""
    """Its artist, else empty."""
    seconds: float | None = None
    """Its length; None for an endless stream."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.title or self.uri


@dataclass(frozen=True, slots=True)
class MusicSource:
    """Where the music of a mood comes from."""

    name: str
    """The stored playlist, genre or folder; or that it was imported, or what the index sought."""
    kind: str
    """`stored playlist`, `imported`, `genre`, `folder` or `index`."""
    songs: tuple[str, ...]
    """URIs in the order in which the music server gives them; never empty."""


@dataclass(frozen=True, slots=True)
class Programme:
    """Songs chosen for a mood, handed to the player a few at a time."""

    id: int
    """Names it for as long as its songs may stand in a queue; also the seed of the draw that ordered them."""
    mood: Emotion
    """The mood it serves."""
    name: str
    """The source's name."""
    kind: str
    """The source's kind."""
    songs: tuple[str, ...]
    """URIs in playing order: those to add, or the last ones that were added."""
    pool: int
    """How many different songs it is drawn from."""
    drawn: int = 0
    """How many songs were drawn for it so far, the ones in `songs` included."""
    near: Affect | None = None
    """The point of the affect plane that a journey has it drawn near; None: it is the mood's own."""

    @property
    def serves(self) -> MusicFor:
        """What music it is."""
        return MusicFor(self.mood, self.near)

    def followed_by(self, later: Programme, most: int) -> Programme:
        """Return this programme with the songs of a later draw behind its own: the last `most` of them."""
        return replace(later, songs=(*self.songs, *later.songs)[-most:])


@dataclass(frozen=True, slots=True)
class MusicFor:
    """What music is wanted."""

    mood: Emotion
    near: Affect | None = None
    """The point of the affect plane where a journey wants it; None: the mood's own."""


@dataclass(frozen=True, slots=True)
class CatalogueSong:
    """A song that the music server has, with its tags as they are."""

    uri: str
    """Its URI on the music server: a path in its music folder, or an address."""
    title: str = ""
    """Empty where it has no tag."""
    artists: tuple[str, ...] = ()
    """One for each tag."""
    album: str = ""
    """Empty where it has no tag."""
    seconds: float | None = None
    """Its length; None where it is not known."""
    genre: str = ""
    """Several separated by "; "."""
    moods: str = ""
    """Words of its mood tag, several separated by "; "."""
    modified: str = ""
    """When its file was changed last, in the server's words."""
    start: float | None = None
    """Seconds in its file where it begins, with a song of a CUE sheet; None where it is the whole file."""
    end: float | None = None
    """Seconds in its file where it ends; None: with the file."""
    recording: str = ""
    """MusicBrainz' id of the recording, in lower case; empty where it has no such tag."""
    year: int | None = None
    """When it first came out; None where no tag says it."""

    @property
    def artist(self) -> str:
        """Its artists in one line."""
        return ", ".join(self.artists)
