"""The connection to MPD: the one module that knows the library python-mpd2.

Two connections: one idles, the other carries commands, each with a read timeout.  The library has no command
lists, so commands that belong together are pipelined, a batch at a time; a slow server has `READ_TIMEOUT` for
each answer, not for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

import mpd
import mpd.asyncio

from moodspeaker.adapters.mpd.answers import clean, with_known_cure
from moodspeaker.adapters.mpd.dialect import MPD, Dialect, dialect_of
from moodspeaker.config.secrets import empty_file, secret
from moodspeaker.errors import ConfigError, PlayerError, PlayerRefused
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from moodspeaker.adapters.mpd.address import Address
    from moodspeaker.adapters.mpd.answers import Row
    from moodspeaker.config.schema import MpdSettings

_FILE: Final = "file: "
"""The beginning of a line that names a song."""
_REFUSAL: Final = re.compile(r"ACK \[(\d+)@")
"""The beginning of a refusal, with the number of its kind."""
_KINDS: Final = frozenset(kind.value for kind in mpd.FailureResponseCode)
"""The kinds that the library knows; it breaks at others, such as Mopidy's 0 for commands that it lacks."""
READ_TIMEOUT: Final = 5.0
"""Seconds in which the server must give the next answer, or the next row of a long one."""
BUSY: Final = 60.0
"""Seconds for which a server may be busy with what it could not answer."""
AGAIN: Final = 1.0
"""Seconds after which it is tried again."""
BATCH: Final = 50
"""Commands that are sent before their answers are read; the library queues 128."""
ROWS_AT_ONCE: Final = 200
"""Rows of a long answer that are read before the loop may do something else."""

SUBSYSTEMS: Final = ("player", "playlist", "options", "mixer", "update", "database", "stored_playlist")
NEEDED: Final = frozenset(
    {"addid", "currentsong", "delete", "deleteid", "idle", "next", "pause", "ping", "play", "playid"}
    | {"plchanges", "previous", "status"}
)
"""Commands without which no music plays; what lacks others does without what they are for."""
DEAF: Final = 0.01
"""Seconds after some news for which the library does not listen.  Its own tenth is as long as `player.BURST`,
so that a look would show what a rescan changed, and not that it was one.
"""
SHOWN_TAGS: Final = ("Title", "Artist", "Name")
"""The only tags we ask for: answers of long queues stay short.  Mopidy wants their letter case."""


class Refusal(PlayerError):  # noqa: N818 - what the server did
    """The server refused a command."""

    def __init__(self, error: mpd.CommandError) -> None:
        self.command: str = error.command
        self.reason = clean(error.msg)
        """In the server's words."""
        self.permission = error.errno in {
            mpd.FailureResponseCode.PASSWORD,
            mpd.FailureResponseCode.PERMISSION,
        }
        """Whether it wants a password, or another one."""
        self.full = bool(error.errno == mpd.FailureResponseCode.PLAYLIST_MAX)
        """Whether the queue is as long as it may be."""
        super().__init__(f"MPD refuses {self.command}: {with_known_cure(self.reason)}")


class Client(mpd.asyncio.MPDClient):  # type: ignore[misc] # the library has no type information
    """The library's client, for servers with any text, which says once that its connection is lost.

    The library itself raises a loss a second time inside its own callback, where nobody can catch it, goes on
    writing to a dead socket, of which asyncio complains at every write, and, when an answer came in the
    moment in which it was told to disconnect, reads once more and hands changes to listeners that are gone.
    Of a line that is not UTF-8 it makes a lost connection.  The names below are the library's private ones.
    Songs are named as MPD names them, whatever the server's ways (`dialect`).
    """

    dialect: Dialect = MPD
    streams = False
    """Whether the server has an httpd output: its sound can be had over the network."""

    def addid(self, uri: str, *position: int) -> asyncio.Future[Any]:
        """Add a song; a server that cannot have it is not asked."""
        named = self.dialect.sent(uri)
        if named is not None:
            return super().addid(named, *position)  # type: ignore[no-any-return] # it has no type information
        refused = asyncio.get_running_loop().create_future()
        refused.set_exception(mpd.CommandError("[50@0] {addid} No such song"))
        return refused

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

    async def _MPDClient__readline(self) -> str:  # noqa: N802 - the library's name
        try:
            line: bytes = await self._MPDClient__rfile.readline()
        except ValueError:  # longer than the reader's buffer
            self.disconnect()
            message = "a line of 64 KiB and more"
            raise mpd.ProtocolError(message) from None
        text = line.decode("utf-8", "surrogateescape")
        if text.startswith(_FILE) and text.endswith("\n"):
            return f"{_FILE}{self.dialect.read(text[len(_FILE) : -1])}\n"
        refusal = _REFUSAL.match(text)
        if refusal is not None and int(refusal[1]) not in _KINDS:
            return f"ACK [{mpd.FailureResponseCode.UNKNOWN.value}@{text[refusal.end() :]}"
        return text

    def _MPDClient__write(self, text: str) -> None:  # noqa: N802 - the library's name
        if not self._MPDClient__wfile.is_closing():
            self._MPDClient__wfile.write(text.encode("utf-8", "surrogateescape"))


