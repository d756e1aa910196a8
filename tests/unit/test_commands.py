"""The vocabulary of commands."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.command_schemas import SCHEMAS
from moodspeaker.domain.commands import (
    LONGEST_COMMAND,
    LONGEST_HOLD,
    NAMES,
    Calibrate,
    ChangeSetting,
    Command,
    Dislike,
    GiveEvidence,
    Hold,
    Like,
    Next,
    Override,
    Pause,
    Play,
    Previous,
    Profile,
    Restart,
    Resume,
    Sensing,
    SetVolume,
    SongMood,
    Target,
    WrongMood,
    from_payload,
    parse,
)
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.evidence import Evidence
from moodspeaker.errors import CommandError

KINDS = get_args(Command)


WITHOUT_WORDS = {
    "volume", "profile", "song_mood", "evidence", "dwell", "minimum_confidence", "hold_length",
}  # fmt: skip
"""Commands whose value is never one of a few words."""
UNDERSTOOD: list[tuple[str | bytes, Command]] = [
    ('{"sensing": "on"}', Sensing(on=True)),
    ('{"sensing": "OFF"}', Sensing(on=False)),
    ('{"sensing": true}', Sensing(on=True)),
    ('{"sensing": false}', Sensing(on=False)),
    ('{"override": "happy"}', Override(Emotion.HAPPY)),
    ('{"override": "auto"}', Override(None)),
    ('{"override": null}', Override(None)),
    ('{"hold": 30}', Hold(30.0)),
    ('{"hold": 0.5}', Hold(0.5)),
    ('{"hold": 1}', Hold(1.0)),
    ('{"hold": 1e-05}', Hold(1e-05)),
    ('{"hold": "on"}', Hold()),
    ('{"hold": null}', Hold()),
    ('{"hold": "off"}', Resume()),
    ('{"hold": 0}', Resume()),
    ('{"resume": "on"}', Resume()),
    ('{"play": "PRESS"}', Play()),
    ('{"next": "on"}', Next()),
    ('{"pause": true}', Pause()),
    ('{"previous": 1}', Previous()),
    ('{"volume": 0}', SetVolume(0)),
    ('{"volume": 33.6}', SetVolume(34)),
    ('{"volume": "100"}', SetVolume(100)),
    (b'{"play": null}', Play()),
    ('{"target": "Lift"}', Target(Aim.LIFT)),
    ('{"target": "auto"}', Target(None)),
    ('{"target": null}', Target(None)),
    ('{"calibrate": "on"}', Calibrate(on=True)),
    ('{"calibrate": "off"}', Calibrate(on=False)),
    ('{"dwell": 30}', ChangeSetting("mood.dwell", 30.0)),
    ('{"dwell": "0"}', ChangeSetting("mood.dwell", 0.0)),
    ('{"minimum_confidence": 92}', ChangeSetting("mood.margin", 0.92)),
    ('{"minimum_confidence": "57.5"}', ChangeSetting("mood.margin", 0.575)),
    ('{"minimum_confidence": 50.00000000000001}', ChangeSetting("mood.margin", 0.500001)),
    ('{"minimum_confidence": 99.99999999999999}', ChangeSetting("mood.margin", 0.999999)),
    ('{"hold_length": 45.0}', ChangeSetting("hold.minutes", 45.0)),
    ('{"restart": "PRESS"}', Restart()),
    ('{"like": "on"}', Like()),
    ('{"dislike": true}', Dislike()),
    ('{"dislike": 1.0}', Dislike()),
    ('{"wrong_mood": "on"}', WrongMood()),
    ('{"wrong_mood": " Sad "}', WrongMood(Emotion.SAD)),
    ('{"like": {"uri": "A/Song.OGG"}}', Like("A/Song.OGG")),
    ('{"dislike": {"uri": "a"}}', Dislike("a")),
    ('{"wrong_mood": {"uri": "a"}}', WrongMood(None, "a")),
    ('{"wrong_mood": {"uri": "a", "mood": "Sad"}}', WrongMood(Emotion.SAD, "a")),
    ('{"profile": " Anna   Maria "}', Profile("Anna Maria")),
    ('{"profile": "HOUSEHOLD"}', Profile("household")),
    ('{"profile": null}', Profile("household")),
    ('{"profile": "Guests"}', Profile("guest")),
    ('{"song_mood": {"uri": "A/Song.OGG", "mood": "Happy"}}', SongMood("A/Song.OGG", Emotion.HAPPY)),
    ('{"song_mood": {"mood": "auto", "uri": "a"}}', SongMood("a", None)),
    (
        '{"evidence": {"source": "A strap", "valence": -0.5, "weight": 1, "seconds": 60}}',
        GiveEvidence(Evidence("A strap", 1.0, 60.0, valence=-0.5)),
    ),
]


@pytest.mark.parametrize(("text", "command"), UNDERSTOOD)
def test_a_command_is_understood(text: str | bytes, command: Command) -> None:
    assert parse(text) == command


def test_every_command_can_be_given_and_every_name_is_known() -> None:
    assert {type(command) for _, command in UNDERSTOOD} == set(KINDS)
    assert {name for text, _ in UNDERSTOOD for name in json.loads(text)} == set(NAMES)


def test_every_word_that_is_described_is_taken() -> None:
    assert set(SCHEMAS) == set(NAMES)
    described = [(name, part) for name in NAMES for part in (SCHEMAS[name], *SCHEMAS[name].get("anyOf", ()))]
    words = [(name, word) for name, part in described for word in part.get("enum", ())]
    assert {name for name, _ in words} >= set(NAMES) - WITHOUT_WORDS
    for name, word in words:
        parse(json.dumps({name: word}))


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "JSON object"),
        ("nonsense", "JSON object"),
        (b"\xff", "JSON object"),
        ("[" * LONGEST_COMMAND, "JSON object"),
        ("[]", "one key"),
        ("{}", "one key"),
        ('{"play": "on", "next": "on"}', "one key"),
        ('{"brightness": 11}', "one of sensing"),
        ('{"volume": 101}', "percent, 0 to 100"),
        ('{"volume": -1}', "percent, 0 to 100"),
        ('{"volume": "loud"}', "percent, 0 to 100"),
        ('{"volume": null}', "percent, 0 to 100"),
        ('{"dwell": 3601}', "seconds, 0 to 3600"),
        ('{"dwell": null}', "seconds, 0 to 3600"),
        ('{"dwell": true}', "dwell: 'true' is refused"),
        ('{"volume": false}', "volume: 'false' is refused"),
        ('{"minimum_confidence": 50}', "percent, above 50 and below 100"),
        ('{"minimum_confidence": 100}', "percent, above 50 and below 100"),
        ('{"hold_length": 0}', "minutes up to 1440"),
        ('{"restart": "off"}', "is refused: on"),
        ('{"next": ""}', "is refused: on"),
        ('{"play": " "}', "is refused: on"),
        ('{"hold": ""}', "minutes"),
        ('{"sensing": "maybe"}', "on or off"),
        ('{"sensing": ""}', "on or off"),
        ('{"override": "bored"}', "auto, or one of angry"),
        ('{"override": ["happy"]}', "a word or a number"),
        ('{"hold": -1}', "minutes"),
        ('{"hold": "1_0"}', "minutes"),
        ('{"hold": "٣"}', "minutes"),
        ('{"hold": 1441}', "minutes"),
        ('{"hold": NaN}', "minutes"),
        ('{"hold": Infinity}', "minutes"),
        ('{"hold": "soon"}', "minutes"),
        ('{"play": "off"}', "on"),
        ('{"target": "up"}', "auto, or one of match"),
        ('{"like": "off"}', "is refused: on"),
        ('{"like": ["a"]}', "a word or a number"),
        ('{"like": {"uri": " "}}', "uri"),
        ('{"like": {"uri": "a", "mood": "sad"}}', "uri"),
        ('{"dislike": {"mood": "on"}}', "uri"),
        ('{"wrong_mood": {"uri": "a", "mood": "bored"}}', "uri"),
        ('{"wrong_mood": {"uri": "a", "mood": 1}}', "uri"),
        ('{"wrong_mood": "bored"}', "on, or one of angry"),
        ('{"profile": " "}', "a name of up to 40 letters"),
        ('{"profile": "a\\u0007b"}', "a name of up to 40 letters"),
        (json.dumps({"profile": "a" * 41}), "a name of up to 40 letters"),
        ('{"profile": {"name": "Anna"}}', "a name"),
        ('{"profile": true}', "a name"),
        ('{"song_mood": "happy"}', "uri"),
        ('{"song_mood": {"uri": "a"}}', "uri"),
        ('{"song_mood": {"uri": "", "mood": "happy"}}', "uri"),
        ('{"song_mood": {"uri": "a", "mood": "bored"}}', "uri"),
        ('{"song_mood": {"uri": "a", "mood": "happy", "more": 1}}', "uri"),
        (" " * LONGEST_COMMAND + '{"play": "on"}', "at most"),
    ],
)
def test_what_is_no_command_is_refused_with_the_cure(text: str | bytes, cure: str) -> None:
    with pytest.raises(CommandError, match=cure) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.text(max_size=50) | st.sampled_from(NAMES), st.text(max_size=200))
def test_a_payload_is_a_command_or_refused_and_nothing_else(name: str, payload: str) -> None:
    try:
        command: Command | None = from_payload(name, payload)
    except CommandError:
        command = None
    assert command is None or (isinstance(command, KINDS) and name in NAMES)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3),
    )
)
def test_any_json_value_is_a_command_or_refused(value: object) -> None:
    for name in NAMES:
        text = json.dumps({name: value})
        try:
            command = parse(text)
        except CommandError:
            continue
        if isinstance(command, Hold) and command.minutes is not None:
            assert 0 < command.minutes <= LONGEST_HOLD


@given(st.sampled_from(EMOTIONS), st.booleans())
def test_letter_case_and_blanks_do_not_matter(emotion: Emotion, upper: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    word = f" {emotion} "
    assert from_payload("override", word.upper() if upper else word) == Override(emotion)
