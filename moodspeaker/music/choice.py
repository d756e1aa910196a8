"""What songs are asked for, and what is answered: the words between who plays and who chooses."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from moodspeaker.domain.listener import HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.emotion import Affect, Emotion


class Wanted(NamedTuple):
    """What songs are wanted."""

    affect: Affect
    """Where they should lie within the library, each axis -1 to 1."""
    mood: Emotion
    """The mood they are for: what was heard and said in it counts most."""
    profile: str = HOUSEHOLD
    """Whose taste counts."""
    recent: tuple[str, ...] = ()
    """URIs heard or queued lately, the newest last: none of them comes again while there are others."""
    songs: tuple[str, ...] | None = None
    """URIs of the only songs to choose from, as of a stored playlist; None: the whole index."""
    aim: str = ""
    """What the affect is, in words, such as "a calmer room"; empty: a room of that mood."""


class Suggestion(NamedTuple):
    """A song that was chosen."""

    uri: str
    title: str
    """Its title, else its file's name."""
    artist: str
    """Its artist, else empty."""
    score: float
    """How well it fits, 0 to 1, within one answer; never more than that of the song before it."""
    reasons: Mapping[str, str] = MappingProxyType({})
    """Why, in words, by what they are about, the strongest first."""

    def as_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "uri": self.uri,
            "title": self.title,
            "artist": self.artist,
            "score": round(self.score, 4),
            "reasons": dict(self.reasons),
        }
