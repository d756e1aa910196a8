"""Commands (`domain.commands`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.commands import parse
from moodspeaker.errors import CommandError, ConfigError, NotNow, StoreError
from moodspeaker.speaker.snapshot import Snapshot
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route
from moodspeaker.web.shapes import CommandBody

if TYPE_CHECKING:
    from aiohttp import web


async def _command(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        return refusal(415, "content type", "send the command with Content-Type: application/json")
    daemon = request.app[DAEMON]
    try:
        await daemon.command(parse(await request.read()))
    except CommandError as error:
        return refusal(400, "command", str(error))
    except ConfigError as error:
        return refusal(400, "setting", str(error))
    except NotNow as error:
        return refusal(409, error.name, str(error))
    except StoreError as error:
        return refusal(503, "store", str(error))
    return answer(daemon.snapshot().as_json())


ROUTES: Final = (
    Route(
        "POST", "/api/command", _command, "Carry out one command; answers with the new snapshot.",
        Snapshot, CommandBody, refusals=(400, 409, 413, 415, 503),
    ),
)  # fmt: skip
