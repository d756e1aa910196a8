"""Which songs follow, from what was heard together; without NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.music.collaborative import Named, Ranking, Sessions
from moodspeaker.music.reasons import goes_with
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OFTEN = "heard often"
"""The reason of a song of which no more is known."""


@dataclass(frozen=True, slots=True)
class Item:
    """A song."""

    id: str
    """Names it in sessions and histories."""
    title: str = ""
    artist: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A song and why it is expected next."""

    id: str
    reason: str
    """In words, such as `heard twice together with Hello`; `heard often` where no more is known."""


class Recommender:
    """Ranks songs by what goes together: sessions, artists, words of titles."""

    def __init__(self, songs: Iterable[Item], sessions: Iterable[Sequence[str]] = ()) -> None:
        """Take the songs and the sessions: each the ids of songs in the order in which they were heard.

        Raises KeyError for an id that is no song's.
        """
        self._songs = {song.id: Named(song.id, song.title, song.artist) for song in songs}
        self._sessions = Sessions()
        for session in sessions:
            self._sessions.add([self._songs[one] for one in session])
        self._ranking = Ranking(self._songs.values(), self._sessions)

    def next(self, history: Sequence[str], count: int = 10) -> list[Ranked]:
        """Return the songs that are expected after these, the likeliest first, none of these.

        Raises KeyError for an id that is no song's.
        """
        heard = [self._songs[one] for one in history]
        return [
            Ranked(song.uri, goes_with(song, heard, self._sessions) or OFTEN)
            for song in self._ranking.next(heard, count)
        ]