# The library's own `config` takes one setting, and MPD 0.24 tells several; a command that is there stays.
del mpd.asyncio.MPDClient.config
Client.add_command("config", Client._parse_object)  # noqa: SLF001 - the library has no other name for it


@dataclass(frozen=True, slots=True)
class Link:
    """Two connections to one server."""

    address: Address
    client: Client = field(default_factory=Client)
    """Carries commands."""
    idler: Client = field(default_factory=Client)
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
            await self._tune()
        except BaseException:
            self.close()
            raise

    async def _tune(self) -> None:
        """Learn the server's ways, and let it tell of songs no more than we show."""
        await answers(self.client.tagtypes("clear"), self.client.tagtypes("enable", *SHOWN_TAGS))
        with contextlib.suppress(Refusal):
            decoders = await rows(self.client.decoders())
            [handlers] = await answers(self.client.urlhandlers())
            self.client.dialect = dialect_of(decoders, _unless_refused(handlers))
        outputs = await rows_unless_refused(self.client.outputs())
        self.client.streams = any(output.get("plugin") == "httpd" for output in outputs)

    async def _log_in(self, client: Client, password: str) -> None:
        if password:
            [answer] = await answers(client.password(password))
            if isinstance(answer, Refusal):
                message = (
                    f"MPD at {self.address} refuses the password: "
                    "correct the file that mpd.password_file names"
                )
                raise PlayerRefused(message)
        allowed, forbidden = await answers(client.commands(), client.notcommands())
        missing = NEEDED - frozenset(_unless_refused(allowed))
        if not missing:
            return
        names = ", ".join(sorted(missing))
        if missing <= frozenset(_unless_refused(forbidden)):
            cure = "its password is another: correct"
            if not password:
                cure = "it wants a password: put it into a file and set"
            message = f"MPD at {self.address} does not let us {names}; {cure} mpd.password_file"
            raise PlayerRefused(message)
        message = f"MPD at {self.address} does not know {names}: MPD 0.21 or newer is needed"
        raise PlayerError(message)

    def close(self) -> None:
        """Close both connections."""
        self.client.disconnect()
        self.idler.disconnect()

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Raise the library's errors as ours: PlayerRefused, PlayerError, or Broken when the link is lost."""
        try:
            yield
        except Refusal as error:
            if not error.permission:
                raise
            message = f"MPD at {self.address} does not let us {error.command}: correct mpd.password_file"
            raise PlayerRefused(message) from None
        except TimeoutError:
            message = (
                f"MPD at {self.address} does not answer for {READ_TIMEOUT:g} s: "
                "restart it, or look at the network"
            )
            raise Broken(message) from None
        except (mpd.ConnectionError, ConnectionResetError, BrokenPipeError):
            raise Closed(self.closed()) from None
        except (mpd.MPDError, OSError) as error:
            message = f"the link to MPD at {self.address} broke ({_cause(error)}): start it"
            raise Broken(message) from None

    def closed(self) -> str:
        """Return the reason of a plain loss."""
        return f"MPD at {self.address} closed the connection: start it again"


class Broken(PlayerError):  # noqa: N818 - a state of the link
    """The link is lost or silent."""


class Closed(Broken):
    """The server closed the link, as MPD also does to whoever asks for more than its output buffer holds."""


async def connected(settings: MpdSettings, candidates: Sequence[Address]) -> Link:
    """Return a link to the first address that answers.

    Raises PlayerError, and PlayerRefused when a password is wanted.
    """
    try:
        password = secret(settings.password_file, "mpd-password")
        empty = empty_file(settings.password_file, "mpd-password")
    except ConfigError as error:
        message = f"MPD's {error} (mpd.password_file)"
        raise PlayerRefused(message) from None
    reasons = []
    for address in candidates:
        link = Link(address)
        try:
            await link.open(password)
        except PlayerRefused:
            if not empty or address.password:
                raise
            message = (
                f"MPD at {address} wants a password, and {empty} (mpd.password_file) is empty: write it there"
            )
            raise PlayerRefused(message) from None
        except (
            mpd.MPDError,
            OSError,
            TimeoutError,
            UnicodeError,
            OverflowError,
        ) as error:  # $MPD_HOST may be bad
            reasons.append(f"{address}: {_cause(error)}")
        else:
            return link
    message = f"no MPD answers ({'; '.join(reasons)}): start it, or correct mpd.host and mpd.port"
    raise PlayerError(message)


