"""The vision process: it has no network, and tells one client what the camera sees.

Theory of operation
===================
Two parties.  The **event loop** (`Server`) owns the socket, the client, signals and the watchdog.  The
**thread** (`worker`) owns the camera and the models; it reports through `call_soon_threadsafe` into the
client's slots, one for the newest look, one for the newest status, one for the newest refusal of a picture,
one for the newest picture of a preview: a slow client misses looks, it never queues them.

1. `Sense(on=True)` of the current client opens the camera; `Sense(on=False)`, the client's going and a newer
   client close it.  The newest client wins.
2. The watchdog hears of life as long as the thread is at rest or its present step is younger than `HUNG`
   seconds.  A step older than that ends the process, with or without systemd, and whoever started it starts
   it again.
3. Whatever ends the thread ends the process.
4. A picture that the client sends is read whole, within its limit, whether it is wanted or not; where it is
   not, it is refused by name and dropped.
5. No file is written but the socket and its lock; frames stay in memory, and no crash leaves a core file.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import random
import resource
import signal
import sys
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker import wire
from moodspeaker.config.runtime import ensure_runtime_folder
from moodspeaker.domain.observation import CameraState, CameraStatus, Observation
from moodspeaker.errors import CameraError, ConfigError, PictureError, UsageError, WireError
from moodspeaker.unix_socket import ExclusiveSocket
from moodspeaker.vision.memory import give_back_large_blocks
from moodspeaker.vision.worker import CameraWorker, Work
from moodspeaker.wire.pictures import Picture, PictureRefused, Preview, PreviewPicture

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.config.schema import Config

HUNG: Final = 15.0
"""Seconds after which one step of the camera thread counts as hung; a camera's own limit for a frame is 5."""
HEARTBEAT: Final = 5.0
"""Seconds between two statuses when nothing changes."""
TOLD_AT_ONCE: Final = (
    "state",
    "open",
    "source",
    "reason",
    "locked",
    "takes_pictures",
    "may_preview",
    "previewing",
)
"""What of the camera's status is sent when it changes; the rest can wait for the heartbeat."""
FAREWELL: Final = 2.0
"""Seconds that the camera thread gets to close the camera at the end."""

_log = logging.getLogger(__name__)


class _Client:
    """One connection: what is still to be sent to it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._news = asyncio.Event()
        self._status: wire.Status | None = None
        self._look: wire.Look | None = None
        self._refused: PictureRefused | None = None
        self._shown = b""

    def show(self, jpeg: bytes) -> None:
        """Put a picture of a preview into its slot."""
        self._shown = jpeg
        self._news.set()

    def post(self, message: wire.Status | wire.Look | PictureRefused) -> None:
        """Put a message into its slot: the newest wins."""
        match message:
            case wire.Status():
                self._status = message
                if not message.camera.open:
                    self._look = None  # no look is sent after the camera is said to be closed
                if not message.camera.previewing:
                    self._shown = b""
            case wire.Look():
                self._look = message
            case PictureRefused():
                self._refused = message
            case _:
                assert_never(message)
        self._news.set()

    async def send(self, hello: wire.Hello) -> None:
        """Send hello, then the slots whenever they fill, until cancelled or the client is gone."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(wire.encode(hello))
            while True:
                await self.writer.drain()
                await self._news.wait()
                self._news.clear()
                waiting = (self._status, self._look, self._refused)
                self._status = self._look = self._refused = None
                for message in waiting:
                    if message is not None:
                        self.writer.write(wire.encode(message))
                shown, self._shown = self._shown, b""
                if shown:
                    self.writer.write(wire.encode(PreviewPicture(len(shown))) + shown)


