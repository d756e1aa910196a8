"""The door to MPD: what it plays, who made it so, and the music there is for each mood.

The law of the ledger.  After everything that we do, and after everything that we see, the state of the server
is written down (`Sight`).  When the server says that something changed, the new state is judged against the
last one: what follows from it by itself is nobody's act, everything else is a person's.

    changed                                   is a person's act        unless
    the queue's song ids                      QUEUE                    `consume` took what had ended, or the
    database lost a song
    state                                     STOP, PAUSE or PLAY      the queue ended, or the song with
    `single`
    current song, to the next, the one        NEXT, PREVIOUS or SONG   it had come to its end, or could not be
    played
      before, or any other
    elapsed, by 3 s against the clock         SEEK                     it is a stream, or began again
    (`repeat`)

One look gives one act at most, the first of this table; the report tells the rest.  Volume, outputs, options,
stickers and updates of the database are nobody's act.

Two connections: one idles, the other carries commands, each with a read timeout.  An answer that does not
come cuts both, and so does a ping every ten seconds, for a link may die in silence.  MPD's asyncio library
has no command lists, so a queue is changed in pipelined steps such that the music never stops between them:
append, play, then delete what stood before.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import random
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import mpd
import mpd.asyncio

from moodspeaker.config.secrets import secret
from moodspeaker.domain.emotion import EMOTIONS, Emotion
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
from moodspeaker.errors import ConfigError, PersonFirst, PlayerError, PlayerRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

    from moodspeaker.config.schema import MpdSettings

READ_TIMEOUT: Final = 5.0
"""Seconds in which the server must answer, or send the next row of a long answer."""
PULSE: Final = 10.0
"""Seconds between pings."""
SETTLE: Final = 0.1
"""Seconds from the server's word to our look: another client's clear, add, play are then one act."""
SHORTEST_RETRY: Final = 0.1
"""Seconds before an attempt to connect again at least."""
FIRST_RETRY: Final = 0.5
"""Seconds before the first attempt to connect again at most; doubled each time, with full jitter."""
LONGEST_RETRY: Final = 30.0
"""Seconds between attempts at most."""
LONGEST_LOCAL_RETRY: Final = 5.0
"""The same on this machine, where an attempt costs nothing."""
REFUSED_RETRY: Final = 15.0
"""Seconds between attempts when the server refuses us: only a person can cure it."""
AUDIBLE_WITHIN: Final = 1.0
"""Seconds in which a song that begins is heard; a stream may take longer."""
AUDIBLE_POLL: Final = 0.02
"""Seconds between looks until then."""
SEEK_SLACK: Final = 3.0
"""Seconds by which the elapsed time may differ from the clock's."""
END_SLACK: Final = 3.0
"""Seconds before its end at which a song has ended: decoders and crossfades change early."""
END_SLACK_SHARE: Final = 0.02
"""The same as a share of the length, which is an estimate for some files."""
BATCH: Final = 100
"""Commands that are sent before their answers are read; the library queues 128."""
ROWS_AT_ONCE: Final = 200
"""Rows of a long answer that are read before the loop may do something else."""
BROKEN_SONGS: Final = 5
"""Songs that may not be playable, one after another, before it is not their fault."""
EARLIER: Final = 8
"""Queues of ours that are known again after another replaced them."""
LOOKS: Final = 3
"""Looks until two halves of an answer agree, when somebody edits the queue in between."""

SUBSYSTEMS: Final = ("player", "playlist", "options", "update", "database", "stored_playlist")
NEEDED: Final = frozenset({
    "addid", "currentsong", "delete", "find", "idle", "list", "listplaylist", "listplaylists", "lsinfo", "next", "pause",
    "ping", "play", "playid", "plchanges", "status",
})  # fmt: skip
SHOWN_TAGS: Final = ("title", "artist", "name")
"""The only tags we ask for: answers of long queues stay short."""

_log = logging.getLogger(__name__)
Row: TypeAlias = dict[str, Any]


