"""The page: files of `static/`, read and packed once.

The first document names every other file below a folder that is called after what they all contain.  So a
browser may keep them for ever and asks for the document alone when it comes again, and what belongs to two
versions is never mixed.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from moodspeaker.values import dataclass
from moodspeaker.web.route import Access, Route

TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
"""Content types by the end of a name."""
FIRST: Final = "index.html"
GZIP: Final = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
"""An Accept-Encoding that takes gzip."""
GZIPPED: Final = 31
"""What zlib calls the format of gzip (`wbits`)."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Cache-Control of a file whose address changes with its content."""


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
            found[entry.name] = _read(entry.read_bytes(), content_type)
    return found


def _read(body: bytes, content_type: str) -> StaticFile:
    packed = zlib.compress(body, 9, GZIPPED)  # as `gzip.compress`, without its module
    return StaticFile(body, packed, content_type, hashlib.sha256(body).hexdigest()[:20])


@cache
def version() -> str:
    """Return a name that is another one when any file is."""
    return hashlib.sha256(
        "".join(file.tag for _, file in sorted(static_files().items())).encode()
    ).hexdigest()[:12]


@cache
def first_page() -> StaticFile:
    """Return the document, with the addresses of this version."""
    body = static_files()[FIRST].body.replace(b'"static/', f'"static/{version()}/'.encode())
    return _read(body, TYPES["html"])


async def _page(request: web.Request) -> web.Response:
    return _sent(request, first_page(), "no-cache")


async def _static(request: web.Request) -> web.Response:
    return _sent(request, _asked(request), "no-cache")


async def _kept(request: web.Request) -> web.Response:
    if request.match_info["version"] != version():
        raise web.HTTPNotFound
    return _sent(request, _asked(request), FOR_EVER)


def _asked(request: web.Request) -> StaticFile:
    file = static_files().get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return file


def _sent(request: web.Request, file: StaticFile, kept: str) -> web.Response:
    packed = GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
    tag = f"{file.tag}-gzip" if packed else file.tag
    headers = {"Cache-Control": kept, "ETag": f'"{tag}"', "Vary": "Accept-Encoding"}
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
    Route(
        "GET", "/static/{version}/{name}", _kept, "The same, of this version: to be kept for ever.",
        content="text/javascript", access=Access.EVERYBODY, refusals=(404,),
    ),
)  # fmt: skip
