"""Whose songs stand in MPD's queue."""

from __future__ import annotations

from moodspeaker.adapters.mpd.provenance import Entry, Provenance, report
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import PlayState
from moodspeaker.domain.song import Programme


def drawn(number: int, *songs: str) -> Programme:
    return Programme(number, Emotion.HAPPY, "mood-happy", "stored playlist", songs, len(songs))


def queue(*songs: str, first: int = 1) -> list[Entry]:
    return [Entry(number, uri, 60.0) for number, uri in enumerate(songs, first)]


def programmes(provenance: Provenance, entries: list[Entry]) -> list[int | None]:
    return [provenance.programme_of(entry.id) for entry in entries]


def test_ids_tell_the_programme_and_what_appears_beside_is_a_persons() -> None:
    provenance = Provenance()
    ours = queue("a", "b")
    provenance.begin(drawn(1, "a", "b"))
    provenance.added(ours)
    provenance.done()
    more = queue("b", "a", first=3)
    provenance.begin(drawn(2, "b", "a"))
    provenance.added(more)
    provenance.done()
    whole = [*ours, *more, *queue("a", first=5)]
    provenance.see(whole)
    assert programmes(provenance, whole) == [1, 1, 2, 2, None]


def test_songs_of_a_command_that_broke_off_are_ours() -> None:
    provenance = Provenance()
    provenance.begin(drawn(1, "a", "b"))
    entries = queue("a", "b", "c")
    provenance.see(entries)
    assert programmes(provenance, entries) == [1, 1, None]


def test_songs_of_a_command_that_the_loss_of_the_link_cut_off_are_ours_on_the_next_one() -> None:
    provenance = Provenance()
    provenance.begin(drawn(1, "a", "b"))
    provenance.see_first(queue("a", "c"))
    assert programmes(provenance, queue("a", "c")) == [1, None]
    provenance.see([*queue("a", "c"), Entry(3, "b", 60.0)])
    assert provenance.programme_of(3) is None, "what appears from then on is a person's"


def test_songs_of_a_command_that_failed_are_not_kept() -> None:
    provenance = Provenance()
    provenance.begin(drawn(1, "a"))
    provenance.added(queue("a"))
    provenance.failed()
    provenance.see(queue("x", "a"))
    assert programmes(provenance, queue("x", "a")) == [None, None]
    provenance.see_first(queue("a"))
    assert programmes(provenance, queue("a")) == [None]


def test_on_a_new_connection_an_id_counts_only_with_its_uri() -> None:
    provenance = Provenance()
    provenance.begin(drawn(1, "a", "b"))
    provenance.added(queue("a", "b"))
    provenance.done()
    other = queue("c", "b", "a")
    provenance.see_first(other)
    assert programmes(provenance, other) == [None, 1, 1]


def test_after_a_restart_the_newest_programme_that_has_a_song_counts() -> None:
    provenance = Provenance((drawn(1, "a", "b"), drawn(2, "b", "c")))
    entries = queue("a", "b", "c", "d")
    provenance.see_first(entries)
    assert programmes(provenance, entries) == [1, 2, 2, None]


def test_what_is_kept_is_bounded() -> None:
    provenance = Provenance([drawn(number, f"{number}") for number in range(100)])
    entries = queue("80", "95")
    provenance.see_first(entries)
    assert programmes(provenance, entries) == [None, 95]
    provenance.begin(drawn(100, *(f"song {number}" for number in range(1000))))
    provenance.done()
    assert sum(len(songs) for songs in provenance._songs.values()) < 400
    provenance.see(queue("x"))
    assert len(provenance._entries) == 1


def test_songs_played_long_ago_are_ours_and_far_behind() -> None:
    provenance = Provenance()
    ids = list(range(1, 41))
    provenance.begin(drawn(1, "a"))
    provenance.added(queue(*["a"] * 40)[5:])
    assert provenance.long_played(ids, 35) == {6, 7, 8, 9}
    assert provenance.long_played(ids, 3) == frozenset()
    assert provenance.long_played(ids, None) == frozenset()


def test_a_report_counts_what_is_ahead() -> None:
    provenance = Provenance((drawn(1, "a", "b", "http://c"),))
    entries = [*queue("a", "b"), Entry(3, "http://c")]
    provenance.see_first(entries)

    def ahead(current: int | None) -> tuple[int, float | None, int | None]:
        told = report(
            PlayState.PLAY, entries, provenance, current=current, upcoming=2, song=None, elapsed=0.0
        )
        assert (told.length, told.ours, told.upcoming) == (3, True, 1)
        return told.ahead, told.seconds_ahead, told.programme

    assert ahead(3) == (0, 0.0, 1)
    assert ahead(1) == (2, None, 1)
    assert ahead(None) == (3, None, None)
