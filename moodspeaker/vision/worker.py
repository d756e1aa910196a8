"""The camera thread: it owns the camera and the models, opens, reads, looks and rests.

Theory of operation
===================
One daemon thread, `camera`.  The event loop (`server`) tells it what is wanted (`sense`, `assign`, `stop`);
it answers through functions that it is given: `report` with each status and look, `refuse` with each picture
sent in that is no picture, `fail` with what ended it, `show` with each picture of a preview (`preview`).

1. The camera starts closed and is open only while it is wanted and the privacy lock (`lock`) is off, which is
   looked at every `LOCK_EVERY` seconds.
2. A CameraError is a state: lost, with its reason; the camera is opened again for ever, after the delays of
   `backoff`.  A refused model is a state, too: the camera runs on, but no faces are looked for.  Only the
   first failure and the recovery are logged.
3. `busy_for` says how long the present step has taken: a camera that is closed, absent or backing off is at
   rest, a read that hangs is not.  A thread, since a hung driver cannot be cancelled; a daemon one, since it
   must not hold up the end of the process.
4. Anything unexpected goes to `fail`, which ends the process.
5. A camera that is given its pictures (`browser`) is looked through when one comes; else the thread rests.
6. Times are of the monotonic clock: no jump of the wall clock is seen here.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from dataclasses import field
from typing import TYPE_CHECKING, Final

from moodspeaker.backoff import Backoff
from moodspeaker.domain.observation import CameraState, CameraStatus, ModelVersions, Observation
from moodspeaker.errors import CameraError, ModelError, PictureError, PictureFault
from moodspeaker.values import dataclass
from moodspeaker.vision.cameras import camera as camera_of
from moodspeaker.vision.lock import NoLock, lock_of
from moodspeaker.vision.picture import PictureCheck
from moodspeaker.vision.pipeline import FacePipeline, Light, light
from moodspeaker.vision.preview import Preview, packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    import numpy as np
    from numpy.typing import NDArray

    from moodspeaker.config.schema import Config
    from moodspeaker.vision.cameras import Camera
    from moodspeaker.vision.lock import Lock

FIRST_DELAY: Final = 2.0
LONGEST_DELAY: Final = 30.0
SHORTEST_DELAY: Final = 1.0
"""Seconds before a lost camera is opened again: the first time at most, ever at most, at least."""
HURRIED: Final = 0.25
"""Seconds between looks, at most, while it hurries."""
DROWSY: Final = 2.0
"""With nobody seen the looks are this many times rarer."""
LOCK_EVERY: Final = 0.5
"""Seconds between two looks at the privacy lock."""
SMOOTHING: Final = 0.2
"""Weight of the newest look in the smoothed cost."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What the camera thread works with; a reload gives it another one."""

    camera: Camera
    """The source, closed."""
    pipeline: FacePipeline | None
    """Both models; None when one is refused."""
    models: ModelVersions
    """Their versions, or why they are refused."""
    interval: float
    """Seconds between looks while somebody is seen."""
    lock: Lock = field(default_factory=NoLock)
    """What keeps the camera closed."""
    may_preview: bool = False
    """Whether its pictures may be shown."""

    @classmethod
    def of(cls, config: Config) -> Work:
        """Build what a configuration asks for; raise UsageError for a malformed `camera.source`."""
        camera, lock = camera_of(config.camera), lock_of(config.camera.lock)
        interval, may_preview = config.vision.interval, config.camera.preview
        try:
            pipeline = FacePipeline.from_config(config)
        except ModelError as error:
            _log.error("models refused: %s", error)
            return cls(camera, None, ModelVersions(refused=str(error)), interval, lock, may_preview)
        return cls(camera, pipeline, pipeline.versions, interval, lock, may_preview)

    def shows_face(self, luma: NDArray[np.uint8]) -> bool:
        """Tell whether the whole of a picture shows a face."""
        return self.pipeline is not None and self.pipeline.shows_face(luma)


