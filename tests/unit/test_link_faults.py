"""Each failure of the link to the broker has a cause and a cure, and never shows a secret."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast, get_args

import pytest
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion

from moodspeaker.adapters.mqtt.client import DELAYS
from moodspeaker.adapters.mqtt.connection import CALM, KEEPALIVE, STEADY, TURN, _Session
from moodspeaker.adapters.mqtt.link_faults import (
    IDENTIFIER_REFUSED,
    NOT_AUTHORIZED,
    PROTOCOL_ERROR,
    TOO_LARGE,
    Broken,
    Contested,
    Failure,
    NoTls,
    NoTrust,
    Refusal,
    Retry,
    TurnedAway,
    Unanswered,
    Unreachable,
    Unusable,
    fault_of,
    refused_commands,
    refused_household,
    refused_topics,
)
from moodspeaker.config.schema import MqttSettings
from moodspeaker.domain.broker import BrokerState

if TYPE_CHECKING:
    from paho.mqtt.client import Client

SETTINGS = MqttSettings(host="me:secret@hub", username="me", id="kitchen")
DOWN, REFUSED = BrokerState.DOWN, BrokerState.REFUSED
FAULTS: list[tuple[Failure, BrokerState, Retry, str]] = [
    (Unusable("mqtt.ca_file = 'x': name another"), REFUSED, Retry.SLOWLY, "mqtt.ca_file = 'x'"),
    (
        Unreachable("Connection refused"),
        DOWN,
        Retry.SOON,
        "(Connection refused): start it, or check mqtt.host",
    ),
    (NoTrust("self-signed certificate"), DOWN, Retry.SLOWLY, "self-signed certificate: mqtt.ca_file"),
    (NoTls("WRONG_VERSION_NUMBER"), DOWN, Retry.SLOWLY, "leave mqtt.ca_file empty"),
    (Unanswered(closed=True, tls=True), DOWN, Retry.SLOWLY, "wants TLS: set mqtt.ca_file"),
    (Unanswered(closed=True, greeting="SSH-2.0"), DOWN, Retry.SLOWLY, "says 'SSH-2.0': check mqtt.host"),
    (Unanswered(closed=True), DOWN, Retry.SOON, "it is no MQTT broker: check mqtt.host"),
    (Unanswered(closed=False), DOWN, Retry.SOON, "takes the connection without an MQTT answer"),
    (TurnedAway(NOT_AUTHORIZED, "Not authorized"), REFUSED, Retry.SLOWLY, "'me': set mqtt.username"),
    (TurnedAway(NOT_AUTHORIZED, "Not authorized", "mqtt.password_file: x"), REFUSED, Retry.SLOWLY, "file: x"),
    (TurnedAway(IDENTIFIER_REFUSED, "Client identifier not valid"), REFUSED, Retry.SLOWLY, "another mqtt.id"),
    (TurnedAway(137, "Server busy"), DOWN, Retry.SOON, "(Server busy): its own log"),
    (Broken(128, "closed", 3.0, broker_answers=True), DOWN, Retry.SOON, "broke (closed)"),
    (Contested("moodspeaker-kitchen", certain=True), DOWN, Retry.RARELY, "again: another client has our"),
    (Contested("moodspeaker-kitchen", certain=False), DOWN, Retry.RARELY, "most likely another client"),
]


@pytest.mark.parametrize(("failure", "state", "retry", "words"), FAULTS)
def test_a_failure_has_cause_and_cure(failure: Failure, state: BrokerState, retry: Retry, words: str) -> None:
    fault = fault_of(failure, SETTINGS)
    assert (fault.state, fault.retry) == (state, retry)
    assert words in fault.reason
    assert "secret" not in fault.reason
    assert "\n" not in fault.reason


def test_every_failure_is_among_them() -> None:
    assert {type(failure) for failure, *_ in FAULTS} == set(get_args(Failure))


def test_every_fault_is_tried_again_after_a_while() -> None:
    assert set(DELAYS) == set(Retry)
    assert all(0 < shortest <= first <= longest for shortest, first, longest in DELAYS.values())
    assert max(longest for _, _, longest in DELAYS.values()) < STEADY, "a contest may end"


def test_over_tls_a_broker_may_want_our_certificate() -> None:
    settings = MqttSettings(host="hub", ca_file="ca.pem", id="kitchen")
    assert "a certificate of ours" in fault_of(Unanswered(closed=True), settings).reason
    assert "a certificate of ours" not in fault_of(Unanswered(closed=True), SETTINGS).reason


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (NOT_AUTHORIZED, "let 'me' write moodspeaker/kitchen/#"),
        (TOO_LARGE, "too large: raise the broker's max_packet_size"),
        (PROTOCOL_ERROR, "too large: raise the broker's max_packet_size"),
        (131, "(odd): raise its max_packet_size and message_size_limit, and let 'me' write"),
    ],
)
def test_refused_topics_are_named_with_the_cure(code: int, words: str) -> None:
    assert refused_topics({}, SETTINGS, "moodspeaker/kitchen") == ""
    refused = dict.fromkeys(("moodspeaker/kitchen/state", "moodspeaker/kitchen/mood"), Refusal(code, "odd"))
    reason = refused_topics(refused, SETTINGS, "moodspeaker/kitchen")
    assert "does not take moodspeaker/kitchen/state and 1 more" in reason
    assert words in reason


def test_a_forbidden_announcement_is_named_with_both_cures() -> None:
    topic = "homeassistant/device/moodspeaker_kitchen/config"
    reason = refused_topics({topic: Refusal(NOT_AUTHORIZED, "odd")}, SETTINGS, "moodspeaker/kitchen")
    assert topic in reason
    assert 'mqtt.discovery = "off"' in reason


def test_refused_commands_are_named_with_the_cure() -> None:
    settings = MqttSettings(host="hub", id="kitchen")
    reason = refused_commands(settings, "moodspeaker/kitchen/+/set")
    assert "let a client without a name read moodspeaker/kitchen/+/set" in reason


def test_a_household_that_is_refused_names_its_own_cure() -> None:
    settings = MqttSettings(host="hub", username="me", id="kitchen", household="home")
    refused = {"moodspeaker/household/home/0123456789abcdef/3": Refusal(NOT_AUTHORIZED, "Not authorized")}
    cure = "let 'me' read and write moodspeaker/household/home/# in its access list, or leave mqtt.household"
    assert cure in refused_topics(refused, settings, "moodspeaker/kitchen")
    assert cure in refused_household(settings)


def test_a_link_that_stands_wakes_its_thread_seldom_and_pings_before_the_broker_gives_up() -> None:
    class Line:
        """A client of which nothing is heard: it is let in at the second turn, and ends after the fifth."""

        def __init__(self) -> None:
            self.turns: list[float] = []

        def loop(self, seconds: float) -> MQTTErrorCode:
            self.turns.append(seconds)
            if len(self.turns) == 2:
                session._seen.let_in_at = 1.0
            return (
                MQTTErrorCode.MQTT_ERR_CONN_LOST if len(self.turns) == 5 else MQTTErrorCode.MQTT_ERR_SUCCESS
            )

    session = _Session(
        SETTINGS,
        "kitchen",
        MQTTProtocolVersion.MQTTv5,
        post=lambda _: None,
        closing=threading.Event(),
        will=None,
    )
    line = Line()
    session.client = cast("Client", line)
    session._serve()
    assert line.turns == [TURN, TURN, CALM, CALM, CALM]
    assert KEEPALIVE + CALM < 1.5 * KEEPALIVE
