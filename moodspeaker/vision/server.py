"""The vision process: it owns the camera and the models, has no network, and tells one client what it sees.

Theory of operation
===================
Two parties.  The **event loop** (`Server`) owns the socket, the client, signals and the watchdog.  The daemon
**thread** `camera` (`Sight`) owns the camera and the models: it opens, reads, looks and rests.  The loop
tells the thread what is wanted (`sense`, `assign`, `stop`); the thread tells the loop what it saw, through
`call_soon_threadsafe` into the client's two slots, one for the newest look, one for the newest status: a slow
client misses looks, it never queues them.

1. The camera starts closed.  `Sense(on=True)` of the current client opens it; `Sense(on=False)`, the client's
   going and a newer client close it.  The newest client wins.
2. A CameraError is a state: lost, with its reason; the camera is opened again for ever, after a full-jitter
   delay (Brooker, *Exponential Backoff And Jitter*, 2015) of at most `LONGEST_DELAY` seconds.  A refused
   model is a state, too: the camera runs on, but no faces are looked for.  Only the first failure and the
   recovery are logged.
3. The watchdog is told of life as long as the thread is at rest or its present step is younger than `HUNG`
   seconds: a camera that is closed, absent or backing off is alive, a read that hangs is not.  A step older
   than that ends the process, with or without systemd, and whoever started it starts it again.
4. Anything unexpected in the thread ends the process.
5. No file is written but the socket and its lock; frames stay in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import fcntl
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from moodspeaker import wire
from moodspeaker.config.runtime import ensure_runtime_folder
from moodspeaker.domain.observation import CameraState, CameraStatus, ModelVersions, Observation
from moodspeaker.errors import CameraError, ConfigError, ModelError, UsageError, WireError
from moodspeaker.vision import pipeline
from moodspeaker.vision.cameras import camera as camera_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from moodspeaker.config.schema import Config
    from moodspeaker.vision.cameras import Source
    from moodspeaker.vision.pipeline import Eyes

HUNG: Final = 15.0
"""Seconds after which one step of the camera thread counts as hung; a camera's own limit for a frame is 5."""
BEAT: Final = 5.0
"""Seconds between two statuses when nothing changes."""
SHORTEST_DELAY: Final = 1.0
LONGEST_DELAY: Final = 30.0
"""Seconds before a lost camera is opened again, at most."""
DROWSY: Final = 2.0
"""With nobody seen the looks are this many times rarer."""
SMOOTHING: Final = 0.2
"""Weight of the newest look in the smoothed cost."""
LOCK_TIME: Final = 3.0
"""Seconds to wait for a dying process to free the socket."""
FAREWELL: Final = 2.0
"""Seconds that the camera thread gets to close the camera at the end."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What the camera thread works with; a reload gives it another one."""

    camera: Source
    """The source, closed."""
    eyes: Eyes | None
    """Both models; None when one is refused."""
    models: ModelVersions
    """Their versions, or why they are refused."""
    interval: float
    """Seconds between looks while somebody is seen."""

    @classmethod
    def of(cls, config: Config) -> Work:
        """Build what a configuration asks for; raise UsageError for a malformed `camera.source`."""
        camera = camera_of(config.camera)
        try:
            eyes = pipeline.Eyes.from_config(config)
        except ModelError as error:
            _log.error("models refused: %s", error)
            return cls(camera, None, ModelVersions(refused=str(error)), config.vision.interval)
        return cls(camera, eyes, eyes.versions, config.vision.interval)


