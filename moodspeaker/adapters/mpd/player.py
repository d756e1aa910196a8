"""The player port on an MPD.

Invariants.  One change at a time: commands and looks at the server take turns by a lock.  A person who acted
before our command goes first (Superseded).  While a command of ours runs no baseline stands, so that nobody
is told to have done what a command that broke off left behind; when it is through, what differs from what it
should have left is a person's act meanwhile.

A queue is replaced such that the music never stops in between: append the first song, play it, wait until it
sounds, delete what stood before, add the rest.  When nothing sounds, what was added leaves the queue and what
played before goes on where it was.

A link may die in silence, so it is pinged every ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd import chime, edits, retrying
from moodspeaker.adapters.mpd.address import addresses
from moodspeaker.adapters.mpd.answers import with_cure
from moodspeaker.adapters.mpd.attribution import NO_CHANGE, CurrentPlay, explain
from moodspeaker.adapters.mpd.catalogue import has_song
from moodspeaker.adapters.mpd.connection import Broken, connected, demand, listen
from moodspeaker.adapters.mpd.hanging import FAULT, hangs_behind
from moodspeaker.adapters.mpd.mood_music import MoodMusic
from moodspeaker.adapters.mpd.outputs import outputs
from moodspeaker.adapters.mpd.random_order import keep_order
from moodspeaker.adapters.mpd.view import View
from moodspeaker.config.hosts import no_port_of_mpd
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayState,
)
from moodspeaker.errors import PlayerError, PlayerRefused, Superseded
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

    from moodspeaker.adapters.mpd.address import Address
    from moodspeaker.adapters.mpd.attribution import ServerState
    from moodspeaker.adapters.mpd.connection import Client, Link
    from moodspeaker.adapters.mpd.counting import PlayCounts
    from moodspeaker.backoff import Backoff
    from moodspeaker.config.schema import MpdSettings
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.player import Act, Output, PlayerEvent, PlayerReport, TrackEnded
    from moodspeaker.domain.song import MusicSource, Programme
    from moodspeaker.ports import ImportedSongs

PULSE: Final = 10.0
"""Seconds between pings."""
BURST: Final = 0.1
"""Seconds from the server's word to our look: another client's clear, add, play are then one act."""
LAST_WORDS: Final = 2.0
"""Seconds in which a command that is under way may come to its end when we are told to end."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One change of ours."""

    client: Client
    address: Address
    before: ServerState | None
    """The state before it."""
    uri: str
    """The current song's URI then, else empty."""
    ending: EndReason | None
    """Why a song is over that the change ends."""


