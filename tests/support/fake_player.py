"""An in-memory player: the port's fake, proven by the contract suite that the real one passes too.

Nothing happens by itself: songs end when told (`song_ends`), a person acts when told (`person_does`), and the
link is lost and found again when told (`lose`, `come_back`).  Every event is posted at once, in the call that
causes it.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING

from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    PlayerReport,
    PlayState,
)
from moodspeaker.domain.song import Song, Source
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from moodspeaker.domain.emotion import Emotion


def stored(emotion: Emotion, *songs: str) -> Source:
    """Return the stored playlist of an emotion with these songs."""
    return Source(f"mood-{emotion}", "stored playlist", songs)


class FakePlayer:
    """A music server in memory.  It knows the songs of its `music`, of its first `queue`, and the `others`;
    each is 60 s long.
    """

    def __init__(
        self,
        music: Mapping[Emotion, Source],
        *,
        queue: Sequence[str] = (),
        state: PlayState = PlayState.STOP,
        others: Iterable[str] = (),
        up: bool = True,
    ) -> None:
        self.music = MappingProxyType(dict(music))
        self.others = frozenset(others) | frozenset(queue)
        self.queue = tuple(queue)
        self.state = state
        self.place = 0
        self.elapsed = 0.0
        self.up = up
        self.reason = "MPD is not connected yet"
        self.calls: list[tuple[object, ...]] = []
        """What was asked of the player: its method's name and arguments, refused calls too."""
        self._post: Callable[[PlayerEvent], None] = lambda _: None

    @property
    def report(self) -> PlayerReport:
        """What it does now."""
        song = None
        if self.place < len(self.queue):
            uri = self.queue[self.place]
            song = Song(uri, uri.rsplit("/", 1)[-1], "", 60.0)
        return PlayerReport(self.state, song, self.elapsed, self.queue)

    # --- the port
    # ---------------------------------------------------------------------------------------------------

    async def run(self, post: Callable[[PlayerEvent], None]) -> None:
        """Tell of the contact, or of its lack, then of everything, until cancelled."""
        self._post = post
        try:
            if self.up:
                self._greet()
            else:
                post(PlayerLost(self.reason))
            await asyncio.Event().wait()
        finally:
            self._post = lambda _: None

    async def play(self, songs: Sequence[str], first: int = 0) -> None:
        """Replace the queue and play from the first."""
        self._called("play", tuple(songs), first)
        known = self._known(songs)
        start = next((number for number, (place, _) in enumerate(known) if place >= first), 0)
        self._set(queue=tuple(uri for _, uri in known), place=start, state=PlayState.PLAY)

    async def arm(self, songs: Sequence[str]) -> None:
        """Keep the current song and let these follow."""
        self._called("arm", tuple(songs))
        known = tuple(uri for _, uri in self._known(songs))
        if self.state is PlayState.STOP or self.report.song is None:
            self._set(queue=known, place=0)
        else:
            self._set(queue=(self.queue[self.place], *known), place=0, elapsed=self.elapsed)

    async def extend(self, songs: Sequence[str]) -> None:
        """Append to the queue."""
        self._called("extend", tuple(songs))
        self._set(queue=(*self.queue, *(uri for _, uri in self._known(songs))), elapsed=self.elapsed)

    async def unpause(self) -> None:
        """Play on."""
        self._called("unpause")
        self._set(state=PlayState.PLAY if self.queue else PlayState.STOP, elapsed=self.elapsed)

    async def pause(self) -> None:
        """Pause."""
        self._called("pause")
        self._set(
            state=PlayState.PAUSE if self.state is not PlayState.STOP else PlayState.STOP,
            elapsed=self.elapsed,
        )

    async def skip(self) -> None:
        """Go to the next song."""
        self._called("skip")
        if self.state is PlayState.STOP:
            message = "MPD refuses next: Not playing"
            raise PlayerError(message)
        self._set_next()
        self._post(PlayerChanged(self.report))

    # --- what tests do to it
    # ----------------------------------------------------------------------------------------

    def person_does(
        self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0
    ) -> None:
        """Let a person act: `songs` are the new queue (it plays, an empty one stops), `place` a song's,
        `elapsed` a seek's.
        """
        match act:
            case Act.QUEUE:
                self.others |= frozenset(songs)
                self.queue, self.place, self.elapsed = tuple(songs), 0, 0.0
                self.state = PlayState.PLAY if songs else PlayState.STOP
            case Act.SONG:
                self.place, self.elapsed, self.state = place, 0.0, PlayState.PLAY
            case Act.SEEK:
                self.elapsed = elapsed
            case Act.STOP:
                self.state, self.elapsed = PlayState.STOP, 0.0
            case Act.PAUSE:
                self.state = PlayState.PAUSE
            case Act.PLAY:
                self.state = PlayState.PLAY
            case Act.NEXT:
                self._set_next()
            case Act.PREVIOUS:
                self.place, self.elapsed = max(0, self.place - 1), 0.0
        if self.up:
            self._post(PersonActed(act, self.report))

    def song_ends(self) -> None:
        """Let the song come to its end: the next one plays, after the last one it is silent."""
        self._set_next()
        if self.up:
            self._post(PlayerChanged(self.report))

    def lose(self, reason: str = "MPD closed the connection: start it again") -> None:
        """Let the link be lost."""
        self.up, self.reason = False, reason
        self._post(PlayerLost(reason))

    def come_back(self, *, empty: bool = True) -> None:
        """Let the link be found again: `empty` and stopped as after kill -9, else as it was, as after
        SIGTERM.
        """
        if empty:
            self.queue, self.place, self.elapsed, self.state = (), 0, 0.0, PlayState.STOP
        self.up = True
        self._greet()

    def offer(self, music: Mapping[Emotion, Source]) -> None:
        """Let there be other music for the moods."""
        self.music = MappingProxyType(dict(music))
        if self.up:
            self._post(MusicChanged(self.music))

    # --- within
    # -----------------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        self._post(MusicChanged(self.music))
        self._post(PlayerConnected(self.report))

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        if not self.up:
            raise PlayerError(self.reason)

    def _known(self, songs: Sequence[str]) -> list[tuple[int, str]]:
        library = self.others.union(*(source.songs for source in self.music.values()))
        known = [(place, uri) for place, uri in enumerate(songs) if uri in library]
        if not known:
            message = (
                f"MPD has none of the {len(songs)} songs, {songs[0]} neither"
                if songs
                else "no song was given to play"
            )
            raise PlayerError(message)
        return known

    def _set(
        self,
        *,
        queue: tuple[str, ...] | None = None,
        place: int | None = None,
        state: PlayState | None = None,
        elapsed: float = 0.0,
    ) -> None:
        """Change what is given, and tell."""
        self.queue = self.queue if queue is None else queue
        self.place = self.place if place is None else place
        self.state = self.state if state is None else state
        self.elapsed = elapsed
        self._post(PlayerChanged(self.report))

    def _set_next(self) -> None:
        self.place, self.elapsed = self.place + 1, 0.0
        if self.place >= len(self.queue):
            self.state = PlayState.STOP
