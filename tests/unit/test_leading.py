"""What the music does with the mood, as it is shown."""

from __future__ import annotations

from moodspeaker.director.state import Chosen, State
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.mood import RoomState
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.journey import Journey, set_out
from moodspeaker.music.target import Asked, TargetSettings, lead
from moodspeaker.speaker.leading import journey_view, target_view


def states(journey: Journey) -> list[str]:
    """Return the states of a journey's steps as they are shown."""
    view = journey_view(State(journey=journey))
    assert view is not None
    return [step.state for step in view.steps]


def test_each_step_says_how_it_stands() -> None:
    journey = set_out(Emotion.ANGRY, Aim.CALM, POINTS[Emotion.ANGRY])
    assert states(journey) == ["waits", "to come", "to come", "to come", "to come"]
    journey = journey.hears(journey.point, "One", 0.0)
    assert states(journey) == ["plays", "to come", "to come", "to come", "to come"]
    journey = journey.hears(journey.point, "One", 400.0).goes_on(None, 360.0)
    assert states(journey) == ["plays", "waits", "to come", "to come", "to come"]
    journey = journey.hears(journey.point, "Two", 0.0)
    assert states(journey) == ["done", "plays", "to come", "to come", "to come"]
    assert states(journey.skipped().skipped()) == ["done", "done", "left out", "left out", "left out"]


def test_the_way_is_shown_with_its_goal_and_its_end() -> None:
    journey = set_out(Emotion.SAD, Aim.LIFT, POINTS[Emotion.SAD]).skipped()
    view = journey_view(State(journey=journey))
    assert view is not None
    assert (view.aim, view.mood, view.valence, view.arousal) == ("lift", "sad", 0.6, 0.3)
    assert (view.step, view.skips, view.ended) == (1, 1, None)
    view = journey_view(State(journey=journey.skipped()))
    assert view is not None
    assert view.ended == "skipped twice on the way to brighter music: music for sad again"
    assert journey_view(State()) is None


def test_the_target_is_shown_for_the_mood_that_it_is_for() -> None:
    calm = lead(Asked(Emotion.ANGRY, 0), TargetSettings())
    view = target_view(State(mood=Emotion.ANGRY, lead=calm))
    assert (view.aim, view.chosen, view.mood, view.reason) == ("calm", None, "angry", "calm is set for angry")
    view = target_view(State(mood=RoomState.NOBODY, lead=calm, chosen=Chosen(Aim.OFF, None)))
    assert (view.aim, view.chosen, view.mood, view.reason) == (None, "off", None, "")
