"""Other sources than cameras: what is taken, how several make one room, and what it does to the mood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.commands import GiveEvidence, from_payload, parse
from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.evidence import Evidence, evidence_of
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.observation import Box, CameraState, Face, Observation
from moodspeaker.errors import CommandError
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.room import LOOKS_WITHIN, Room
from moodspeaker.mood.sources import MOST, SETTLING, SHARES, Sources, probabilities_of
from moodspeaker.mood.tracker import MoodSettings, Tracker

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

STRAP: dict[str, Any] = {"source": "strap", "arousal": 0.7, "weight": 0.5, "seconds": 60}


def face(emotion: Emotion, at: float, source: str = "camera") -> Observation:
    """Return a look at one face that shows an emotion."""
    shares = [0.9 if one is emotion else 0.1 / 6 for one in EMOTIONS]
    return Observation(at, (Face(Box(0, 0, 50, 50), 0.9, Probabilities.of(shares)),), source)


def nobody(at: float) -> Observation:
    return Observation(at, ())


def word(source: str = "button", weight: float = 1.0, seconds: float = 600.0, **said: object) -> Evidence:
    """Return a source's word."""
    evidence = evidence_of({"source": source, "weight": weight, "seconds": seconds, **said})
    assert evidence is not None
    return evidence


def room(**settings: float) -> Room:
    return Room(Tracker(MoodSettings(**{"confirm": 2, "dwell": 5, **settings})))


def causes(room: Room, seconds: Sequence[float]) -> list[tuple[str, str]]:
    """Let time pass; return the changes: mood and cause."""
    changes = [change for at in seconds if (change := room.tick(at))]
    return [(str(change.current), change.cause) for change in changes]


# --- what is taken


def test_a_word_is_taken_from_every_door() -> None:
    expected = GiveEvidence(Evidence("strap", 0.5, 60.0, arousal=0.7))
    assert parse(json.dumps({"evidence": STRAP})) == expected
    assert from_payload("evidence", json.dumps(STRAP)) == expected
    named = parse('{"evidence": {"source": " A Lamp ", "emotion": "Sad", "weight": 1, "seconds": 5}}')
    assert named == GiveEvidence(Evidence("A Lamp", 1.0, 5.0, emotion=Emotion.SAD))


@pytest.mark.parametrize(
    "change",
    [
        {"source": ""}, {"source": "a" * 41}, {"source": "a\nb"}, {"source": 3}, {"source": None},
        {"arousal": 1.01}, {"arousal": "0.3"}, {"arousal": float("nan")}, {"arousal": True},
        {"arousal": None}, {"valence": -2}, {"emotion": "bored"}, {"emotion": 1}, {"weight": -1},
        {"weight": 11}, {"weight": None}, {"seconds": 0}, {"seconds": -5}, {"seconds": 1e9},
        {"seconds": float("inf")}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="evidence"):
        parse(json.dumps({"evidence": STRAP | change}))


@pytest.mark.parametrize("lacks", ["source", "weight", "seconds", "arousal"])
def test_what_lacks_something_is_refused(lacks: str) -> None:
    with pytest.raises(CommandError):
        parse(json.dumps({"evidence": {key: value for key, value in STRAP.items() if key != lacks}}))


_points = st.none() | st.floats(-1, 1)
_words = st.builds(
    Evidence,
    st.sampled_from("abcd"),
    st.floats(0, 10),
    st.floats(1, 1000),
    _points,
    _points,
    st.none() | st.sampled_from(Emotion),
)


# --- what it means


@given(_words)
def test_a_word_is_seven_probabilities(evidence: Evidence) -> None:
    probabilities = probabilities_of(evidence)
    assert sum(probabilities) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in probabilities)


@given(st.floats(-1, 0.99), st.floats(0.01, 1))
def test_more_is_said_more_is_meant(low: float, more: float) -> None:
    high = min(1.0, low + more)
    for name in ("valence", "arousal"):
        values = [getattr(affect_of(probabilities_of(word(**{name: value}))), name) for value in (low, high)]
        assert values[0] <= values[1] + 1e-9


@pytest.mark.parametrize("emotion", Emotion)
def test_a_named_emotion_is_the_likeliest_over_its_share(emotion: Emotion) -> None:
    raised = [
        p / share for p, share in zip(probabilities_of(word(emotion=str(emotion))), SHARES, strict=True)
    ]
    assert max(raised) == raised[EMOTIONS.index(emotion)]


@given(_words, st.floats(0, 2000))
def test_a_word_fades_to_nothing_and_never_grows(evidence: Evidence, seconds: float) -> None:
    assert 0 <= evidence.weight_after(seconds + 1) <= evidence.weight_after(seconds) <= evidence.weight
    assert evidence.weight_after(evidence.seconds) == 0