class Server:
    """The event loop's side."""

    def __init__(self, load: Callable[[], Config], notify: Callable[[str], object], *, child: bool) -> None:
        self._load = load
        self._notify = notify
        self._child = child
        self._config = load()
        self._work = Work.of(self._config)
        self._client: _Client | None = None
        self._camera = CameraStatus(CameraState.OFF, open=False, source=self._work.camera.source)
        self._over: asyncio.Future[None]
        self._worker: CameraWorker

    async def run(self) -> None:
        """Serve until stopped; raise what ended the camera thread, or CameraError when it hangs."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        self._worker = CameraWorker(
            self._work,
            lambda status, observation: _post(loop, self._hear, status, observation),
            lambda number, error: _post(loop, self._refuse, number, error),
            lambda error: _post(loop, self._end, error),
            random.Random(),  # noqa: S311 - jitter keeps no secret
            show=lambda jpeg: _post(loop, self._show, jpeg),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        if self._child:
            self._watch_parent(loop)
        ensure_runtime_folder(self._config.runtime_folder)
        with contextlib.closing(ExclusiveSocket(self._config.vision_socket, "vision process")) as door:
            server = await asyncio.start_unix_server(self._serve, sock=door.bind(), limit=wire.LONGEST_LINE)
            self._worker.start()
            heartbeat = asyncio.create_task(self._beat(), name="heartbeat")
            heartbeat.add_done_callback(self._heartbeat_ended)
            self._notify("READY=1")
            _log.info(
                "vision listens on %s, camera %s closed", self._config.vision_socket, self._camera.source
            )
            try:
                await self._over
            finally:
                self._notify("STOPPING=1")
                heartbeat.cancel()
                server.close()
                if self._client is not None:
                    self._client.writer.close()

    def farewell(self) -> bool:
        """Close the camera; return whether its thread ended in time."""
        return self._worker.stop(FAREWELL)

    def _end(self, error: BaseException | None = None) -> None:
        if self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)

    def _heartbeat_ended(self, heartbeat: asyncio.Task[None]) -> None:
        if not heartbeat.cancelled() and (error := heartbeat.exception()):
            self._end(error)

    def _watch_parent(self, loop: asyncio.AbstractEventLoop) -> None:
        """End when standard input does: it is a pipe of the parent's."""

        def read() -> None:
            if not os.read(sys.stdin.fileno(), 4096):
                loop.remove_reader(sys.stdin.fileno())
                self._end()

        try:
            loop.add_reader(sys.stdin.fileno(), read)
        except PermissionError:
            message = "vision --child: standard input should be a pipe of the parent: leave --child out"
            raise UsageError(message) from None

    async def _beat(self) -> None:
        """Tell the watchdog and the client of life; end a process whose camera hangs."""
        while True:
            busy = self._worker.busy_for()
            if busy > HUNG:
                message = f"camera {self._camera.source}: it hangs for {busy:.0f} s: the process starts again"
                raise CameraError(message)
            self._notify("WATCHDOG=1")
            self._post_status()
            await asyncio.sleep(HEARTBEAT)

    def _post_status(self) -> None:
        if self._client is not None:
            self._client.post(wire.Status(self._camera, self._work.models))

    def _hear(self, status: CameraStatus, observation: Observation | None) -> None:
        """Take what the camera thread reports."""
        last, self._camera = self._camera, status
        if any(getattr(last, name) != getattr(status, name) for name in TOLD_AT_ONCE):
            self._post_status()
        if observation is not None and self._client is not None:
            self._client.post(wire.Look(observation))

    def _look_at(self, number: int, jpeg: bytes) -> None:
        """Let a picture be looked at."""
        try:
            self._worker.look_at(number, jpeg)
        except PictureError as error:
            self._refuse(number, error)

    def _preview(self, *, on: bool) -> None:
        """Let the camera's pictures be shown, or no more."""
        try:
            self._worker.preview(on=on)
        except PictureError as error:
            self._refuse(0, error)

    def _show(self, jpeg: bytes) -> None:
        """Take what the camera thread shows."""
        if self._client is not None:
            self._client.show(jpeg)

    def _refuse(self, number: int | None, error: PictureError) -> None:
        """Tell the client that a picture is not looked at."""
        if self._client is not None and number is not None:
            self._client.post(PictureRefused(number, error.fault, str(error)))

    def _reload(self) -> None:
        """Read the configuration again; a bad one changes nothing."""
        try:
            config = self._load()
            work = Work.of(config)
        except UsageError as error:
            for reason in error.reasons if isinstance(error, ConfigError) else (str(error),):
                _log.error("reload refused: %s", reason)
            return
        if config.vision_socket != self._config.vision_socket:
            _log.warning("paths.runtime changed: restart to listen on %s", config.vision_socket)
        if config.camera == self._config.camera:  # the same one stays open, and its lock held
            work = dataclasses.replace(work, camera=self._work.camera, lock=self._work.lock)
        self._config, self._work = config, work
        self._worker.assign(work)
        self._post_status()
        _log.info("configuration reloaded")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it goes or a newer one comes."""
        client, previous = _Client(writer), self._client
        self._client = client
        self._worker.sense(on=False)
        if previous is not None:
            _log.info("a newer client takes over")
            previous.writer.close()
        sender = asyncio.create_task(client.send(wire.Hello(self._work.models)), name="sender")
        self._post_status()
        try:
            while (line := await reader.readline()) and self._client is client:
                message = wire.decode_to_vision(line)
                self._obey(message, await reader.readexactly(wire.payload_size(message)))
        except (WireError, ValueError) as error:
            _log.warning("the client is sent away: %s", error)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # it went without a word: as an end of file; or the process ends, and this task with it
        finally:
            sender.cancel()
            writer.close()
            if self._client is client:
                self._client = None
                self._worker.sense(on=False)

    def _obey(self, message: wire.ToVision, payload: bytes) -> None:
        match message:
            case wire.Sense(on=on):
                self._worker.sense(on=on)
            case wire.Calibrate(seconds=seconds):
                self._worker.hurry(seconds)
            case wire.Reload():
                self._reload()
            case Picture(number=number):
                self._look_at(number, payload)
            case Preview(on=on):
                self._preview(on=on)
            case _:
                assert_never(message)


def _post(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *arguments: object) -> None:
    """Call `act` in the loop, from the camera thread; a loop that has ended needs no news."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(act, *arguments)


def serve(load: Callable[[], Config], notify: Callable[[str], object], *, child: bool = False) -> int:
    """Run the process until it is stopped; return its exit code.

    `load` gives the configuration, now and at each reload; `notify` tells systemd.  A `child` ends with its
    standard input.  Raises UsageError for a bad configuration and a socket that is taken.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no crash leaves a frame on a disk
    give_back_large_blocks()
    server = Server(load, notify, child=child)
    code = 0
    try:
        asyncio.run(server.run())
    except CameraError as error:
        _log.error("%s", error)
        code = 1
    if not server.farewell():
        # A hung driver would hold up the interpreter's own exit, and picamera2's exit handler waits for it.
        logging.shutdown()
        os._exit(code)
    return code
