"""The composition root of the speaker process: settings, log, store, adapters, API, READY; and back.

Every part is entered on one exit stack, so a stop takes them down in reverse: player and vision closed, API
closed, last snapshot and `offline` published, store closed.  Each step has its own time limit, and all of
them together end within ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import random
import resource
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters import systemd
from moodspeaker.adapters.doctor import DoctorProcess
from moodspeaker.adapters.machine import Machine
from moodspeaker.adapters.mqtt.no_broker import NoBroker
from moodspeaker.adapters.state.disk import Disk
from moodspeaker.adapters.state.store import SqliteStore
from moodspeaker.adapters.vision_client import VisionClient
from moodspeaker.config.in_force import InForce
from moodspeaker.config.runtime import ensure_runtime_folder
from moodspeaker.director import kept_holder, standing
from moodspeaker.director.aiming import JOURNEY, TARGET
from moodspeaker.director.director import Director
from moodspeaker.director.flow import PROGRAMMES
from moodspeaker.director.kept_holder import CONTROL
from moodspeaker.director.standing import STANDS
from moodspeaker.director.state import Chosen
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.entities import ENTITIES, Need, prefix
from moodspeaker.domain.listener import GUEST, HOUSEHOLD
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.household import SqliteHousehold
from moodspeaker.library.imported import LibraryImports
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.verdicts import SqliteVerdicts
from moodspeaker.mood.tracker import Tracker
from moodspeaker.music import kept_journey
from moodspeaker.music.programme import Programmes
from moodspeaker.music.recent import RecentProgrammes
from moodspeaker.resources import schema_folder
from moodspeaker.speaker.happening import Clock, Ports
from moodspeaker.speaker.listener import PROFILE
from moodspeaker.speaker.loop import Speaker
from moodspeaker.speaker.publisher import Publisher, last_will
from moodspeaker.timestamps import Timestamps, boot_id, this_instant
from moodspeaker.web.app import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from moodspeaker.config.layers import Layers
    from moodspeaker.config.schema import Config
    from moodspeaker.domain.commands import Command
    from moodspeaker.domain.machine import MachineHealth
    from moodspeaker.ports import Broker, ImportedSongs, Player, Store

log = logging.getLogger(__name__)

STANDARD_ERROR: Final = 2
STEP: Final = 3.0
"""Seconds that one step of a stop may take."""


def main(
    load: Callable[[], Layers],
    program: Sequence[str],
    options: Sequence[str],
    at_ready: Callable[[], object] = lambda: None,
) -> int:
    """Run the speaker until a signal comes, or a restart is asked for; return the exit status.

    `load` reads the configuration, now and at every reload; `program` are the words
    that start this program, `options` those that let another of its commands find the same settings;
    `at_ready` is called when it is ready.
    """
    layers = load()
    ensure_runtime_folder(layers.config.runtime_folder)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a browser's pictures pass through: no crash keeps one
    _log_to_stderr()
    return asyncio.run(_run(InForce.at_start(layers, load), program, options, at_ready))


def _log_to_stderr() -> None:
    """Log to the standard error; to the journal, which has its own clock, with levels (sd-daemon(3))."""
    handler = logging.StreamHandler(sys.stderr)
    if _is_journal(STANDARD_ERROR):
        levels = {logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
        for level, number in levels.items():
            logging.addLevelName(level, f"<{number}>")
        handler.setFormatter(logging.Formatter("%(levelname)s%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # aiohttp logs each malformed line of a client; `web.answers` logs what is ours.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


def _is_journal(descriptor: int) -> bool:
    """Tell whether a file is the journal's: a terminal that a service started has inherited the variable."""
    try:
        status = os.fstat(descriptor)
    except OSError:  # closed
        return False
    return os.environ.get("JOURNAL_STREAM", "") == f"{status.st_dev}:{status.st_ino}"


async def _run(
    settings: InForce, program: Sequence[str], options: Sequence[str], at_ready: Callable[[], object]
) -> int:
    loop, config = asyncio.get_running_loop(), settings.config
    restart_status, end = systemd.restart_status(), _End()
    async with contextlib.AsyncExitStack() as stack:
        timestamps = Timestamps(this_instant, boot_id())
        store = SqliteStore(config.state_folder, config.records.hours, timestamps, synced=False)
        stack.callback(store.close)
        history = SqliteHistory(config.state_folder, schema_folder(), timestamps, synced=False)
        stack.callback(history.close)
        commands: list[Callable[[Command], None]] = []
        broker = _broker(config, lambda command: commands[0](command), loop)  # noqa: PLW0108 - filled below
        restart = None if restart_status is None else partial(end.come, restart_status)
        ports = _ports(config, program, options, (store, history, timestamps), broker, restart=restart)
        speaker = _speaker(settings, ports, timestamps)
        commands.append(speaker.take_command)
        api = Api(speaker, config, options)
        await api.start()
        speaker.around.page_fault = lambda: api.reason
        broker.start()
        stack.push_async_callback(_step, "broker", lambda: asyncio.to_thread(broker.stop))
        stack.callback(speaker.publish_last)
        stack.push_async_callback(_step, "API", api.close)

        running = end.running = asyncio.create_task(speaker.run(), name="speaker")
        stack.push_async_callback(_step, "speaker", lambda: _cancelled(running))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end.come)
        loop.add_signal_handler(signal.SIGHUP, speaker.settings.reload)
        gc.freeze()  # what the start made stays to the end: no later collection goes through it
        at_ready()
        systemd.notify("READY=1")
        log.info("moodspeaker runs; ask it with: moodspeaker status")
        with contextlib.suppress(asyncio.CancelledError):
            await running
        systemd.notify("STOPPING=1")
        log.info("stopping")
    return end.status


