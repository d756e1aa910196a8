"""Which song is meant, whatever a program made of its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.import_library import HORSE, SONGS

from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.matching import Finder, Missing
from moodspeaker.library.names import artists_of, key, title_of

FINDER = Finder(SONGS)
TIDE, LIVE, BEST = "brook/tide.flac", "brook/live/tide.flac", "brook/best/tide.flac"


def by_tags(title: str, artist: str = "", album: str = "", finder: Finder = FINDER) -> str | None:
    answer = finder.by_tags(title, artist, album)
    return None if isinstance(answer, Missing) else answer.uri


def by_path(path: str, *, alone: bool = True) -> str | None:
    answer = FINDER.by_path(path, name_is_enough=alone)
    return None if isinstance(answer, Missing) else answer.uri


def finder(*songs: tuple[str, str, str]) -> Finder:
    """Return a finder among songs of a title, an artist and an album."""
    return Finder(CatalogueSong(f"{n}.mp3", t, (a,) if a else (), al) for n, (t, a, al) in enumerate(songs))


@pytest.mark.parametrize(
    ("title", "artist", "uri"),
    [
        ("PAPER  lanterns ", "mira holt", "brook/lanterns.flac"),
        ("Bily kun", "Eva Rezacova", HORSE),
        ("Bílý kůň", "Eva Řezáčová", HORSE),
        ("Don't Wait Little One", "The Tin Cups", "tin/Don\u2019t Wait.flac"),
        ("Don`t Wait, Little One", "Tin Cups, The", "tin/Don\u2019t Wait.flac"),
        ("The Gravel Road", "Salt Smoke and Pine", "salt/gravel.flac"),
        ("Gravel Road, The", "Salt, Smoke & Pine", "salt/gravel.flac"),
        ("Gravel Road", "Salt\\, Smoke and Pine", "salt/gravel.flac"),
        ("Hush", "Ana Aubry\u2010Stone", "far/hush.flac"),
        ("Hush - Remastered 2011", "Ana Aubry Stone", "far/hush.flac"),
        ("Hush (2011 Remaster)", "Ana Aubry-Stone", "far/hush.flac"),
        ("Hush [Mono Version] - Remastered", "Ana Aubry-Stone", "far/hush.flac"),
        ("Harbour Lights", "Nils Berg", "salt/harbour.flac"),
        ("Harbour Lights", "Nils Berg feat. Ona Field", "salt/harbour.flac"),
        ("Harbour Lights (with Ona Field)", "Nils Berg, Ona Field", "salt/harbour.flac"),
        ("Harbour Lights ft. Ona Field", "Nils Berg", "salt/harbour.flac"),
        ("Two Rivers", "Ona Field & Nils Berg", "salt/rivers.flac"),
        ("Two Rivers", "Nils Berg; Ona Field", "salt/rivers.flac"),
        ("Two Rivers", "Nils Berg", "salt/rivers.flac"),
        ("Canon in D", "Johann Amsel", "far/canon.flac"),
        ("#9 Polka", "Fern and Fox", "tin/#9 Polka.flac"),
        ("Fern & Fox - #9 Polka", "", "tin/#9 Polka.flac"),
        ("Harvest", "Tin Cups", "tin/harvest.flac"),
        ("Harvest", "Reed Choir - Topic", "reed/harvest.flac"),
        ("Paper Lanterns", "Various Artists", "brook/lanterns.flac"),
        ("Loose Sheet", "Reed Choir", "reed/Reed Choir - Loose Sheet.flac"),
        ("Paper Lanterns", "Somebody Else", None),
        ("Harvest", "", None),
        ("Harvest", "Various Artists", None),
        ("Paper Lanterns (Live)", "Mira Holt", None),
        ("Paper Lanterns - Acoustic", "Mira Holt", None),
        ("Paper Lanterns - Somebody Remix", "Mira Holt", None),
        ("雨のうだ", "Ona Field", None),
    ],
)
def test_the_same_song_and_not_the_same(title: str, artist: str, uri: str | None) -> None:
    assert by_tags(title, artist) == uri


def test_a_version_is_found_where_it_was_meant() -> None:
    assert by_tags("Tide Table", "Mira Holt") in {TIDE, BEST}
    assert by_tags("Tide Table - Live", "Mira Holt") == LIVE
    assert by_tags("Tide Table (Live in Kiel)", "Mira Holt") == LIVE
    assert by_tags("Tide Table", "Mira Holt", "Live in Kiel") == LIVE
    only_live = finder(("Tide Table (Live)", "Mira Holt", "Live in Kiel"))
    answer = only_live.by_tags("Tide Table", "Mira Holt", "")
    assert isinstance(answer, Missing)
    assert answer.reason == "only another version of it is here"
    assert [song.uri for song in answer.nearest] == ["0.mp3"]
    remixes = finder(("Up (Ann Remix)", "X", ""), ("Up (Ben Remix)", "X", ""))
    assert by_tags("Up - Ben Remix", "X", finder=remixes) == "1.mp3"
    assert by_tags("Up - Cid Remix", "X", finder=remixes) is None
    assert by_tags("Stay", "X", finder=finder(("Stay", "X", "Live at Home"))) is None


def test_the_album_decides_between_two_of_one_song() -> None:
    assert by_tags("Tide Table", "Mira Holt", "Low Water (Deluxe Edition)") == TIDE
    assert by_tags("Tide Table", "Mira Holt", "Best of Mira Holt") == BEST
    assert len({by_tags("Tide Table", "Mira Holt", album) for album in ("", "Another")}) == 1
    assert by_tags("Harvest", "", "Stubble") == "reed/harvest.flac"


def test_the_whole_name_of_an_artist_comes_before_its_parts() -> None:
    songs = finder(("Go", "Lark", ""), ("Go", "Lark & Reed", ""), ("Go", "Reed", ""))
    assert by_tags("Go", "Lark & Reed", finder=songs) == "1.mp3"
    assert by_tags("Go", "Lark", finder=songs) == "0.mp3"


def test_songs_of_different_artists_with_one_in_common_are_two() -> None:
    songs = finder(("Go", "Ann & Ben", ""), ("Go", "Ann & Cid", ""))
    assert by_tags("Go", "Ann", finder=songs) is None
    assert by_tags("Go", "Ben and Ann", finder=songs) == "0.mp3"


def test_songs_without_tags_go_by_file_and_folder() -> None:
    songs = Finder(CatalogueSong(uri) for uri in ("Mira Holt/Low Water/03 - Ebb.mp3", "x/99 Balloons.mp3"))
    assert by_tags("Ebb", "Mira Holt", finder=songs) == "Mira Holt/Low Water/03 - Ebb.mp3"
    assert by_tags("99 Balloons", finder=songs) == "x/99 Balloons.mp3"
    assert by_tags("Ebb", "Nobody", finder=songs) is None


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("brook/tide.flac", TIDE),
        ("BROOK\\Tide.flac", TIDE),
        ("./brook/../brook/live/tide.flac", LIVE),
        ("/home/pi/Music/brook/best/tide.flac", BEST),
        ("D:\\Music\\brook\\tide.flac", TIDE),
        ("elsewhere/tide.flac", None),
        ("salt/Bílý kůň.flac", HORSE),
        ("salt/B%C3%ADl%C3%BD%20k%C5%AF%C5%88.flac", HORSE),
        ("tin/50% Slower.flac", "tin/50% Slower.flac"),
        ("tin/50%25%20Slower.flac", "tin/50% Slower.flac"),
        ("gravel.flac", "salt/gravel.flac"),
        ("other/gravel.flac", "salt/gravel.flac"),
        ("", None),
        ("/", None),
    ],
)
def test_paths(path: str, uri: str | None) -> None:
    assert by_path(path) == uri


def test_a_name_that_any_file_may_have_tells_nothing() -> None:
    songs = Finder([CatalogueSong("album/01.mp3"), CatalogueSong("album/Track 07.mp3")])
    assert isinstance(songs.by_path("E:\\else\\01.mp3", name_is_enough=True), Missing)
    assert isinstance(songs.by_path("else/track 07.mp3", name_is_enough=True), Missing)
    assert not isinstance(songs.by_path("album/01.mp3", name_is_enough=False), Missing)
    assert by_path("other/gravel.flac", alone=False) is None


def test_versions_editions_and_guests_are_taken_apart() -> None:
    assert title_of("Up (feat. Ann) - Remastered 2011").guests == ("Ann",)
    assert title_of("Up (feat. Ann) - Remastered 2011").song == "up"
    assert title_of("Up - Radio Edit").version.kinds == {"edit"}
    assert title_of("(Live)").song == key("(Live)")
    assert title_of("Live Forever").song == "liveforever"
    assert key("C# Minor") != key("C Minor")
    assert key("!!!") == "!!!"
    assert artists_of(["Various Artists"]) == ()


@given(st.text())
def test_any_title_has_a_key_and_finds_itself(title: str) -> None:
    assert bool(key(title)) == bool(title[:500].split())
    if title[:500].split():
        assert by_tags(title, "Somebody", finder=finder((title, "Somebody", ""))) == "0.mp3"