@given(st.lists(_words, max_size=12), st.randoms())
def test_the_order_of_sources_does_not_matter(words: list[Evidence], chance: random.Random) -> None:
    newest = list({one.source: one for one in words}.values())
    shuffled = newest.copy()
    chance.shuffle(shuffled)
    opinions = []
    for order in (newest, shuffled):
        sources = Sources()
        for one in order:
            sources.take(one, 0.0)
        opinions.append(sources.opinions(0.5))
    assert opinions[0] == opinions[1]


def test_sources_are_kept_within_bounds_and_the_longest_stay() -> None:
    sources = Sources()
    for number in range(3 * MOST):
        sources.take(word(f"s{number}", seconds=10 + number, arousal=0), 0.0)
    assert len(sources.given) == MOST
    assert min(given.evidence.seconds for given in sources.given) == 10 + 2 * MOST


def test_a_weight_of_nothing_takes_a_word_back() -> None:
    sources = Sources()
    sources.take(word(arousal=0.5), 0.0)
    sources.take(word(weight=0, arousal=0.5), 1.0)
    assert sources.given == []


def test_a_face_that_one_look_misses_is_still_counted() -> None:
    sources = Sources()
    sources.look(face(Emotion.HAPPY, 0.0))
    sources.look(nobody(1.0))
    assert sources.faces == 1
    sources.look(nobody(SETTLING + 0.1))
    assert sources.faces == 0


# --- what it does to the mood


@pytest.mark.parametrize("emotion", [e for e in Emotion if e is not Emotion.NEUTRAL])
@pytest.mark.parametrize("state", [CameraState.OFF, CameraState.LOST, CameraState.DARK, CameraState.OK])
def test_a_source_alone_drives_the_mood_where_no_camera_looks(emotion: Emotion, state: CameraState) -> None:
    here = room()
    before = here.camera(0.0, state)
    here.take(word(emotion=str(emotion), seconds=10_000), 1.0)
    changes = causes(here, range(2, 600))
    assert changes == [(str(emotion), "evidence")]
    here.take(word(weight=0, emotion="sad"), 601.0)
    assert here.tracker.camera_state is state
    assert here.tracker.mood is (before.current if before else emotion)


def test_a_change_names_who_took_part() -> None:
    here = room()
    here.take(word("strap", arousal=0.6, valence=0.7), 0.0)
    changes = [change for at in range(1, 60) if (change := here.look(face(Emotion.HAPPY, float(at))))]
    assert [(change.current, change.cause, change.sources) for change in changes] == [
        (Emotion.HAPPY, "face", ("strap",))
    ]


def test_evidence_ends_and_the_room_is_as_its_camera_is() -> None:
    here = room()
    here.camera(0.0, CameraState.OFF)
    here.take(word(emotion="sad", seconds=120), 1.0)
    changes = causes(here, range(2, 200))
    assert changes == [("sad", "evidence"), ("paused", "sensing")]


def test_a_camera_that_sees_nobody_has_the_last_word() -> None:
    here = room(absence=20)
    for at in range(30):
        here.look(face(Emotion.HAPPY, float(at)))
    here.take(word("strap", weight=5, emotion="angry", seconds=10_000), 30.0)
    changes = [str(c.current) for at in range(30, 300) if (c := here.look(nobody(float(at))))]
    assert changes[-1] == RoomState.NOBODY
    assert changes.count("nobody") == 1
    assert causes(here, [299.5]) == []


def test_heavier_evidence_wins_against_the_camera_and_lighter_does_not() -> None:
    moods = {}
    for weight in (0.1, 10.0):
        here = room()
        for at in range(300):
            here.take(word(weight=weight, emotion="sad"), float(at))
            here.look(face(Emotion.HAPPY, float(at)))
        moods[weight] = here.tracker.mood
    assert moods == {0.1: Emotion.HAPPY, 10.0: Emotion.SAD}


@given(st.lists(st.tuples(st.sampled_from(Emotion), st.floats(0.5, 3)), max_size=40))
def test_without_evidence_the_room_is_its_tracker(looks: list[tuple[Emotion, float]]) -> None:
    here, alone, at = room(), Tracker(MoodSettings(confirm=2, dwell=5)), 0.0
    for emotion, wait in looks:
        at += min(wait, LOOKS_WITHIN)
        observation = face(emotion, at)
        expected = alone.look(at, [one.probabilities for one in observation.faces])
        assert here.look(observation) == expected
        assert here.tick(at) is None
    assert here.tracker.posterior == alone.posterior


@given(st.lists(_words, max_size=5), st.lists(st.sampled_from(Emotion), max_size=15))
def test_the_posterior_stays_a_distribution(words: list[Evidence], looks: list[Emotion]) -> None:
    here = room()
    for number, one in enumerate(words):
        here.take(one, float(number))
    for number, emotion in enumerate(looks):
        here.look(face(emotion, len(words) + float(number)))
        here.tick(len(words) + number + 0.5)
    assert sum(here.tracker.posterior) == pytest.approx(1)
    assert all(share >= 0 for share in here.tracker.posterior)
