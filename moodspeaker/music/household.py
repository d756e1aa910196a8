"""What the speakers of a household tell each other of songs, and how it is joined: a state-based CRDT; pure.

Theory of operation
===================
1. Each speaker counts under a *replica*, a random name that was made with its database, how often each song
   was liked, disliked, heard to its end or skipped.  Such a count grows only, and by its own replica alone:
   of two accounts of it the greater is the newer.  What the household thinks is the sum over all replicas.
2. The mood that a person gives to a song is a register: the last writer wins.  Its stamp is a hybrid logical
   clock: the wall clock, but later than every stamp its writer had seen, then the replica.  So a word that
   was said in the knowledge of another one always counts before it, however wrong the clocks are.
3. To join is to take the greater count and the later stamp.  That is commutative, associative and idempotent:
   messages may come in any order, twice, or be lost where a later one arrives.
4. Time is kept in periods of `PERIOD`, for what was said or heard fades (`preference`).  What is older than
   that matters is neither told nor taken.
5. A song is known by its name (`library.household`) and its length: files lie elsewhere on each speaker.  All
   that is known of a song stands in one of `PARTS` parts, each a message of its own, so that a big library is
   many small messages of which only those that changed are sent.
6. Beside it each replica tells which *recordings* (MusicBrainz' ids) its songs of that name are: a set that
   only grows, joined by union.  Where both sides know them they decide which songs are the same, else the
   names do (`library.household_songs`).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from moodspeaker.music.preference import DAY, What
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

PERIOD: Final = 90 * DAY
"""Seconds of a period."""
FIRST: Final = 226
"""The period of late 2025: no clock that stands before it is right."""
PARTS: Final = 16
SAID: Final = (What.LIKED, What.DISLIKED, What.WRONG_MOOD)
"""What a person says; it comes first where not all can be told."""
HEARD: Final = (What.FINISHED, What.SKIPPED_EARLY, What.SKIPPED)
"""What becomes of plays."""
KEPT: Final = dict.fromkeys(SAID, 12) | dict.fromkeys(HEARD, 4)
"""Periods for which each counts: three years, one year."""
SAME_LENGTH: Final = 3
"""Seconds by which the length of one song may differ in two files."""
BELIEVED: Final = 86_400_000
"""Milliseconds by which another's clock may be ahead and still move ours."""


class SongKey(NamedTuple):
    """A song, wherever its file lies."""

    name: str
    seconds: int
    """Its length; 0 where it is not known."""


class Cell(NamedTuple):
    """What is counted."""

    song: SongKey
    profile: str
    """Who said or heard it."""
    mood: str
    """The emotion that it was played for; empty where that is not known."""
    period: int
    what: What


class Stamp(NamedTuple):
    """When a word was said, in an order that all speakers share."""

    milliseconds: int
    """Since the epoch."""
    tick: int
    replica: str


class Given(NamedTuple):
    """The mood that a person gave to a song; of two the greater counts."""

    stamp: Stamp
    mood: str
    """An emotion; empty: the models decide again."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of songs."""

    counts: Mapping[tuple[str, Cell], int] = field(default_factory=dict)
    """By replica and cell."""
    moods: Mapping[SongKey, Given] = field(default_factory=dict)
    recordings: frozenset[tuple[str, SongKey, str]] = frozenset()
    """Which recordings a replica's songs are: replica, song, MusicBrainz' id."""

    def beyond(self, known: Knowledge) -> Knowledge:
        """Return what of this is news to somebody who has `known`: written over that, both are joined."""
        counts = {key: count for key, count in self.counts.items() if count > known.counts.get(key, 0)}
        moods = {
            song: given
            for song, given in self.moods.items()
            if song not in known.moods or given > known.moods[song]
        }
        return Knowledge(counts, moods, self.recordings - known.recordings)

    def current(self, now: int) -> Knowledge:
        """Return what of this still counts in a period."""
        fresh = {key: count for key, count in self.counts.items() if now - key[1].period < KEPT[key[1].what]}
        return Knowledge(fresh, self.moods, self.recordings)

    def __bool__(self) -> bool:
        return bool(self.counts or self.moods or self.recordings)


def part_of(name: str) -> int:
    """Return the part in which all stands that is known of a song with this name."""
    return crc32(name.encode()) % PARTS


def period_of(wall: float) -> int:
    """Return the period of a moment in seconds since the epoch."""
    return max(int(wall // PERIOD), FIRST)


def moment_of(period: int, now: float) -> float:
    """Return the moment, in seconds since the epoch, for which all of a period counts: its middle."""
    return min((period + 0.5) * PERIOD, now)


def next_stamp(wall: float, replica: str, latest: Stamp | None, replaced: Stamp | None) -> Stamp:
    """Return the stamp of a word that is said now.

    `wall` is in seconds since the epoch, `latest` the greatest stamp that was ever seen, `replaced` that of
    the word which the new one replaces: it is later than either, but a clock that is days ahead moves the
    stamps of no other song.
    """
    stamp = Stamp(int(wall * 1000), 0, replica)
    for seen in (latest, replaced):
        believed = seen is replaced or (seen is not None and seen.milliseconds <= wall * 1000 + BELIEVED)
        if seen is not None and believed and stamp[:2] <= seen[:2]:
            stamp = Stamp(seen.milliseconds, seen.tick + 1, replica)
    return stamp
