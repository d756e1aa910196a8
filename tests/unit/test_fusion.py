"""Where songs lie: fusion, corrections, ranks, moods."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.library.fusion import Estimate, Evidence, fused, nearest, place
from moodspeaker.mood.affect import POINTS


def sound(valence: float, arousal: float) -> Estimate:
    return Estimate(valence, arousal, 0.4, 0.6)


def tags(valence: float, arousal: float) -> Estimate:
    return Estimate(valence, arousal, 0.15, 0.3)


def grid(side: int) -> list[Evidence]:
    """Return a library whose songs are everywhere in the middle of the plane."""
    steps = [(2 * number / (side - 1) - 1) / 3 for number in range(side)]
    return [Evidence(sound=sound(valence, arousal)) for valence in steps for arousal in steps]


def test_one_source_is_taken_as_it_is() -> None:
    one = fused(Evidence(sound=sound(0.3, -0.2)))
    assert one is not None
    assert (one.valence, one.arousal) == pytest.approx((0.3, -0.2))
    assert (one.valence_reliability, one.arousal_reliability) == pytest.approx((0.4, 0.6))


def test_sources_that_agree_make_each_other_stronger() -> None:
    both = fused(Evidence((tags(0.2, 0.2),), sound(0.3, 0.3)))
    assert both is not None
    assert both.valence > 0.3
    assert both.valence_reliability > 0.4


def test_the_more_reliable_source_counts_for_more() -> None:
    both = fused(Evidence((tags(-0.3, -0.3),), sound(0.3, 0.3)))
    assert both is not None
    assert both.valence > 0
    assert both.arousal > 0


def test_nothing_known_is_no_place() -> None:
    assert place([Evidence()]) == [None]


def test_every_mood_has_songs_whatever_the_library_is() -> None:
    moods = [placement.mood for placement in place(grid(30)) if placement is not None]
    assert set(moods) == set(Emotion)


def test_ranks_hold_where_all_songs_are_alike_in_kind() -> None:
    metal = [Evidence(sound=sound(-0.2 + number / 1000, 0.5 + number / 1000)) for number in range(100)]
    placements = [placement for placement in place(metal) if placement is not None]
    assert placements[0].rank.arousal < -0.7
    assert placements[-1].rank.arousal > 0.7
    assert placements[0].mood is Emotion.SAD


def test_a_library_of_one_song_is_placed_by_its_value() -> None:
    [placement] = place([Evidence(sound=sound(0.6, 0.3))])
    assert placement is not None
    assert placement.rank == placement.affect
    assert placement.mood is Emotion.HAPPY


def test_a_correction_wins() -> None:
    [placement] = place([Evidence((tags(0.3, 0.3),), sound(0.5, 0.5), Emotion.SAD)])
    assert placement is not None
    assert (placement.mood, placement.confidence, placement.source) == (Emotion.SAD, 1.0, "correction")
    assert placement.affect == POINTS[Emotion.SAD]


def test_a_correction_needs_no_other_evidence() -> None:
    [placement] = place([Evidence(correction=Emotion.FEAR)])
    assert placement is not None
    assert placement.mood is Emotion.FEAR


def test_neighbours_follow_a_correction_a_little_the_same_artist_s_more() -> None:
    def library(correction: Emotion | None) -> list[Evidence]:
        return [
            Evidence(sound=sound(0.2, 0.2), correction=correction, artist="Ann"),
            Evidence(sound=sound(0.22, 0.2), artist="ann"),
            Evidence(sound=sound(0.22, 0.2), artist="Bob"),
            Evidence(sound=sound(-0.9, -0.9), artist="Ann"),
        ]

    before, after = place(library(None)), place(library(Emotion.SAD))
    moved = [
        new.affect.valence - old.affect.valence
        for new, old in zip(after, before, strict=True)
        if new is not None and old is not None
    ]
    assert moved[1] < moved[2] < 0
    assert moved[1] > -0.5
    assert moved[3] == 0


def test_what_is_known_well_and_lies_at_a_mood_is_more_certain() -> None:
    songs = grid(15)
    weak = [Evidence((tags(one.sound.valence, one.sound.arousal),)) for one in songs if one.sound]
    by_sound = {p.rank: p.confidence for p in place(songs) if p is not None}
    by_tags = {p.rank: p.confidence for p in place(weak) if p is not None}
    assert sum(by_sound.values()) > sum(by_tags.values())
    happy = min(by_sound, key=lambda rank: math.dist((rank.valence, rank.arousal), (0.75, 0.35)))
    between = min(by_sound, key=lambda rank: math.dist((rank.valence, rank.arousal), (0.37, 0.17)))
    assert by_sound[happy] > by_sound[between]


def test_equal_songs_have_one_place() -> None:
    placements = place([Evidence((tags(0.1, 0.1),))] * 5)
    assert len(set(placements)) == 1


@pytest.mark.parametrize("emotion", Emotion)
def test_the_nearest_of_a_point_is_its_emotion(emotion: Emotion) -> None:
    assert nearest(POINTS[emotion]) == (emotion, 0.0)


_values = st.floats(-1, 1)
_estimates = st.builds(Estimate, _values, _values, st.floats(0, 0.95), st.floats(0, 0.95))
_evidence = st.builds(
    Evidence,
    st.lists(_estimates, max_size=3).map(tuple),
    st.none() | _estimates,
    st.none() | st.sampled_from(Emotion),
    st.sampled_from(["", "Ann"]),
    st.sampled_from(["", "Pop"]),
)


@given(st.lists(_evidence, max_size=8))
def test_every_place_is_on_the_plane(library: list[Evidence]) -> None:
    placements = place(library)
    assert len(placements) == len(library)
    for placement in placements:
        if placement is not None:
            points = (placement.affect, placement.rank)
            assert all(-1 <= value <= 1 for point in points for value in (point.valence, point.arousal))
            assert 1 / 7 - 1e-9 <= placement.confidence <= 1
            assert isinstance(placement.affect, Affect)