async def connected_again(settings: MpdSettings, candidates: Sequence[Address]) -> Link:
    """Return a link as `connected` does, to a server that closed one for what was asked.

    It may be busy with that for a while, and then answers nobody.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + BUSY
    while True:
        try:
            return await connected(settings, candidates)
        except PlayerRefused:
            raise
        except PlayerError:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(AGAIN)


async def answers(*results: asyncio.Future[Any]) -> list[Any]:
    """Wait for the answers of commands that were sent; one that the server refused is its Refusal.

    The futures are never cancelled: the library breaks when the answer to a cancelled command is an error.
    Raises TimeoutError, ConnectionError or ProtocolError.
    """
    for result in results:
        result.add_done_callback(_retrieve)
    for result in results:  # they come in this order
        if not result.done():
            await asyncio.wait((result,), timeout=READ_TIMEOUT)
        if not result.done():
            raise TimeoutError
    return [_answer(result) for result in results]


def _answer(result: asyncio.Future[Any]) -> Any:  # noqa: ANN401 - the library's answers are of many types
    """Return the answer of a command that is done, a refusal too."""
    try:
        return result.result()
    except mpd.CommandError as error:
        return Refusal(error)


def _retrieve(result: asyncio.Future[Any]) -> None:
    """Take note of an error, lest asyncio complains of one that came after its reader had gone."""
    if not result.cancelled():
        result.exception()


async def ask(client: Client, *commands: tuple[Any, ...]) -> list[Any]:
    """Send commands, a batch at a time, and return their answers; a refused one's is its Refusal."""
    replies: list[Any] = []
    for start in range(0, len(commands), BATCH):
        batch = commands[start : start + BATCH]
        replies += await answers(*(getattr(client, name)(*words) for name, *words in batch))
    return replies


async def demand(client: Client, *commands: tuple[Any, ...]) -> None:
    """Send commands and read their answers; raise the first Refusal."""
    for answer in await ask(client, *commands):
        if isinstance(answer, Refusal):
            raise answer


async def rows(result: AsyncIterator[Row], *, within: float = READ_TIMEOUT) -> list[Row]:
    """Read a long answer row by row, the first rows within some seconds.

    Raises Refusal, TimeoutError, ConnectionError or ProtocolError.
    """
    found: list[Row] = []
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within) as limit:
            async for row in result:
                found.append(row)
                if len(found) % ROWS_AT_ONCE == 0:
                    limit.reschedule(loop.time() + READ_TIMEOUT)
                    await asyncio.sleep(0)
    except mpd.CommandError as error:
        raise Refusal(error) from None
    return found


async def rows_unless_refused(result: AsyncIterator[Row]) -> list[Row]:
    """Read a long answer; what the server refuses (no database, no playlist folder) is nothing found."""
    try:
        return await rows(result)
    except Refusal:
        return []


async def listen(idler: Client, news: asyncio.Queue[Sequence[str]]) -> None:
    """Pass on which subsystems changed; an empty one when the connection is lost."""
    idler.IMMEDIATE_COMMAND_TIMEOUT = DEAF
    try:
        async with contextlib.aclosing(idler.idle(SUBSYSTEMS)) as changes:
            async for changed in changes:
                news.put_nowait(tuple(changed))
    except (mpd.MPDError, OSError):
        news.put_nowait(())


def _unless_refused(answer: Iterable[str] | Refusal) -> tuple[str, ...]:
    """Return the lines of an answer; a refusal has none."""
    return () if isinstance(answer, Refusal) else tuple(answer)


def _cause(error: BaseException) -> str:
    """Return why a connection failed, in a few words, with the cure where that is not plain."""
    if isinstance(error, TimeoutError) and not str(error):
        return f"no answer for {READ_TIMEOUT:g} s"
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    text = clean(str(error))
    if "while reading MPD hello" in text:
        return "it closes new connections at once, as MPD does at its max_connections: raise that in mpd.conf"
    if "invalid MPD hello" in text:
        return "another service answers there"
    return text or type(error).__name__
