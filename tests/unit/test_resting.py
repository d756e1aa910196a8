"""A face at rest that is misread, put right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.mood.resting import FEWEST, MOST, SECONDS, Calibration, Corrector, NotAtRest, RestingFace
from moodspeaker.mood.sources import SHARES

SHOWN = st.lists(st.floats(0.001, 1.0), min_size=7, max_size=7).map(
    lambda raw: Probabilities.of(share / sum(raw) for share in raw)
)


def read(**shares: float) -> Probabilities:
    """Return these probabilities, the rest spread over the other emotions."""
    rest = (1 - sum(shares.values())) / (len(EMOTIONS) - len(shares))
    return Probabilities.of(shares.get(str(emotion), rest) for emotion in EMOTIONS)


def speaks_for(read: Probabilities) -> Emotion:
    """Return what the tracker takes a look for."""
    return max(EMOTIONS, key=lambda e: read[EMOTIONS.index(e)] / SHARES[EMOTIONS.index(e)])


def calibrated(*looks: Probabilities, each: int = 10) -> RestingFace | NotAtRest | None:
    """Return what comes of looks at one face, `each` of them so many times."""
    calibration = Calibration(100.0)
    shown = [look for look in looks for _ in range(each)]
    for number, look in enumerate(shown):
        calibration.look(100.0 + number * SECONDS / len(shown), [look])
    assert calibration.end(100.0 + SECONDS - 0.1) is None
    return calibration.end(100.0 + SECONDS)


def test_a_resting_face_that_looks_sad_counts_as_neutral_and_a_sad_face_as_sad() -> None:
    resting = calibrated(read(sad=0.6, neutral=0.38), read(sad=0.5, neutral=0.48))
    assert isinstance(resting, RestingFace)
    assert resting.lowered == (Emotion.SAD,)
    assert speaks_for(read(sad=0.55, neutral=0.43)) is Emotion.SAD
    assert speaks_for(resting.correct(read(sad=0.55, neutral=0.43))) is Emotion.NEUTRAL
    assert speaks_for(resting.correct(read(sad=0.95, neutral=0.04))) is Emotion.SAD
    assert speaks_for(resting.correct(read(happy=0.8, neutral=0.15))) is Emotion.HAPPY


def test_a_face_that_is_read_as_neutral_needs_no_correction() -> None:
    resting = calibrated(read(neutral=0.9))
    assert isinstance(resting, RestingFace)
    assert resting.lowered == ()
    assert resting.correct(read(sad=0.5)) == pytest.approx(read(sad=0.5))


@given(SHOWN, SHOWN)
def test_nothing_is_raised_against_neutral_and_nothing_lowered_without_end(
    rest: Probabilities, shown: Probabilities
) -> None:
    corrected = RestingFace(rest).correct(shown)
    assert sum(corrected) == pytest.approx(1)
    for before, after in zip(shown, corrected, strict=True):
        odds = (after / corrected.neutral) / (before / shown.neutral)
        assert 1 / MOST - 1e-9 <= odds <= 1 + 1e-9


@given(SHOWN)
def test_what_is_kept_is_found_again(rest: Probabilities) -> None:
    again = RestingFace.from_text(RestingFace(rest).text)
    assert again is not None
    assert again.reading == pytest.approx(rest, abs=0.005)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"angry": "x"}', "null", "\x00"])
def test_what_is_damaged_corrects_nothing(text: str) -> None:
    assert RestingFace.from_text(text) is None


def test_a_smile_is_refused() -> None:
    assert calibrated(read(happy=0.7)) == NotAtRest(
        "that was a smile: look at the camera with your face at rest, and try again"
    )


def test_a_face_that_moves_is_refused() -> None:
    outcome = calibrated(read(sad=0.9), read(neutral=0.9), read(surprise=0.9))
    assert isinstance(outcome, NotAtRest)
    assert outcome.reason.startswith("the face moved")


def test_too_few_looks_are_refused() -> None:
    outcome = calibrated(read(sad=0.6), each=FEWEST - 1)
    assert isinstance(outcome, NotAtRest)
    assert outcome.reason.startswith("a face was seen in 7 looks, not in 8")


def test_two_faces_are_refused() -> None:
    calibration = Calibration(0.0)
    for second in range(9):
        calibration.look(float(second), [read(sad=0.6), read(neutral=0.9)])
    outcome = calibration.end(SECONDS)
    assert isinstance(outcome, NotAtRest)
    assert outcome.reason.startswith("more than one face")


def test_what_comes_to_nothing_leaves_the_old_correction_and_is_told_once() -> None:
    old = RestingFace(read(sad=0.6, neutral=0.38))
    corrector = Corrector(old)
    corrector.begin(0.0)
    assert isinstance(corrector.end(SECONDS), NotAtRest)
    assert corrector.end(SECONDS + 1) is None
    assert corrector.resting is old


def test_a_calibration_sees_faces_as_they_are_read() -> None:
    corrector = Corrector(RestingFace(read(sad=0.6, neutral=0.38)))
    corrector.begin(0.0)
    for second in range(10):
        corrector.corrected(float(second), [read(angry=0.6, neutral=0.35)])
    outcome = corrector.end(SECONDS)
    assert isinstance(outcome, RestingFace)
    assert outcome.lowered == (Emotion.ANGRY,)
    corrector.forget()
    assert corrector.corrected(20.0, [read(angry=0.6)]) == [read(angry=0.6)]