class _Client(mpd.asyncio.MPDClient):  # type: ignore[misc] # the library has no type information
    """The library's client, which says once that its connection is lost, to whoever waits for an answer.

    The library itself raises a loss a second time inside its own callback, where nobody can catch it, goes on
    writing to a dead socket, of which asyncio complains at every write, and, when an answer came in the
    moment in which it was told to disconnect, reads once more and hands changes to listeners that are gone.
    The names below are the library's private ones.
    """

    async def _MPDClient__run(self) -> None:  # noqa: N802 - the library's name
        try:
            await super()._MPDClient__run()
        except (AttributeError, NameError):  # reader and queue are gone
            if self.connected:
                raise

    def _MPDClient__idle_result(self, result: asyncio.Future[Any]) -> None:  # noqa: N802 - the library's name
        if self.connected:
            super()._MPDClient__idle_result(result)
        else:
            result.exception()  # seen: whoever listens was told when the connection was cut

    def _MPDClient__write(self, text: str) -> None:  # noqa: N802 - the library's name
        if not self._MPDClient__wfile.is_closing():
            super()._MPDClient__write(text)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an MPD may be."""

    host: str
    """Name, address, path of a socket, or @name of an abstract one."""
    port: int
    """TCP port."""
    password: str = ""
    """The password that stands in $MPD_HOST."""

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return self.host.startswith(("/", "@")) or self.host in {"localhost", "127.0.0.1", "::1"}

    def __str__(self) -> str:
        return self.host if self.host.startswith(("/", "@")) else f"{self.host}:{self.port}"


def addresses(settings: MpdSettings, environment: Mapping[str, str]) -> tuple[Address, ...]:
    """Return the addresses to try in order; with `auto` the ones that MPD's own clients try."""
    if settings.host != "auto":
        return (Address(settings.host, settings.port),)
    port = int(environment["MPD_PORT"]) if environment.get("MPD_PORT", "").isdecimal() else settings.port
    given = environment.get("MPD_HOST", "")
    if given:
        password, at, host = given.rpartition("@")
        if at and not password:  # @name is an abstract socket, password@host a password
            return (Address(given, port),)
        if password.endswith("@"):  # password@@name
            return (Address(f"@{host}", port, password[:-1]),)
        return (Address(host, port, password),)
    sockets = [Path("/run/mpd/socket")]
    if environment.get("XDG_RUNTIME_DIR"):
        sockets.insert(0, Path(environment["XDG_RUNTIME_DIR"]) / "mpd" / "socket")
    there = [path for path in sockets if os.path.exists(path)]  # noqa: PTH110 - one that we may not look for is none
    return (*(Address(str(path), port) for path in there), Address("localhost", port))


