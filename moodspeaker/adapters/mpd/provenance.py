"""Whose songs stand in the queue.  Pure: no clock, loop or library.

Theory of operation.  MPD names each entry of its queue by an id for as long as it runs: who added an entry is
kept by its id, so that two programmes may hold the same song.  On a new connection MPD, or this program, may
have been started again: then an id counts only together with its URI, and what is not known by it is known by
the URI as a song of the newest programme that has it.  The last programmes are kept for that, some
hundreds of songs of each: a server that lost its power comes back with the queue that it saved last.

An entry that appears while we are connected, and that we did not add, is a person's, whatever its URI.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.player import PlayerReport, PlayState
from moodspeaker.domain.song import Song
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moodspeaker.domain.song import Programme

PROGRAMMES_KEPT: Final = 12
"""Programmes whose songs are known again after a restart."""
SONGS_KEPT: Final = 300
"""Songs of each that are."""
PLAYED_KEPT: Final = 25
"""Songs of ours that stay in the queue behind the current one when others are added."""
FOLLOWING: Final = 5
"""Songs behind the current one that are told by name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the queue."""

    id: int
    """MPD's id, unique for as long as MPD runs."""
    uri: str
    """As MPD writes it."""
    seconds: float | None = None
    """Stated length; None for a stream."""
    title: str = field(default="", compare=False)
    """Its title, else its file's name; empty where only its id was told."""
    artist: str = field(default="", compare=False)
    """Its artist, else empty."""


class Provenance:
    """Tells which programme of ours each entry of the queue was added for."""

    def __init__(self, programmes: Sequence[Programme] = ()) -> None:
        """Begin with the programmes of before a restart of this program, the newest last."""
        self._songs: OrderedDict[int, OrderedDict[str, None]] = OrderedDict()
        self._entries: dict[int, tuple[str, int | None]] = {}
        self._adding: Programme | None = None
        for programme in programmes:
            self._keep(programme)

    def begin(self, programme: Programme) -> None:
        """Note that we begin to add a programme's songs: entries with its URIs that appear now are ours.

        So they are when the command is cut off before MPD's answers came, until `done` or `failed`.
        """
        self._adding = programme

    def added(self, entries: Iterable[Entry]) -> None:
        """Note which entries MPD made for the songs of the programme that is being added."""
        if self._adding is not None:
            self._entries |= {entry.id: (entry.uri, self._adding.id) for entry in entries}

    def done(self) -> None:
        """Note that its songs stand in the queue: what appears from here on is a person's."""
        if self._adding is not None:
            self._keep(self._adding)
        self._adding = None

    def failed(self) -> None:
        """Note that its songs could not be added, or do not sound: it is not kept."""
        self._adding = None

    def see(self, queue: Sequence[Entry]) -> None:
        """See the queue as it is now: entries that are new in it, and that we did not add, are a person's."""
        known = self._entries
        self._entries = {
            entry.id: found
            if found is not None and found[0] == entry.uri
            else (entry.uri, self._added_for(entry.uri))
            for entry in queue
            for found in (known.get(entry.id),)
        }

    def see_first(self, queue: Sequence[Entry]) -> None:
        """See the queue on a new connection: what is not known by id and URI is known by its URI alone.

        So are the songs of a command that was cut off: a busy server may have done it without an answer.
        """
        self.done()
        known = self._entries
        self._entries = {}
        for entry in queue:
            uri, programme = known.get(entry.id, ("", None))
            if uri != entry.uri or programme is None:
                programme = self._newest_with(entry.uri)
            self._entries[entry.id] = (entry.uri, programme)

    def programme_of(self, song: int | None) -> int | None:
        """Return the programme that the entry with this id was added for; None for a person's, or none."""
        return None if song is None else self._entries.get(song, ("", None))[1]

    def long_played(self, queue: Sequence[int], current: int | None) -> frozenset[int]:
        """Return the songs of ours, by their ids, that stand far behind the current one."""
        place = queue.index(current) if current in queue else 0
        far = queue[: max(0, place - PLAYED_KEPT)]
        return frozenset(song for song in far if self.programme_of(song) is not None)

    def _added_for(self, uri: str) -> int | None:
        return self._adding.id if self._adding is not None and uri in self._adding.songs else None

    def _newest_with(self, uri: str) -> int | None:
        return next((number for number in reversed(self._songs) if uri in self._songs[number]), None)

    def _keep(self, programme: Programme) -> None:
        songs = self._songs.setdefault(programme.id, OrderedDict())
        self._songs.move_to_end(programme.id)
        for uri in programme.songs:
            songs[uri] = None
            songs.move_to_end(uri)
        while len(songs) > SONGS_KEPT:
            songs.popitem(last=False)
        while len(self._songs) > PROGRAMMES_KEPT:
            self._songs.popitem(last=False)


def report(
    state: PlayState,
    queue: Sequence[Entry],
    provenance: Provenance,
    *,
    current: int | None,
    upcoming: int | None,
    song: Song | None,
    elapsed: float,
    error: str = "",
    crossfade: float = 0.0,
    volume: int | None = None,
    limits: str = "",
    at: float | None = None,
) -> PlayerReport:
    """Return what is told of a state; `current` and `upcoming` are ids of the queue, `queue` was seen."""
    place = next((place for place, entry in enumerate(queue) if entry.id == current), -1)
    behind = [entry.seconds for entry in queue[place + 1 :]]
    next_ones = queue[place + 1 : place + 1 + FOLLOWING]
    lengths = [seconds for seconds in behind if seconds is not None]
    return PlayerReport(
        state=state,
        song=song,
        elapsed=elapsed,
        length=len(queue),
        ours=bool(queue) and all(provenance.programme_of(entry.id) is not None for entry in queue),
        programme=provenance.programme_of(current),
        upcoming=provenance.programme_of(upcoming),
        ahead=len(behind),
        seconds_ahead=sum(lengths) if len(lengths) == len(behind) else None,
        error=error,
        crossfade=crossfade,
        volume=volume,
        limits=limits,
        following=tuple(Song(entry.uri, entry.title, entry.artist, entry.seconds) for entry in next_ones),
        at=at,
    )