class Sight:
    """The camera thread.  `tell` and `fail` are called in it, all other methods in any other thread."""

    def __init__(
        self,
        work: Work,
        tell: Callable[[CameraStatus, Observation | None], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._tell = tell
        self._fail = fail
        self._wake = threading.Condition()
        self._stirred = False
        self._wanted = False
        self._stopped = False
        self._assigned = work
        self._step_since: float | None = None
        # From here on the thread's own.
        self._work = work
        self._light = pipeline.Light()
        self._status = CameraStatus(CameraState.OFF, open=False, source=work.camera.source)
        self._failures = 0
        self._looked_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def sense(self, *, on: bool) -> None:
        """Open or close the camera."""
        with self._wake:
            if on != self._wanted:
                self._wanted = on
                self._stir()

    def assign(self, work: Work) -> None:
        """Go on with another camera, other models, another interval."""
        with self._wake:
            self._assigned = work
            self._stir()

    def stop(self, timeout: float) -> bool:
        """Close the camera and end the thread; return whether it did within `timeout` seconds."""
        with self._wake:
            self._stopped = True
            self._stir()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def busy_for(self) -> float:
        """Return how many seconds the present step has taken so far, 0 at rest."""
        since = self._step_since
        return 0.0 if since is None else time.monotonic() - since

    def _stir(self) -> None:
        self._stirred = True
        self._wake.notify()

    def _run(self) -> None:
        try:
            rest: float | None = 0.0
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._stirred, rest)
                    self._stirred = False
                    wanted, stopped, assigned = self._wanted, self._stopped, self._assigned
                self._step_since = time.monotonic()
                if stopped:
                    self._work.camera.close()
                    return
                if assigned.camera is not self._work.camera:
                    self._work.camera.close()
                    self._failures = 0
                self._work = assigned
                rest = self._step(wanted=wanted)
                self._step_since = None
        except Exception as error:  # noqa: BLE001 - whatever it is ends the process
            self._fail(error)

    def _step(self, *, wanted: bool) -> float | None:
        """Do what is due and return the seconds to rest; None rests until something is wanted."""
        began, camera = time.monotonic(), self._work.camera
        if not wanted or camera.source == "none":
            camera.close()
            self._failures, self._looked_at, self._light = 0, None, pipeline.Light()
            reason = "camera.source = none" if camera.source == "none" else ""
            self._say(CameraState.OFF, reason)
            return None
        try:
            camera.open()
            frame = camera.read()
        except CameraError as error:
            return self._lost(str(error))
        if self._failures:
            _log.info("camera %s: back after %d attempts", camera.source, self._failures)
            self._failures = 0
        ready = time.monotonic()
        observation = self._work.eyes.look(frame, crop=camera.faces_only) if self._work.eyes else None
        seen = camera.faces_only or (observation is not None and observation.faces)
        state = self._light.see(CameraState.OK if seen else pipeline.light(frame.luma))
        done = time.monotonic()
        self._count(done - ready, done, frame.captured_at)
        self._say(state, "", observation)
        interval = self._work.interval * (1.0 if seen or observation is None else DROWSY)
        return max(0.0, began + interval - done)

    def _lost(self, reason: str) -> float:
        """Say that the camera is lost and return the delay before it is opened again."""
        if not self._failures:
            _log.warning("%s", reason)
        self._failures += 1
        self._looked_at, self._light = None, pipeline.Light()
        self._say(CameraState.OFF if self._work.camera.absent else CameraState.LOST, reason)
        most = min(LONGEST_DELAY, 2.0 ** min(self._failures, 10))
        return random.uniform(SHORTEST_DELAY, most)  # noqa: S311 - jitter keeps no secret

    def _count(self, took: float, now: float, captured_at: float) -> None:
        """Smooth the cost of looks into the status."""
        old, period = self._status, None if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        cost = took * 1000
        smooth = (
            cost if old.inference_ms is None else old.inference_ms + SMOOTHING * (cost - old.inference_ms)
        )
        duty = old.duty if not period else old.duty + SMOOTHING * (min(1.0, took / period) - old.duty)
        self._status = dataclasses.replace(
            old, inference_ms=round(smooth, 2), duty=round(duty, 4), last_frame_at=captured_at
        )

    def _say(self, state: CameraState, reason: str, observation: Observation | None = None) -> None:
        camera = self._work.camera
        self._status = dataclasses.replace(
            self._status,
            state=state,
            open=camera.is_open,
            source=camera.source,
            reason=reason,
            duty=self._status.duty if camera.is_open else 0.0,
        )
        self._tell(self._status, observation)


class _Client:
    """One connection: what it has still to be told."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._news = asyncio.Event()
        self._status: wire.Status | None = None
        self._look: wire.Look | None = None

    def post(self, message: wire.Status | wire.Look) -> None:
        """Put a message into its slot: the newest wins."""
        if isinstance(message, wire.Status):
            self._status = message
            if not message.camera.open:
                self._look = None  # no look is told after the camera is said to be closed
        else:
            self._look = message
        self._news.set()

    async def send(self, hello: wire.Hello) -> None:
        """Send hello, then the slots whenever they fill, until cancelled or the client is gone."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(wire.encode(hello))
            while True:
                await self.writer.drain()
                await self._news.wait()
                self._news.clear()
                status, look = self._status, self._look
                self._status = self._look = None
                for message in (status, look):
                    if message is not None:
                        self.writer.write(wire.encode(message))


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
        self._sight: Sight

    async def run(self) -> None:
        """Serve until stopped; raise what ended the camera thread, or CameraError when it hangs."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        self._sight = Sight(
            self._work,
            lambda status, observation: _post(loop, self._hear, status, observation),
            lambda error: _post(loop, self._end, error),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        if self._child:
            self._watch_parent(loop)
        with _bound(self._config) as listener:
            server = await asyncio.start_unix_server(self._serve, sock=listener, limit=wire.LONGEST_LINE)
            self._sight.start()
            beat = asyncio.create_task(self._beat(), name="beat")
            beat.add_done_callback(self._beat_ended)
            self._notify("READY=1")
            _log.info(
                "vision listens on %s, camera %s closed", self._config.vision_socket, self._camera.source
            )
            try:
                await self._over
            finally:
                self._notify("STOPPING=1")
                beat.cancel()
                server.close()
                if self._client is not None:
                    self._client.writer.close()

    def farewell(self) -> bool:
        """Close the camera; return whether its thread ended in time."""
        return self._sight.stop(FAREWELL)

    def _end(self, error: BaseException | None = None) -> None:
        if self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)

    def _beat_ended(self, beat: asyncio.Task[None]) -> None:
        if not beat.cancelled() and (error := beat.exception()):
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
            busy = self._sight.busy_for()
            if busy > HUNG:
                message = (
                    f"camera {self._camera.source}: it hangs for {busy:.0f} s: the process starts afresh"
                )
                raise CameraError(message)
            self._notify("WATCHDOG=1")
            self._post_status()
            await asyncio.sleep(BEAT)

    def _post_status(self) -> None:
        if self._client is not None:
            self._client.post(wire.Status(self._camera, self._work.models))

    def _hear(self, status: CameraStatus, observation: Observation | None) -> None:
        """Take what the camera thread tells."""
        told, self._camera = self._camera, status
        if (told.state, told.open, told.source, told.reason) != (
            status.state,
            status.open,
            status.source,
            status.reason,
        ):
            self._post_status()
        if observation is not None and self._client is not None:
            self._client.post(wire.Look(observation))

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
        if config.camera == self._config.camera:
            work = dataclasses.replace(work, camera=self._work.camera)
        self._config, self._work = config, work
        self._sight.assign(work)
        self._post_status()
        _log.info("configuration reloaded")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it goes or a newer one comes."""
        client, previous = _Client(writer), self._client
        self._client = client
        self._sight.sense(on=False)
        if previous is not None:
            _log.info("a newer client takes over")
            previous.writer.close()
        sender = asyncio.create_task(client.send(wire.Hello(self._work.models)), name="sender")
        self._post_status()
        try:
            while (line := await reader.readline()) and self._client is client:
                self._obey(wire.decode_to_vision(line))
        except (WireError, ValueError) as error:
            _log.warning("the client is sent away: %s", error)
        except (ConnectionError, asyncio.CancelledError):
            pass  # it went without a word: the same as an end of file; or the process ends, and this task with it
        finally:
            sender.cancel()
            writer.close()
            if self._client is client:
                self._client = None
                self._sight.sense(on=False)

    def _obey(self, message: wire.ToVision) -> None:
        if isinstance(message, wire.Sense):
            self._sight.sense(on=message.on)
        else:
            self._reload()


def _post(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *arguments: object) -> None:
    """Call `act` in the loop, from the camera thread; a loop that has ended needs no telling."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(act, *arguments)


@contextlib.contextmanager
def _bound(config: Config) -> Iterator[socket.socket]:
    """Bind the vision socket (mode 0660) for this process alone; raise UsageError when another one serves
    it.
    """
    path = config.vision_socket
    ensure_runtime_folder(config.runtime_folder)
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        _take(lock, path)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        mask = os.umask(0o117)
        try:
            listener.bind(str(path))
        except OSError as error:
            listener.close()
            message = f"{path}: {error.strerror or error}: set paths.runtime to a folder that you may write"
            raise UsageError(message) from None
        finally:
            os.umask(mask)
        with listener:
            try:
                yield listener
            finally:
                path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _take(lock: int, path: Path) -> None:
    """Lock the file, waiting a little for a process that is about to end."""
    until = time.monotonic() + LOCK_TIME
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                message = (
                    f"{path}: another vision process serves it: stop that one, or set vision.spawn = false"
                )
                raise UsageError(message) from None
            time.sleep(0.05)
        else:
            return


def serve(load: Callable[[], Config], notify: Callable[[str], object], *, child: bool = False) -> int:
    """Run the process until it is stopped; return its exit code.

    `load` gives the configuration, now and at each reload; `notify` tells systemd.  A `child` ends with its
    standard input. Raises UsageError for a bad configuration and a socket that is taken.
    """
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