# --- the ledger
# -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """The state of the server at one moment, as far as judgement needs it.  Songs are named by their ids in
    the queue.
    """

    at: float
    """Monotonic seconds."""
    state: PlayState
    """play, pause or stop."""
    ids: tuple[int, ...]
    """The queue."""
    song: int | None = None
    """The current song."""
    upcoming: int | None = None
    """The song that the server will play next, whatever the order."""
    last: int | None = None
    """The song that was current before this one, as far as we saw."""
    audible: bool = True
    """False before the first sound of a song, and while the server passes over one that it cannot decode."""
    elapsed: float = 0.0
    """Seconds played."""
    seconds: float | None = None
    """Length of the song; None for a stream."""
    crossfade: float = 0.0
    """Seconds by which the next song begins early."""
    single: bool = False
    """Whether the server stops after each song."""
    consume: bool = False
    """Whether the server removes what it played."""
    updating: bool = False
    """Whether the server reads its music folder."""
    error: str = ""
    """Why a song could not be played."""

    def elapsed_at(self, at: float) -> float:
        """Return the seconds that will have been played at a moment if nobody interferes."""
        return self.elapsed + (at - self.at if self.state is PlayState.PLAY else 0.0)

    def over_at(self, at: float) -> bool:
        """Tell whether the song has come to its end at a moment."""
        if self.state is not PlayState.PLAY or self.seconds is None:
            return False
        slack = max(END_SLACK, END_SLACK_SHARE * self.seconds) + self.crossfade
        return self.elapsed_at(at) >= self.seconds - slack


def judge(before: Sight, now: Sight, changed: Iterable[str] = ()) -> Act | None:
    """Return the act of a person that explains the change; None when it came by itself.

    `changed` are the subsystems of which the server told a change: only `player` tells a seek.
    """
    changes = frozenset(changed)
    taken = _taken(before, now)
    updating = before.updating or now.updating or not changes.isdisjoint({"update", "database"})
    consumed = taken == frozenset({before.song}) and (before.consume or now.consume)
    if taken is None or (taken and not updating and not consumed):
        return Act.QUEUE
    over = before.over_at(now.at)
    if (now.error and now.error != before.error) or (before.song in taken and not consumed):
        return None
    if now.state is not before.state:
        act = _of_state(before, now, over=over)
        if act is not Act.PLAY or before.state is PlayState.STOP or now.song == before.song:
            return act
    if now.song != before.song:
        broken = not before.audible and now.song == before.upcoming
        return None if over or broken or now.state is PlayState.STOP else _of_song(before, now)
    began_again = over and now.elapsed <= before.elapsed_at(now.at)
    if (
        "player" in changes
        and now.seconds is not None
        and now.state is not PlayState.STOP
        and not began_again
    ):
        moved = abs(now.elapsed - before.elapsed_at(now.at)) > SEEK_SLACK
        return Act.SEEK if moved else None
    return None


def _taken(before: Sight, now: Sight) -> frozenset[int | None] | None:
    """Return the songs that are no longer in the queue; None when the queue changed otherwise too."""
    if before.ids == now.ids:
        return frozenset()
    left = frozenset(now.ids)
    if tuple(song for song in before.ids if song in left) != now.ids:
        return None
    return frozenset(before.ids) - left


def _of_state(before: Sight, now: Sight, *, over: bool) -> Act | None:
    if now.state is PlayState.PLAY:
        return Act.PLAY
    if now.state is PlayState.STOP:
        return None if over and (before.upcoming is None or before.single) else Act.STOP
    return None if over and before.single and now.song != before.song else Act.PAUSE


def _of_song(before: Sight, now: Sight) -> Act:
    if now.song in {before.upcoming, before.last}:
        return Act.NEXT if now.song == before.upcoming else Act.PREVIOUS
    if before.song in before.ids and now.song in before.ids:
        step = before.ids.index(now.song) - before.ids.index(before.song)
        if abs(step) == 1:
            return Act.NEXT if step > 0 else Act.PREVIOUS
    return Act.SONG


# --- the link
# -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Link:
    """Two connections to one server."""

    address: Address
    client: _Client = field(default_factory=_Client)
    """Carries commands."""
    idler: _Client = field(default_factory=_Client)
    """Hears what changes."""

    async def open(self, password: str) -> None:
        """Connect, give the password and check what we may do.

        Raises PlayerError, PlayerRefused, MPDError, OSError, or TimeoutError; then both are closed.
        """
        try:
            for each in (self.client, self.idler):
                async with asyncio.timeout(READ_TIMEOUT):
                    await each.connect(self.address.host, self.address.port)
                await self._log_in(each, password or self.address.password)
            await _answers(self.client.tagtypes("clear"), self.client.tagtypes("enable", *SHOWN_TAGS))
        except BaseException:
            self.close()
            raise

    async def _log_in(self, client: _Client, password: str) -> None:
        if password:
            [answer] = await _answers(client.password(password))
            if isinstance(answer, mpd.CommandError):
                message = f"MPD at {self.address} refuses the password: correct the file that mpd.password_file names"
                raise PlayerRefused(message)
        allowed, forbidden = await _answers(client.commands(), client.notcommands())
        missing = NEEDED - frozenset(_unless_refused(allowed))
        if not missing:
            return
        if missing <= frozenset(_unless_refused(forbidden)):
            cure = (
                "its password is another: correct"
                if password
                else "it wants a password: put it into a file and set"
            )
            message = f"MPD at {self.address} does not let us {', '.join(sorted(missing))}; {cure} mpd.password_file"
            raise PlayerRefused(message)
        message = (
            f"MPD at {self.address} does not know {', '.join(sorted(missing))}: MPD 0.21 or newer is needed"
        )
        raise PlayerError(message)

    def close(self) -> None:
        """Close both connections."""
        self.client.disconnect()
        self.idler.disconnect()


async def _connected(settings: MpdSettings, candidates: Sequence[Address]) -> _Link:
    """Return a link to the first address that answers; raise PlayerError, PlayerRefused when a password is
    wanted.
    """
    try:
        password = secret(settings.password_file, "mpd-password")
    except ConfigError as error:
        message = f"MPD's {error}: correct mpd.password_file"
        raise PlayerRefused(message) from None
    reasons = []
    for address in candidates:
        link = _Link(address)
        try:
            await link.open(password)
        except (
            mpd.MPDError,
            OSError,
            TimeoutError,
            UnicodeError,
            OverflowError,
        ) as error:  # $MPD_HOST, $MPD_PORT may be bad
            reasons.append(f"{address}: {_cause(error)}")
        else:
            return link
    message = f"no MPD answers ({'; '.join(reasons)}): start it, or correct mpd.host and mpd.port"
    raise PlayerError(message)


async def _answers(*results: asyncio.Future[Any]) -> list[Any]:
    """Wait for the answers of commands that were sent; one that the server refused is its CommandError.

    The futures are never cancelled: the library breaks when the answer to a cancelled command is an error.
    Raises TimeoutError, ConnectionError or ProtocolError.
    """
    for result in results:
        result.add_done_callback(_retrieve)
    _, waiting = await asyncio.wait(results, timeout=READ_TIMEOUT)
    if waiting:
        raise TimeoutError
    faults = [result.exception() for result in results]
    for fault in faults:
        if fault is not None and not isinstance(fault, mpd.CommandError):
            raise fault
    return [fault or result.result() for fault, result in zip(faults, results, strict=True)]


def _retrieve(result: asyncio.Future[Any]) -> None:
    """Take note of an error, lest asyncio complains of one that came after its reader had gone."""
    if not result.cancelled():
        result.exception()


async def _rows(result: AsyncIterator[Row]) -> list[Row]:
    """Read a long answer row by row; raise CommandError, TimeoutError, ConnectionError or ProtocolError."""
    rows: list[Row] = []
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(READ_TIMEOUT) as limit:
        async for row in result:
            rows.append(row)
            if len(rows) % ROWS_AT_ONCE == 0:
                limit.reschedule(loop.time() + READ_TIMEOUT)
                await asyncio.sleep(0)
    return rows


async def _found(result: AsyncIterator[Row]) -> list[Row]:
    """Read a long answer; what the server refuses (no database, no playlist folder) is nothing found."""
    try:
        return await _rows(result)
    except mpd.CommandError:
        return []


async def _ask(client: _Client, *commands: tuple[Any, ...]) -> None:
    """Send commands at once and read their answers; raise the first refusal, a CommandError."""
    for answer in await _answers(*(getattr(client, name)(*words) for name, *words in commands)):
        if isinstance(answer, mpd.CommandError):
            raise answer


async def _listen(idler: _Client, told: asyncio.Queue[Sequence[str]]) -> None:
    """Pass on which subsystems changed; an empty one when the connection is lost."""
    try:
        async with contextlib.aclosing(idler.idle(SUBSYSTEMS)) as changes:
            async for changed in changes:
                told.put_nowait(tuple(changed))
    except (mpd.MPDError, OSError):
        told.put_nowait(())


# --- the player
# -----------------------------------------------------------------------------------------------------


class MpdPlayer:
    """The player port on an MPD.

    `ours` is the queue that we set last before a restart of this program: when the server's is another at the
    first contact, a person edited it meanwhile.  Every command posts what came of it (PlayerChanged) before
    it returns.
    """

    def __init__(self, settings: MpdSettings, ours: Sequence[str] = ()) -> None:
        self._settings = settings
        self._known = tuple(ours)
        self._earlier: deque[tuple[str, ...]] = deque(maxlen=EARLIER)
        """Queues that we set before: a killed server comes back with the one that it saved last."""
        self._post: Callable[[PlayerEvent], None] = lambda _: None
        self._lock = asyncio.Lock()
        self._link: _Link | None = None
        self._reason = "MPD is not connected yet: try again in a moment"
        self._sight: Sight | None = None
        self._acts = 0
        """What persons did, counted."""
        self._queue: list[tuple[int, str]] = []
        self._version = 0
        self._report = PlayerReport(PlayState.DOWN, None, 0.0, ())
        self._music: Mapping[Emotion, Source] | None = None

    async def run(self, post: Callable[[PlayerEvent], None]) -> None:
        """Connect, tell what happens, and connect again after a loss, until cancelled.

        Posts MusicChanged then PlayerConnected on each contact, and PlayerLost once a loss, once more when a
        server that was away turns out to refuse us, or the other way round.
        """
        self._post = post
        told: type[PlayerError] | None = None
        attempt = 0
        while True:
            candidates = addresses(self._settings, os.environ)
            try:
                self._link = await _connected(self._settings, candidates)
                attempt, told = 0, None
                await self._follow(self._link)
            except PlayerError as error:
                fault = error
            finally:
                self._sever("MPD is no longer connected: try again in a moment")
            self._reason = str(fault)
            if type(fault) is not told:
                _log.warning("%s", fault)
                post(PlayerLost(str(fault)))
                told = type(fault)
            longest = LONGEST_LOCAL_RETRY if all(address.local for address in candidates) else LONGEST_RETRY
            wait = random.uniform(SHORTEST_RETRY, min(longest, FIRST_RETRY * 2**attempt))  # noqa: S311 - no secret
            attempt = min(attempt + 1, 10)
            await asyncio.sleep(REFUSED_RETRY if isinstance(fault, PlayerRefused) else wait)

    async def play(self, songs: Sequence[str], first: int = 0) -> None:
        """Replace the queue by these URIs and play from the `first`; unknown ones are left out, broken ones
        passed over.

        Raises PlayerError, and leaves the queue alone, when none of them is known.
        """
        async with self._acting() as client:
            before = await self._look(client)
            added = await _append(client, songs)
            refusal = await _start(
                client, [song for _, song in sorted(added, key=lambda entry: entry[0] < first)]
            )
            sight = await self._look_until_audible(client)
            await _delete(client, (0, _still_ahead(before, sight)))
            await self._write_down(client, replace(sight, ids=tuple(song for _, song in added)))
            if refusal is not None:
                raise refusal

    async def arm(self, songs: Sequence[str]) -> None:
        """Keep the current song and let these URIs follow it: the rest of the queue goes.

        When nothing plays the queue is replaced and stays silent.
        Raises PlayerError, and leaves the queue alone, when none of them is known.
        """
        async with self._acting() as client:
            before = await self._look(client)
            added = await _append(client, songs)
            sight = await self._look(client)
            start = _still_ahead(before, sight)
            stopped = sight.state is PlayState.STOP or sight.song not in sight.ids[:start]
            kept = () if stopped else (sight.song,)
            place = start if stopped else sight.ids.index(sight.song)
            await _delete(client, (place + 1, start), (0, place))
            await self._write_down(client, replace(sight, ids=(*kept, *(song for _, song in added))))

    async def extend(self, songs: Sequence[str]) -> None:
        """Append these URIs to the queue; unknown ones are left out.

        Raises PlayerError, and leaves the queue alone, when none of them is known.
        """
        async with self._acting() as client:
            before = await self._look(client)
            added = await _append(client, songs)
            await self._write_down(client, replace(before, ids=(*before.ids, *(song for _, song in added))))

    async def unpause(self) -> None:
        """Play on: from the pause, or the queue from its current song."""
        await self._do("play")

    async def pause(self) -> None:
        """Pause; what is stopped stays stopped."""
        await self._do("pause", 1)

    async def skip(self) -> None:
        """Go to the next song of the queue."""
        await self._do("next")

    async def _do(self, *command: str | int) -> None:
        async with self._acting() as client:
            await _ask(client, command)
            await self._write_down(client)

    @contextlib.asynccontextmanager
    async def _acting(self) -> AsyncIterator[_Client]:
        """Hold the command connection for one change of ours; a person who acted a moment before goes first.

        While the change goes on the ledger is blank: should it break off in the middle, nobody is blamed for
        what it left.
        """
        acts = self._acts
        async with self._lock:
            link = self._link
            if link is None:
                raise PlayerError(self._reason)
            with self._translated(link):
                await self._observe(link.client)
                if self._acts != acts:
                    raise PersonFirst
                self._sight, self._known = None, ()
                try:
                    yield link.client
                except (PlayerError, mpd.CommandError):
                    await self._observe(link.client)
                    raise

    async def _write_down(self, client: _Client, before: Sight | None = None) -> None:
        """Write what we did into the ledger; what differs from `before`, as we left it, is the act of a
        person meanwhile.
        """
        now = await self._look_until_audible(client)
        self._sight, self._known = now, self._report.queue
        self._earlier.append(self._known)
        act = None if before is None else judge(before, now)
        if act is None:
            self._post(PlayerChanged(self._report))
        else:
            self._blame(act)

    # --- seeing
    # -----------------------------------------------------------------------------------------------------

    async def _follow(self, link: _Link) -> None:
        """Tell what happens until the connection is lost; raise PlayerError then."""
        told: asyncio.Queue[Sequence[str]] = asyncio.Queue()
        tasks = (
            asyncio.create_task(_listen(link.idler, told), name="mpd idle"),
            asyncio.create_task(self._beat(link), name="mpd ping"),
        )
        try:
            await asyncio.sleep(0)  # it listens now: nothing is missed between here and the first look
            async with self._lock:
                with self._translated(link):
                    await self._greet(link)
            while changed := await told.get():
                async with self._lock:
                    await asyncio.sleep(SETTLE)
                    while changed and not told.empty():
                        more = told.get_nowait()
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
        raise PlayerError(self._reason if self._link is None else _closed(link))

    async def _beat(self, link: _Link) -> None:
        """Ping for ever: a link that died in silence is cut."""
        while True:
            await asyncio.sleep(PULSE)
            with contextlib.suppress(PlayerError):
                async with self._lock:
                    with self._translated(link):
                        await _ask(link.client, ("ping",))

    async def _greet(self, link: _Link) -> None:
        """Tell what stands there at a contact."""
        self._queue, self._version = [], 0
        self._sight = await self._look(link.client)
        self._music = None
        await self._read_music(link.client)
        _log.info("connected to MPD at %s", link.address)
        queue = self._report.queue
        self._post(PlayerConnected(self._report))
        if (
            self._known
            and queue
            and not any(_is_rest_of(queue, known) for known in (self._known, *self._earlier))
        ):
            self._blame(Act.QUEUE)
        self._known = queue

    def _blame(self, act: Act) -> None:
        """Tell what a person did."""
        self._acts += 1
        self._post(PersonActed(act, self._report))

    async def _observe(self, client: _Client, changed: Iterable[str] = ()) -> None:
        """Look, judge against the ledger, and tell when anything but the elapsed time differs."""
        before, told = self._sight, self._report
        now = await self._look_until_audible(client)
        self._sight, self._known = now, self._report.queue
        act = None if before is None else judge(before, now, changed)
        if act is not None:
            self._blame(act)
        elif replace(told, elapsed=0.0) != replace(self._report, elapsed=0.0):
            self._post(PlayerChanged(self._report))

    async def _look_until_audible(self, client: _Client) -> Sight:
        """Look, and look again until what has just begun is heard; a song that gives way before that is
        broken.
        """
        now = await self._look(client)
        patience = now.at + AUDIBLE_WITHIN
        while not now.audible and now.at < patience:
            await asyncio.sleep(AUDIBLE_POLL)
            now = await self._look(client)
        return now

    async def _look(self, client: _Client) -> Sight:
        """Ask for the state, keep the queue and the report, and return the sight."""
        for _ in range(LOOKS):
            plain, changes = (client.status(), client.currentsong()), client.plchanges(self._version)
            answers = await _answers(*plain)
            rows = await _rows(changes)
            for answer in answers:
                if isinstance(answer, mpd.CommandError):
                    raise answer
            status, current = answers
            queue = _merged(self._queue, rows, int(status.get("playlistlength", 0)))
            if queue is not None:
                break
            self._version = 0
        else:
            message = "MPD's queue changes faster than it can be read: wait a moment"
            raise PlayerError(message)
        self._queue, self._version = queue, int(status.get("playlist", 0))
        song = _song(current)
        sight = _sight(status, song, tuple(number for number, _ in queue), self._sight)
        self._report = PlayerReport(sight.state, song, sight.elapsed, tuple(uri for _, uri in queue))
        return sight

    async def _read_music(self, client: _Client) -> None:
        """Read the music of each mood and tell it when it differs from what was told in this contact."""
        music = await _music(client)
        if music != self._music:
            self._music = music
            self._post(MusicChanged(music))

    # --- losing
    # -----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _translated(self, link: _Link) -> Iterator[None]:
        """Raise the library's errors as ours; a link that is lost or silent is cut."""
        try:
            yield
        except mpd.CommandError as error:
            if _is_permission(error):
                message = f"MPD at {link.address} does not let us {error.command}: correct mpd.password_file"
                raise PlayerRefused(message) from None
            message = f"MPD refuses {error.command}: {error.msg}"
            raise PlayerError(message) from None
        except TimeoutError:
            message = f"MPD at {link.address} does not answer for {READ_TIMEOUT:g} s: restart it, or look at the network"
            self._sever(message, link)
            raise PlayerError(message) from None
        except mpd.ConnectionError:
            message = _closed(link)
            self._sever(message, link)
            raise PlayerError(message) from None
        except (mpd.MPDError, OSError) as error:
            message = f"the link to MPD at {link.address} broke ({_cause(error)}): start it"
            self._sever(message, link)
            raise PlayerError(message) from None

    def _sever(self, reason: str, broken: _Link | None = None) -> None:
        """Close the link, unless it is a newer one than the broken one; commands raise the reason from here
        on.
        """
        if self._link is not None and (broken is None or broken is self._link):
            self._link.close()
            self._link = None
            self._reason = reason


