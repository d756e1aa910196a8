"""The speaker: it feeds the tracker and the director with events, performs their effects and keeps the
snapshot.

Theory of operation
===================
Everything that happens is an event in one queue; one task takes them in order, so nothing below needs a lock.

    vision ─ looks, states ─┐                      ┌─ player effects ─> a queue and a task of their own: a
    slow music server
    player ─ events ────────┤─> tracker, director ─┤                    delays only itself
    web, broker, signals ───┤                      ├─ decisions ──────> store, broker
    heartbeat ─ ticks ──────┘                      └─ sensing ────────> store (durably), vision

After every event the broker gets what is due of the snapshot (`publisher`).

A task that ends unexpectedly ends `run`, and with it the process; systemd, or whoever started it, starts it
again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from moodspeaker import __version__
from moodspeaker.director import (
    ArmSongs,
    Director,
    ExtendSongs,
    Hand,
    Pause,
    PlayerEffect,
    PlayFailed,
    PlaySongs,
    Record,
    Remember,
    SetSensing,
    Skip,
    Tick,
    Unpause,
)
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.observation import CameraState, CameraStatus, ModelVersions, VisionLost
from moodspeaker.domain.player import PersonActed, PlayerConnected, PlayerLost, PlayState
from moodspeaker.errors import PersonFirst, PlayerError, StoreError
from moodspeaker.mood.affect import affect_of
from moodspeaker.wire import Hello, Look, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.config import Config
    from moodspeaker.director import Event
    from moodspeaker.domain.broker import Message
    from moodspeaker.domain.commands import Command
    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.domain.player import PlayerEvent
    from moodspeaker.mood.tracker import Tracker
    from moodspeaker.ports import Broker, Player, Store, Vision
    from moodspeaker.speaker.publisher import Publisher

log = logging.getLogger(__name__)

HEARTBEAT: Final = 1.0
"""Seconds between ticks."""
FLUSH: Final = 15 * 60.0
"""Seconds between two writes of the waiting records."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command that somebody waits for."""

    command: Command
    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Clock:
    """Both clocks and the local minute of the day."""

    now: Callable[[], Moment]
    minute: Callable[[], int]


