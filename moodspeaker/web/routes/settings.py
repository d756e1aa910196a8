"""The settings that the page may change: shown, changed, taken back, and tried on the records of the day."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from moodspeaker.adapters.replay_process import ReplayFailed, ReplayProcess
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.song import BY_INDEX
from moodspeaker.errors import ConfigError, SettingsConflict, SettingsDisagree, StoreError
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route
from moodspeaker.web.shapes import AnyObject, ChangesBody, ReplayAnswer, SettingsShown, TriedBody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moodspeaker.web.daemon import Daemon, Settings

REPLAYS: Final[web.AppKey[ReplayProcess]] = web.AppKey("replays")
HOUR: Final = 3600.0
BODY: Final = 'send an object such as {"mood.dwell": 30}: keys with their values, null for what is configured'


async def _shown(request: web.Request) -> web.Response:
    return answer(await asyncio.to_thread(request.app[DAEMON].settings.shown))


async def _change(request: web.Request) -> web.Response:
    return await _carried_out(request, lambda settings, changes: settings.change(changes))


async def _undo(request: web.Request) -> web.Response:
    return await _carried_out(request, lambda settings, _: settings.undo())


async def _carried_out(
    request: web.Request, act: Callable[[Settings, dict[str, Any]], Awaitable[None]]
) -> web.Response:
    """Change the settings, and answer with what they are then."""
    if request.content_type != "application/json":
        return refusal(415, "content type", "send the settings with Content-Type: application/json")
    settings = request.app[DAEMON].settings
    try:
        await act(settings, await asyncio.to_thread(_changes, await request.read()))
    except (SettingsConflict, SettingsDisagree) as error:
        return refusal(409, "conflict", str(error))
    except ConfigError as error:
        return refusal(400, "setting", str(error))
    except StoreError as error:
        return refusal(503, "store", str(error))
    return answer(await asyncio.to_thread(settings.shown))


async def _replay(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        return refusal(415, "content type", "send the settings with Content-Type: application/json")
    from moodspeaker.director.rehearsal import DayToReplay, Rules  # noqa: PLC0415 - asked for now and then

    daemon = request.app[DAEMON]
    try:
        changes = await asyncio.to_thread(_changes, await request.read())
        now, then = await asyncio.to_thread(daemon.settings.tried, changes)
    except SettingsDisagree as error:
        return refusal(409, "conflict", str(error))
    except ConfigError as error:
        return refusal(400, "setting", str(error))
    wall = time.time()
    day = DayToReplay(
        daemon.records.look_rows(),
        wall - now.records.hours * HOUR,
        _minute(wall),
        _sources(daemon) or dict.fromkeys(EMOTIONS, BY_INDEX),
        Rules(now.mood, now.director),
        Rules(then.mood, then.director),
    )
    try:
        return answer(await request.app[REPLAYS].compared(day))
    except ReplayFailed as error:
        return refusal(503, "replay", str(error))


def _sources(daemon: Daemon) -> dict[Emotion, str]:
    """Return the rule of each mood's music; of none where there is no music server."""
    rows = ((row["mood"], row["music"]) for row in daemon.moods())
    return {Emotion(str(mood)): music["rule"] for mood, music in rows if isinstance(music, dict)}


def _minute(wall: float) -> int:
    """Return what is to be added to the minutes since the epoch to have the local time."""
    local = time.localtime(wall)
    return (60 * local.tm_hour + local.tm_min - int(wall // 60)) % (24 * 60)


def _changes(body: bytes) -> dict[str, Any]:
    """Return the changes in a body; raise ConfigError where there are none."""
    try:
        changes = json.loads(body)
    except (ValueError, RecursionError):
        raise ConfigError([BODY]) from None
    if not isinstance(changes, dict) or any(isinstance(value, dict | list) for value in changes.values()):
        raise ConfigError([BODY])
    return changes


ROUTES: Final = (
    Route(
        "GET", "/api/settings", _shown,
        "The settings that the page may change, with what they mean, their limits and where they stand.",
        SettingsShown,
    ),
    Route(
        "POST", "/api/settings", _change,
        "Change settings, all of them or none; null: back to what is configured.  Answers with all of them.",
        SettingsShown, ChangesBody, refusals=(400, 409, 413, 415, 503),
    ),
    Route(
        "POST", "/api/settings/undo", _undo, "Take the last change back.  Answers with all settings.",
        SettingsShown, AnyObject, refusals=(400, 409, 413, 415, 503),
    ),
    Route(
        "POST", "/api/settings/replay", _replay,
        "What the day on record would have been with other settings: its moods, and how often the music "
        "would have been switched.  Changes nothing.",
        ReplayAnswer, TriedBody, refusals=(400, 409, 413, 415, 503),
    ),
)  # fmt: skip