class CameraWorker:
    """The thread.  `report`, `refuse`, `fail`, `show` are called in it, all methods in any other thread."""

    def __init__(  # noqa: PLR0917 - the server alone makes one
        self,
        work: Work,
        report: Callable[[CameraStatus, Observation | None], None],
        refuse: Callable[[int | None, PictureError], None],
        fail: Callable[[BaseException], None],
        chance: Random,
        clock: Callable[[], float] = time.monotonic,
        show: Callable[[bytes], object] = lambda _jpeg: None,
    ) -> None:
        self._report_to = report
        self._refuse = refuse
        self._fail = fail
        self._clock = clock
        self._show = show
        self._condition = threading.Condition()
        self._woken = False
        self._wanted = False
        self._stopped = False
        self._assigned = work
        self._hurries_until = float("-inf")
        self._preview = Preview()
        self._step_since: float | None = None
        # From here on the thread's own.
        self._work = work
        self._light = Light()
        self._picture = PictureCheck()
        self._status = CameraStatus(CameraState.OFF, open=False, source=work.camera.source)
        self._backoff = Backoff(chance, first=FIRST_DELAY, longest=LONGEST_DELAY, shortest=SHORTEST_DELAY)
        self._looked_at: float | None = None
        self._locked: bool | None = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def sense(self, *, on: bool) -> None:
        """Open or close the camera."""
        with self._condition:
            if not on:
                self._preview.end()
            if on != self._wanted:
                self._wanted = on
                self._wake()

    def preview(self, *, on: bool) -> None:
        """Show what it sees, for a while, or no more; raise PictureError where it may not be shown."""
        with self._condition:
            if on:
                wanted = self._wanted and not self._locked
                self._preview.begin(self._clock(), allowed=self._assigned.may_preview, open_wanted=wanted)
            else:
                self._preview.end()
            self._wake()

    def look_at(self, number: int, jpeg: bytes) -> None:
        """Look at a picture that a browser sent in; raise PictureError where none is looked at now."""
        with self._condition:
            camera = self._assigned.camera
            if camera.takes_pictures and not (self._wanted and not self._locked):
                raise PictureError(
                    PictureFault.CLOSED, "the camera is closed: sensing is off, or the privacy lock is on"
                )
            camera.offer(number, jpeg)
            self._wake()

    def assign(self, work: Work) -> None:
        """Go on with another camera, other models, another interval."""
        with self._condition:
            self._assigned = work
            if not work.may_preview:
                self._preview.end()
            self._wake()

    def hurry(self, seconds: float) -> None:
        """Look as often as it can for some seconds."""
        with self._condition:
            self._hurries_until = self._clock() + seconds
            self._wake()

    def stop(self, timeout: float) -> bool:
        """Close the camera and end the thread; return whether it did within `timeout` seconds."""
        with self._condition:
            self._stopped = True
            self._wake()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def busy_for(self) -> float:
        """Return how many seconds the present step has taken so far, 0 at rest."""
        since = self._step_since
        return 0.0 if since is None else self._clock() - since

    def _wake(self) -> None:
        self._woken = True
        self._condition.notify()

    def _run(self) -> None:
        try:
            rest: float | None = 0.0
            while True:
                with self._condition:
                    self._rest(rest)
                    self._woken = False
                    wanted, stopped, assigned = self._wanted, self._stopped, self._assigned
                self._step_since = self._clock()
                if stopped:
                    self._work.camera.close()
                    self._work.lock.close()
                    return
                if assigned.camera is not self._work.camera:
                    self._work.camera.close()
                    self._backoff.reset()
                if assigned.lock is not self._work.lock:
                    self._work.lock.close()
                self._work = assigned
                rest = self.step(wanted=wanted)
                self._step_since = None
        except Exception as error:  # noqa: BLE001 - whatever it is ends the process
            self._fail(error)

    def _rest(self, seconds: float | None) -> None:
        """Rest until something is wanted, the time has come, or the privacy lock was turned."""
        lock = self._work.lock
        if isinstance(lock, NoLock):
            self._condition.wait_for(lambda: self._woken, seconds)
            return
        end = None if seconds is None else self._clock() + seconds
        while not self._woken and bool(lock.reason()) == self._locked:
            left = LOCK_EVERY if end is None else min(LOCK_EVERY, end - self._clock())
            if left <= 0:
                return
            self._condition.wait(left)

    def step(self, *, wanted: bool) -> float | None:
        """Do what is due and return the seconds to rest; None rests until something is wanted."""
        began, camera = self._clock(), self._work.camera
        lock = self._work.lock
        why_locked = lock.reason()
        self._locked = None if isinstance(lock, NoLock) else bool(why_locked)
        if not wanted or why_locked or camera.source == "none":
            self._closed(why_locked)
            return None
        try:
            if (nothing_for := camera.wait()) > 0:
                return nothing_for
            camera.open()
            frame = camera.read()
        except PictureError as refused:
            self._refuse(camera.number, refused)
            return 0.0
        except CameraError as error:
            return self._lost(str(error))
        if self._backoff.attempts:
            _log.info("camera %s: back after %d attempts", camera.source, self._backoff.attempts)
            self._backoff.reset()
        ready = self._clock()
        pipeline, crop = self._work.pipeline, camera.faces_only
        observation = pipeline.look(frame, crop=crop, source=camera.kind) if pipeline else None
        if observation is not None and camera.number is not None:
            observation = dataclasses.replace(observation, picture=camera.number)
        seen = crop or (observation is not None and bool(observation.faces))
        state = self._light.see(CameraState.OK if seen else light(frame.luma))
        if observation is not None and not crop and state is CameraState.OK:
            self._picture.see(frame.luma, observation.faces, self._work.shows_face)
        done = self._clock()
        self._count(done - ready, done, frame.captured_at)
        self._report(state, "", observation)
        if previewing := self._preview.is_on(done):
            self._show(packed(frame.luma))
        interval = self._work.interval * (1.0 if seen or observation is None else DROWSY)
        if previewing or done < self._hurries_until:
            interval = min(interval, HURRIED)
        return max(0.0, began + interval - done)

    def _closed(self, why_locked: str) -> None:
        """Keep the camera closed and say why."""
        camera = self._work.camera
        camera.close()
        self._preview.end()
        self._backoff.reset()
        self._looked_at, self._light, self._picture = None, Light(), PictureCheck()
        none = "camera.source = none" if camera.source == "none" else ""
        self._report(CameraState.OFF, none or why_locked)

    def _lost(self, reason: str) -> float:
        """Say that the camera is lost and return the delay before it is opened again."""
        if not self._backoff.attempts:
            _log.warning("%s", reason)
        self._looked_at, self._light, self._picture = None, Light(), PictureCheck()
        self._report(CameraState.OFF if self._work.camera.absent else CameraState.LOST, reason)
        return self._backoff.delay()

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

    def _report(self, state: CameraState, reason: str, observation: Observation | None = None) -> None:
        camera = self._work.camera
        self._status = dataclasses.replace(
            self._status,
            state=state,
            open=camera.is_open,
            source=camera.source,
            reason=reason,
            locked=self._locked,
            hints=self._picture.hints,
            takes_pictures=camera.takes_pictures,
            may_preview=self._work.may_preview,
            previewing=self._preview.is_on(self._clock()),
            duty=self._status.duty if camera.is_open else 0.0,
        )
        self._report_to(self._status, observation)