async def _append(client: _Client, songs: Sequence[str]) -> list[tuple[int, int]]:
    """Append the URIs that the server knows; return their places in `songs` and their ids in the queue.

    Raises PlayerError when it knows none.
    """
    added: list[tuple[int, int]] = []
    for start in range(0, len(songs), BATCH):
        answers = await _answers(*(client.addid(uri) for uri in songs[start : start + BATCH]))
        for place, answer in enumerate(answers, start):
            if not isinstance(answer, mpd.CommandError):
                added.append((place, int(answer)))
            elif _is_permission(answer):
                raise answer
    if not added:
        message = (
            f"MPD has none of the {len(songs)} songs, {songs[0]} neither"
            if songs
            else "no song was given to play"
        )
        raise PlayerError(message)
    return added


async def _start(client: _Client, songs: Sequence[int]) -> mpd.CommandError | None:
    """Play the first of these ids that can be played; return the refusal when the first few cannot."""
    answer = None
    for song in songs[:BROKEN_SONGS]:
        [answer] = await _answers(client.playid(song))
        if not isinstance(answer, mpd.CommandError):
            return None
    return answer


def _still_ahead(before: Sight, now: Sight) -> int:
    """Return how many songs at the head of the queue stood in it before: what a person put in meanwhile is
    not among them.
    """
    return sum(1 for _ in itertools.takewhile(frozenset(before.ids).__contains__, now.ids))


