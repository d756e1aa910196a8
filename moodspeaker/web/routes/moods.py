"""The seven moods and the music of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.mood.affect import POINTS
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.daemon import DAEMON
from moodspeaker.web.route import Count, Route
from moodspeaker.web.shapes import MoodRow, MoodSongs

if TYPE_CHECKING:
    from aiohttp import web


COUNT: Final = Count("count", 1, 500, 20, "How many.")


async def _moods(request: web.Request) -> web.Response:
    return answer([{**row, **_point(row["mood"])} for row in request.app[DAEMON].moods()])


def _point(mood: object) -> dict[str, float]:
    """Return where a mood lies in the affect plane."""
    point = POINTS[Emotion(str(mood))]
    return {"valence": round(point.valence, 2), "arousal": round(point.arousal, 2)}


async def _songs(request: web.Request) -> web.Response:
    mood, given = request.match_info["mood"].casefold(), request.query.get(COUNT.name)
    if mood not in EMOTIONS:
        return refusal(404, "mood", f"{mood[:20]!r} is no mood: one of {', '.join(EMOTIONS)}")
    count = COUNT.read(given)
    if count is None:
        return refusal(400, COUNT.name, COUNT.cure(given or ""))
    return answer({"mood": mood, "songs": request.app[DAEMON].songs(Emotion(mood), count)})


ROUTES: Final = (
    Route("GET", "/api/moods", _moods, "The seven moods and the music of each.", list[MoodRow]),
    Route(
        "GET", "/api/moods/{mood}/songs", _songs, "The songs that fit a mood best, with reasons.", MoodSongs,
        query=(COUNT,), refusals=(400, 404),
    ),
)  # fmt: skip
