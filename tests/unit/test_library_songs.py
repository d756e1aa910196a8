"""Which listed song is which known one."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.songs import KnownSong, compare, digest_of, key_of

RAIN = CatalogueSong("a/rain.ogg", "Rain", ("Ann",), "Weather", 180.0, "Pop", modified="2026-01-01T00:00:00Z")
SUN = CatalogueSong("a/sun.ogg", "Sun", ("Ann",), "Weather", 200.0, "Pop", modified="2026-01-01T00:00:00Z")
BARE = CatalogueSong("b/track.mp3", seconds=90.0)


def known(number: int, tags: CatalogueSong, *, gone: bool = False) -> KnownSong:
    key = key_of(tags.uri, tags.title, tags.artist)
    return KnownSong(number, tags.uri, key, digest_of(tags), tags.seconds, gone=gone)


def test_nothing_changes_where_nothing_changed() -> None:
    changes = compare([known(1, RAIN), known(2, BARE)], [BARE, RAIN])
    assert not any((changes.same, changes.moved, changes.fresh, changes.gone))


def test_other_tags_leave_the_song_what_it_is() -> None:
    retagged = replace(RAIN, title="Rain (live)", modified="later")
    changes = compare([known(1, RAIN)], [retagged])
    assert changes.same == [(1, retagged)]
    assert not changes.gone


def test_a_renamed_and_moved_file_is_the_same_song() -> None:
    moved = replace(RAIN, uri="elsewhere/01 Rain.ogg", seconds=180.9)
    changes = compare([known(1, RAIN), known(2, SUN)], [moved, SUN])
    assert changes.moved == [(1, RAIN.uri, moved)]
    assert changes.gone == [1]
    assert not changes.fresh


def test_two_files_that_swap_their_names_swap_their_songs() -> None:
    listed = [replace(RAIN, uri=SUN.uri), replace(SUN, uri=RAIN.uri)]
    changes = compare([known(1, RAIN), known(2, SUN)], listed)
    assert sorted(changes.moved) == [(1, RAIN.uri, listed[0]), (2, SUN.uri, listed[1])]


def test_another_song_in_a_file_s_place_is_another_song() -> None:
    other = replace(SUN, uri=RAIN.uri)
    changes = compare([known(1, RAIN)], [other])
    assert (changes.fresh, changes.gone) == ([other], [1])


def test_a_song_that_is_back_has_its_history() -> None:
    changes = compare([known(1, RAIN, gone=True)], [RAIN])
    assert changes.moved == [(1, RAIN.uri, RAIN)]


def test_a_file_without_tags_is_known_by_its_name_in_another_folder_alone() -> None:
    assert compare([known(1, BARE)], [replace(BARE, uri="c/track.mp3")]).moved
    assert compare([known(1, BARE)], [replace(BARE, uri="b/other.mp3")]).fresh


def test_another_length_is_another_recording() -> None:
    live = replace(RAIN, uri="live/rain.ogg", seconds=240.0)
    changes = compare([known(1, RAIN)], [live])
    assert (changes.fresh, changes.gone) == ([live], [1])


def test_of_two_that_fit_neither_is_taken_unless_a_name_tells() -> None:
    twin = replace(RAIN, uri="b/rain, again.ogg")
    listed = [replace(RAIN, uri="c/rain.ogg"), replace(twin, uri="c/other.ogg")]
    changes = compare([known(1, RAIN), known(2, twin)], listed)
    assert [(number, tags.uri) for number, _, tags in changes.moved] == [
        (1, "c/rain.ogg"),  # by its file name
        (2, "c/other.ogg"),  # the one that is left
    ]
    listed = [replace(RAIN, uri="c/x.ogg"), replace(RAIN, uri="c/y.ogg")]
    assert not compare([known(1, RAIN), known(2, twin)], listed).moved


def test_thousands_of_songs_with_the_same_tags_take_no_time() -> None:
    many = [replace(RAIN, uri=f"{number}.ogg") for number in range(3000)]
    changes = compare(
        [known(number, tags) for number, tags in enumerate(many)],
        [replace(tags, uri=f"x{tags.uri}") for tags in many],
    )
    assert len(changes.fresh) == 3000


_tags = st.builds(
    CatalogueSong,
    uri=st.sampled_from(["a/1", "a/2", "b/1", "b/2"]),
    title=st.sampled_from(["", "One", "Two"]),
    artists=st.sampled_from([(), ("Ann",)]),
    seconds=st.sampled_from([None, 10.0, 11.0, 20.0]),
)


@given(
    st.lists(_tags, unique_by=lambda tags: tags.uri),
    st.lists(_tags, unique_by=lambda tags: tags.uri),
    st.integers(0, 15),
)
def test_every_listed_song_has_one_place_and_every_known_one_is_kept_once(
    before: list[CatalogueSong], listed: list[CatalogueSong], gone: int
) -> None:
    songs = [known(number, tags, gone=bool(gone >> number & 1)) for number, tags in enumerate(before)]
    changes = compare(songs, listed)
    new = [tags.uri for _, _, tags in changes.moved] + [tags.uri for tags in changes.fresh]
    assert len(set(new)) == len(new)
    assert set(new) <= {tags.uri for tags in listed}
    ids = [number for number, _, _ in changes.moved] + [number for number, _ in changes.same]
    assert len(set(ids)) == len(ids)
    there = {song.id for song in songs if not song.gone} - set(changes.gone)
    assert len(there) + len(new) == len(listed)
