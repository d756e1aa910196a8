"""The speaker: events to the tracker and the director, their effects to the world, and what there is to show.

Theory of operation
===================
Everything that happens is an event in one queue; one task takes them in order, so nothing below needs a lock.

    vision ── looks, states ─┐                      ┌─ requests for songs ──> music ──────> an event
    player ── events ────────┤─> tracker, director ─┤─ orders to the player ─> performer ─> an event
    web, broker, signals ────┤                      ├─ decisions ────────────> store, broker
    heartbeat ── ticks ──────┘                      └─ settings ─────────────> store, durably

The broker gets levels: after every event the snapshot is compared with what was last published (`publisher`).
A look that changes neither the mood nor the faces is shown with the next tick, unless somebody watches.
Sensing and volume are no matter of the director's: they are carried out here.

A task that ends unexpectedly ends `run`, and with it the process; whoever started it starts it again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.director.effects import (
    Confirmed,
    Effect,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    NoProgramme,
    PausePlaying,
    PlayProgramme,
    ProgrammeReady,
    QueueProgramme,
    Record,
    RequestMore,
    RequestProgramme,
    SaveSetting,
    StartPlaying,
    Tick,
)
from moodspeaker.domain.commands import (
    Calibrate,
    ChangeSetting,
    Command,
    Dislike,
    GiveEvidence,
    Hold,
    Like,
    Next,
    Override,
    Pause,
    Play,
    Previous,
    Profile,
    Restart,
    Resume,
    Sensing,
    SetVolume,
    SongMood,
    Target,
    WrongMood,
)
from moodspeaker.domain.decision import Verb
from moodspeaker.domain.moment import WallClock
from moodspeaker.domain.observation import CameraState, VisionLost
from moodspeaker.domain.player import (
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    TrackEnded,
)
from moodspeaker.domain.wording import sentence
from moodspeaker.errors import NotNow, StoreError
from moodspeaker.mood.room import Room
from moodspeaker.speaker.calibrating import Calibrating
from moodspeaker.speaker.corrections import Corrections
from moodspeaker.speaker.declining import declined, demand_volume
from moodspeaker.speaker.drawing import Drawing
from moodspeaker.speaker.happening import Asked, Clock, Happening, Ports, Watch
from moodspeaker.speaker.listener import Listener
from moodspeaker.speaker.offer import Offer
from moodspeaker.speaker.performer import Performer
from moodspeaker.speaker.pictures import Pictures
from moodspeaker.speaker.records import Records, on_the_disk
from moodspeaker.speaker.seeing import Seeing
from moodspeaker.speaker.setting_up import SettingUp
from moodspeaker.speaker.settings import Settings
from moodspeaker.speaker.sharing import HouseholdMessage, Sharing
from moodspeaker.speaker.snapshot import Shown, Surroundings, take_snapshot
from moodspeaker.speaker.supervised import Supervised
from moodspeaker.speaker.views import DecisionView, mood_rows
from moodspeaker.wire import Hello, Look, Status
from moodspeaker.wire.pictures import PictureRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.config.in_force import InForce
    from moodspeaker.config.schema import Config
    from moodspeaker.director.director import Director
    from moodspeaker.director.effects import Event
    from moodspeaker.domain.broker import Message
    from moodspeaker.domain.commands import VerdictCommand
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.mood.tracker import Tracker
    from moodspeaker.music.programme import Programmes
    from moodspeaker.speaker.publisher import Publisher
    from moodspeaker.speaker.snapshot import Snapshot

HEARTBEAT: Final = 1.0
"""Seconds between ticks."""

_log = logging.getLogger(__name__)


class Speaker:
    """The running speaker: what the web, the broker and the signals talk to."""

    def __init__(  # noqa: PLR0917 - the composition root alone calls it
        self,
        tracker: Tracker,
        director: Director,
        programmes: Programmes,
        publisher: Publisher,
        clock: Clock,
        ports: Ports,
        settings: InForce,
    ) -> None:
        """Prepare; nothing runs before `run`."""
        self.settings = Settings(settings, self.adopt, ports.vision.reload, ports.notify)
        """What is in force, and how it changes."""
        self.watch: Watch = lambda _snapshot, _decided: None
        self.is_watched: Callable[[], bool] = lambda: True
        """Tells whether anybody sees what `watch` is told."""
        self._director, self._programmes = director, programmes
        self._publisher, self._clock, self._ports = publisher, clock, ports
        self._shown = Shown()
        self._wall = WallClock(clock.now())
        self._events: asyncio.Queue[Happening] = asyncio.Queue()
        self._performer = Performer(ports.player, director.wants, self._events.put_nowait)
        self._room = Room(tracker)
        self._offer = Offer(ports.index)
        self._corrections = Corrections(ports.index, ports.player, self._events.put_nowait)
        mqtt = settings.config.mqtt
        self._sharing = Sharing(mqtt.household, mqtt.id, ports.household, ports.broker, self._offer.correct)
        self._listener = Listener(ports, self._sharing.correct)
        self._drawing = Drawing(programmes, ports.chooser, lambda: self._listener.profile)
        self._switched_at: float | None = None
        store = ports.store
        self._supervised = Supervised(ports.notify, ports.restart, store)
        if store.data_lost:
            _log.warning('the settings are lost: the camera stays closed until a command {"sensing": "on"}')
        sensing = not store.data_lost and store.get("sensing", "on") == "on"
        self.around = Surroundings(clock.now(), sensing=sensing, player_wanted=ports.player is not None)
        self.around.decision = DecisionView.kept(store)
        self._calibrating = Calibrating(store, ports.vision)
        self._seeing = Seeing(self._room, self.around, store, self._calibrating, clock.now)
        self.pictures = Pictures(ports.vision, self.around, self.snapshot)
        """Those that a browser sends."""
        self.setup = SettingUp(ports.vision, ports.player, ports.doctor)
        """What the page asks while somebody sets the speaker up."""
        self.records = Records(ports, self._calibrating, self.around)
        director.state.since = clock.now()
        if ports.player is None:
            director.state.lost = "off: mpd.host is empty"

    # --- life ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled; raise what ended a task."""
        ports = self._ports
        ports.vision.sense(on=self.around.sensing)
        if not self.around.sensing:
            self._announce_mood(self._room.camera(self._clock.now().monotonic, CameraState.OFF))
        self._sharing.start(self._events.put_nowait)
        self._publish()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_events(), name="events")
            group.create_task(ports.vision.run(self._events.put_nowait), name="observations")
            group.create_task(self._heartbeat(), name="heartbeat")
            group.create_task(self.settings.run(), name="settings")
            group.create_task(self._corrections.run(), name="corrections")
            if ports.player is not None:
                group.create_task(ports.player.run(self._hear), name="player")
                group.create_task(self._performer.run(), name="performer")

    async def command(self, command: Command) -> None:
        """Carry a command out; raise NotNow, StoreError (it cannot be kept), ConfigError (a setting)."""
        if isinstance(command, ChangeSetting):
            await self.settings.obey(command)
            return
        if isinstance(command, SongMood):
            await self._corrections.check(command.uri)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._events.put_nowait(Asked(command, done))
        await done

    def take_command(self, command: Command) -> None:
        """Carry out a command that nobody waits for."""
        if isinstance(command, SongMood):
            self._corrections.want(command)
        else:
            self._events.put_nowait(command)

    def adopt(self, config: Config) -> None:
        """Go on with another, validated configuration as far as that needs no restart."""
        self._room.tracker.adopt(config.mood)
        self._director.adopt(config.director)
        self._supervised.tell_again()  # systemd may still show a refused reload
        self._publish()

    async def _heartbeat(self) -> None:
        while True:
            self._events.put_nowait(Tick(self._clock.minute(), self._room.affect))
            self.records.tick(self._clock.now().monotonic)
            await asyncio.sleep(HEARTBEAT)

    async def _take_events(self) -> None:
        while True:
            happening = await self._events.get()
            asked = happening if isinstance(happening, Asked) else None
            mood, faces = self._director.state.mood, self._room.faces
            try:
                self._take(happening)
            except (NotNow, StoreError) as error:
                _log.log(logging.INFO if isinstance(error, NotNow) else logging.ERROR, "%s", error)
                if asked is not None and not asked.done.done():
                    asked.done.set_exception(error)
            self._ports.disk.settle(None if asked is None else asked.done)
            same = self._director.state.mood is mood and self._room.faces == faces
            if isinstance(happening, Look) and same and not self.is_watched():
                continue  # the next tick shows it
            shown = self._publish()
            if isinstance(happening, Tick):
                self._supervised.tell(shown, self.settings.in_force.status, self._clock.now().monotonic)

    def _hear(self, event: PlayerEvent) -> None:
        """Take what the player tells; what was decided before a person's act is outdated from here on."""
        if isinstance(event, PersonActed):
            self._performer.person_heard()
        self._events.put_nowait(event)

    # --- events -------------------------------------------------------------------------------------------

    def _take(self, happening: Happening) -> None:
        match happening:
            case Asked(command):
                self._take_command(command)
            case Hello() | Look() | Status() | PictureRefused() | VisionLost():
                self._announce_mood(self._seeing.take(happening))
                self.pictures.hear(happening)
                self.setup.hear(happening)
            case Tick():
                self._look_at_index()
                self._sharing.tick(self._clock.now().monotonic)
                self._announce_mood(self._room.tick(self._clock.now().monotonic))
                self._calibrating.tick(self._clock.now())
                self.setup.tick(self._clock.now().monotonic)
                self._direct(happening)
            case ProgrammeReady() | NoProgramme() | Confirmed() | Failed():
                self._direct(happening)
            case PlayerConnected() | PlayerLost() | PlayerChanged() | PersonActed() | TrackEnded():
                self._take_player(happening)
            case MusicChanged():
                self._take_player(self._offer.take(happening))
            case HouseholdMessage():
                self._sharing.take(happening)
            case _:
                self._take_command(happening)

    def _take_command(self, command: Command) -> None:
        match command:
            case Sensing(on):
                self._sense(on=on)
            case SetVolume():
                demand_volume(self._director.state)
                self._performer.put(command)
            case Calibrate():
                self._calibrating.obey(command, self._clock.now(), self.around)
            case GiveEvidence(evidence):
                self._announce_mood(self._room.take(evidence, self._clock.now().monotonic))
            case ChangeSetting():
                self.settings.want(command)
            case Restart():
                self._supervised.restart(self._clock.now().wall)
            case SongMood() | Profile() | Like() | Dislike() | WrongMood():
                self._take_word(command)
            case Override() | Target() | Hold() | Resume() | Play() | Pause() | Next() | Previous():
                self._direct(command)
            case _:
                assert_never(command)

    def _take_word(self, word: SongMood | Profile | VerdictCommand) -> None:
        """Take what a person says of a song, or of who listens."""
        match word:
            case SongMood(uri, mood):
                self._sharing.correct(uri, mood)
            case Profile(name):
                self._listener.choose(name)
            case _:
                meant = self._listener.say(word, self._director.state, self._clock.now())
                self._sharing.said()
                self._direct(meant)

    def _announce_mood(self, change: MoodChange | None) -> None:
        if change is None:
            return
        words = (change.current, change.previous, change.cause, change.confidence)
        _log.info("mood %s (was %s, %s, confidence %.2f)", *words)
        self._publish_event(
            "mood_changed", mood=str(change.current), previous=str(change.previous), cause=change.cause
        )
        self._direct(change)

    def _take_player(self, event: PlayerEvent) -> None:
        match event:
            case PlayerLost():
                self._performer.clear()
            case PlayerConnected(report):
                _log.info("player connected: %s, %d songs in the queue", report.state, report.length)
            case PersonActed():
                self._performer.person_known()
            case MusicChanged(music):
                self._programmes.offer(music)
            case TrackEnded():
                self._drawing.heard(event.song.uri)
                self._listener.hear(event, self._director.state, self._clock.now(), self._switched_at)
            case PlayerChanged():
                pass
            case _:
                assert_never(event)
        self._direct(event)

    def _look_at_index(self) -> None:
        """Take over what a scan found, in the music and in what is shown."""
        if (changed := self._offer.look(self._clock.now().monotonic)) is not None:
            self._take_player(changed)
        self.around.index = self._offer.summary

    def _direct(self, event: Event) -> None:
        refused: NotNow | StoreError | None = None
        for effect in self._director.handle(event, self._clock.now()):
            try:
                self._perform(effect)
            except (NotNow, StoreError) as error:
                if isinstance(effect, SaveSetting) and not effect.asked:
                    _log.error("%s", error)
                else:
                    refused = error
        if refused is not None:
            raise refused

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Record(decision, not_done):
                words = sentence(decision.reason)
                _log.info("%s: %s (%s)", decision.verb, words, decision.mood)
                if decision.verb is Verb.SWITCHED:
                    self._switched_at = decision.at.monotonic
                self._ports.store.record(decision)
                self.around.decide(decision, self._wall)
                self._publish_event(str(decision.verb), mood=str(decision.mood), rule=words)
                if not_done:
                    raise declined(decision.reason)
            case SaveSetting(name, value):
                self._ports.store.set(name, value)
            case RequestProgramme() | RequestMore():
                self._events.put_nowait(self._drawing.answer(effect))
            case (
                PlayProgramme()
                | QueueProgramme()
                | ExtendQueue()
                | StartPlaying()
                | PausePlaying()
                | GoToNext()
                | GoToPrevious()
            ):
                self._performer.put(effect)
            case _:
                assert_never(effect)

    def _sense(self, *, on: bool) -> None:
        """Open or close the camera; it is closed even where that cannot be kept."""
        self.around.sensing = on
        self._ports.vision.sense(on=on)
        if not on:
            self._announce_mood(self._room.camera(self._clock.now().monotonic, CameraState.OFF))
        self._ports.store.set("sensing", "on" if on else "off")

    # --- showing ------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return everything there is to show."""
        ports = self._ports
        parts = (
            ports.broker, ports.store, ports.machine, self.settings.in_force, self._listener, self._drawing,
            self._calibrating, self._sharing,
        )  # fmt: skip
        return take_snapshot(self.around, self._room, self._director.state, parts, self._wall)

    def moods(self) -> list[dict[str, object]]:
        """Return the seven moods, the music of each, and which one is now."""
        return mood_rows(self._director.state.music, self._director.state.mood)

    def songs(self, mood: Emotion, count: int) -> list[dict[str, object]]:
        """Return the songs that fit a mood best, with reasons, as `moodspeaker suggest --json` tells them."""
        return [song.as_json() for song in self._drawing.songs(mood, count)]

    def stream(self) -> str:
        """Return the URL of what the music server plays; empty where it has no such output."""
        return self._director.state.report.stream

    def written_settings(self) -> dict[str, object]:
        """Return the settings in force and those that are written now (`InForce.compared`)."""
        return self.settings.in_force.compared()

    async def forget_household(self) -> None:
        """Erase what was learned from other speakers, and clear what was told to them; raise StoreError."""
        self._sharing.forget()
        await on_the_disk(self._ports.disk)
        _log.info("what the household told is erased, as asked")

    def publish_last(self) -> None:
        """Publish what is true now, without waiting, before a clean stop."""
        for message in self._publisher.rest(self.snapshot().as_json(), self._clock.now().monotonic):
            self._send(message)

    def _publish(self) -> Snapshot:
        now = self._clock.now()
        self._wall.read(now)
        snapshot = self.snapshot()
        shown = self._shown.as_json(snapshot)
        for message in self._publisher.due(shown, now.monotonic):
            self._send(message)
        self.watch(shown, self.around.decided)
        return snapshot

    def _publish_event(self, kind: str, **words: str) -> None:
        event = {"event_type": kind, **words, "at": self._wall.text(self._clock.now())}
        self._send(self._publisher.event(event))

    def _send(self, message: Message) -> None:
        self._ports.broker.publish(message.topic, message.payload, retain=message.retain)
