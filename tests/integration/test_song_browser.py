"""The library as the page shows it, on a real file that others write meanwhile."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.library import MODEL, scanned, songs
from support.songs import library_file

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.errors import StoreError
from moodspeaker.library.browsing import NUMBERED, SongBrowser
from moodspeaker.library.migrations import FILE
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.scan_lock import only_one

if TYPE_CHECKING:
    from pathlib import Path

RIVER = CatalogueSong("a/1.ogg", "Río Lento", ("José Aldea",), "Aguas", genre="Ambient", modified="t")
SLOW = CatalogueSong("b/2.ogg", "A Slow Mile", ("Rio & Co",), "Miles", genre="Ambient", modified="t")
BARE = CatalogueSong("c/rio take 3.ogg", genre="nothing known", modified="t")
LISTED = (RIVER, SLOW, BARE)


def found(root: Path, text: str, mood: str = "", *, yours: bool = False) -> list[str]:
    search = SongBrowser(root).search(text, mood, yours=yours, offset=0, count=50)
    assert search.total == len(search.songs)
    assert search.ids == [song.id for song in search.songs]
    return [song.name for song in search.songs]


def correct(root: Path, uri: str, mood: Emotion | None) -> None:
    with closing(library_file(root)) as database:
        SqliteMoodIndex(database).correct(uri, mood)


@pytest.mark.parametrize("begun", [False, True])
def test_where_nothing_was_ever_scanned_there_is_nothing(root: Path, begun: bool) -> None:  # noqa: FBT001
    if begun:  # the file is there, its tables are not yet
        (root / FILE).touch()
    browser = SongBrowser(root)
    assert browser.page(0, 10).songs == []
    assert browser.search("rio", "", yours=False, offset=0, count=10).total == 0
    assert browser.song(1) is None
    scan = browser.scan()
    assert (scan.songs, scan.scanned_at, scan.is_at_work) == (0, None, False)


def test_all_songs_that_have_a_place_come_page_by_page(root: Path) -> None:
    scanned(root, songs(25))
    browser = SongBrowser(root)
    seen, after = [], 0
    while page := browser.page(after, 10).songs:
        seen += page
        after = page[-1].id
    assert len({song.id for song in seen}) == 25
    assert all(-1 <= song.valence <= 1 and -1 <= song.arousal <= 1 for song in seen)
    assert (browser.page(0, 1).total, browser.page(0, 1).placed) == (25, 25)


def test_a_search_knows_neither_case_nor_accents_and_titles_come_first(root: Path) -> None:
    scanned(root, LISTED, heard=False)
    assert found(root, "rio") == ["Río Lento", "rio take 3.ogg", "A Slow Mile"]
    assert found(root, "RÍO jose") == ["Río Lento"]
    assert found(root, "miles") == ["A Slow Mile"]
    assert found(root, "ambient") == ["A Slow Mile", "Río Lento"]
    assert found(root, "rio metal") == []
    assert found(root, "\u0301") == found(root, "")
    assert found(root, "100% 'x' _") == []


def test_a_search_goes_by_mood_too(root: Path) -> None:
    scanned(root, LISTED, heard=False)
    assert found(root, "", "none") == ["rio take 3.ogg"]
    correct(root, BARE.uri, Emotion.ANGRY)
    assert found(root, "", "none") == []
    assert found(root, "take", "angry", yours=True) == ["rio take 3.ogg"]
    assert found(root, "", yours=True) == ["rio take 3.ogg"]


def test_a_long_result_comes_in_parts_and_its_numbers_only_where_a_picture_can_show_them(root: Path) -> None:
    scanned(root, songs(NUMBERED + 5), heard=False)
    browser = SongBrowser(root)
    whole = browser.search("", "", yours=False, offset=0, count=20)
    assert (whole.total, whole.ids) == (NUMBERED + 5, None)
    more = browser.search("", "", yours=False, offset=20, count=20)
    assert not {song.id for song in whole.songs} & {song.id for song in more.songs}


def test_a_correction_says_what_it_goes_back_to(root: Path) -> None:
    scanned(root, LISTED)
    [river] = SongBrowser(root).search("lento", "", yours=False, offset=0, count=1).songs
    correct(root, RIVER.uri, Emotion.ANGRY)
    corrected = SongBrowser(root).song(river.id)
    assert corrected is not None
    assert (corrected.mood, corrected.is_corrected, corrected.before) == ("angry", True, river.mood)
    correct(root, RIVER.uri, None)
    assert SongBrowser(root).song(river.id) == river


def test_how_far_the_scan_is(root: Path) -> None:
    scanned(root, LISTED, heard=False)
    browser = SongBrowser(root)
    with only_one(root):
        scan = browser.scan()
    assert (scan.is_at_work, scan.songs, scan.placed, scan.heard) == (True, 3, 2, 0)
    scanned(root, LISTED)
    scan = browser.scan()
    assert (scan.is_at_work, scan.heard, scan.scanned_at) == (False, 3, 1_700_000_000.0)


def test_songs_that_another_model_heard_are_not_heard_as_they_are_now(root: Path) -> None:
    scanned(root, LISTED)
    with closing(library_file(root)) as database:
        database.write(lambda db: db.execute("UPDATE scan_state SET value = '2/2' WHERE value = ?", (MODEL,)))
    assert SongBrowser(root).scan().heard == 0


def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    (root / FILE).write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(StoreError, match=FILE):
        SongBrowser(root).page(0, 10)


def test_it_reads_while_another_writes(root: Path) -> None:
    scanned(root, LISTED)
    with closing(library_file(root)) as database:
        database.write(lambda _: found(root, "rio"))
    assert database.fault == ""