async def _delete(client: _Client, *spans: tuple[int, int]) -> None:
    """Delete spans of positions of the queue, in this order; an empty one is none."""
    commands = [("delete", span) for span in spans if span[0] < span[1]]
    if commands:
        await _ask(client, *commands)


async def _music(client: _Client) -> Mapping[Emotion, Source]:
    """Return each emotion's stored playlist `mood-<emotion>`, else its genre, else its top-level folder."""
    stored = frozenset(row.get("playlist") for row in await _found(client.listplaylists()))
    genres = [row["genre"] for row in await _found(client.list("genre")) if "genre" in row]
    folders = [row["directory"] for row in await _found(client.lsinfo("")) if "directory" in row]
    music: dict[Emotion, Source] = {}
    for emotion in EMOTIONS:
        name = f"mood-{emotion}"
        if name in stored:
            [lines] = await _answers(client.listplaylist(name))
            if songs := _unless_refused(lines):
                music[emotion] = Source(name, "stored playlist", songs)
                continue
        for rule, tag, values in (("genre", "genre", genres), ("folder", "base", folders)):
            found = [
                row
                for value in values
                if value.casefold() == emotion
                for row in await _found(client.find(tag, value))
            ]
            if songs := tuple(dict.fromkeys(row["file"] for row in found)):
                music[emotion] = Source(f"{rule} {emotion}", rule, songs)
                break
    return MappingProxyType(music)


