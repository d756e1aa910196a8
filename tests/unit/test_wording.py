"""Each rule in words."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.player import Act
from moodspeaker.domain.wording import ROOM, TEMPLATES, sentence

if TYPE_CHECKING:
    from moodspeaker.domain.decision import Details

JAZZ: Details = {"name": "Jazz", "source_rule": "genre"}
THREE: Details = {"act": Act.QUEUE, "minutes": 3}
NEXT: Details = {"act": Act.NEXT, "song": "One"}
ONE: Details = {"act": Act.SEEK, "minutes": 1.0}
DETAILS: Details = {
    "name": "mood-happy", "source_rule": "stored playlist", "mood": "happy", "song": "Title", "act": "queue",
    "minutes": 30.0, "reason": "cause: cure", "state": "nobody", "hours": "22:00-07:00",
}  # fmt: skip


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_words_with_all_details_with_none_and_with_empty_ones(rule: Rule) -> None:
    nothing: list[Details] = [{}, dict.fromkeys(DETAILS), dict.fromkeys(DETAILS, "")]
    for details in ({**DETAILS}, *nothing):
        text = sentence(Reason(rule, details))
        assert text.strip() == text
        assert text
        assert not set("{}\n") & set(text)
        assert "None" not in text
        assert "  " not in text


def test_no_rule_and_no_room_state_is_left_out() -> None:
    assert set(TEMPLATES) == set(Rule)
    assert set(ROOM) == set(RoomState)


VALUES = st.sampled_from(["", "a", "{name}", "\udce9", None, 0, 1, -2.5, float("nan"), float("inf"), 10**30])


@given(st.dictionaries(st.sampled_from([*DETAILS, "more"]), VALUES))
def test_no_detail_makes_it_fail(details: Details) -> None:
    for rule in Rule:
        assert sentence(Reason(rule, details))


def test_every_field_of_a_template_is_known() -> None:
    used = {name for text in TEMPLATES.values() for _, name, _, _ in string.Formatter().parse(text) if name}
    assert len(used) > 10
    for rule in Rule:
        sentence(Reason(rule))


@pytest.mark.parametrize(
    ("rule", "details", "words"),
    [
        (Rule.AT_SONG_END, DETAILS, "mood-happy (stored playlist), at the song's end"),
        (Rule.ASKED_FOR_MUSIC, JAZZ, "Jazz (genre), a person asked for music"),
        (Rule.ASKED_FOR_MUSIC, {}, "a person asked for music"),
        (Rule.WAITS_FOR_SONG_END, {"name": "sad"}, "sad follows at the song's end"),
        (Rule.ROOM_STATE, {"state": "dark"}, "it is dark: the music goes on"),
        (Rule.PLAYS_ALREADY, {"mood": "happy"}, "music for happy plays already"),
        (
            Rule.NO_MUSIC,
            {"mood": "sad"},
            "no music for sad: make a stored playlist mood-sad, or: moodspeaker index scan",
        ),
        (Rule.NO_PLAYER, {"reason": "localhost: refused"}, "no player: localhost: refused"),
        (Rule.NO_PLAYER, {"reason": "off: mpd.host is empty"}, "no player: mpd.host is empty"),
        (Rule.QUIET_HOURS, {"hours": "22:00-07:00"}, "quiet hours 22:00-07:00"),
        (Rule.PLAYER_REFUSED, {"reason": "disk {full}"}, "the player refused: disk {full}"),
        (Rule.PERSON_CHANGED, THREE, "a person changed the queue: left alone for 3 minutes"),
        (Rule.PERSON_CHANGED, ONE, "a person moved within the song: left alone for 1 minute"),
        (Rule.PERSON_CHANGED, {"act": Act.SONG}, "a person chose another song: only play or resume goes on"),
        (Rule.PERSON_STOPPED_NOW, {"act": Act.STOP}, "a person chose stop: only play or resume goes on"),
        (Rule.NOBODY, {"minutes": 10.0}, "nobody for 10 minutes"),
        (Rule.SKIPPED_BY_PERSON, {"act": Act.NEXT, "song": "One"}, "a person skipped One"),
        (Rule.SKIPPED_BY_PERSON, {"act": Act.PREVIOUS, "song": "One"}, "a person went back from One"),
        (Rule.SKIPPED_BY_COMMAND, NEXT, "a person asked for the next song instead of One"),
        (Rule.SKIPPED_BY_COMMAND, {"song": "One"}, "a person asked for another song instead of One"),
    ],
)  # fmt: skip
def test_words(rule: Rule, details: Details, words: str) -> None:
    assert sentence(Reason(rule, details)) == words
