"""How much a listener likes a song."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import EMOTIONS, Affect, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.music.preference import DAY, SWITCH, Event, Liking, Preferences, Traits, What, of_play

NOW = 1_772_366_400.0
TRAITS = Traits("Somebody", "Jazz", Affect(0.5, 0.5))
EVENTS = st.builds(
    Event,
    st.sampled_from(What),
    st.floats(0, 2 * NOW),
    st.none() | st.sampled_from(EMOTIONS),
    st.sampled_from([HOUSEHOLD, "Ada", "Ben"]),
)


def liking(
    *events: Event,
    mood: Emotion = Emotion.SAD,
    profile: str = HOUSEHOLD,
    days: float = 0.0,
    of: str = "a",
    traits: Traits | None = None,
) -> Liking:
    """Return how a song is liked after these events of the song `a`."""
    traits = traits or TRAITS
    made = Preferences()
    for event in events:
        made.add("a", TRAITS, event)
    return made.liking(of, traits, mood, profile, NOW + days * DAY)


def event(what: What, mood: Emotion | None = Emotion.SAD, profile: str = HOUSEHOLD) -> Event:
    return Event(what, NOW, mood, profile)


def test_nothing_is_known_of_a_song_at_first() -> None:
    assert liking() == Liking(0.0, 0.0)


def test_what_is_finished_is_liked_and_what_is_skipped_early_is_not() -> None:
    assert liking(event(What.FINISHED)).value > 0
    assert liking(event(What.SKIPPED_EARLY)).value < liking(event(What.SKIPPED)).value < 0


def test_one_word_outweighs_some_plays() -> None:
    finished = [event(What.FINISHED)] * 5
    assert liking(*finished, event(What.DISLIKED)).value < 0
    assert liking(event(What.SKIPPED), event(What.SKIPPED), event(What.LIKED)).value > 0


def test_a_word_is_forgotten_slowly_and_a_play_sooner() -> None:
    assert liking(event(What.FINISHED), days=200).weight < liking(event(What.FINISHED)).weight / 3
    assert liking(event(What.LIKED), days=200).value > 0.7 * liking(event(What.LIKED)).value


def test_the_wrong_mood_is_wrong_in_that_mood_alone() -> None:
    wrong = event(What.WRONG_MOOD, Emotion.SAD)
    assert liking(wrong, mood=Emotion.SAD).value < 0
    assert liking(wrong, mood=Emotion.HAPPY).value == 0


def test_other_moods_count_less() -> None:
    assert liking(event(What.LIKED, Emotion.HAPPY)).value < liking(event(What.LIKED, Emotion.SAD)).value


def test_a_song_that_was_never_heard_is_liked_for_its_artist() -> None:
    assert 0 < liking(event(What.LIKED), of="b").value < liking(event(What.LIKED)).value


def test_what_is_known_of_a_song_reaches_the_others_the_nearer_the_more() -> None:
    like = event(What.LIKED)
    likings = [
        liking(like, of="b", traits=traits).value
        for traits in (
            Traits("Somebody", "Jazz", Affect(0.5, 0.5)),
            Traits("Nobody", "Jazz", Affect(0.5, 0.5)),
            Traits("Nobody", "Rock", Affect(0.5, 0.5)),
            Traits("Nobody", "Rock", Affect(-0.5, -0.5)),
        )
    ]
    assert likings == sorted(likings, reverse=True)
    assert len(set(likings)) == 4


def test_the_wrong_mood_says_nothing_of_other_songs() -> None:
    assert liking(event(What.WRONG_MOOD), of="b").value == 0


def test_a_profile_says_more_of_itself_than_the_household() -> None:
    ada, ben = event(What.LIKED, profile="Ada"), event(What.DISLIKED, profile="Ben")
    assert liking(ada, ben, profile="Ada").value > 0 > liking(ada, ben, profile="Ben").value


def test_where_a_profile_said_nothing_the_household_counts() -> None:
    assert liking(event(What.LIKED), profile="Ada").value > 0


@pytest.mark.parametrize(
    ("why", "heard", "since_switch", "what"),
    [
        (EndReason.FINISHED, 200.0, None, What.FINISHED),
        (EndReason.FINISHED, 20.0, 5.0, What.FINISHED),
        (EndReason.SKIPPED, 10.0, None, What.SKIPPED_EARLY),
        (EndReason.SKIPPED, 100.0, 900.0, What.SKIPPED),
        (EndReason.SKIPPED, 10.0, SWITCH, None),
        (EndReason.STOPPED, 10.0, None, None),
        (EndReason.REPLACED, 10.0, None, None),
        (EndReason.UNKNOWN, 10.0, None, None),
    ],
)
def test_what_the_end_of_a_play_says(
    why: EndReason, heard: float, since_switch: float | None, what: What | None
) -> None:
    assert of_play(why, heard, since_switch) is what


@given(st.lists(EVENTS, max_size=12), st.sampled_from(EMOTIONS), st.sampled_from([HOUSEHOLD, "Ada"]))
def test_a_liking_stays_between_minus_one_and_one(events: list[Event], mood: Emotion, profile: str) -> None:
    found = liking(*events, mood=mood, profile=profile)
    assert -1 <= found.value <= 1
    assert found.weight >= 0


@given(st.lists(EVENTS, max_size=12), st.sampled_from(EMOTIONS))
def test_a_like_never_makes_a_song_less_liked(events: list[Event], mood: Emotion) -> None:
    before = liking(*events, mood=mood).value
    assert liking(*events, event(What.LIKED, mood), mood=mood).value >= before - 1e-9


def test_favourites_are_those_that_are_liked_most_now() -> None:
    made = Preferences()
    made.add("old", Traits(), Event(What.LIKED, NOW - 900 * DAY))
    made.add("bad", Traits(), Event(What.DISLIKED, NOW))
    made.add("new", Traits(), Event(What.LIKED, NOW))
    assert made.favourites(5) == ["new", "old"]


def test_what_is_kept_as_json_is_what_was_known() -> None:
    made = Preferences()
    told = [
        ("wrong", Event(What.WRONG_MOOD, NOW, Emotion.SAD)),
        ("a", Event(What.FINISHED, NOW - 1 / 3, None, 'Ada "Ö"')),
        ("wrong", Event(What.LIKED, NOW, Emotion.NEUTRAL, "Ben")),
        ("a", Event(What.SKIPPED, NOW, Emotion.ANGRY)),
        ("never", Event(What.WRONG_MOOD, NOW, Emotion.FEAR)),
        ("as much", Event(What.LIKED, NOW)),
    ]
    for uri, event in told:
        made.add(uri, TRAITS, event)
    again = made
    for _ in range(2):
        again = Preferences.from_json(json.loads(json.dumps(again.as_json())))
    assert again.favourites(9) == made.favourites(9) == ["wrong", "as much", "a"]
    for uri in ("wrong", "a", "never", "as much", "unheard"):
        assert again.events(uri) == made.events(uri)
        for profile in (HOUSEHOLD, "Ben"):
            asked = uri, TRAITS, Emotion.SAD, profile, NOW + DAY
            assert again.liking(*asked) == made.liking(*asked)