class MpdPlayer:
    """The player port on an MPD.

    `programmes` are those whose songs may still stand in its queue from before a restart of this program, the
    newest last; `imported` are songs that the listener brought along for the moods; `counts` writes how often
    songs were played, None where that is not wanted.  Every command posts what came of it before it returns.
    """

    def __init__(
        self,
        settings: MpdSettings,
        programmes: Sequence[Programme] = (),
        imported: ImportedSongs | None = None,
        counts: PlayCounts | None = None,
    ) -> None:
        self._settings, self._counts = settings, counts
        self._post: Callable[[PlayerEvent], None] = lambda _: None
        self._lock = asyncio.Lock()
        self._link: Link | None = None
        self._reason = "MPD is not connected yet: try again in a moment"
        self._view = View(programmes)
        self._baseline: ServerState | None = None
        """What the next look is compared with; None while a command of ours runs, and after one that broke
        off.
        """
        self._ending: EndReason | None = None
        """Why the song ended, if it is gone at the next look and no baseline can tell."""
        self._playing = CurrentPlay()
        self._fading: int | None = None
        """The song that we let end early."""
        self._chime_hurries = asyncio.Event()
        """Set where we end: a chime does so first."""
        self._acts = 0
        """What persons did, counted."""
        self._reported: PlayerReport | None = None
        self._mood_music = MoodMusic(imported)
        self._music: Mapping[Emotion, MusicSource] | None = None

    async def run(self, post: Callable[[PlayerEvent], None]) -> None:
        """Connect, tell what happens, and connect again after a loss, until cancelled.

        Posts MusicChanged then PlayerConnected on each contact, and PlayerLost once for each loss, and again
        only when its kind changes: unreachable, or refused.
        """
        self._post = post
        refused: bool | None = None
        """Whether the loss that was told last was a refusal; None while there is none."""
        retry: Backoff | None = None
        if stray := no_port_of_mpd(self._settings.host, self._settings.port, os.environ):
            _log.warning("%s", stray)
        while True:
            candidates = addresses(self._settings, os.environ)
            try:
                self._link = await connected(self._settings, candidates)
                refused = retry = None
                await self._follow(self._link)
            except PlayerError as error:
                fault = error
            except asyncio.CancelledError:
                await self._end_chime()
                raise
            finally:
                self._sever("MPD is no longer connected: try again in a moment")
            self._reason = str(fault)
            if refused is not isinstance(fault, PlayerRefused):
                _log.warning("%s", fault)
                post(PlayerLost(str(fault)))
                refused, retry = isinstance(fault, PlayerRefused), None
            retry = retry or retrying.backoff(candidates, refused=refused)
            await asyncio.sleep(retry.delay())

    # --- commands -----------------------------------------------------------------------------------------

    async def play(self, programme: Programme, first: int = 0) -> None:
        """Replace the queue by a programme and play its `first` song, which sounds before the rest is added.

        Unknown songs are left out, broken ones passed over.  Raises PlayerError with MPD's reason when none
        sounds.
        """
        async with self._acting(programme, EndReason.REPLACED) as turn:
            await self._see_what_we_did(turn, await edits.play(turn.client, self._view, programme, first))

    async def queue_next(self, programme: Programme, *, fade: bool = False) -> None:
        """Keep the current song, and its pause, and let a programme follow; what is stopped stays silent.

        `fade` goes to where the song fades into the next one, where MPD crossfades; its options stay.

        Raises PlayerError, and leaves the queue alone, when MPD has none of the songs.
        """
        async with self._acting(programme) as turn:
            left = await edits.queue_next(turn.client, self._view, programme)
            if fade and (fading := await edits.fade_out(turn.client, left)) is not None:
                left, self._fading = fading, fading.song
            await self._see_what_we_did(turn, left)

    async def extend(self, programme: Programme) -> None:
        """Append a programme's songs; those of ours that were played long ago leave the queue.

        Raises PlayerError when MPD has none of the songs, or no room for them.
        """
        async with self._acting(programme) as turn:
            await self._see_what_we_did(turn, await edits.extend(turn.client, self._view, programme))

    async def unpause(self) -> None:
        """Play on: from the pause, or the queue from its current song.

        Raises PlayerError with MPD's reason when nothing sounds.
        """
        async with self._acting() as turn:
            await demand(turn.client, ("play",))
            if reason := await edits.sounds(turn.client, self._view):
                message = f"MPD plays nothing: {with_cure(reason)}"
                raise PlayerError(message)
            await self._see_what_we_did(turn)

    async def pause(self) -> None:
        """Pause; what is stopped stays stopped."""
        async with self._acting() as turn:
            if turn.before is not None and turn.before.state is PlayState.PLAY:
                await demand(turn.client, ("pause", 1))
            await self._see_what_we_did(turn)

    async def next(self) -> None:
        """Go to the next song of the queue."""
        await self._leave(EndReason.SKIPPED)

    async def previous(self) -> None:
        """Go to the song before in the queue; the first one begins again."""
        await self._leave(EndReason.SKIPPED, back=True)

    async def set_volume(self, percent: int) -> None:
        """Set the volume, 0 to 100."""
        async with self._acting() as turn:
            await demand(turn.client, ("setvol", percent))
            await self._see_what_we_did(turn)

    async def knows(self, uri: str) -> bool:
        """Tell whether MPD has a song in its database.  Raises PlayerError."""
        async with self._lock:
            if (link := self._link) is None:
                raise PlayerError(self._reason)
            with self._translated(link):
                return await has_song(link.client, uri)

    async def chime(self) -> tuple[Output, ...]:
        """Play a chime, then go on as before; return where the sound goes.  Raises PlayerError."""
        async with self._acting() as turn:
            left = await chime.play(turn.client, self._view, turn.address, self._chime_hurries)
            await self._see_what_we_did(turn, left)
            return await outputs(turn.client)

    async def _end_chime(self) -> None:
        """Let a chime that sounds now leave the queue, and what played before go on."""
        self._chime_hurries.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS), self._lock:
                pass

    async def _leave(self, ending: EndReason, *, back: bool = False, fault: str = "") -> None:
        """Go from the song that plays to another one of the queue; `fault`: for what the server hides."""
        async with self._acting(ending=ending) as turn:
            before, self._view.fault = turn.before, fault
            if before is None or before.state is PlayState.STOP:
                message = "no song plays that could be left: let MPD play first"
                raise PlayerError(message)
            if back and before.song in before.ids[:1] and not turn.client.dialect.plays_itself:
                await demand(turn.client, ("seekid", before.song, 0))  # `previous` would end the music
                before = None  # the song stays
            else:
                await demand(turn.client, ("previous" if back else "next",))
            await self._see_what_we_did(turn, left=before)

    @contextlib.asynccontextmanager
    async def _acting(
        self, programme: Programme | None = None, ending: EndReason | None = None
    ) -> AsyncIterator[_Turn]:
        """Hold the command connection for one change of ours; a person who acted a moment before goes first.

        `programme` is the one whose songs are added, `ending` why a song is over that the change ends.
        """
        acts = self._acts
        async with self._lock:
            link = self._link
            if link is None:
                raise PlayerError(self._reason)
            with self._translated(link):
                await self._observe(link.client)
                if self._acts != acts:
                    raise Superseded
                turn = _Turn(link.client, link.address, self._baseline, self._view.uri, ending)
                self._baseline, self._ending, self._view.fault = None, ending, ""
                if programme is not None:
                    self._view.provenance.begin(programme)
                try:
                    yield turn
                except PlayerError:
                    await self._observe(link.client)
                    self._view.provenance.failed()
                    raise
                self._view.provenance.done()

    async def _see_what_we_did(
        self, turn: _Turn, expected: ServerState | None = None, *, left: ServerState | None = None
    ) -> None:
        """See what we did; what differs from `expected`, as we left it, is the act of a person meanwhile.

        `left` is the state that a command to go to another song leaves.
        """
        now = await self._view.look_until_audible(turn.client, left)
        change = NO_CHANGE if expected is None else explain(expected, now)
        ended = change.ended
        if change.act is None and turn.ending is None and turn.before is not None:
            ended = explain(
                replace(turn.before, ids=now.ids), now
            ).ended  # it may have come to its end meanwhile
        self._baseline, self._ending = now, None
        self._tell(now, change.act, ended, uri=turn.uri, otherwise=turn.ending, always=True)
        await keep_order(turn.client, self._view)

    # --- what happens -------------------------------------------------------------------------------------

    async def _follow(self, link: Link) -> None:
        """Tell what happens until the connection is lost; raise PlayerError then."""
        changes: asyncio.Queue[Sequence[str]] = asyncio.Queue()
        tasks = (
            asyncio.create_task(listen(link.idler, changes), name="mpd idle"),
            asyncio.create_task(self._ping(link), name="mpd ping"),
            asyncio.create_task(self._count_plays(link), name="mpd play counts"),
        )
        try:
            await asyncio.sleep(0)  # it listens now: nothing is missed between here and the first look
            async with self._lock:
                with self._translated(link):
                    await self._greet(link)
            while changed := await changes.get():
                async with self._lock:
                    await asyncio.sleep(BURST)
                    while changed and not changes.empty():
                        more = changes.get_nowait()
                        changed = (*changed, *more) if more else ()
                    if not changed:
                        break
                    with self._translated(link):
                        await self._observe(link.client, changed)
                        if not {"database", "stored_playlist"}.isdisjoint(changed):
                            await self._read_music(link.client)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        raise PlayerError(self._reason if self._link is None else link.closed())

    async def _ping(self, link: Link) -> None:
        """Ping for ever: a link that died in silence is cut, and a song at which the server hangs left.

        Songs that were imported meanwhile are told.
        """
        hung: EndReason | None = None
        while True:
            await asyncio.sleep(PULSE)
            with contextlib.suppress(PlayerError):
                async with self._lock:
                    with self._translated(link):
                        await demand(link.client, ("ping",))
                        if self._mood_music.is_outdated():
                            await self._read_music(link.client)
                        last = self._baseline if self._view.report.ours else None
                        before, hangs = hung, await hangs_behind(link.client, last)
                hung = hangs and (before or hangs)
                if before is not None and hangs is not None:
                    _log.warning("%s: the next one is tried", FAULT)
                    await self._leave(before, fault=FAULT)

    async def _count_plays(self, link: Link) -> None:
        """Let other players see what was played, for ever, whenever nothing else is asked of the server."""
        while (counts := self._counts) is not None:
            await counts.due()
            with contextlib.suppress(PlayerError):
                async with self._lock:
                    with self._translated(link):
                        await counts.write(link.client)

    async def _greet(self, link: Link) -> None:
        """Tell the music and what stands there at a contact."""
        self._music = None
        await self._read_music(link.client)
        self._view.forget()
        self._view.stream = link.address.stream(self._settings.stream_port) if link.client.streams else ""
        now = await chime.clear_left(link.client, self._view)
        over = self._playing.find_again(now, self._view.song, self._view.programme)
        self._baseline, self._ending, self._reported = now, None, self._view.report
        _log.info("connected to MPD at %s", link.address)
        self._end_play(over)
        self._post(PlayerConnected(self._reported))

    async def _observe(self, client: Client, changed: Iterable[str] = ()) -> None:
        """Look, explain what is another than before, and tell when anything but the elapsed time is."""
        uri, ending, before = self._view.uri, self._ending, self._baseline
        now = await self._view.look_until_audible(client)
        change = NO_CHANGE if before is None else explain(before, now, changed)
        self._baseline, self._ending = now, None
        self._tell(now, change.act, change.ended, uri=uri, otherwise=ending)
        await keep_order(client, self._view)

    def _tell(
        self,
        now: ServerState,
        act: Act | None,
        ended: EndReason | None,
        *,
        uri: str,
        otherwise: EndReason | None,
        always: bool = False,
    ) -> None:
        """Tell of the play that is over, then of a person's act, or of a report that is not the last one.

        `uri` is the song's that was current before, `otherwise` why it is over where `ended` does not say.
        """
        if self._fading is not None and now.song != self._fading:
            self._fading, ended = None, EndReason.REPLACED if ended is EndReason.FINISHED else ended
        if ended is EndReason.FINISHED:
            self._view.lengths.heard(uri)
        before, self._reported = self._reported, self._view.report
        over = self._playing.follow(now, self._view.song, self._view.programme, ended, otherwise)
        self._end_play(over)
        if act is not None:
            self._acts += 1
            self._post(PersonActed(act, self._reported))
        elif always or before is None or replace(before, elapsed=self._reported.elapsed) != self._reported:
            self._post(PlayerChanged(self._reported))

    def _end_play(self, over: TrackEnded | None) -> None:
        """Tell of a play that is over, if one is."""
        if over is not None:
            self._post(over)
            if self._counts is not None:
                self._counts.add(over)

    async def _read_music(self, client: Client) -> None:
        """Read the music of each mood and tell it when it differs from what was told in this contact."""
        music = await self._mood_music.read(client)
        if music != self._music:
            self._music = music
            self._post(MusicChanged(music))

    # --- losing the link ----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _translated(self, link: Link) -> Iterator[None]:
        """Raise the library's errors as ours; a link that is lost or silent is cut."""
        try:
            with link.translated():
                yield
        except Broken as error:
            self._sever(str(error), link)
            raise

    def _sever(self, reason: str, broken: Link | None = None) -> None:
        """Close the link, unless it is a newer one than the broken one; commands raise the reason then."""
        if self._link is not None and (broken is None or broken is self._link):
            self._link.close()
            self._link = None
            self._reason = reason