# --- reading answers
# ------------------------------------------------------------------------------------------------


def _unless_refused(answer: Iterable[str] | mpd.CommandError) -> tuple[str, ...]:
    """Return the lines of an answer; a refusal has none."""
    return () if isinstance(answer, mpd.CommandError) else tuple(answer)


def _is_permission(error: mpd.CommandError) -> bool:
    return error.errno in {mpd.FailureResponseCode.PASSWORD, mpd.FailureResponseCode.PERMISSION}


def _closed(link: _Link) -> str:
    """Return the reason of a plain loss."""
    return f"MPD at {link.address} closed the connection: start it again"


def _cause(error: BaseException) -> str:
    """Return why a connection failed, in a few words."""
    if isinstance(error, TimeoutError) and not str(error):
        return f"no answer for {READ_TIMEOUT:g} s"
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def _merged(
    queue: Sequence[tuple[int, str]], changes: Iterable[Row], length: int
) -> list[tuple[int, str]] | None:
    """Return the queue, (id, URI) by position, with changed positions; None when the parts do not fit
    together.
    """
    merged: list[tuple[int, str] | None] = [*queue[:length], *([None] * (length - len(queue)))]
    for row in changes:
        place = int(row["pos"])
        if place >= length:
            return None
        merged[place] = (int(row["id"]), str(row["file"]))
    whole = [entry for entry in merged if entry is not None]
    return whole if len(whole) == length else None


