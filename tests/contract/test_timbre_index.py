"""How songs sound, in the file of the library: kept by the scan, counted by the choice, heard again."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from support.clock import Clock

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.play import Play
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.domain.timbre import NUMBERS, timbre
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.library.songs import Sound
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from pathlib import Path

HARSH = timbre([1.5] * NUMBERS)
SOFT = timbre([-1.5] * NUMBERS)
SONGS = [CatalogueSong(f"{n}.ogg", f"Song {n}", (f"Artist {n}",), "", 200.0, modified="t") for n in range(60)]
"""Every second one sounds harsh."""


def scan(root: Path) -> None:
    """Hear all songs: their moods lie anywhere."""
    chance = random.Random(2)
    with closing(SongIndex(root, schema_folder())) as index:
        index.take_listing(SONGS)
        heard = [
            (
                song,
                Sound(
                    200.0,
                    fingerprint=song.uri.encode(),
                    estimate=Estimate(chance.uniform(-1, 1), chance.uniform(-1, 1), 0.4, 0.6),
                    timbre=(HARSH, SOFT)[int(song.uri[:-4]) % 2],
                ),
            )
            for song in index.unheard("1")
        ]
        index.add_sounds(heard, "1", bytes.__eq__)
        index.place(Lexicon(folder("music-index") / "lexicon"))


def test_who_finishes_harsh_songs_gets_more_of_them_and_is_told_why(root: Path) -> None:
    scan(root)
    clock = Clock(monotonic=1e9)
    timestamps = Timestamps(clock, "boot")
    with closing(SqliteHistory(root, schema_folder(), timestamps)) as history:
        for n in range(30):
            why, heard = (EndReason.SKIPPED, 5.0) if n % 2 else (EndReason.FINISHED, 200.0)
            ended = Moment(clock().monotonic - 9e5 + n * 1e4, clock().wall - 9e5 + n * 1e4)
            song, mood = SONGS[n], Emotion.HAPPY
            history.add(Play(ended, song.uri, song.title, song.artist, 200.0, heard, why, mood, mood, None))
        history.flush()
        chooser = SongChooser(history.database, timestamps)
        new = tuple(song.uri for song in SONGS[30:])
        wanted = Wanted(POINTS[Emotion.HAPPY], Emotion.HAPPY, songs=(*new, SONGS[0].uri))
        best = [one.uri for one in chooser.suggest(wanted, 12, 1) if one.uri in new]
        assert sum(int(uri[:-4]) % 2 == 0 for uri in best[:8]) >= 7
        anywhere = Wanted(POINTS[Emotion.HAPPY], Emotion.HAPPY)
        told = {one.uri: one.reasons.get("taste", "") for one in chooser.suggest(anywhere, 60, 1)}
        harsh = {told[uri] for uri in new if int(uri[:-4]) % 2 == 0}
        assert all(words.startswith("not heard yet, but sounds like Song ") for words in harsh)
        assert all(words.endswith(", which you like") for words in harsh)
        assert {told[uri] for uri in new if int(uri[:-4]) % 2} == {"not heard yet"}
        assert chooser.reasons(new[0], anywhere)["taste"] in harsh


def test_a_song_known_again_by_its_sound_keeps_how_it_sounds(root: Path) -> None:
    scan(root)
    moved = CatalogueSong("elsewhere.ogg", "", (), "", 200.0, modified="later")
    with closing(SongIndex(root, schema_folder())) as index:
        index.take_listing([moved, *SONGS[1:]])
        [unheard] = index.unheard("1")
        sound = Sound(200.0, fingerprint=b"0.ogg", estimate=Estimate(0.1, 0.1, 0.4, 0.6), timbre=SOFT)
        index.add_sounds([(unheard, sound)], "1", bytes.__eq__)
    with closing(sqlite3.connect(root / FILE)) as database:
        rows = database.execute("SELECT id, timbre FROM songs WHERE uri = 'elsewhere.ogg'").fetchall()
    assert rows == [(1, SOFT)]


def test_songs_that_an_older_version_heard_are_heard_again(root: Path) -> None:
    steps = migrations(schema_folder())
    before = next(n for n, step in enumerate(steps) if "timbre" in step)
    with closing(sqlite3.connect(root / FILE)) as database:
        for step in steps[:before]:
            database.executescript(step)
        database.execute(
            "INSERT INTO songs (uri, title, artist, album, genre, moods, modified, analysed, model, "
            "sound_valence) "
            "VALUES ('a.ogg', '', '', '', '', '', 't', 't', '1', 0.5)"
        )
        database.execute(f"PRAGMA user_version={before}")
        database.commit()
    with closing(SongIndex(root, schema_folder())) as index:
        assert [song.uri for song in index.unheard("1")] == ["a.ogg"]
    with closing(sqlite3.connect(root / FILE)) as database:
        assert database.execute("SELECT sound_valence, timbre FROM songs").fetchall() == [(0.5, None)]
