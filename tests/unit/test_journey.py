"""Journeys through the affect plane."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Rule
from moodspeaker.domain.emotion import Affect, Emotion, distance
from moodspeaker.domain.wording import sentence
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.journey import GOALS, LONGEST, SHORTEST, Journey, set_out

AXIS = st.floats(-1, 1)
STEP = 360.0
ANGRY = POINTS[Emotion.ANGRY]


def plays(journey: Journey, seconds: float) -> Journey:
    """Let the music of the step whose turn it is play so long."""
    begun = journey.hears(journey.point, "a song", 0.0)
    return begun.hears(journey.point, "a song", seconds)


def over(journey: Journey, sensed: Affect | None, seconds: float) -> Rule | None:
    """Let the step play so long; return why the next one begins, None where it does not."""
    later = plays(journey, seconds).goes_on(sensed, STEP)
    return later.steps[later.at].reason.rule if later.at != journey.at else None


@given(AXIS, AXIS, st.sampled_from([Aim.LIFT, Aim.CALM]))
def test_it_begins_where_the_room_is_and_leads_to_the_goal_in_small_steps(
    v: float, a: float, aim: Aim
) -> None:
    start = Affect(v, a)
    journey = set_out(Emotion.SAD, aim, start)
    points = [step.affect for step in journey.steps]
    if len(points) > 1:
        assert distance(points[0], start) < 0.001
    assert points[-1] == GOALS[aim]
    assert all(distance(one, other) <= LONGEST + 0.002 for one, other in pairwise(points))
    assert len(points) <= 9


def test_the_plan_says_why_each_step_is_there() -> None:
    journey = set_out(Emotion.ANGRY, Aim.CALM, ANGRY)
    assert [sentence(step.reason) for step in journey.steps[:2]] == [
        "step 1 of 5 towards calmer music: it begins where the room is",
        "step 2 of 5 towards calmer music: a small step further",
    ]


@pytest.mark.parametrize(
    ("sensed", "seconds", "rule"),
    [
        (ANGRY, SHORTEST - 1, None),
        (ANGRY, SHORTEST, Rule.STEP_ANSWERED),
        (Affect(-0.3, 0.5), SHORTEST, Rule.STEP_ANSWERED),  # near
        (Affect(0.3, 0.0), SHORTEST, Rule.STEP_ANSWERED),  # farther on the way
        (Affect(-0.9, 0.9), 2 * STEP - 1, None),  # it does not follow
        (Affect(-0.9, 0.9), 2 * STEP, Rule.STEP_LATE),
        (None, STEP - 1, None),
        (None, STEP, Rule.STEP_TIME),
    ],
)
def test_a_step_is_over_when_the_room_follows_or_its_time_is_up(
    sensed: Affect | None, seconds: float, rule: Rule | None
) -> None:
    assert over(set_out(Emotion.ANGRY, Aim.CALM, ANGRY), sensed, seconds) is rule


def test_a_step_that_waits_for_the_song_s_end_does_not_count_yet() -> None:
    journey = plays(set_out(Emotion.ANGRY, Aim.CALM, ANGRY), STEP).goes_on(None, STEP)
    assert (journey.at, journey.playing) == (1, 0)
    still = journey.hears(ANGRY, "the same song", 9 * STEP).goes_on(None, STEP)
    assert (still.at, still.played) == (1, 0.0)
    assert [step.song for step in still.steps[:2]] == ["the same song", ""]


def test_other_music_is_no_step_of_it() -> None:
    journey = plays(set_out(Emotion.ANGRY, Aim.CALM, ANGRY), 10).hears(None, "theirs", 500)
    assert (journey.playing, journey.played) == (-1, 10)


def test_at_the_end_it_stays_there() -> None:
    journey = set_out(Emotion.ANGRY, Aim.CALM, ANGRY)
    for _ in journey.steps:
        journey = plays(journey, STEP).goes_on(None, STEP)
    assert journey.ended is not None
    assert journey.ended.rule is Rule.JOURNEY_ARRIVED
    assert journey.leads
    assert journey.point == GOALS[Aim.CALM]
    assert plays(journey, STEP).goes_on(None, STEP).ended is journey.ended


def test_two_skips_end_it() -> None:
    journey = set_out(Emotion.ANGRY, Aim.CALM, ANGRY).skipped()
    assert journey.leads
    journey = journey.skipped()
    assert not journey.leads
    assert journey.ended is not None
    assert sentence(journey.ended) == "skipped twice on the way to calmer music: music for angry again"
    assert plays(journey, STEP).goes_on(None, STEP).at == 0


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.builds(Affect, AXIS, AXIS)), st.floats(0, 2000)), max_size=40)
)
def test_it_never_jumps_and_never_goes_back(told: list[tuple[Affect | None, float]]) -> None:
    journey = set_out(Emotion.SAD, Aim.LIFT, POINTS[Emotion.SAD])
    for sensed, seconds in told:
        later = plays(journey, seconds).goes_on(sensed, STEP)
        assert later.at - journey.at in {0, 1}
        assert journey.at == later.at or seconds + journey.played >= SHORTEST
        journey = later
