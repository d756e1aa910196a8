"""The index of songs on a real disk: what a scan writes, what the speaker reads, what follows moved files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON, Clock
from support.songs import library_file

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.play import Play
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.errors import StoreError
from moodspeaker.library import index as module
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.imported import LibraryImports
from moodspeaker.library.imports.facts import ImportedPlay, Label, Verdict
from moodspeaker.library.index import NOT_YET, SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.migrations import FILE
from moodspeaker.library.moods import LEAST, SqliteMoodIndex
from moodspeaker.library.songs import FileTags, Sound
from moodspeaker.library.taste import Taste
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RAIN = CatalogueSong("a/rain.ogg", "Rain", ("Ann",), "Weather", 180.0, "Ambient", modified="t1")
SUN = CatalogueSong("a/sun.ogg", "Sun", ("Ann",), "Weather", 200.0, "Dance", modified="t1")
ODD = CatalogueSong("a/odd.ogg", "", (), "", 20.0, "Nobody Knows", modified="t1")
HEARD = Sound(180.2, fingerprint=b"rain", estimate=Estimate(-0.4, -0.3, 0.4, 0.6))
VERSION = "1/1"


@pytest.fixture
def index(root: Path) -> Iterator[SongIndex]:
    with closing(SongIndex(root, schema_folder())) as opened:
        yield opened


@pytest.fixture
def moods(root: Path) -> Iterator[SqliteMoodIndex]:
    with closing(library_file(root)) as opened:
        yield SqliteMoodIndex(opened)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(folder("music-index") / "lexicon")


def hear(index: SongIndex, sounds: dict[str, Sound]) -> None:
    songs = {song.uri: song for song in index.unheard(VERSION)}
    index.add_sounds([(songs[uri], sound) for uri, sound in sounds.items()], VERSION, bytes.__eq__)


def rows(root: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(root / FILE)) as database:
        return database.execute(query).fetchall()


def play(uri: str) -> Play:
    return Play(Moment(0, NOON), uri, "", "", 180.0, 180.0, EndReason.FINISHED, RoomState.UNSURE, None, None)


def say(database: sqlite3.Connection, uri: str) -> None:
    values = "(1, 0, NULL, 0, ?, 'like', 'happy', NULL, 'household')"
    database.execute(f"INSERT INTO verdicts VALUES {values}", (uri,))


# --- tags and sound


def test_songs_have_moods_after_the_tags_alone(index: SongIndex, lexicon: Lexicon) -> None:
    index.take_listing([RAIN, SUN, ODD])
    index.place(lexicon)
    songs = {song.uri: song for song in index.songs()}
    assert songs[RAIN.uri].source == songs[SUN.uri].source == "tags"
    rain, sun = songs[RAIN.uri].rank, songs[SUN.uri].rank
    assert rain is not None
    assert sun is not None
    assert rain.arousal < sun.arousal
    odd = songs[ODD.uri]
    assert (odd.title, odd.affect, odd.mood, odd.reason) == ("odd.ogg", None, None, NOT_YET)


def test_sound_adds_to_the_tags(index: SongIndex, lexicon: Lexicon) -> None:
    index.take_listing([RAIN, ODD])
    hear(index, {RAIN.uri: HEARD, ODD.uri: Sound(20.0, reason="silent")})
    index.place(lexicon)
    songs = {song.uri: song for song in index.songs()}
    assert songs[RAIN.uri].source == "tags+sound"
    assert songs[RAIN.uri].seconds == 180.2
    assert (songs[ODD.uri].reason, songs[ODD.uri].mood) == ("silent", None)


def test_the_mood_tag_of_the_file_counts_where_the_server_lists_none(
    index: SongIndex, lexicon: Lexicon
) -> None:
    index.take_listing([RAIN, SUN])
    hear(index, {RAIN.uri: replace(HEARD, tags=FileTags(moods="angry"))})
    index.place(lexicon)
    without = {song.uri: song.affect for song in index.songs()}[RAIN.uri]
    index.take_listing([replace(RAIN, moods="happy"), SUN])
    index.place(lexicon)
    listed = {song.uri: song.affect for song in index.songs()}[RAIN.uri]
    assert without is not None
    assert listed is not None
    assert listed.valence > without.valence


def test_the_year_that_its_tags_tell_is_kept_and_follows_them(index: SongIndex) -> None:
    def years() -> list[tuple[object, ...]]:
        return index._read("SELECT year FROM songs ORDER BY uri", {})

    index.take_listing([replace(RAIN, year=1987), SUN])
    assert sorted(years(), key=str) == [(1987,), (None,)]
    assert not index.take_listing([replace(RAIN, year=1987), SUN]).any
    index.take_listing([replace(RAIN, year=1986), SUN])
    assert sorted(years(), key=str) == [(1986,), (None,)]


def test_a_comment_counts_where_no_mood_tag_does(index: SongIndex, lexicon: Lexicon) -> None:
    def valence(tags: FileTags) -> float:
        index.take_listing([replace(RAIN, modified=str(tags)), SUN])
        hear(index, {RAIN.uri: replace(HEARD, tags=tags)})
        index.place(lexicon)
        [affect] = [song.affect for song in index.songs() if song.uri == RAIN.uri]
        assert affect is not None
        return affect.valence

    nothing, happy = valence(FileTags()), valence(FileTags(comment="happy"))
    assert nothing < happy
    assert valence(FileTags(comment="a happy day")) == nothing
    assert valence(FileTags(moods="angry", comment="happy")) < nothing


def test_what_the_file_alone_says_is_shown_and_goes_with_it(index: SongIndex) -> None:
    index.take_listing([RAIN])
    hear(index, {RAIN.uri: replace(HEARD, tags=FileTags(bpm=93.0, key="Am", gain=-6.5))})
    index.take_listing([])
    index.take_listing([replace(RAIN, uri="b/other.ogg", title="Other")])
    hear(index, {"b/other.ogg": replace(HEARD, tags=FileTags(bpm=94.0, key="Am", gain=-6.5))})
    [song] = index.songs()
    assert (song.uri, song.bpm, song.key, song.gain) == ("b/other.ogg", 94.0, "Am", -6.5)


# --- what other players know


def test_what_other_players_know_is_kept_and_follows_a_renamed_file(index: SongIndex) -> None:
    index.take_listing([RAIN, SUN])
    index.take_stickers({RAIN.uri: SharedStickers(2, None, 40, 1, 1000, 900)})
    moved = replace(RAIN, uri="b/rain.ogg")
    index.take_listing([moved, SUN])
    index.take_stickers({moved.uri: SharedStickers(None, 9, 1, 0, 2000, None)})
    tastes = {song.uri: song.taste for song in index.songs()}
    assert tastes == {moved.uri: Taste(liked=True, plays=40, skips=1), SUN.uri: Taste()}


def test_what_other_players_do_not_tell_any_more_stays(index: SongIndex, root: Path) -> None:
    index.take_listing([RAIN])
    index.take_stickers({RAIN.uri: SharedStickers(0, None, 3, 2, 1000, 900)})
    index.take_stickers({})
    index.take_stickers({RAIN.uri: SharedStickers(2, None, 4, 0, None, 950)})
    assert rows(root, "SELECT * FROM shared_stickers") == [(RAIN.uri, 2, None, 4, 2, 1000, 950)]


def test_stickers_that_say_nothing_new_are_not_written_again(index: SongIndex, root: Path) -> None:
    index.take_listing([RAIN])
    index.take_stickers({RAIN.uri: SharedStickers(2, None, 3, 0, 1000, None)})
    with closing(sqlite3.connect(root / FILE)) as other:
        [(before,)] = other.execute("PRAGMA data_version")
        index.take_stickers({RAIN.uri: SharedStickers(2, None, 3, 0, 1000, None)})
        assert other.execute("PRAGMA data_version").fetchall() == [(before,)]


# --- what is heard again


def test_what_was_heard_is_not_heard_again(index: SongIndex) -> None:
    index.take_listing([RAIN, SUN])
    assert index.count_unheard(VERSION) == 2
    hear(index, {RAIN.uri: HEARD})
    index.take_listing([RAIN, SUN])
    assert [song.uri for song in index.unheard(VERSION)] == [SUN.uri]


def test_a_changed_file_is_heard_again_and_keeps_its_place_until_then(
    index: SongIndex, lexicon: Lexicon
) -> None:
    index.take_listing([RAIN])
    hear(index, {RAIN.uri: HEARD})
    index.take_listing([replace(RAIN, modified="t2", title="Rainy")])
    assert index.count_unheard(VERSION) == 1
    index.place(lexicon)
    assert [(song.title, song.source) for song in index.songs()] == [("Rainy", "tags+sound")]


def test_a_new_version_of_the_features_hears_all_again(index: SongIndex) -> None:
    index.take_listing([RAIN])
    hear(index, {RAIN.uri: HEARD})
    assert index.count_unheard(VERSION + ".1") == 1


def test_what_may_pass_is_tried_at_the_next_scan(index: SongIndex) -> None:
    index.take_listing([RAIN])
    hear(index, {RAIN.uri: Sound(reason="permission denied", passing=True)})
    assert index.count_unheard(VERSION) == 1
    assert [song.reason for song in index.songs()] == ["permission denied"]


def test_names_that_are_not_utf_8_are_kept(index: SongIndex) -> None:
    odd = replace(RAIN, uri="caf\udce9.ogg", title="\udcff")
    index.take_listing([odd])
    assert [(song.uri, song.title) for song in index.songs()] == [(odd.uri, odd.title)]
    changes = index.take_listing([odd])
    assert not any((changes.same, changes.moved, changes.fresh, changes.gone))


# --- moved files


def test_history_follows_a_moved_file(root: Path, index: SongIndex) -> None:
    index.take_listing([RAIN, SUN])
    hear(index, {RAIN.uri: HEARD})
    with closing(SqliteHistory(root, schema_folder(), Timestamps(Clock(), "boot"))) as history:
        history.add(play(RAIN.uri))
    with closing(sqlite3.connect(root / FILE)) as database, database:
        database.execute("INSERT INTO imported_labels VALUES (?, 'sad', 'M3U', 0)", (RAIN.uri,))
        say(database, RAIN.uri)
    moved = replace(RAIN, uri="b/rain.ogg")
    index.take_listing([moved, SUN])
    assert rows(root, "SELECT uri FROM plays") == [(moved.uri,)]
    assert rows(root, "SELECT uri FROM verdicts") == [(moved.uri,)]
    assert rows(root, "SELECT uri, mood FROM imported_labels") == [(moved.uri, "sad")]
    assert [song.uri for song in index.unheard(VERSION)] == [SUN.uri]


def test_what_the_speaker_writes_late_follows_too(root: Path, index: SongIndex) -> None:
    index.take_listing([RAIN])
    moved = replace(RAIN, uri="b/rain.ogg")
    index.take_listing([moved])
    with closing(SqliteHistory(root, schema_folder(), Timestamps(Clock(), "boot"))) as history:
        history.add(play(RAIN.uri))
    index.take_listing([moved])
    assert rows(root, "SELECT uri FROM plays") == [(moved.uri,)]
    with closing(sqlite3.connect(root / FILE)) as database, database:
        say(database, RAIN.uri)
    index.take_listing([moved])
    assert rows(root, "SELECT uri FROM verdicts") == [(moved.uri,)]


def test_what_is_imported_late_follows_too(root: Path, index: SongIndex) -> None:
    index.take_listing([RAIN])
    moved = replace(RAIN, uri="b/rain.ogg")
    index.take_listing([moved])
    with closing(library_file(root)) as library:  # by a listing of songs that was made before
        facts = (Label(RAIN.uri, Emotion.SAD), Verdict(RAIN.uri, 1, NOON))
        LibraryImports(library).keep(lambda: facts, "M3U", NOON)
    index.take_listing([moved])
    assert rows(root, "SELECT uri, mood FROM imported_labels") == [(moved.uri, "sad")]
    assert rows(root, "SELECT uri, liked FROM imported_verdicts") == [(moved.uri, 1)]


def test_likes_and_plays_that_were_imported_follow_a_file_known_by_its_sound(
    root: Path, index: SongIndex
) -> None:
    index.take_listing([ODD])
    hear(index, {ODD.uri: Sound(20.0, fingerprint=b"odd", estimate=Estimate(0.1, 0.1, 0.4, 0.6))})
    with closing(library_file(root)) as library:
        facts = (
            Verdict(ODD.uri, -1, NOON),
            ImportedPlay(ODD.uri, 60, to_minute=False, heard=20.0, why=EndReason.FINISHED),
        )
        LibraryImports(library).keep(lambda: facts, "Last.fm", NOON)
    moved = replace(ODD, uri="c/other name.ogg")
    index.take_listing([moved])
    hear(index, {moved.uri: Sound(20.1, fingerprint=b"odd", estimate=Estimate(0.1, 0.1, 0.4, 0.6))})
    assert rows(root, "SELECT uri, liked FROM imported_verdicts") == [(moved.uri, -1)]
    assert rows(root, "SELECT uri, at FROM imported_plays") == [(moved.uri, 60)]


def test_two_files_that_swap_their_names_swap_their_history(root: Path, index: SongIndex) -> None:
    index.take_listing([RAIN, SUN])
    with closing(sqlite3.connect(root / FILE)) as database, database:
        database.execute("INSERT INTO imported_labels VALUES (?, 'sad', 'M3U', 0)", (RAIN.uri,))
        database.execute("INSERT INTO imported_labels VALUES (?, 'happy', 'M3U', 0)", (SUN.uri,))
    index.take_listing([replace(RAIN, uri=SUN.uri), replace(SUN, uri=RAIN.uri)])
    assert set(rows(root, "SELECT uri, mood FROM imported_labels")) == {(SUN.uri, "sad"), (RAIN.uri, "happy")}
    assert {song.uri: song.title for song in index.songs()} == {SUN.uri: "Rain", RAIN.uri: "Sun"}


def test_a_renamed_file_without_tags_is_known_by_its_sound(
    root: Path, index: SongIndex, moods: SqliteMoodIndex
) -> None:
    index.take_listing([ODD])
    hear(index, {ODD.uri: Sound(20.0, fingerprint=b"odd", estimate=Estimate(0.1, 0.1, 0.4, 0.6))})
    moods.correct(ODD.uri, Emotion.ANGRY)
    with closing(SqliteHistory(root, schema_folder(), Timestamps(Clock(), "boot"))) as history:
        history.add(play(ODD.uri))
    renamed = replace(ODD, uri="a/named.ogg", modified="t2")
    index.take_listing([renamed])
    assert rows(root, "SELECT uri FROM plays") == [(ODD.uri,)]
    hear(index, {renamed.uri: Sound(20.0, fingerprint=b"odd", estimate=Estimate(0.1, 0.1, 0.4, 0.6))})
    assert rows(root, "SELECT uri FROM plays") == [(renamed.uri,)]
    assert [(song.uri, song.mood) for song in index.songs()] == [(renamed.uri, "angry")]
    assert index.count_unheard(VERSION) == 0


def test_songs_that_are_back_have_their_moods(index: SongIndex, moods: SqliteMoodIndex) -> None:
    index.take_listing([RAIN, SUN])
    moods.correct(RAIN.uri, Emotion.FEAR)
    index.take_listing([])
    assert list(index.songs()) == []
    index.take_listing([SUN, RAIN])
    assert {song.uri: song.mood for song in index.songs()}[RAIN.uri] == "fear"


def test_songs_long_gone_are_erased(root: Path, index: SongIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GONE", 2)
    for number in range(5):
        index.take_listing([replace(RAIN, uri=f"{number}.ogg", title=str(number))])
    index.take_listing([])
    assert rows(root, "SELECT uri FROM songs ORDER BY uri") == [("3.ogg",), ("4.ogg",)]


@pytest.mark.parametrize("write", range(1, 7))
def test_a_listing_that_was_killed_in_its_midst_is_gone_on_with(
    root: Path, index: SongIndex, write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.take_listing([RAIN, SUN])
    hear(index, {RAIN.uri: HEARD, SUN.uri: replace(HEARD, fingerprint=b"sun")})
    listed = [replace(RAIN, uri=SUN.uri), replace(SUN, uri=RAIN.uri), ODD]
    real, left = index._write, [write]

    def killed(act: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        real(act)  # type: ignore[arg-type]

    monkeypatch.setattr(index, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        index.take_listing(listed)
    monkeypatch.undo()
    index.take_listing(listed)
    assert rows(root, "SELECT id, uri FROM songs WHERE gone IS NULL ORDER BY id")[:2] == [
        (1, SUN.uri),
        (2, RAIN.uri),
    ]
    assert [song.uri for song in index.unheard(VERSION)] == [ODD.uri]


def test_a_disk_that_refuses_is_named(root: Path) -> None:
    (root / FILE).mkdir()
    with pytest.raises(StoreError, match=r"library\.db"):
        SongIndex(root, schema_folder())


# --- the speaker


def library(count: int) -> list[CatalogueSong]:
    genres = ("Metal", "Ambient", "Dance", "Dark Ambient", "Folk", "Swing", "Techno")
    return [
        replace(RAIN, uri=f"{number}.ogg", title=f"{number}", genre=genres[number % len(genres)])
        for number in range(count)
    ]


def test_every_mood_has_its_nearest_songs(index: SongIndex, moods: SqliteMoodIndex, lexicon: Lexicon) -> None:
    assert not any(moods.nearest(mood) for mood in EMOTIONS)
    index.take_listing(library(100))
    index.place(lexicon)
    own = {mood: {song.uri for song in index.songs() if song.mood == mood} for mood in EMOTIONS}
    for mood in EMOTIONS:
        songs = moods.nearest(mood)
        assert len(set(songs)) == len(songs) >= LEAST
        assert own[mood] <= set(songs)


def test_a_library_of_three_songs_has_them_for_every_mood(
    index: SongIndex, moods: SqliteMoodIndex, lexicon: Lexicon
) -> None:
    index.take_listing(library(3))
    index.place(lexicon)
    assert all(len(moods.nearest(mood)) == 3 for mood in EMOTIONS)


def test_a_correction_counts_at_once_and_after_the_next_scan(
    index: SongIndex, moods: SqliteMoodIndex, lexicon: Lexicon
) -> None:
    index.take_listing(library(100))
    index.place(lexicon)
    moods.correct("3.ogg", Emotion.SURPRISE)
    assert moods.nearest(Emotion.SURPRISE)[0] == "3.ogg"
    index.place(lexicon)
    assert moods.nearest(Emotion.SURPRISE)[0] == "3.ogg"
    moods.correct("3.ogg", None)
    index.place(lexicon)
    assert {song.uri: song.source for song in index.songs()}["3.ogg"] == "tags"


def test_a_correction_of_a_song_that_no_scan_has_met_is_kept(
    index: SongIndex, moods: SqliteMoodIndex, lexicon: Lexicon
) -> None:
    moods.correct(RAIN.uri, Emotion.DISGUST)
    index.take_listing([RAIN])
    index.place(lexicon)
    assert [(song.title, song.mood) for song in index.songs()] == [("Rain", "disgust")]


def test_the_speaker_knows_when_the_index_was_changed(
    index: SongIndex, moods: SqliteMoodIndex, lexicon: Lexicon
) -> None:
    assert moods.changed()
    assert not moods.changed()
    index.take_listing([RAIN])
    index.place(lexicon)
    index.set_state(scanned_at="1700000000", files="a remote MPD")
    assert moods.changed()
    assert not moods.changed()
    summary = moods.summary()
    assert (summary.songs, summary.placed, summary.heard) == (1, 1, 0)
    assert (summary.scanned_at, summary.files) == (1_700_000_000.0, "a remote MPD")
