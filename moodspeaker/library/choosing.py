"""The songs that fit best, chosen from `library.db`: `ports.Chooser`.

Design notes
============
SQL narrows a library of any size down to some hundreds of candidates, and only those are compared.
Nothing here raises: a file that cannot be read has no songs.
"""

from __future__ import annotations

import json
import math
import random
from typing import TYPE_CHECKING, Final

from moodspeaker.music.choice import Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moodspeaker.database import Database
    from moodspeaker.music.choice import Wanted

NEAREST: Final = 200
"""Songs that are compared because they are near."""
CHANCE: Final = 0.05
"""By how much chance may move a score: songs that are as good take turns."""
APART: Final = 4
"""Songs among which an artist comes once, where there are others."""
FARTHEST: Final = math.hypot(2, 2)
"""Distance of two corners of the affect plane."""
_SONG: Final = "SELECT uri, title, artist, rank_valence, rank_arousal FROM songs WHERE gone IS NULL"
_NEAREST: Final = (
    f"{_SONG} AND mood IS NOT NULL AND uri NOT IN (SELECT value FROM json_each(:recent)) "  # noqa: S608 - text of ours
    "ORDER BY (rank_valence - :valence) * (rank_valence - :valence) + "
    "(rank_arousal - :arousal) * (rank_arousal - :arousal), id LIMIT :most"
)
_GIVEN: Final = f"{_SONG} AND uri IN (SELECT value FROM json_each(:songs))"  # noqa: S608 - text of ours


class SongChooser:
    """Chooses songs; used by one thread."""

    def __init__(self, database: Database) -> None:
        """Take the library's file, which its owner opens and closes."""
        self._database = database

    def suggest(self, wanted: Wanted, count: int, seed: int) -> Sequence[Suggestion]:
        """Return at most `count` songs, the best first; the same seed and library give the same."""
        chance = random.Random(seed)  # noqa: S311 - no secret
        songs = [self._compared(row, wanted, chance) for row in self._candidates(wanted)]
        return list(_spread(sorted(songs, key=lambda song: -song.score)))[:count]

    def _candidates(self, wanted: Wanted) -> list[tuple[str, str, str, float | None, float | None]]:
        """Return the rows of the songs that are compared; those heard lately where there are no others."""
        if wanted.songs is not None:
            rows = self._database.read(_GIVEN, {"songs": json.dumps(wanted.songs)})
            known = {row[0] for row in rows}
            rows += [(uri, "", "", None, None) for uri in dict.fromkeys(wanted.songs) if uri not in known]
            recent = frozenset(wanted.recent)
            return [row for row in rows if row[0] not in recent] or rows
        point = {"valence": wanted.affect.valence, "arousal": wanted.affect.arousal, "most": NEAREST}
        rows = self._database.read(_NEAREST, {**point, "recent": json.dumps(wanted.recent)})
        return rows or self._database.read(_NEAREST, {**point, "recent": "[]"})

    def _compared(
        self, row: tuple[str, str, str, float | None, float | None], wanted: Wanted, chance: random.Random
    ) -> Suggestion:
        uri, title, artist, valence, arousal = row
        score, reasons = 0.5, {"mood": "nothing is known of its mood yet"}
        if valence is not None and arousal is not None:
            far = math.hypot(valence - wanted.affect.valence, arousal - wanted.affect.arousal) / FARTHEST
            score, reasons = 1 - far, {"mood": f"as {wanted.mood} as songs get here, {1 - far:.0%}"}
        score *= 1 - CHANCE * chance.random()
        return Suggestion(uri, title or uri.rsplit("/", 1)[-1], artist, score, reasons)


def _spread(songs: Iterable[Suggestion]) -> Iterable[Suggestion]:
    """Yield songs in their order, each artist once among `APART` where there are others."""
    left = list(songs)
    lately: list[str] = []
    while left:
        fresh = (n for n, song in enumerate(left) if not song.artist or song.artist not in lately)
        song = left.pop(next(fresh, 0))
        lately = [*lately, song.artist][1 - APART :]
        yield song
