"""The speaker's end of the vision socket, and the vision child where no service runs one.

Design notes
============
1. It connects for ever, with the delays of `backoff`.
2. Whether the camera is to be open is a level: it is sent again after every connect.
3. A vision process that sends nothing for `SILENCE` seconds is hung: a child is killed and started again, a
   service's own watchdog does the same there.
4. The child is a plain exec with a pipe to its standard input, at whose end it ends: it cannot outlive this
   process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import TYPE_CHECKING, Final

from moodspeaker.backoff import Backoff
from moodspeaker.domain.observation import VisionLost
from moodspeaker.errors import WireError
from moodspeaker.wire import LONGEST_LINE, Calibrate, Reload, Sense, decode_from_vision, encode, payload_size
from moodspeaker.wire.pictures import Picture, Preview, PreviewPicture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random

    from moodspeaker.wire import FromVision, ToVision

log = logging.getLogger(__name__)

SILENCE: Final = 15.0
"""Seconds; vision sends its state every five."""
FIRST_DELAY, LONGEST_DELAY = 0.4, 5.0
"""Seconds between attempts, the first time and ever, at most."""
SETTLED: Final = 30.0
"""Seconds of good service after which the delays start small again."""
STOP: Final = 3.0
"""Seconds that a child has to end by itself."""
SYSTEMD: Final = frozenset({"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"})
"""What systemd gives this process alone (sd_notify(3)): a child does not speak for it."""


class VisionClient:
    """Talks to the vision process on `socket`; starts `child` (argv) when one is given."""

    def __init__(self, socket: Path, child: Sequence[str] | None, chance: Random) -> None:
        self._socket, self._argv = socket, child
        self._backoff = Backoff(chance, first=FIRST_DELAY, longest=LONGEST_DELAY)
        self._child: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._on = False
        self._take: Callable[[bytes], object] | None = None
        """Who is shown what the camera sees."""
        self._last = 0.0
        """When the child was started or last connected, by the loop's clock."""
        self._linked = False
        """Whether the child was connected to: then its end is reported there."""

    def sense(self, *, on: bool) -> None:
        """Let the camera be open or closed."""
        self._on = on
        self._send(Sense(on))

    def calibrate(self, seconds: float) -> None:
        """Let vision look as often as it can for some seconds."""
        self._send(Calibrate(seconds))

    def reload(self) -> None:
        """Let vision read its configuration again."""
        self._send(Reload())

    def look_at(self, number: int, jpeg: bytes) -> None:
        """Let vision look at a picture; it is dropped while vision is away."""
        self._send(Picture(number, len(jpeg)), jpeg)

    def preview(self, take: Callable[[bytes], object] | None) -> None:
        """Let vision show what its camera sees, to `take`; None: no more."""
        self._take = take
        self._send(Preview(on=take is not None))

    async def run(self, post: Callable[[FromVision | VisionLost], None]) -> None:
        """Serve until cancelled; then a child is gone too."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                begun = loop.time()
                reason = await self._ensure_child() or await self._serve(post)
                if reason:
                    post(VisionLost(reason))
                if loop.time() - begun > SETTLED:
                    self._backoff.reset()
                await asyncio.sleep(self._backoff.delay())
        finally:
            await self._end_child()

    def _send(self, message: ToVision, payload: bytes = b"") -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message) + payload)

    def _pass_on(
        self,
        message: FromVision | PreviewPicture,
        payload: bytes,
        post: Callable[[FromVision | VisionLost], None],
    ) -> None:
        """Tell a message, or show a picture to whoever still wants it."""
        if not isinstance(message, PreviewPicture):
            post(message)
        elif self._take is not None:
            self._take(payload)

    async def _ensure_child(self) -> str:
        """Start the child where one is wanted and none runs.

        Returns what is wrong with it, nothing where that is reported already.
        """
        if self._argv is None or (self._child is not None and self._child.returncode is None):
            return ""
        reason = ""
        if self._child is not None:
            code = self._child.returncode
            log.warning("vision ended with %s: starting it again", code)
            if not self._linked:
                reason = (
                    f"the vision process ends at its start (exit code {code}): moodspeaker vision says why"
                )
        environment = {name: value for name, value in os.environ.items() if name not in SYSTEMD}
        try:
            self._child = await asyncio.create_subprocess_exec(
                *self._argv, stdin=asyncio.subprocess.PIPE, env=environment
            )
        except OSError as error:  # no file or process is left to have: tried again
            self._child = None
            return f"the vision process cannot be started: {error.strerror or error}"
        self._last, self._linked = asyncio.get_running_loop().time(), False
        return reason

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None or child.returncode is not None:
            return
        if child.stdin is not None:
            child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), STOP)
        except TimeoutError:
            child.kill()
            await child.wait()

    async def _give_up(self) -> str:
        """Kill a child that has had its time to listen; return why, nothing while it may still begin to."""
        if self._child is None or asyncio.get_running_loop().time() - self._last < SILENCE:
            return ""
        if self._child.returncode is None:
            self._child.kill()
            await self._child.wait()
        self._linked = True  # its end is reported here
        return f"the vision process did not listen within {SILENCE:g} s"

    async def _serve(self, post: Callable[[FromVision | VisionLost], None]) -> str:
        """Talk until the link breaks; return why, or nothing when there was none to break yet."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=LONGEST_LINE)
        except OSError as error:
            if self._argv is None:
                return f"no vision process on {self._socket}: {error.strerror}"
            return await self._give_up()
        self._writer, self._linked = writer, True
        self._send(Sense(self._on))
        try:
            while True:
                async with asyncio.timeout(SILENCE):  # `wait_for` makes a task each time
                    line = await reader.readline()
                    if not line:
                        return "the vision process ended: it is started again"
                    message = decode_from_vision(line)
                    size = payload_size(message)
                    payload = await reader.readexactly(size) if size else b""
                self._pass_on(message, payload, post)
        except TimeoutError:
            if self._child is not None and self._child.returncode is None:
                self._child.kill()
                await self._child.wait()
            return f"the vision process sent nothing for {SILENCE:g} s"
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            return f"the vision process broke off: {error}"
        except WireError as error:
            return str(error)
        finally:
            self._writer, self._last = None, asyncio.get_running_loop().time()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
