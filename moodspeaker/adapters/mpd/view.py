"""What MPD does now, as we see it: its state, its queue, and whose songs stand there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import (
    length_of,
    merged,
    song_of,
    state_of,
    text_of,
    volume_of,
    with_cure,
)
from moodspeaker.adapters.mpd.attribution import KnownLengths, ServerState
from moodspeaker.adapters.mpd.connection import Refusal, answers, rows
from moodspeaker.adapters.mpd.provenance import Entry, Provenance, report
from moodspeaker.domain.player import PlayerReport, PlayState
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.domain.song import Programme, Song

AUDIBLE_WITHIN: Final = 1.0
"""Seconds in which a song that begins by itself is heard, else it is taken as it is: a stream may take
longer.
"""
AUDIBLE_POLL: Final = 0.02
"""Seconds between looks until then."""
DONE_WITHIN: Final = 10.0
"""Seconds in which a server that answers before it acts does what it was told."""
TORN_FOR: Final = 0.1
"""Seconds for which a server may tell one song and the elapsed time of the next; more when it is busy."""
TORN_LOOKS: Final = 10
"""Looks again until then."""
LOOKS: Final = 3
"""Looks until two halves of an answer agree, when somebody edits the queue in between."""


class View:
    """Looks at MPD and keeps what it saw last.

    The queue is kept and only what changed in it is asked for; `forget` it on a new connection.
    """

    def __init__(self, programmes: Sequence[Programme] = ()) -> None:
        self.provenance = Provenance(programmes)
        self.lengths = KnownLengths()
        self.queue: list[Entry] = []
        self.song: Song | None = None
        self.state: ServerState | None = None
        self._version = 0
        self._uri = ""
        self._first = True
        self.fault = ""
        """Why nothing is heard, where the server itself does not say it; forgotten with the next sound."""
        self._volume: int | None = None
        self._limits = ""
        self.random = False
        """Whether a person lets it play at random."""
        self.priorities: dict[int, int] = {}
        """Those that we gave songs for that (`random_order`), by their ids."""
        self.stream = ""
        """URL of what it plays, where it has such an output."""

    @property
    def uri(self) -> str:
        """The current song's URI as MPD writes it, else empty."""
        return self._uri

    @property
    def programme(self) -> int | None:
        """The programme that the current song was added for."""
        return None if self.state is None else self.provenance.programme_of(self.state.song)

    @property
    def ours_ahead(self) -> Sequence[int]:
        """The ids of our songs behind the current one, in the order of the queue."""
        ids = [entry.id for entry in self.queue]
        current = None if self.state is None else self.state.song
        place = ids.index(current) + 1 if current in ids else 0
        return [song for song in ids[place:] if self.provenance.programme_of(song) is not None]

    @property
    def report(self) -> PlayerReport:
        """What is told of the last look."""
        state = self.state
        if state is None:
            return PlayerReport(PlayState.DOWN)
        plays_on = state.state is PlayState.PLAY and state.audible
        told = report(
            state.state,
            self.queue,
            self.provenance,
            current=state.song,
            upcoming=state.upcoming,
            song=self.song,
            elapsed=state.elapsed,
            error="" if plays_on else with_cure(state.error),
            crossfade=state.crossfade,
            volume=self._volume,
            limits=self._limits,
            at=state.at,
        )
        return replace(told, stream=self.stream)

    def forget(self) -> None:
        """Begin again: the connection is another, and so may be MPD."""
        self.queue, self._version, self.state, self._first = [], 0, None, True
        self.priorities = {}

    async def look(self, client: Client) -> ServerState:
        """Ask for the state and return it.

        Raises PlayerError, a Refusal, or the library's errors of a lost connection.
        """
        for _ in range(LOOKS):
            plain, changed = (client.status(), client.currentsong()), client.plchanges(self._version)
            replies = await answers(*plain)
            changes = await rows(changed)
            for answer in replies:
                if isinstance(answer, Refusal):
                    raise answer
            status, current = replies
            queue = merged(self.queue, changes, int(status.get("playlistlength", 0)))
            songs = {status.get("songid"), current.get("id", status.get("songid"))}
            if queue is not None and len(songs) == 1:
                break
            self._version = 0
        else:
            message = "MPD's queue changes faster than it can be read: wait a moment"
            raise PlayerError(message)
        self.queue, self._version = queue, int(status.get("playlist", 0))
        if self._first:
            self.provenance.see_first(queue)
            self._first = False
        else:
            self.provenance.see(queue)
        self.song, self._uri = song_of(current), text_of(current, "file")
        self._volume, self.random = volume_of(status), status.get("random") == "1"
        self._limits = client.dialect.limits
        self.state = state_of(
            status,
            queue,
            self.state,
            at=time.monotonic(),
            seconds=length_of(current),
            exact=self._uri in self.lengths or client.dialect.states_length(self._uri),
            plays_itself=client.dialect.plays_itself,
        )
        if self.state.state is PlayState.PLAY and self.state.audible:
            self.fault = ""
        if self.fault:
            self.state = replace(self.state, error=self.fault)
        return self.state

    async def look_until_audible(self, client: Client, before: ServerState | None = None) -> ServerState:
        """Look, and look again until what has just begun is heard: a song that gives way before is broken.

        `before` is the state in which a command of ours was given that goes to another song.
        """
        seen, now = self.state, await self.look(client)
        for _ in range(TORN_LOOKS):
            if seen is None or not _is_torn(seen, now, plays_itself=client.dialect.plays_itself):
                break
            await asyncio.sleep(TORN_FOR)
            now = await self.look(client)
        begun, waits = now.at, is_to_come(client, before, now)
        while not now.audible or waits:
            if now.at - begun > (DONE_WITHIN if waits and not now.audible else AUDIBLE_WITHIN):
                break
            await asyncio.sleep(AUDIBLE_POLL)
            now = await self.look(client)
            waits = is_to_come(client, before, now)
        return now


def is_to_come(client: Client, before: ServerState | None, now: ServerState) -> bool:
    """Tell whether what a command does is still to come: a server that does not play itself answers before.

    `before` is the state in which the command was given.
    """
    if client.dialect.plays_itself or before is None or not now.ids:
        return False
    return (now.song, now.state) == (before.song, before.state)


def _is_torn(before: ServerState, now: ServerState, *, plays_itself: bool) -> bool:
    """Tell whether the elapsed time may be the next song's already: the sound is ahead of what is said.

    So it is where a server that does not play itself goes on to the next song, and where MPD 0.24 pauses
    between two songs.
    """
    state = PlayState.PAUSE if plays_itself else PlayState.PLAY
    played = before.state is PlayState.PLAY and now.state is state
    return played and now.song == before.song and now.elapsed < before.elapsed
