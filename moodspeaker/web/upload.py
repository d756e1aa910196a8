"""A file that a browser sends as a body: kept in a temporary folder for as long as it is needed."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import MoodspeakerError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

UPLOADED: Final = "application/octet-stream"
"""Its content type."""
LARGEST: Final = 64 << 20
"""Bytes of a file."""
LONGEST: Final = 300.0
"""Seconds in which it must arrive."""
AT_ONCE: Final = 1 << 18
"""Bytes that are written at once."""
NAME: Final = 150
"""Bytes of a file's name that count."""


class TooLarge(MoodspeakerError):  # noqa: N818 - a state of the body
    """A body has more than `LARGEST` bytes."""

    def __init__(self) -> None:
        super().__init__(f"more than {LARGEST >> 20} MB: import it on the speaker with moodspeaker import")


class TooSlow(MoodspeakerError):  # noqa: N818 - a state of the connection
    """A body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(f"the file did not arrive within {LONGEST:g} s: send it again, from nearer by")


@contextlib.asynccontextmanager
async def uploaded(request: web.Request, name: str) -> AsyncIterator[Path]:
    """Give the path of a file with a request's body, alone in its folder; all of it is gone afterwards.

    The last part of `name` is the file's.  Raises TooLarge, TooSlow, StoreError where the disk is full.
    """
    if (request.content_length or 0) > LARGEST:
        raise TooLarge
    folder = await asyncio.to_thread(TemporaryDirectory, prefix="moodspeaker-", ignore_cleanup_errors=True)
    try:
        path = Path(folder.name) / "sent" / file_name(name)
        try:
            await asyncio.to_thread(path.parent.mkdir)
            async with asyncio.timeout(LONGEST):
                await _write(request, path)
        except TimeoutError:
            raise TooSlow from None
        except OSError as error:
            message = f"the temporary folder cannot be written ({error.strerror}): free some space"
            raise StoreError(message) from None
        yield path
    finally:
        await asyncio.shield(asyncio.to_thread(folder.cleanup))


async def _write(request: web.Request, path: Path) -> None:
    written = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in request.content.iter_chunked(AT_ONCE):
            written += len(chunk)
            if written > LARGEST:
                raise TooLarge
            await asyncio.to_thread(file.write, chunk)


def file_name(name: str) -> str:
    """Return the last part of a name as a file may be called, with its ending as long as it is short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    return plain.encode("utf-8", "ignore")[:NAME].decode("utf-8", "ignore") or "upload"
