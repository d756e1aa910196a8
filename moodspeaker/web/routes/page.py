"""The page: files of `static/`, read and packed once, sent with a tag: a browser loads nothing twice."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from moodspeaker.web.route import Access, Route

TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
"""Content types by the end of a name."""
FIRST: Final = "index.html"
GZIP: Final = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
"""An Accept-Encoding that takes gzip."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent."""

    body: bytes
    packed: bytes
    """The same, gzipped."""
    content_type: str
    tag: str
    """Another one for another content."""


@cache
def static_files() -> dict[str, StaticFile]:
    """Return every file of the page by its name."""
    found = {}
    for entry in files("moodspeaker.web").joinpath("static").iterdir():
        content_type = TYPES.get(entry.name.rpartition(".")[2])
        if content_type is not None:
            body = entry.read_bytes()
            found[entry.name] = StaticFile(
                body, gzip.compress(body, mtime=0), content_type, hashlib.sha256(body).hexdigest()[:20]
            )
    return found


async def _page(request: web.Request) -> web.Response:
    return _sent(request, static_files()[FIRST])


async def _static(request: web.Request) -> web.Response:
    file = static_files().get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return _sent(request, file)


def _sent(request: web.Request, file: StaticFile) -> web.Response:
    packed = GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
    tag = f"{file.tag}-gzip" if packed else file.tag
    headers = {"Cache-Control": "no-cache", "ETag": f'"{tag}"', "Vary": "Accept-Encoding"}
    if any(known.value == tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    body = file.packed if packed else file.body
    return web.Response(body=body, content_type=file.content_type, charset="utf-8", headers=headers)


ROUTES: Final = (
    Route("GET", "/", _page, "The page.", content="text/html", access=Access.EVERYBODY),
    Route(
        "GET", "/static/{name}", _static, "A file of the page.", content="text/javascript",
        access=Access.EVERYBODY, refusals=(404,),
    ),
)  # fmt: skip
