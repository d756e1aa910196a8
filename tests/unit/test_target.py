"""What the music is to do with a mood: the table of rules."""

from __future__ import annotations

import pytest

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.wording import sentence
from moodspeaker.music.target import Asked, TargetSettings, lead

SKIPPED = Reason(Rule.JOURNEY_SKIPPED)
TABLE: list[tuple[Asked, Aim, Rule]] = [
    (Asked(Emotion.HAPPY, 0), Aim.MATCH, Rule.AIM_SET),
    (Asked(Emotion.NEUTRAL, 0), Aim.MATCH, Rule.AIM_OWN_MIX),
    (Asked(Emotion.SURPRISE, 0), Aim.MATCH, Rule.AIM_NEIGHBOURHOOD),
    (Asked(Emotion.DISGUST, 0), Aim.MATCH, Rule.AIM_NEIGHBOURHOOD),
    (Asked(Emotion.ANGRY, 0), Aim.CALM, Rule.AIM_SET),
    (Asked(Emotion.FEAR, 0), Aim.CALM, Rule.AIM_SET),
    (Asked(Emotion.SAD, 20 * 60 - 1), Aim.MATCH, Rule.AIM_SET),
    (Asked(Emotion.SAD, 20 * 60), Aim.LIFT, Rule.AIM_LASTS),
    (Asked(Emotion.HAPPY, 9e9), Aim.MATCH, Rule.AIM_SET),
    (Asked(Emotion.ANGRY, 0, own_music=True), Aim.MATCH, Rule.AIM_OWN_MUSIC),
    (Asked(Emotion.SAD, 9e9, own_music=True), Aim.MATCH, Rule.AIM_OWN_MUSIC),
    (Asked(Emotion.ANGRY, 0, overridden=True), Aim.MATCH, Rule.AIM_OVERRIDE),
    (Asked(Emotion.ANGRY, 0, chosen=Aim.LIFT, own_music=True), Aim.LIFT, Rule.AIM_CHOSEN),
    (Asked(Emotion.HAPPY, 0, chosen=Aim.OFF, overridden=True), Aim.OFF, Rule.AIM_CHOSEN),
    (Asked(Emotion.ANGRY, 0, ended=SKIPPED), Aim.MATCH, Rule.JOURNEY_SKIPPED),
    (Asked(Emotion.SAD, 9e9, ended=SKIPPED), Aim.MATCH, Rule.JOURNEY_SKIPPED),
    (Asked(Emotion.ANGRY, 0, chosen=Aim.MATCH, ended=SKIPPED), Aim.MATCH, Rule.AIM_CHOSEN),
]


@pytest.mark.parametrize(("asked", "aim", "rule"), TABLE)
def test_the_defaults(asked: Asked, aim: Aim, rule: Rule) -> None:
    found = lead(asked, TargetSettings())
    assert (found.aim, found.reason.rule, found.mood) == (aim, rule, asked.mood)


def test_what_is_set_counts_and_off_beats_own_music() -> None:
    settings = TargetSettings(happy="off", angry="match", neutral="lift", lift_after=0)
    assert lead(Asked(Emotion.HAPPY, 0, own_music=True), settings).aim is Aim.OFF
    assert lead(Asked(Emotion.ANGRY, 0), settings).aim is Aim.MATCH
    assert lead(Asked(Emotion.NEUTRAL, 0), settings).aim is Aim.LIFT
    assert lead(Asked(Emotion.SAD, 9e9), settings).aim is Aim.MATCH


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(Emotion.ANGRY, 0), "calm is set for angry"),
        (Asked(Emotion.SAD, 1500), "sad has lasted 20 minutes"),
        (
            Asked(Emotion.SURPRISE, 0),
            "surprise has no music of its own: songs nearly as pleasant and as lively",
        ),
        (Asked(Emotion.HAPPY, 0, chosen=Aim.CALM), "a person chose calm for happy"),
    ],
)
def test_the_reason_in_words(asked: Asked, words: str) -> None:
    assert sentence(lead(asked, TargetSettings()).reason) == words
