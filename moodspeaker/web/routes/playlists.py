"""A mood's own stored playlist on the music server, made of the songs that fit it best."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.errors import PlayerError, PlaylistThere
from moodspeaker.web.answers import answer, object_of, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Route
from moodspeaker.web.song_shapes import MOST_LISTED, PlaylistAnswer, PlaylistBody

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.config.schema import MpdSettings

PLAYER: Final[web.AppKey[MpdSettings]] = web.AppKey("player")
"""How the music server is reached."""
NO_SERVER: Final = "mpd.host is empty: there is no music server that could keep a playlist"
FEW: Final = 50
"""Songs where nothing is said of their number."""


async def _make(request: web.Request) -> web.Response:
    wanted = await object_of(request)
    found = None if wanted is None else _wanted(wanted)
    if found is None:
        cure = (
            f'send {{"mood": one of {", ".join(EMOTIONS)}, "count": 1 to {MOST_LISTED}}} as application/json'
        )
        return refusal(400, "request", cure)
    mood, count = found
    settings, songs = request.app[PLAYER], request.app[DAEMON].songs(mood, count)
    if not settings.host or not songs:
        none = f"no song for {mood} is known: scan first (moodspeaker index scan)"
        return refusal(409, "nothing", none if settings.host else NO_SERVER)
    name, uris = f"mood-{mood}", [str(song["uri"]) for song in songs]
    try:
        made = await asyncio.to_thread(_made, settings, name, uris)
    except PlaylistThere as error:
        return refusal(409, "playlist", str(error))
    except PlayerError as error:
        return refusal(503, "player", str(error))
    if not made:
        return refusal(409, "nothing", "none of the songs is there any more: scan again")
    return answer({"name": name, "songs": made})


def _made(settings: MpdSettings, name: str, uris: Sequence[str]) -> int:
    """Make it, in a thread of its own; the client's library is loaded only where a playlist is wanted."""
    from moodspeaker.adapters.mpd.sharing import make_playlist  # noqa: PLC0415 - see above

    return make_playlist(settings, name, uris)


def _wanted(given: Mapping[str, object]) -> tuple[Emotion, int] | None:
    """Return the mood and the number of songs; None where they are refused."""
    mood, count = given.get("mood"), given.get("count", FEW)
    if not given.keys() <= {"mood", "count"} or not isinstance(mood, str) or mood not in EMOTIONS:
        return None
    if isinstance(count, float) and count.is_integer():
        count = int(count)  # JSON knows no difference
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_LISTED:
        return None
    return Emotion(mood), count


ROUTES: Final = (
    Route(
        "POST", "/api/playlists", _make, "Make a mood's stored playlist of the songs that fit it best.",
        PlaylistAnswer, PlaylistBody, refusals=(400, 409, 413, 503),
    ),
)  # fmt: skip
