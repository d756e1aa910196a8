"""A recorded day, filtered many stretches at a time, is what the tracker makes of it look by look."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.look_rows import expressions, packed, unpacked
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.tracker import MoodSettings, Tracker
from moodspeaker.replaying import filtering
from moodspeaker.replaying.changes import ReplayedMood
from moodspeaker.replaying.day import RecordedDay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.mood import MoodChange


def record(at: float, camera: CameraState, *faces: Probabilities) -> LookRecord:
    """Return a look as it comes back from the disk."""
    look = LookRecord(Moment(at, at), camera, faces)
    [again] = unpacked(packed(look, 0.0))
    return replace(look, expressions=expressions(again.faces))


def face(emotion: Emotion, chance: random.Random) -> Probabilities:
    """Return what a net says of a face that shows an emotion, more or less."""
    raw = [chance.random() ** 3 for _ in EMOTIONS]
    raw[EMOTIONS.index(emotion)] += chance.choice((0.3, 1.0, 4.0))
    return Probabilities.of(one / sum(raw) for one in raw)


def day_of(chance: random.Random, stretches: int) -> list[LookRecord]:
    """Return a day of faces, empty rooms, dark cameras and pauses."""
    looks: list[LookRecord] = []
    at = 1e9
    for _ in range(stretches):
        kind, emotion = chance.random(), chance.choice(EMOTIONS)
        camera = chance.choice(list(CameraState)[1:])
        for _ in range(chance.choice((1, 2, 5, 30))):
            at += chance.choice((0.2, 1.0, 1.0, 1.0, 2.0, 7.0))
            if kind < 0.1:
                looks.append(record(at, camera))
            elif kind < 0.3 or chance.random() < 0.1:
                looks.append(record(at, CameraState.OK))
            else:
                looks.append(
                    record(
                        at, CameraState.OK, *(face(emotion, chance) for _ in range(chance.choice((1, 1, 3))))
                    )
                )
        at += chance.choice((0.0, 0.0, 3.0, 50.0, 400.0))
    return looks


def look_by_look(looks: Sequence[LookRecord], mood: MoodSettings) -> tuple[list[MoodChange], Tracker]:
    """Return what a running tracker says of a day."""
    tracker, changes = Tracker(mood), []
    for look in looks:
        at = look.at.wall
        if look.camera is not tracker.camera_state and (change := tracker.camera(at, look.camera)):
            changes.append(change)
        if look.camera is CameraState.OK and (change := tracker.look(at, look.expressions)):
            changes.append(change)
    return changes, tracker


def short(changes: Sequence[MoodChange]) -> list[tuple[object, ...]]:
    """Return changes without what rounding may touch."""
    return [(one.at, one.previous, one.current, one.cause) for one in changes]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**9),
    st.integers(1, 12),
    st.sampled_from((
        MoodSettings(),
        MoodSettings(confirm=0, dwell=0, margin=0.6),
        MoodSettings(confirm=30, dwell=300, absence=20, gap=0),
        MoodSettings(half_life=3000, held=20, trust=0.05, absence=1),
        MoodSettings(merge={Emotion.DISGUST: Emotion.ANGRY}, margin=0.7),
    )),
)  # fmt: skip
def test_a_day_is_what_the_tracker_makes_of_it_look_by_look(
    seed: int, stretches: int, mood: MoodSettings
) -> None:
    looks = day_of(random.Random(seed), stretches)
    beside = MoodSettings(shown=0.5, held=3, absence=9)
    alike = replace(mood, confirm=mood.confirm + 1, dwell=5)
    _, other, replayed = ReplayedMood.of(RecordedDay.of_looks(looks), [beside, alike, mood])
    assert short(list(other.changes())) == short(look_by_look(looks, alike)[0])
    found, (expected, tracker) = list(replayed.changes()), look_by_look(looks, mood)
    assert short(found) == short(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=1e-6)
        assert one.affect.valence == pytest.approx(other.affect.valence, abs=1e-6)
    if looks[-1].expressions:
        affect = replayed.affect(looks[-1].at.wall)
        assert affect is not None
        assert affect.arousal == pytest.approx(affect_of(tracker.expression).arousal, abs=1e-6)


def test_where_the_stretches_are_cut_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = RecordedDay.of_looks(day_of(random.Random(7), 40))
    filters = []
    for most, shortest in ((1, 64), (5, 64), (500, 3)):
        monkeypatch.setattr(filtering, "STRETCHES", most)
        monkeypatch.setattr(filtering, "SHORTEST", shortest)
        [one] = ReplayedMood.of(looks, [MoodSettings(held=30, half_life=30000)])
        filters.append(one._filter.known)
    for other in filters[1:]:
        assert np.abs(other.shares - filters[0].shares).max() < 1e-9
        assert np.abs(other.means - filters[0].means).max() < 1e-9


def test_looks_before_the_oldest_and_those_of_a_clock_that_was_set_back_are_left_out() -> None:
    row = b"".join(packed(record(at, CameraState.OK), at) for at in (0.0, 10.0, 20.0))
    day = RecordedDay.of_rows([(1000.0, row), (990.0, row), (1005.0, row)], 1005.0)
    assert day.at.tolist() == [1010.0, 1010.0, 1020.0, 1025.0]
