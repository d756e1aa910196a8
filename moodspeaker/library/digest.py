"""What `listening` makes of the tables, kept beside them: the table `listening_digest`.

It is a copy: what another version wrote, what rests on other rows than are there now, and what a bad disk
changed is not taken.  Nothing here raises.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from moodspeaker.domain.moment import JUMP

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from moodspeaker.database import Database

_READ: Final = "SELECT part, CAST(content AS BLOB) FROM listening_digest"
"""As bytes: half a megabyte takes its time to become text, and most of it need not."""
_WRITE: Final = "INSERT OR REPLACE INTO listening_digest VALUES (?, ?)"
PARTS: Final = ("counts", "taste", "sessions")


class Digest(NamedTuple):
    """The parts, each a JSON text, in UTF-8."""

    counts: bytes
    """How far the tables were read, and the session that went on."""
    taste: bytes
    sessions: bytes


def read(database: Database, key: str, clock: Mapping[str, object]) -> Digest | None:
    """Return the digest that rests on `key`; None where there is none, or the clock was set since.

    `clock` is `Timestamps.parameters`.
    """
    rows = dict(database.read(_READ, {}))
    try:
        about = json.loads(rows["about"])
        found = Digest(*(rows[part] for part in PARTS))
        same_boot = about["boot"] is not None and about["boot"] == clock["boot"]
        was_set = same_boot and abs(about["started"] - clock["started"]) >= JUMP
        if about["key"] != key or about["check"] != _check(found) or was_set:
            return None
    except (KeyError, TypeError, ValueError):
        return None
    return found


def write(database: Database, key: str, clock: Mapping[str, object], digest: Digest) -> None:
    """Keep a digest in the place of the one before."""
    about = {"key": key, "boot": clock["boot"], "started": clock["started"], "check": _check(digest)}
    rows = [("about", json.dumps(about)), *zip(PARTS, map(bytes.decode, digest), strict=True)]

    def act(connection: sqlite3.Connection) -> None:
        connection.executemany(_WRITE, rows)

    database.write(act)


def _check(digest: Digest) -> int:
    check = 0
    for part in digest:
        check = crc32(part, check)
    return check
