"""What other players know of songs, in the library's file: the table `shared_stickers`.  Pure but for SQL.

What they do not tell any more stays, and counts do not go down: a music server forgets the stickers of a file
that is renamed, which the song itself survives here.  Of such songs they can be given back (`lost`).
"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.database import bindable
from moodspeaker.domain.library import SharedStickers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_COLUMNS: Final = "verdict, rating, plays, skips, last_played, last_skipped"
KNOWN: Final = f"SELECT uri, {_COLUMNS} FROM shared_stickers"  # noqa: S608 - text of ours
"""Each row as `of_row` takes it."""
MOVED: Final = (
    f"SELECT DISTINCT shared.uri, {_COLUMNS} FROM shared_stickers AS shared JOIN songs USING (uri) "  # noqa: S608 - ours
    "JOIN moves ON moves.song = songs.id WHERE gone IS NULL"
)
"""Those of songs that had another URI before."""
TAKE: Final = (
    "INSERT INTO shared_stickers VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE SET "
    "verdict = coalesce(excluded.verdict, verdict), rating = coalesce(excluded.rating, rating), "
    "plays = max(excluded.plays, plays), skips = max(excluded.skips, skips), "
    "last_played = coalesce(max(excluded.last_played, last_played), excluded.last_played, last_played), "
    "last_skipped = coalesce(max(excluded.last_skipped, last_skipped), excluded.last_skipped, last_skipped)"
)


def by_uri(rows: Iterable[tuple[Any, ...]]) -> dict[str, SharedStickers]:
    """Return what the rows of a query say."""
    return {uri: SharedStickers(*rest) for uri, *rest in rows}


def news(
    told: Mapping[str, SharedStickers], known: Mapping[str, SharedStickers]
) -> Sequence[tuple[object, ...]]:
    """Return the rows for `TAKE` of what is told and not known yet."""
    return [(bindable(uri), *astuple(one)) for uri, one in told.items() if one != known.get(uri)]


def lost(
    moved: Mapping[str, SharedStickers], told: Mapping[str, SharedStickers]
) -> Mapping[str, SharedStickers]:
    """Return what is known of songs that moved, where the music server tells something else."""
    return {uri: known for uri, known in moved.items() if known != told.get(uri, SharedStickers())}