def _song(current: Row) -> Song | None:
    """Return the song of a `currentsong`; None when there is none."""
    if "file" not in current:
        return None
    uri = str(current["file"])
    title = _text(current, "title") or _text(current, "name") or uri.rstrip("/").rsplit("/", 1)[-1]
    return Song(uri, title, _text(current, "artist"), _seconds(current.get("duration")))


def _text(row: Row, tag: str) -> str:
    """Return a tag that may be missing or stand more than once."""
    value = row.get(tag, "")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _seconds(text: str | None) -> float | None:
    """Return a length; None when it is missing or zero, as for a stream."""
    return float(text or 0) or None


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _sight(status: Row, song: Song | None, ids: tuple[int, ...], before: Sight | None) -> Sight:
    """Return the sight of a `status`.

    A song may have the format of its successor, never time played, when the server has passed over it but not
    said so yet.
    """
    elapsed = float(status.get("elapsed", 0))
    passes_over = "error" in status and "nextsongid" in status
    current = _number(status.get("songid"))
    last = None if before is None else before.last if before.song == current else before.song
    return Sight(
        at=time.monotonic(),
        state=PlayState(status["state"]),
        ids=ids,
        song=current,
        upcoming=_number(status.get("nextsongid")),
        last=last,
        audible=elapsed > 0 and "audio" in status if status["state"] == "play" else not passes_over,
        elapsed=elapsed,
        seconds=_seconds(status.get("duration")) or (None if song is None else song.seconds),
        crossfade=float(status.get("xfade", 0)),
        single=status.get("single", "0") != "0",
        consume=status.get("consume", "0") != "0",
        updating="updating_db" in status,
        error=str(status.get("error", "")),
    )


def _is_rest_of(queue: Sequence[str], known: Sequence[str]) -> bool:
    """Tell whether a queue is a known one, or what is left of it in the same order (`consume`)."""
    songs = iter(known)
    return all(uri in songs for uri in queue)
