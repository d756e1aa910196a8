"""What is published and when: the table of entities, the publisher, what the adapter keeps of it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.adapters.mqtt.acceptance import Acceptance
from moodspeaker.adapters.mqtt.link_faults import NOT_AUTHORIZED, TOO_LARGE
from moodspeaker.adapters.mqtt.retained import AGAIN, FOREIGN_AFTER, RetainedTopics
from moodspeaker.domain.broker import Message
from moodspeaker.domain.entities import ENTITIES, prefix, retained_topics
from moodspeaker.domain.entity_values import LONGEST_TEXT
from moodspeaker.speaker.publisher import INTERVAL, LAG, Publisher, last_will

if TYPE_CHECKING:
    from moodspeaker.domain.entity_values import SnapshotJson

SNAPSHOT: dict[str, Any] = {
    "mood": "happy",
    "since": "2026-11-26T07:30:00Z",
    "confidence": 0.83,
    "probabilities": {"happy": 0.83},
    "faces": 1,
    "valence": 0.6,
    "arousal": 0.3,
    "sensing": True,
    "evidence": (),
    "override": None,
    "camera": {
        "state": "ok",
        "open": True,
        "frames_written": 0,
        "source": "file",
        "reason": "",
        "locked": None,
        "browser": "sends",
        "preview": "on",
    },
    "player": {
        "state": "play",
        "uri": "a",
        "title": "A",
        "artist": None,
        "reason": "",
        "limits": "",
        "volume": 40,
    },
    "selection": {"mood": "happy", "name": "mood-happy", "rule": "stored playlist"},
    "hold": {"active": False, "until": None, "control": "ours", "minutes": None},
    "decision": None,
    "vision": {"inference_ms": 31.0, "duty": 0.1, "last_frame": "2026-11-26T07:30:09Z"},
    "machine": {"memory": 60.0, "temperature": 51.5, "throttled": (), "throttled_ever": ("under voltage",)},
    "models": {"face": "1", "emotion": "1", "refused": ""},
    "store": {"fault": ""},
    "web": {"fault": ""},
    "config": {
        "reload_refused": (),
        "restart_for": (),
        "left_out": (),
        "revision": 0,
        "dwell": 20.0,
        "margin": 0.92,
        "hold_minutes": 30.0,
    },
    "profile": "household",
    "target": {"aim": "match", "chosen": None, "mood": "happy", "reason": "match is set for happy"},
    "journey": None,
    "profiles": ("household", "guest"),
}
BELOW = prefix("kitchen")
MOOD = f"{BELOW}/mood"


def changed(**more: object) -> dict[str, Any]:
    """Return the snapshot with some things changed."""
    return copy.deepcopy(SNAPSHOT) | more


def by_topic(messages: list[Message]) -> dict[str, str]:
    """Return payloads by the topic below the prefix."""
    return {message.topic.removeprefix(f"{BELOW}/"): message.payload for message in messages}


# --- the table


def test_topics_are_unique_levels_of_their_own() -> None:
    topics = [entity.topic for entity in ENTITIES]
    assert len(set(topics)) == len(topics)
    assert topics[:2] == ["status", "state"]
    assert {"mood", "sensing", "playlist", "hold", "event"} <= set(topics)
    assert all(topic.isidentifier() for topic in topics)


def test_what_is_retained_is_what_has_a_value() -> None:
    sent = Publisher(BELOW).due(SNAPSHOT, 0.0)
    assert all(message.retain for message in sent)
    assert sorted(message.topic for message in sent) == sorted(retained_topics(BELOW, ENTITIES))


def test_values_are_those_of_the_snapshot() -> None:
    sent = by_topic(Publisher(BELOW).due(SNAPSHOT, 0.0))
    assert json.loads(sent["state"]) == json.loads(json.dumps(SNAPSHOT))
    expected = {
        "status": "online", "mood": "happy", "sensing": "ON", "playlist": "mood-happy", "hold": "OFF",
        "profile": "household", "target": "auto", "volume": "40", "override": "auto", "occupancy": "ON",
        "camera": "ON", "camera_open": "ON", "browser_camera": "ON", "preview": "ON",
        "lock": "none", "last_frame": "none",
        "frames_written": "0",
        "under_voltage": "OFF", "throttled": "OFF", "player": "ON", "problem": "OFF",
        "held_until": "none", "hold_minutes": "none", "decision": "none",
        "dwell": "20", "minimum_confidence": "92", "hold_length": "30",
    }  # fmt: skip
    assert {topic: sent[topic] for topic in expected} == expected
    assert json.loads(sent["mood/attributes"])["faces"] == 1


def test_other_values_are_those_of_another_snapshot() -> None:
    other = changed(
        mood="paused", sensing=False, override="sad", faces=0, target={"aim": None, "chosen": "off"},
        hold={"active": True, "until": "2026-11-26T08:00:00Z", "control": "held", "minutes": 30.0},
        selection={"mood": None, "name": None, "rule": None},
        camera=SNAPSHOT["camera"] | {"state": "off", "open": False},
        player=SNAPSHOT["player"] | {"state": "down", "reason": "MPD is away"},
    )  # fmt: skip
    sent = by_topic(Publisher(BELOW).due(other, 0.0))
    expected = {
        "mood": "paused", "sensing": "OFF", "playlist": "none", "hold": "ON", "override": "sad",
        "target": "off",
        "occupancy": "none", "camera": "none", "camera_open": "OFF", "last_frame": "2026-11-26T07:30:09Z",
        "player": "OFF", "problem": "ON", "held_until": "2026-11-26T08:00:00Z", "hold_minutes": "30",
    }  # fmt: skip
    assert {topic: sent[topic] for topic in expected} == expected
    assert json.loads(sent["problem/attributes"]) == {"problems": ["MPD is away"]}


@pytest.mark.parametrize(("margin", "shown"), [(0.502, "51"), (0.925, "92"), (0.999, "99")])
def test_the_minimum_confidence_is_within_what_can_be_set(margin: float, shown: str) -> None:
    config = {**SNAPSHOT["config"], "margin": margin, "hold_minutes": 0.2}
    sent = by_topic(Publisher(BELOW).due(changed(config=config), 0.0))
    assert (sent["minimum_confidence"], sent["hold_length"]) == (shown, "1")


@pytest.mark.parametrize(
    ("mood", "faces", "occupancy"),
    [("happy", 0, "ON"), ("unsure", 1, "ON"), ("unsure", 0, "OFF"), ("nobody", 0, "OFF"), ("dark", 0, "none"),
     ("covered", 1, "none"), ("lost", 0, "none")],
)  # fmt: skip
def test_somebody_is_there(mood: str, faces: int, occupancy: str) -> None:
    assert by_topic(Publisher(BELOW).due(changed(mood=mood, faces=faces), 0.0))["occupancy"] == occupancy


def test_a_state_is_short_and_stands_whole_in_the_attributes() -> None:
    rule = "because " * 60
    sent = by_topic(Publisher(BELOW).due(changed(decision={"verb": "kept", "rule": rule}), 0.0))
    assert len(sent["decision"]) == LONGEST_TEXT
    assert json.loads(sent["decision/attributes"])["rule"] == rule


def test_the_last_will_is_the_opposite_of_the_first_message() -> None:
    first = Publisher(BELOW).due(SNAPSHOT, 0.0)[0]
    will = last_will(BELOW)
    assert (first.topic, first.payload, first.retain) == (will.topic, "online", will.retain)
    assert will.payload == "offline"


# --- the publisher


def test_what_did_not_change_is_not_published_again() -> None:
    publisher = Publisher(BELOW)
    publisher.due(SNAPSHOT, 0.0)
    assert publisher.due(changed(), 100.0) == []
    assert set(by_topic(publisher.due(changed(mood="sad"), 101.0))) == {"mood", "mood/attributes", "state"}


def test_the_moods_attributes_come_with_it_and_else_now_and_then() -> None:
    publisher = Publisher(BELOW)
    publisher.due(SNAPSHOT, 0.0)
    assert set(by_topic(publisher.due(changed(faces=2), 100.0))) == {"state"}
    assert set(by_topic(publisher.due(changed(faces=2), 600.0))) == {"mood/attributes"}


def test_nothing_is_made_for_the_broker_while_nothing_can_be_due() -> None:
    made: list[float] = []

    def value(snapshot: SnapshotJson) -> str:
        made.append(now)
        return str(snapshot["mood"])

    publisher, now = Publisher(BELOW, [replace(ENTITIES[1], value=value)]), 0.0
    publisher.due(SNAPSHOT, now)
    for now in range(1, 30):  # looks change what they always change, and ticks nothing
        assert publisher.due(changed(confidence=0.5 + now / 100), float(now)) == []
    assert made == [0.0]
    now = 29.5
    assert by_topic(publisher.due(changed(mood="sad"), now)) == {"state": "sad"}
    now = 29.7
    assert publisher.due(changed(mood="angry"), now) == [], "too soon"
    now = 29.8
    assert publisher.due(changed(mood="angry"), now) == []
    now = 30.5
    assert by_topic(publisher.due(changed(mood="angry"), now)) == {"state": "angry"}
    assert made == [0.0, 29.5, 29.7, 30.5]


def test_other_attributes_come_at_once() -> None:
    publisher = Publisher(BELOW)
    publisher.due(SNAPSHOT, 0.0)
    camera = SNAPSHOT["camera"] | {"source": "another"}
    assert set(by_topic(publisher.due(changed(camera=camera), 1.0))) == {"state", "camera/attributes"}


def test_a_topic_is_published_once_a_second_at_most_and_the_last_value_follows() -> None:
    publisher = Publisher(BELOW)
    publisher.due(SNAPSHOT, 0.0)
    assert publisher.due(changed(mood="sad"), 0.5 * INTERVAL) == []
    assert by_topic(publisher.due(changed(mood="angry"), INTERVAL))["mood"] == "angry"


def test_what_every_look_changes_waits_for_half_a_minute_or_for_company() -> None:
    publisher = Publisher(BELOW)
    publisher.due(SNAPSHOT, 0.0)
    assert publisher.due(changed(confidence=0.9), LAG - 1) == []
    assert json.loads(by_topic(publisher.due(changed(confidence=0.9), LAG))["state"])["confidence"] == 0.9
    assert publisher.due(changed(confidence=0.7, valence=0.1), LAG + 2) == []
    together = json.loads(by_topic(publisher.due(changed(confidence=0.7, faces=2), LAG + 3))["state"])
    assert (together["confidence"], together["faces"]) == (0.7, 2)


def test_a_day_at_rest_is_few_messages() -> None:
    publisher = Publisher(BELOW)
    hour = [publisher.due(changed(confidence=(second % 100) / 100), float(second)) for second in range(3600)]
    assert sum(map(len, hour)) <= 200


def test_before_a_stop_everything_is_said_at_once() -> None:
    publisher = Publisher(BELOW)
    publisher.due(SNAPSHOT, 0.0)
    rest = by_topic(publisher.rest(changed(mood="sad", confidence=0.2), 0.1))
    assert rest["mood"] == "sad"
    assert json.loads(rest["state"])["confidence"] == 0.2


def test_an_event_is_not_retained() -> None:
    message = Publisher(BELOW).event({"event_type": "kept", "rule": "nöthing"})
    assert (message.topic, message.retain) == (f"{BELOW}/event", False)
    assert message.payload == '{"event_type": "kept", "rule": "nöthing"}'


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.sampled_from(["happy", "sad", "angry"])), max_size=30))
def test_the_last_value_always_arrives_and_none_too_soon(changes: list[tuple[float, str]]) -> None:
    publisher, now, sent = Publisher(BELOW), 0.0, []
    for wait, mood in changes:
        now += wait
        sent += [(now, m.payload) for m in publisher.due(changed(mood=mood), now) if m.topic == MOOD]
    assert all(later - earlier >= INTERVAL for (earlier, _), (later, _) in pairwise(sent))
    sent += [(now, m.payload) for m in publisher.due(changed(mood="fear"), now + 9) if m.topic == MOOD]
    assert sent[-1][1] == "fear"


# --- what is retained, and what somebody put in its place


def wanted(payload: str) -> RetainedTopics:
    """Return topics of which one is wanted."""
    topics = RetainedTopics()
    assert topics.want(Message(MOOD, payload))
    return topics


def test_an_unchanged_state_is_no_news() -> None:
    topics = wanted("happy")
    assert not topics.want(Message(MOOD, "happy"))
    assert topics.want(Message(MOOD, "sad"))
    assert list(topics) == [Message(MOOD, "sad")]


def test_what_somebody_wrote_is_put_right_soon_and_then_every_half_minute() -> None:
    topics = wanted("happy")
    assert topics.seen(MOOD, b"boo", 100.0) == FOREIGN_AFTER
    assert topics.put_right(MOOD, 101.0) == Message(MOOD, "happy")
    assert topics.seen(MOOD, b"boo", 103.0) == pytest.approx(AGAIN - 2.0)
    assert topics.seen(MOOD, b"hoo", 104.0) is None, "it is on its way already"
    assert topics.put_right(MOOD, 131.0) == Message(MOOD, "happy")


def test_our_own_messages_that_come_back_are_nobodys() -> None:
    topics = wanted("happy")
    topics.want(Message(MOOD, "sad"))
    assert topics.seen(MOOD, b"happy", 0.0) == FOREIGN_AFTER
    assert topics.seen(MOOD, b"sad", 0.1) is None
    assert topics.put_right(MOOD, FOREIGN_AFTER) is None


def test_a_newer_state_or_a_new_link_needs_no_putting_right() -> None:
    topics = wanted("happy")
    topics.seen(MOOD, b"", 0.0)
    topics.want(Message(MOOD, "sad"))
    assert topics.put_right(MOOD, FOREIGN_AFTER) is None
    topics.seen(MOOD, b"", 2.0)
    topics.new_link()
    assert topics.put_right(MOOD, 3.0) is None


# --- what the broker takes


def test_a_refused_topic_is_known_until_it_is_taken() -> None:
    acceptance = Acceptance()
    acceptance.sent(1, MOOD, 30)
    acceptance.answered(1, NOT_AUTHORIZED, "Not authorized")
    acceptance.answered(2, NOT_AUTHORIZED, "an answer to nothing we know")
    assert list(acceptance.refused) == [MOOD]
    acceptance.new_link(None)
    acceptance.sent(1, MOOD, 30)
    acceptance.answered(1, 0, "Success")
    assert not acceptance.refused


def test_a_packet_over_the_brokers_limit_is_not_sent() -> None:
    acceptance = Acceptance()
    acceptance.new_link(100)
    assert not acceptance.may_send("state", 100)
    assert acceptance.refused["state"].code == TOO_LARGE
    assert acceptance.may_send("mood", 80)
    acceptance.new_link(None)
    assert acceptance.may_send("state", 100)


def test_the_largest_message_at_which_a_link_broke_is_left_out() -> None:
    acceptance = Acceptance()
    assert acceptance.largest_waiting == ""
    acceptance.sent(1, "state", 1000)
    acceptance.sent(2, "mood", 30)
    assert acceptance.largest_waiting == "state"
    acceptance.leave_out("state", 128, "closed")
    acceptance.new_link(None)
    assert not acceptance.may_send("state", 1000)
    assert acceptance.may_send("mood", 30)
    assert acceptance.may_send("state", 999)
    acceptance.sent(1, "state", 999)
    acceptance.answered(1, 0, "Success")
    assert not acceptance.refused
    assert not acceptance.may_send("state", 1000)
    assert list(acceptance.refused) == ["state"]
    acceptance.leave_nothing_out()
    assert acceptance.may_send("state", 1000)


def test_a_forbidden_topic_is_left_out_whatever_its_size() -> None:
    acceptance = Acceptance()
    acceptance.sent(1, "state", 1000)
    acceptance.leave_out("state", NOT_AUTHORIZED, "Not authorized")
    assert not acceptance.may_send("state", 1)
