"""Which songs go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import Affect
from moodspeaker.music.collaborative import Named, Ranking, Sessions, Together

LIBRARY = [Named(f"{n}", f"Title {n}", f"Artist {n % 7}") for n in range(20)]
SOME = st.lists(st.sampled_from(LIBRARY), max_size=6)


def sessions(*lists: str) -> Sessions:
    """Return sessions of songs that are named by one letter each."""
    made = Sessions()
    for letters in lists:
        made.add([named(letter) for letter in letters])
    return made


def named(letter: str, artist: str = "", title: str = "") -> Named:
    return Named(letter, title, artist)


def ranked(heard: Sessions, library: str, history: str, count: int = 10) -> str:
    found = Ranking([named(letter) for letter in library], heard).next(
        [named(letter) for letter in history], count
    )
    return "".join(song.uri for song in found)


def test_songs_of_one_session_go_together() -> None:
    assert ranked(sessions("ab", "cd"), "abcd", "a")[0] == "b"


def test_the_song_that_follows_goes_before_the_one_that_came_first() -> None:
    assert ranked(sessions("xay"), "axy", "a") == "yx"


def test_a_near_song_goes_before_a_far_one_of_the_same_session() -> None:
    assert ranked(sessions("abcdefgh"), "abh", "a") == "bh"


def test_a_short_session_says_more_than_a_long_one() -> None:
    together = sessions("ab", "c" + "mnopqrstuvwxyz").together
    assert together("a")["b"] > together("c")["m"]


def test_the_last_song_counts_most() -> None:
    assert ranked(sessions("ax", "by"), "abxy", "ab")[0] == "y"
    assert ranked(sessions("ax", "by"), "abxy", "ba")[0] == "x"


def test_a_song_that_was_never_heard_with_the_last_is_reached_through_one_that_was() -> None:
    assert ranked(sessions("ab", "bc", "de"), "abcde", "a")[:2] == "bc"


def test_while_nothing_was_heard_the_artist_counts() -> None:
    library = [named("a", "one"), named("b", "two"), named("c", "one")]
    assert Ranking(library, Sessions()).next([library[0]], 1) == [library[2]]


def test_words_of_titles_count_but_not_those_that_say_nothing() -> None:
    library = [
        named("a", "1", "The White Christmas"),
        named("b", "2", "The Road"),
        named("c", "3", "Christmas Time"),
    ]
    scores = Together(library, Sessions()).scores([library[0]])
    assert scores[2] > 0
    assert scores[1] == 0


def test_artists_that_stand_in_one_session_lend_to_their_other_songs() -> None:
    heard = Sessions()
    heard.add([named("a", "one"), named("b", "two")])
    library = [named("a", "one"), named("b", "two"), named("c", "two"), named("d", "three")]
    order = Ranking(library, heard).next([library[0]], 3)
    assert [song.uri for song in order] == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("artist", "title", "names"),
    [
        ("Ann", "Song", {"ann"}),
        ("Ann", "Song (feat. Ben & Cy) - Live", {"ann", "ben", "cy"}),
        ("Ann feat. Ben", "Song", {"ann feat. ben", "ann", "ben"}),
        ("Ann, Ben", "Song [with Cy]", {"ann, ben", "ann", "ben", "cy"}),
        ("Ann", "Stay with me", {"ann"}),
        ("", "Song", set()),
    ],
)
def test_a_song_has_its_artists_and_guests(artist: str, title: str, names: set[str]) -> None:
    assert named("a", artist, title).names() == names


def test_a_guest_links_songs_of_different_artists() -> None:
    library = [
        named("a", "Ann", "One (feat. Ben)"),
        named("b", "Ben", "Two"),
        named("c", "Cy", "Three (feat. BEN)"),
        named("d", "Dee", "Four"),
    ]
    scores = Together(library, Sessions()).scores([library[0]])
    assert scores[1] > 0
    assert scores[2] > 0
    assert scores[3] == 0
    back = Together(library, Sessions()).scores([library[1]])
    assert back[0] > 0


def test_where_nothing_was_heard_and_no_artist_is_the_same_genre_and_place_decide() -> None:
    last = Named("a", "One", "Ann", "Folk; Blues", Affect(-0.5, -0.5))
    library = [
        last,
        Named("far", "Two", "Ben", "Metal", Affect(0.8, 0.8)),
        Named("near", "Three", "Cy", "Metal", Affect(-0.5, -0.4)),
        Named("same", "Four", "Dee", "folk", Affect(0.5, 0.5)),
        Named("both", "Five", "Eve", "Blues", Affect(-0.5, -0.5)),
    ]
    order = Ranking(library, Sessions()).next([last], 4)
    assert [song.uri for song in order] == ["both", "same", "near", "far"]
    heard = Sessions()
    heard.add([last, library[1]])
    assert Ranking(library, heard).next([last], 1) == [library[1]]


def test_with_no_history_the_popular_come_first_each_artist_in_turn() -> None:
    heard = Sessions()
    songs = [named("a", "one"), named("b", "one"), named("c", "two")]
    for _ in range(3):
        heard.add(songs[:2])
    heard.add([songs[1], songs[2]])
    order = Ranking(songs, heard).next([], 3)
    assert [song.uri for song in order] == ["b", "c", "a"]


@given(st.lists(SOME, max_size=5), SOME, st.integers(1, 30))
def test_a_ranking_names_each_other_song_once(
    heard: list[list[Named]], history: list[Named], count: int
) -> None:
    made = Sessions()
    for songs in heard:
        made.add(songs)
    found = Ranking(LIBRARY, made).next(history, count)
    assert len(found) == len(set(found)) == min(count, len(LIBRARY) - len(set(history)))
    assert not set(found) & set(history)


@given(st.lists(SOME, max_size=5), SOME)
def test_scores_are_finite_and_not_negative(heard: list[list[Named]], history: list[Named]) -> None:
    made = Sessions()
    for songs in heard:
        made.add(songs)
    scores = Together(LIBRARY, made).scores(history)
    assert len(scores) == len(LIBRARY)
    assert all(0 <= score < 1e6 for score in scores)
