"""Files of other programs: playlists, tables of songs and moods, listening histories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from moodspeaker.adapters.import_process import FileRefused, ImportBusy, ImportFailed, ImportProcess
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.errors import MoodspeakerError, StoreError
from moodspeaker.web.answers import answer, refusal
from moodspeaker.web.route import Route, Word, refused
from moodspeaker.web.song_shapes import ImportAnswer
from moodspeaker.web.upload import UPLOADED, TooLarge, TooSlow, uploaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.adapters.import_process import ImportReport

IMPORTS: Final[web.AppKey[ImportProcess]] = web.AppKey("imports")
NAME: Final = Word("name", "The file's name: happy.csv tells a mood.", required=True)
MOOD: Final = Word("mood", "The mood of songs of which the file tells none.", among=tuple(EMOTIONS))
DRY_RUN: Final = Word(
    "dry_run", "Whether nothing is kept, only told.", among=("true", "false"), default="true"
)
REFUSED: Final[Mapping[type[MoodspeakerError], tuple[int, str]]] = {
    TooSlow: (408, "timeout"),
    TooLarge: (413, "too large"),
    FileRefused: (422, "file"),
    ImportBusy: (409, "busy"),
    ImportFailed: (503, "import"),
    StoreError: (503, "store"),
}
"""Status and name of what an import may be refused for."""
COUNTED: Final = ("match", "no match", "bad", "ignored")


async def _import(request: web.Request) -> web.Response:
    if request.content_type != UPLOADED:
        return refusal(415, "content type", f"send the file as it is, with Content-Type: {UPLOADED}")
    name, mood, dry_run = (one.read(request.query.get(one.name)) for one in (NAME, MOOD, DRY_RUN))
    if name is None or mood is None or dry_run is None:
        return refused(request.query, NAME, MOOD, DRY_RUN)
    try:
        imports = request.app[IMPORTS]
        with imports.turn():
            async with uploaded(request, name) as file:
                report = await imports.run(file, mood, dry_run=dry_run == "true")
    except tuple(REFUSED) as error:
        return refusal(*REFUSED[type(error)], str(error))
    return answer(_told(report))


def _told(report: ImportReport) -> dict[str, object]:
    summary = report.summary
    counts = {name.replace(" ", "_"): summary[name] for name in COUNTED}
    new = {name.replace(" ", "_"): count for name, count in summary["new"].items()}
    told = {name: summary[name] for name in ("form", "rows", "moods", "dry_run")}
    rows = [_row(row) for row in report.rows]
    return {**told, **counts, "new": new, "note": summary.get("note", ""), "shown": rows, "more": report.more}


def _row(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row.get(name, "") for name in ("where", "status", "uri", "reason", "nearest")}


ROUTES: Final = (
    Route(
        "POST", "/api/import", _import,
        "Import a file of another program: what became of its rows, at first without keeping anything.",
        ImportAnswer, body=bytes, takes=UPLOADED, query=(NAME, MOOD, DRY_RUN),
        refusals=(400, 408, 409, 413, 415, 422, 503),
    ),
)  # fmt: skip