def rfc3339(moment: Moment | None) -> str | None:
    """Return the wall time of a moment, to the second, in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment.wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Speaker:
    """The running speaker: what the web, the broker and the signals talk to."""

    def __init__(
        self,
        tracker: Tracker,
        director: Director,
        clock: Clock,
        *,
        vision: Vision,
        player: Player | None,
        broker: Broker,
        publisher: Publisher,
        store: Store,
        beat: Callable[[str], object],
    ) -> None:
        self._tracker, self._director, self._clock = tracker, director, clock
        self._vision, self._player, self._broker, self._store, self._beat = (
            vision,
            player,
            broker,
            store,
            beat,
        )
        self._events: asyncio.Queue[object] = asyncio.Queue()
        self._deeds: asyncio.Queue[tuple[int, PlayerEffect]] = asyncio.Queue()
        """Each with the number of persons' acts that were known when it was decided."""
        self._acts_told = self._acts_known = 0
        self._publisher = publisher
        self._camera = CameraStatus(
            CameraState.OFF, open=False, reason="the vision process has not answered yet"
        )
        self._models = ModelVersions()
        self._faces = 0
        self._status_line = ""
        self.page_fault = ""
        """Why there is no page although one is wanted, else empty."""
        if store.forgot:
            log.warning(
                'what was remembered is lost: the camera stays closed until a command {"sensing": "on"}'
            )
        self._sensing = not store.forgot and store.recall("sensing", "on") == "on"
        director.state.since = clock.now()
        if player is None:
            director.state.lost = "off: mpd.host is empty"

    # --- life
    # -------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled; raise what ended a task."""
        self._vision.sense(on=self._sensing)
        if not self._sensing:
            self._settle(self._tracker.camera(self._clock.now().monotonic, CameraState.OFF))
        self._publish()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_events(), name="events")
            group.create_task(self._vision.run(self._events.put_nowait), name="observations")
            group.create_task(self._heartbeat(), name="heartbeat")
            if self._player is not None:
                group.create_task(self._player.run(self._hear), name="player")
                group.create_task(self._perform_deeds(self._player), name="deeds")

    async def command(self, command: Command) -> None:
        """Carry a command out; raise StoreError when it could not be made durable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._events.put_nowait(_Asked(command, done))
        await done

    def take_command(self, command: Command) -> None:
        """Carry out a command that the broker passed on."""
        self._events.put_nowait(command)

    def adopt(self, config: Config) -> None:
        """Go on with another, validated configuration as far as that needs no restart."""
        self._tracker.adopt(config.mood)
        self._director.listen, self._director.hold, self._director.music = (
            config.listen,
            config.hold,
            config.music,
        )
        self._vision.reload()
        self._status_line = ""  # said again: the last one may have been a refused reload

    async def _heartbeat(self) -> None:
        flushed_at = self._clock.now().monotonic
        while True:
            self._events.put_nowait(Tick(self._clock.minute()))
            now = self._clock.now().monotonic
            if now - flushed_at >= FLUSH:
                flushed_at = now
                self._store.flush()
            await asyncio.sleep(HEARTBEAT)

    async def _take_events(self) -> None:
        while True:
            asked = await self._events.get()
            event, done = (asked.command, asked.done) if isinstance(asked, _Asked) else (asked, None)
            try:
                self._take(event)
            except StoreError as error:
                log.error("%s", error)  # noqa: TRY400 - its text says all
                if done is not None and not done.done():
                    done.set_exception(error)
            if done is not None and not done.done():
                done.set_result(None)
            self._publish()
            if isinstance(event, Tick):
                self._tell_systemd()

    def _hear(self, event: PlayerEvent) -> None:
        """Take what the player tells; from here on, what was decided before a person's act is out of date."""
        self._acts_told += isinstance(event, PersonActed)
        self._events.put_nowait(event)

    def _tell_systemd(self) -> None:
        state = self._director.state
        line = f"mood {state.mood}, camera {self._camera.state}, player {self._player_state()}, broker {self._broker.state}"
        words = ["WATCHDOG=1"]
        if line != self._status_line:
            self._status_line = line
            words.append(f"STATUS={line}")
        self._beat("\n".join(words))

    # --- events
    # -----------------------------------------------------------------------------------------------------

    def _take(self, event: object) -> None:
        match event:
            case Look(observation):
                if self._sensing:
                    self._faces = len(observation.faces)
                    self._settle(
                        self._tracker.look(observation.at, [face.probabilities for face in observation.faces])
                    )
            case Hello(models):
                self._models = models
                if models.refused:
                    log.warning("models refused: %s", models.refused)
            case Status(camera, models):
                self._models = models
                self._see_camera(camera)
            case VisionLost(reason):
                self._see_camera(
                    CameraStatus(CameraState.LOST, open=False, source=self._camera.source, reason=reason)
                )
            case _:
                self._direct(event)  # type: ignore[arg-type]

    def _see_camera(self, status: CameraStatus) -> None:
        if status.reason != self._camera.reason:
            log.log(
                logging.WARNING if status.reason else logging.INFO,
                "camera %s: %s",
                status.state,
                status.reason or "well",
            )
        self._camera = status
        if status.state is not CameraState.OK:
            self._faces = 0
        if self._sensing and status.state is CameraState.OFF:
            if status.reason:  # there is no camera: nothing is known, and nothing is lost
                self._settle(self._tracker.camera(self._clock.now().monotonic, CameraState.OK))
            return  # else told to open and has not yet: what it says next is news
        state = status.state if self._sensing else CameraState.OFF
        self._settle(self._tracker.camera(self._clock.now().monotonic, state))

    def _settle(self, change: MoodChange | None) -> None:
        if change is None:
            return
        log.info(
            "mood %s (was %s, %s, confidence %.2f)",
            change.current,
            change.previous,
            change.cause,
            change.confidence,
        )
        event = {
            "event_type": "mood_changed",
            "mood": str(change.current),
            "previous": str(change.previous),
            "cause": change.cause,
            "at": rfc3339(self._clock.now()),
        }
        self._send(self._publisher.event(event))
        self._direct(change)

    def _direct(self, event: Event) -> None:
        if isinstance(event, PlayerLost):
            while not self._deeds.empty():
                self._deeds.get_nowait()
        elif isinstance(event, PlayerConnected):
            log.info(
                "player connected: %s, %d songs in the queue", event.report.state, len(event.report.queue)
            )
        elif isinstance(event, PersonActed):
            self._acts_known += 1
        refused: StoreError | None = None
        for effect in self._director.handle(event, self._clock.now()):
            try:
                self._perform(effect)
            except StoreError as error:
                refused = error
        if refused is not None:
            raise refused

    def _perform(self, effect: object) -> None:
        match effect:
            case Record(decision):
                log.info("%s: %s (%s)", decision.verb, decision.rule, decision.mood)
                self._store.record(decision)
                event = {
                    "event_type": str(decision.verb),
                    "mood": str(decision.mood),
                    "rule": decision.rule,
                    "at": rfc3339(decision.at),
                }
                self._send(self._publisher.event(event))
            case Remember(name, value):
                self._store.remember(name, value)
            case SetSensing(on):
                self._sense(on=on)
            case PlaySongs() | ArmSongs() | ExtendSongs() | Unpause() | Pause() | Skip():
                self._deeds.put_nowait((self._acts_known, effect))

    def _sense(self, *, on: bool) -> None:
        """Open or close the camera; it is closed even where that cannot be remembered."""
        self._sensing = on
        self._vision.sense(on=on)
        if not on:
            self._faces = 0
            self._settle(self._tracker.camera(self._clock.now().monotonic, CameraState.OFF))
        self._store.remember("sensing", "on" if on else "off")

    async def _perform_deeds(self, player: Player) -> None:
        while True:
            acts, deed = await self._deeds.get()
            try:
                if acts != self._acts_told:
                    raise PersonFirst
                match deed:
                    case PlaySongs(selection, first):
                        await player.play(selection.songs, first)
                    case ArmSongs(songs):
                        await player.arm(songs)
                    case ExtendSongs(songs):
                        await player.extend(songs)
                    case Unpause():
                        await player.unpause()
                    case Pause():
                        await player.pause()
                    case Skip():
                        await player.skip()
            except PlayerError as error:
                log.warning("the player did not do it: %s", error)
                self._events.put_nowait(PlayFailed(deed, str(error)))

    # --- showing
    # ----------------------------------------------------------------------------------------------------

    def _player_state(self) -> PlayState:
        return PlayState.OFF if self._player is None else self._director.state.report.state

    def snapshot(self) -> dict[str, object]:
        """Return everything there is to show, as JSON values (CONTRACT: the snapshot)."""
        state, tracker = self._director.state, self._tracker
        song = state.report.song
        affect = affect_of(tracker.expression)
        pending = state.pending
        return {
            "mood": str(state.mood),
            "since": rfc3339(state.since),
            "confidence": round(tracker.confidence, 2),
            "probabilities": {str(e): round(p, 2) for e, p in zip(EMOTIONS, tracker.posterior, strict=True)},
            "faces": self._faces,
            "valence": round(affect.valence, 2),
            "arousal": round(affect.arousal, 2),
            "sensing": self._sensing,
            "override": str(state.override) if state.override else None,
            "camera": {
                "state": str(self._camera.state if self._sensing or self._camera.open else CameraState.OFF),
                "open": self._camera.open,
                "frames_written": self._camera.frames_written,
                "source": self._camera.source,
                "reason": self._camera.reason if self._sensing else "",
            },
            "player": {
                "state": str(self._player_state()),
                "uri": song.uri if song else None,
                "title": song.title if song else None,
                "artist": song.artist if song else None,
                "reason": state.lost,
            },
            "broker": {"state": str(self._broker.state), "reason": self._broker.reason},
            "selection": {"mood": None, "name": None, "rule": None}
            if state.selection is None
            else {
                "mood": str(state.selection.mood),
                "name": state.selection.name,
                "rule": state.selection.rule,
            },
            "pending": None
            if pending is None
            else {"mood": str(pending.selection.mood), "song": pending.song, "at": rfc3339(pending.at)},
            "hold": {
                "active": state.hand is not Hand.FREE,
                "until": rfc3339(state.hold_until),
                "hand": state.hand.value,
            },
            "models": {
                "face": self._models.face,
                "emotion": self._models.emotion,
                "refused": self._models.refused,
            },
            "store": {"fault": self._store.fault},
            "web": {"fault": self.page_fault},
            "version": __version__,
        }

    def moods(self) -> list[dict[str, object]]:
        """Return the seven moods, the music of each, and which one is now."""
        state = self._director.state
        return [
            {
                "mood": str(emotion),
                "music": None
                if source is None
                else {"name": source.name, "rule": source.rule, "songs": len(source.songs)},
                "current": emotion is state.mood,
            }
            for emotion in EMOTIONS
            for source in [state.music.get(emotion)]
        ]

    def decisions(self, count: int) -> list[dict[str, object]]:
        """Return the last decisions, newest first."""
        return [dict(decision) for decision in self._store.decisions(count)]

    def _publish(self) -> None:
        for message in self._publisher.due(self.snapshot(), self._clock.now().monotonic):
            self._send(message)

    def publish_last(self) -> None:
        """Publish what is true now, without waiting, before a clean stop."""
        for message in self._publisher.rest(self.snapshot(), self._clock.now().monotonic):
            self._send(message)

    def _send(self, message: Message) -> None:
        self._broker.publish(message.topic, message.payload, retain=message.retain)
