"""The properties of the mood tracker."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.mood import MoodChange, RoomState
from moodspeaker.domain.observation import CameraState
from moodspeaker.mood.tracker import MoodSettings, Tracker

SETTINGS = MoodSettings()


def face(emotion: Emotion, certainty: float = 0.85) -> Probabilities:
    rest = (1 - certainty) / 6
    a, b, c, d, e, f, g = (certainty if each is emotion else rest for each in EMOTIONS)
    return a, b, c, d, e, f, g


def hold(tracker: Tracker, emotion: Emotion, begin: int, end: int) -> list[MoodChange]:
    changes = (tracker.look(float(t), [face(emotion)]) for t in range(begin, end))
    return [change for change in changes if change is not None]


@pytest.fixture
def settled() -> Tracker:
    tracker = Tracker(SETTINGS)
    [change] = hold(tracker, Emotion.NEUTRAL, 0, 60)
    assert (change.previous, change.current, change.cause) == (RoomState.UNSURE, Emotion.NEUTRAL, "face")
    return tracker


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_one_frame_changes_nothing(settled: Tracker, emotion: Emotion) -> None:
    assert settled.look(60, [face(emotion, 0.999)]) is None
    assert hold(settled, Emotion.NEUTRAL, 61, 200) == []


@pytest.mark.parametrize("emotion", [e for e in EMOTIONS if e is not Emotion.NEUTRAL])
def test_a_held_expression_changes_once_and_soon(settled: Tracker, emotion: Emotion) -> None:
    changes = hold(settled, emotion, 60, 300)
    assert [change.current for change in changes] == [emotion]
    assert changes[0].at - 60 < 30
    assert changes[0].confidence >= SETTINGS.margin


def test_a_passing_smile_of_five_seconds_changes_nothing(settled: Tracker) -> None:
    assert hold(settled, Emotion.HAPPY, 60, 65) == []
    assert hold(settled, Emotion.NEUTRAL, 65, 200) == []


def test_a_detector_that_misses_one_frame_in_three_still_confirms(settled: Tracker) -> None:
    changes = [settled.look(float(t), [] if t % 3 == 0 else [face(Emotion.HAPPY)]) for t in range(60, 120)]
    assert [change.current for change in changes if change is not None] == [Emotion.HAPPY]


def test_absence_ends_in_nobody_and_a_face_ends_that(settled: Tracker) -> None:
    changes = [settled.look(float(t), []) for t in range(60, 200)]
    [nobody] = [change for change in changes if change is not None]
    assert (nobody.current, nobody.cause) == (RoomState.NOBODY, "absence")
    assert nobody.at - 59 == pytest.approx(SETTINGS.absence, abs=1)
    assert [change.current for change in hold(settled, Emotion.HAPPY, 200, 260)] == [Emotion.HAPPY]


def test_nobody_from_the_start() -> None:
    tracker = Tracker(SETTINGS)
    changes = [tracker.look(float(t), []) for t in range(100)]
    assert [change.current for change in changes if change is not None] == [RoomState.NOBODY]


@pytest.mark.parametrize(
    ("state", "mood"),
    [
        (CameraState.DARK, RoomState.DARK),
        (CameraState.COVERED, RoomState.COVERED),
        (CameraState.LOST, RoomState.LOST),
        (CameraState.OFF, RoomState.PAUSED),
    ],
)
def test_the_camera_s_state_is_said_at_once_and_looks_count_for_nothing(
    settled: Tracker, state: CameraState, mood: RoomState
) -> None:
    change = settled.camera(60, state)
    assert change is not None
    assert change.current is mood
    assert hold(settled, Emotion.SAD, 61, 120) == []
    back = settled.camera(120, CameraState.OK)
    assert back is not None
    assert back.current is RoomState.UNSURE


def test_moods_can_be_folded_together() -> None:
    tracker = Tracker(MoodSettings(merge={Emotion.DISGUST: Emotion.ANGRY}))
    assert [change.current for change in hold(tracker, Emotion.DISGUST, 0, 60)] == [Emotion.ANGRY]
    assert tracker.posterior[EMOTIONS.index(Emotion.DISGUST)] == 0


def test_several_faces_are_weighed_together(settled: Tracker) -> None:
    for t in range(60, 120):
        settled.look(float(t), [face(Emotion.HAPPY), face(Emotion.HAPPY), face(Emotion.SAD)])
    assert settled.mood is Emotion.HAPPY


def test_other_settings_keep_the_mood(settled: Tracker) -> None:
    settled.adopt(MoodSettings(dwell=0))
    assert settled.mood is Emotion.NEUTRAL
    assert [change.current for change in hold(settled, Emotion.HAPPY, 60, 120)] == [Emotion.HAPPY]


looks = st.lists(
    st.tuples(
        st.floats(0.1, 5), st.one_of(st.none(), st.tuples(st.sampled_from(EMOTIONS), st.floats(0.2, 0.99)))
    ),
    max_size=200,
)


@settings(max_examples=60)
@given(looks)
def test_whatever_is_seen(sequence: list[tuple[float, tuple[Emotion, float] | None]]) -> None:
    """Changes by faces keep their distance, the posterior stays one, no change repeats the mood, valence
    stays in its range.
    """
    tracker, at, last = Tracker(SETTINGS), 0.0, None
    for step, seen in sequence:
        at += step
        before = tracker.mood
        change = tracker.look(at, [] if seen is None else [face(*seen)])
        assert sum(tracker.posterior) == pytest.approx(1)
        assert 0 <= tracker.confidence <= 1
        if change is None:
            assert tracker.mood is before
            continue
        assert change.previous is before
        assert change.current is not before
        assert -1 <= change.affect.valence <= 1
        if change.cause == "face":
            assert last is None or at - last >= SETTINGS.dwell
            last = at


@settings(max_examples=30)
@given(st.sampled_from(EMOTIONS), st.sampled_from(EMOTIONS), st.floats(0.5, 0.95))
def test_hysteresis_is_stable_at_every_point(one: Emotion, other: Emotion, certainty: float) -> None:
    """A room that goes on as it is never flips to and fro, wherever between two moods it is."""
    tracker = Tracker(SETTINGS)
    mixed = [face(one, certainty), face(other, certainty)]
    changes = [change for t in range(600) if (change := tracker.look(float(t), mixed)) is not None]
    assert len(changes) <= 1