class _End:
    """How the speaker ends."""

    def __init__(self) -> None:
        self.running: asyncio.Task[None] | None = None
        self.status = 0

    def come(self, status: int = 0) -> None:
        """End it, with an exit status."""
        self.status = status
        if self.running is not None:
            self.running.cancel()


async def _step(name: str, act: Callable[[], Coroutine[object, object, None]]) -> None:
    """Carry out one step of a stop within its time."""
    try:
        await asyncio.wait_for(act(), STEP)
    except TimeoutError:
        log.warning("the %s did not stop within %g s", name, STEP)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _ports(
    config: Config,
    program: Sequence[str],
    options: Sequence[str],
    kept: tuple[SqliteStore, SqliteHistory, Timestamps],
    broker: Broker,
    *,
    restart: Callable[[], None] | None,
) -> Ports:
    """Return the world that the speaker works with."""
    store, history, timestamps = kept
    database, shared = history.database, config.mqtt.household
    argv = (*program, "vision", "--child", *options) if config.vision.spawn else None
    chooser = SongChooser(database, timestamps, shared)
    chooser.prepare()
    machine = Machine(Path("/"))
    return Ports(
        vision=VisionClient(config.vision_socket, argv, random.Random()),  # noqa: S311 - no secret
        player=_player(config, store, LibraryImports(database)),
        broker=broker,
        store=store,
        disk=Disk(store.database, database),
        history=history,
        verdicts=SqliteVerdicts(database, timestamps),
        household=SqliteHousehold(database, timestamps, shared, config.mqtt.id),
        index=SqliteMoodIndex(database),
        chooser=chooser,
        machine=machine,
        doctor=DoctorProcess((*program, "doctor", *options)),
        announce=_announce(config, store, broker, machine.read()),
        notify=systemd.notify,
        restart=restart,
    )


def _speaker(settings: InForce, ports: Ports, timestamps: Timestamps) -> Speaker:
    """Return the speaker, which goes on where the last one ended."""
    config, store, now = settings.config, ports.store, timestamps.now()
    director = Director(
        config.director,
        RecentProgrammes.from_text(store.get(PROGRAMMES, "")),
        random.Random(),  # noqa: S311 - no secret
        override=_override(store),
        chosen=Chosen.from_text(store.get(TARGET, "auto")),
        journey=kept_journey.from_text(store.get(JOURNEY, ""), now.wall),
        kept=kept_holder.from_text(store.get(CONTROL, ""), now, timestamps.boot),
        stood=standing.from_text(store.get(STANDS, "")),
    )
    return Speaker(
        Tracker(config.mood),
        director,
        Programmes(random.Random()),  # noqa: S311 - no secret
        Publisher(prefix(config.mqtt.id), ENTITIES if config.mqtt.host else ()),
        Clock(this_instant, _minute),
        ports,
        settings,
    )


def _minute() -> int:
    local = time.localtime()
    return 60 * local.tm_hour + local.tm_min


def _override(store: Store) -> Emotion | None:
    word = store.get("override", "auto")
    return Emotion(word) if word in EMOTIONS else None


def _player(config: Config, store: Store, imported: ImportedSongs) -> Player | None:
    if not config.mpd.host:
        return None
    from moodspeaker.adapters.mpd.counting import PlayCounts  # noqa: PLC0415 - not loaded where none is wanted
    from moodspeaker.adapters.mpd.player import MpdPlayer  # noqa: PLC0415 - the same

    counts = None
    if config.index.stickers:
        counts = PlayCounts(time.time, lambda: store.get(PROFILE, HOUSEHOLD) != GUEST)
    programmes = list(RecentProgrammes.from_text(store.get(PROGRAMMES, "")))
    return MpdPlayer(config.mpd, programmes, imported, counts)


def _announce(
    config: Config, store: Store, broker: Broker, machine: MachineHealth
) -> Callable[[Sequence[str]], None]:
    """Return what tells home automation what there is, with the profiles that are known."""
    if not config.mqtt.host:
        return lambda _profiles: None
    from moodspeaker.adapters.mqtt.announcing import Announcer  # noqa: PLC0415 - only where it is wanted

    parts = {
        Need.PLAYER: bool(config.mpd.host),
        Need.LOCK: bool(config.camera.lock),
        Need.BROWSER: config.camera.source == "browser" and config.camera.browser,
        Need.PREVIEW: config.camera.preview,
        Need.THERMOMETER: machine.temperature is not None,
        Need.POWER_MONITOR: machine.throttled is not None,
        Need.SERVICE: systemd.restart_status() is not None,
    }
    have = frozenset(need for need, there in parts.items() if there)
    return partial(Announcer(config.mqtt, ENTITIES, store).announce, have, broker)


def _broker(config: Config, on_command: Callable[[Command], None], loop: asyncio.AbstractEventLoop) -> Broker:
    if not config.mqtt.host:
        return NoBroker()
    from moodspeaker.adapters.mqtt.client import MqttBroker  # noqa: PLC0415 - not loaded where none is wanted

    below = prefix(config.mqtt.id)
    chance = random.Random()  # noqa: S311 - no secret
    return MqttBroker(config.mqtt, below, last_will(below), on_command, loop=loop, chance=chance)
