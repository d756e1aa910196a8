"""The composition root of the speaker process: config, log, store, adapters, API, READY; and the same way
back.

Every part is entered on one exit stack, so a stop takes them down in reverse: player and vision closed, API
closed, last snapshot and `offline` published, store closed.  Each step has its own time limit, and all of
them together end within ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters import systemd
from moodspeaker.adapters.state.store import SqliteStore
from moodspeaker.adapters.vision_client import VisionClient
from moodspeaker.config import ensure_runtime_folder
from moodspeaker.director import Director, load_selection
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.entities import prefix
from moodspeaker.domain.moment import Moment
from moodspeaker.errors import ConfigError
from moodspeaker.mood.tracker import Tracker
from moodspeaker.speaker import Clock, Speaker
from moodspeaker.speaker.publisher import Publisher, last_will
from moodspeaker.web.api import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from moodspeaker.config import Config
    from moodspeaker.domain.commands import Command
    from moodspeaker.ports import Broker, Player, Store

log = logging.getLogger(__name__)

STEP: Final = 3.0
"""Seconds that one step of a stop may take."""
RESTART_ONLY: Final = ("mpd", "mqtt", "web", "paths", "records")
"""Sections whose change takes effect with a restart."""


def main(load: Callable[[], Config], child: Sequence[str]) -> int:
    """Run the speaker until a signal comes; return the exit code.

    `load` reads the configuration, now and at every reload; `child` is the command line of a vision child.
    """
    config = load()
    ensure_runtime_folder(config)
    _log_to_stderr()
    asyncio.run(_run(config, load, child))
    return 0


def _log_to_stderr() -> None:
    """Log to the standard error; the journal brings its own clock and gets the level as its prefix
    (sd-daemon(3)).
    """
    handler = logging.StreamHandler(sys.stderr)
    if os.environ.get("JOURNAL_STREAM"):
        for level, number in (
            (logging.INFO, 6),
            (logging.WARNING, 4),
            (logging.ERROR, 3),
            (logging.CRITICAL, 2),
        ):
            logging.addLevelName(level, f"<{number}>")
        handler.setFormatter(logging.Formatter("%(levelname)s%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("aiohttp.server").setLevel(
        logging.CRITICAL
    )  # a client's malformed line is no news; `web.api` logs ours


async def _run(config: Config, load: Callable[[], Config], child: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        store = SqliteStore(config.state_folder, config.records.hours)
        stack.callback(store.close)
        selection = load_selection(store.recall("selection", ""))
        armed = load_selection(store.recall("armed", ""))
        player = _player(config, [song for songs in (selection, armed) if songs for song in songs.songs])
        tracker = Tracker(config.mood)
        director = Director(
            config.listen, config.hold, config.music, random.Random(),  # noqa: S311 - no secret
            override=_override(store), selection=selection, armed=armed,
        )  # fmt: skip
        vision = VisionClient(config.vision_socket, child if config.vision.spawn else None)
        commands: list[Callable[[Command], None]] = []
        broker = _broker(config, lambda command: commands[0](command), loop)  # noqa: PLW0108 - filled below
        speaker = Speaker(
            tracker, director, Clock(_now, _minute),
            vision=vision, player=player, broker=broker, publisher=Publisher(prefix(config.mqtt.id)),
            store=store, beat=systemd.notify,
        )  # fmt: skip
        commands.append(speaker.take_command)
        api = Api(speaker, config)
        await api.start()
        speaker.page_fault = api.reason
        broker.start()
        stack.push_async_callback(_step, "broker", lambda: asyncio.to_thread(broker.stop))
        stack.callback(speaker.publish_last)
        stack.push_async_callback(_step, "API", api.close)

        running = asyncio.create_task(speaker.run(), name="speaker")
        stack.push_async_callback(_step, "speaker", lambda: _cancelled(running))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.cancel)
        loop.add_signal_handler(signal.SIGHUP, _reload, speaker, load, config)
        systemd.notify("READY=1")
        log.info("moodspeaker runs; ask it with: moodspeaker status")
        with contextlib.suppress(asyncio.CancelledError):
            await running
        systemd.notify("STOPPING=1")
        log.info("stopping")


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


def _reload(speaker: Speaker, load: Callable[[], Config], first: Config) -> None:
    try:
        config = load()
    except ConfigError as error:
        log.error("reload refused: %s", error)  # noqa: TRY400 - its text says all
        systemd.notify(f"STATUS=reload refused: {error}")
        return
    waiting = [section for section in RESTART_ONLY if getattr(config, section) != getattr(first, section)]
    if config.vision.spawn != first.vision.spawn:
        waiting.append("vision.spawn")
    if waiting:
        log.warning("takes effect with a restart: %s", ", ".join(waiting))
    speaker.adopt(config)
    log.info("reloaded")


def _now() -> Moment:
    return Moment(time.monotonic(), time.time())


def _minute() -> int:
    local = time.localtime()
    return 60 * local.tm_hour + local.tm_min


def _override(store: Store) -> Emotion | None:
    word = store.recall("override", "auto")
    return Emotion(word) if word in EMOTIONS else None


def _player(config: Config, ours: Sequence[str]) -> Player | None:
    if not config.mpd.host:
        return None
    from moodspeaker.adapters.mpd import MpdPlayer  # noqa: PLC0415 - not loaded where no player is wanted

    return MpdPlayer(config.mpd, ours)


def _broker(config: Config, on_command: Callable[[Command], None], loop: asyncio.AbstractEventLoop) -> Broker:
    from moodspeaker.adapters.mqtt.client import MqttBroker, NoBroker  # noqa: PLC0415 - paho only where wanted

    if not config.mqtt.host:
        return NoBroker()
    below = prefix(config.mqtt.id)
    chance = random.Random()  # noqa: S311 - no secret
    return MqttBroker(config.mqtt, below, last_will(below), on_command, loop=loop, chance=chance)
