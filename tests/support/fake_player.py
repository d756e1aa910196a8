"""An in-memory player: the port's fake, proven by the contract suite that the real one passes too.

Nothing happens by itself: time passes when told (`hears`), songs end when told (`song_ends`), a person acts
when told (`person_does`), and the link is lost and found again when told (`lose`, `come_back`).  Every event
is posted at once, in the call that causes it.
"""

from __future__ import annotations

import asyncio
import itertools
from types import MappingProxyType
from typing import TYPE_CHECKING

from moodspeaker.adapters.mpd.provenance import Entry, Provenance, report
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    Output,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    PlayerReport,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import MusicSource, Programme, Song
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from moodspeaker.domain.emotion import Emotion

SONG_SECONDS = 60.0


def stored(emotion: Emotion, *songs: str) -> MusicSource:
    """Return the stored playlist of an emotion with these songs."""
    return MusicSource(f"mood-{emotion}", "stored playlist", songs)


class FakePlayer:
    """A music server in memory.  It knows the songs of its `music`, of its first `queue`, and the `others`.

    Each song is 60 s long, streams (URIs with `://`) are endless.  Tests set `broken`, songs that cannot be
    played, and `error`, why nothing can be heard at all.
    """

    def __init__(
        self,
        music: Mapping[Emotion, MusicSource],
        *,
        queue: Sequence[str] = (),
        state: PlayState = PlayState.STOP,
        others: Iterable[str] = (),
        up: bool = True,
        programmes: Sequence[Programme] = (),
    ) -> None:
        self.music = MappingProxyType(dict(music))
        self.others = frozenset(others) | frozenset(queue)
        self.state = state
        self.place = 0
        self.elapsed = 0.0
        self.heard = 0.0
        """Seconds that were heard of the current play."""
        self.volume = 100
        self.up = up
        self.reason = "MPD is not connected yet"
        self.broken: set[str] = set()
        """URIs that cannot be decoded."""
        self.error = ""
        """Why nothing can be heard, else empty."""
        self.calls: list[tuple[object, ...]] = []
        """What was asked of the player: its method's name and arguments, refused calls too."""
        self._unplayable = ""
        """Why the song that should have begun last did not."""
        self._ids = itertools.count(1)
        self._provenance = Provenance(programmes)
        self._entries = self._new(queue)
        self._post: Callable[[PlayerEvent], None] = lambda _: None

    @property
    def queue(self) -> tuple[str, ...]:
        """The URIs in its queue."""
        return tuple(entry.uri for entry in self._entries)

    @property
    def report(self) -> PlayerReport:
        """What it does now."""
        return report(
            self.state,
            self._entries,
            self._provenance,
            current=self._id(self.place),
            upcoming=self._id(self.place + 1),
            song=self._song,
            elapsed=self.elapsed,
            error="" if self.state is PlayState.PLAY else self.error or self._unplayable,
            volume=self.volume,
        )

    # --- the port -----------------------------------------------------------------------------------------

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

    async def play(self, programme: Programme, first: int = 0) -> None:
        """Replace the queue and play from the first song that sounds."""
        self._called("play", programme, first)
        known = self._known(programme.songs)
        self._audible()
        order = sorted(known, key=lambda entry: entry[0] < first)
        start = next((song for song in order if song[1] not in self.broken), None)
        if start is None:
            message = f"MPD plays nothing: Failed to decode {order[0][1]}: the file is damaged"
            raise PlayerError(message)
        passed_over = order[: order.index(start)]
        left = [song for song in known if song not in passed_over]
        entries = self._added(programme, [uri for _, uri in left])
        self._end(EndReason.REPLACED)
        self._entries, self.place, self.state = entries, left.index(start), PlayState.PLAY
        self._tell()

    async def queue_next(self, programme: Programme, *, fade: bool = False) -> None:
        """Keep the current song and let these follow; there is no crossfade here."""
        self._called("queue_next", programme, fade)
        entries = self._added(programme, [uri for _, uri in self._known(programme.songs)])
        stopped = self.state is PlayState.STOP or self._song is None
        self._entries = entries if stopped else [self._entries[self.place], *entries]
        self.place = 0
        self._tell()

    async def extend(self, programme: Programme) -> None:
        """Append to the queue; songs of ours that were played long ago go."""
        self._called("extend", programme)
        entries = self._added(programme, [uri for _, uri in self._known(programme.songs)])
        gone = self._provenance.long_played([entry.id for entry in self._entries], self._id(self.place))
        self._entries = [entry for entry in self._entries if entry.id not in gone] + entries
        self.place -= len(gone)
        self._tell()

    async def unpause(self) -> None:
        """Play on."""
        self._called("unpause")
        self._audible()
        self.state = PlayState.PLAY if self._entries else PlayState.STOP
        if self.place >= len(self._entries):
            self.place = 0
        self._tell()

    async def pause(self) -> None:
        """Pause."""
        self._called("pause")
        self.state = PlayState.PAUSE if self.state is not PlayState.STOP else PlayState.STOP
        self._tell()

    async def next(self) -> None:
        """Go to the next song."""
        self._called("next")
        self._need_music("next")
        self._go_to(self.place + 1, EndReason.SKIPPED)
        self._tell()

    async def previous(self) -> None:
        """Go to the song before, or to the beginning of the first."""
        self._called("previous")
        self._need_music("previous")
        self._go_to(self.place - 1, EndReason.SKIPPED)
        self._tell()

    async def set_volume(self, percent: int) -> None:
        """Set the volume."""
        self._called("set_volume", percent)
        self.volume = percent
        self._tell()
        self._tell()

    async def knows(self, uri: str) -> bool:
        """Tell whether a song is of its music, its first queue or the others."""
        self._called("knows", uri)
        return "://" not in uri and uri in self._library

    async def chime(self) -> tuple[Output, ...]:
        """Play a chime."""
        self._called("chime")
        if self.error:
            message = f"the chime is not heard: {self.error}"
            raise PlayerError(message)
        self._tell()
        return (Output("nowhere", "null", on=True), Output("elsewhere", "null", on=False))

    # --- what tests do to it ------------------------------------------------------------------------------

    def hears(self, seconds: float) -> None:
        """Let seconds of the current song be heard; nothing is told."""
        if self.state is PlayState.PLAY:
            self.elapsed += seconds
            self.heard += seconds

    def person_does(
        self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0
    ) -> None:
        """Let a person act: `songs` are the new queue (it plays, an empty one stops), `place` a song's,
        `elapsed` a seek's.
        """
        match act:
            case Act.QUEUE:
                self.others |= frozenset(songs)
                self._end(EndReason.REPLACED)
                self._entries, self.place = self._new(songs), 0
                self._provenance.see(self._entries)
                self.state = PlayState.PLAY if songs else PlayState.STOP
            case Act.SONG:
                self._end(EndReason.SKIPPED)
                self.place, self.state = place, PlayState.PLAY
            case Act.SEEK:
                self.elapsed = elapsed
            case Act.STOP:
                self._end(EndReason.STOPPED)
                self.state = PlayState.STOP
            case Act.PAUSE:
                self.state = PlayState.PAUSE
            case Act.PLAY:
                self.state = PlayState.PLAY
            case Act.NEXT:
                self._go_to(self.place + 1, EndReason.SKIPPED)
            case Act.PREVIOUS:
                self._go_to(self.place - 1, EndReason.SKIPPED)
        if self.up:
            self._post(PersonActed(act, self.report))

    def song_ends(self, *, early: bool = False, single: bool = False) -> None:
        """Let the song come to its end: the next one that is not broken plays, after the last it is silent.

        `early`: before its stated end, and nobody knows why.  `single`: a person had told the server to stop
        after it, so it pauses at the next one.
        """
        song = self._song
        if not early and song is not None and song.seconds is not None:
            self.hears(song.seconds - self.elapsed)
        self._go_to(self.place + 1, EndReason.UNKNOWN if early else EndReason.FINISHED)
        while (song := self._song) is not None and song.uri in self.broken:
            self._unplayable = f"Failed to decode {song.uri}: the file is damaged"
            self.place += 1
        if self._song is None:
            self.state = PlayState.STOP
        if single and self.state is PlayState.PLAY:
            self.state = PlayState.PAUSE
        if self.up:
            self._post(PersonActed(Act.STOP, self.report) if single else PlayerChanged(self.report))

    def song_begins_again(self) -> None:
        """Let the song come to its end and begin again (`repeat`)."""
        self.hears(SONG_SECONDS - self.elapsed)
        self._end(EndReason.FINISHED)
        if self.up:
            self._post(PlayerChanged(self.report))

    def fall_silent(self, error: str) -> None:
        """Let the music stop because nothing can be heard or read any more, with the server's reason."""
        self.error = error
        self._end(EndReason.UNKNOWN)
        self.state = PlayState.STOP
        if self.up:
            self._post(PlayerChanged(self.report))

    def lose(self, reason: str = "MPD closed the connection: start it again") -> None:
        """Let the link be lost."""
        self.up, self.reason = False, reason
        self._post(PlayerLost(reason))

    def come_back(self, *, empty: bool = True, queue: Sequence[str] | None = None) -> None:
        """Let the link be found again: `empty` and stopped as after kill -9, else as it was, as after
        SIGTERM.

        `queue` is another queue that plays: the one that the server had saved last.  Ids are new each time.
        """
        over = None
        if empty or queue is not None:
            over = self._over(EndReason.UNKNOWN)
            self.place, self.elapsed, self.heard = 0, 0.0, 0.0
            self.state = PlayState.STOP if queue is None else PlayState.PLAY
        self._entries = self._new(queue or (() if empty else self.queue))
        self.up = True
        self._greet(over)

    def offer(self, music: Mapping[Emotion, MusicSource]) -> None:
        """Let there be other music for the moods."""
        self.music = MappingProxyType(dict(music))
        if self.up:
            self._post(MusicChanged(self.music))

    # --- within -------------------------------------------------------------------------------------------

    @property
    def _song(self) -> Song | None:
        if self.place >= len(self._entries):
            return None
        uri = self._entries[self.place].uri
        return Song(uri, uri.rsplit("/", 1)[-1], "", self._entries[self.place].seconds)

    def _id(self, place: int) -> int | None:
        return self._entries[place].id if 0 <= place < len(self._entries) else None

    def _greet(self, over: TrackEnded | None = None) -> None:
        self._provenance.see_first(self._entries)
        self._post(MusicChanged(self.music))
        if over is not None:
            self._post(over)
        self._post(PlayerConnected(self.report))

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        if not self.up:
            raise PlayerError(self.reason)

    def _need_music(self, command: str) -> None:
        if self.state is PlayState.STOP:
            message = f"MPD refuses {command}: Not playing"
            raise PlayerError(message)

    def _audible(self) -> None:
        if self.error:
            message = f"MPD plays nothing: {self.error}"
            raise PlayerError(message)

    def _new(self, songs: Sequence[str]) -> list[Entry]:
        return [Entry(next(self._ids), uri, None if "://" in uri else SONG_SECONDS) for uri in songs]

    def _added(self, programme: Programme, songs: Sequence[str]) -> list[Entry]:
        entries = self._new(songs)
        self._provenance.begin(programme)
        self._provenance.added(entries)
        self._provenance.done()
        return entries

    @property
    def _library(self) -> frozenset[str]:
        return self.others.union(*(source.songs for source in self.music.values()))

    def _known(self, songs: Sequence[str]) -> list[tuple[int, str]]:
        """Return the songs that it knows, each with its place."""
        known = [(place, uri) for place, uri in enumerate(songs) if uri in self._library]
        if not known:
            message = (
                f"MPD has none of the {len(songs)} songs, {songs[0]} neither"
                if songs
                else "no song was given to play"
            )
            raise PlayerError(message)
        return known

    def _over(self, why: EndReason) -> TrackEnded | None:
        """Return the end of the current play; None when nothing plays."""
        song = self._song
        if song is None or self.state is PlayState.STOP:
            return None
        return TrackEnded(song, self.heard, why, self._provenance.programme_of(self._id(self.place)))

    def _end(self, why: EndReason) -> None:
        """Tell the end of the current play, if one goes on; the next one begins at its beginning."""
        over = self._over(why)
        self.elapsed = self.heard = 0.0
        if over is not None and self.up:
            self._post(over)

    def _go_to(self, place: int, why: EndReason) -> None:
        if place < 0:
            self.elapsed = 0.0
            return
        self._end(why)
        self.place = place
        if self.place >= len(self._entries):
            self.state = PlayState.STOP
        elif self.state is PlayState.PAUSE and why is EndReason.SKIPPED:
            self.state = PlayState.PLAY

    def _tell(self) -> None:
        self._post(PlayerChanged(self.report))
