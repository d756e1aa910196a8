"""What a mistyped URI is most like."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from moodspeaker.library.similar_uris import most_similar

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = ("Ann/Rain/01 drops.flac", "Ann/Rain/02 drops.flac", "Ben/Sun.ogg", "100%_sure.mp3", "Zoë/Été.opus")


@pytest.mark.parametrize(
    ("mistyped", "near"),
    [
        ("Ann/Rain/02 drobs.flac", "Ann/Rain/02 drops.flac"),
        ("Ann/Rian/01 drops.flac", "Ann/Rain/01 drops.flac"),
        ("ann/rain/01 drops.flac", "Ann/Rain/01 drops.flac"),
        ("Ana/Rain/01 drops.mp3", "Ann/Rain/01 drops.flac"),
        ("ben/Sun.ogg", "Ben/Sun.ogg"),
        ("200%_sure.mp3", ""),
        ("10%_sure.mp3", "100%_sure.mp3"),
        ("Zoe/Ete.opus", "Zoë/Été.opus"),
        ("../../etc/passwd", ""),
        ("%", ""),
        ("", ""),
    ],
)
def test_the_nearest_song_is_found(mistyped: str, near: str) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE songs (uri TEXT, gone INTEGER)")
        database.executemany("INSERT INTO songs VALUES (?, NULL)", [(uri,) for uri in KNOWN])
        database.execute("INSERT INTO songs VALUES ('../etc/passwd', 1)")

        def read(query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            return database.execute(query, parameters).fetchall()

        assert most_similar(read, mistyped) == near
