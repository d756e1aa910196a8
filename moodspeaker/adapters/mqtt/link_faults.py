"""What goes wrong between us and the MQTT broker, each with its cause and its cure in one line; pure.

    failure        what was seen                                          kind        tried again
    Unusable       settings that no connection can be made with           REFUSED     slowly
    Unreachable    no connection                                          GONE        soon
    NoTrust        the broker's certificate is not to be trusted          UNTRUSTED   slowly
    NoTls          we want TLS, the other side does not speak it          WRONG_PORT  slowly
    Unanswered     a connection, but no MQTT answer: not a broker, or     WRONG_PORT  slowly, or soon where
                   one that wants TLS                                                 nothing is known of it
    TurnedAway     the broker says no: password, client id, overload      REFUSED     slowly; overload soon
    Broken         a link that stood came to its end                      GONE        soon
    Contested      the broker throws us out again and again: somebody     CONTESTED   rarely
                   else has our client id

The host may hold a secret where somebody wrote `user:password@host`: it is never shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.entities import household_topic
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.config.schema import MqttSettings

UNSPECIFIED: Final = 128
PROTOCOL_ERROR: Final = 130
IDENTIFIER_REFUSED: Final = 133
BAD_PASSWORD: Final = 134
NOT_AUTHORIZED: Final = 135
TAKEN_OVER: Final = 142
TOO_LARGE: Final = 149
"""Reason codes of MQTT 5 (OASIS, 2.4), to which paho maps those of 3.1.1."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Settings that no connection can be made with."""

    reason: str
    """Names the setting and the cure."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection."""

    cause: str
    """The system's words."""


@dataclass(frozen=True, slots=True)
class NoTrust:
    """The other side's certificate cannot be verified."""

    cause: str
    """OpenSSL's words."""


@dataclass(frozen=True, slots=True)
class NoTls:
    """We asked for TLS and were not understood."""

    cause: str
    """OpenSSL's or the system's words."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A connection, and no MQTT answer on it."""

    closed: bool
    """Whether the other side closed it; else it said nothing for long."""
    tls: bool = False
    """Whether the other side speaks TLS, where we did not."""
    greeting: str = ""
    """What the other side says by itself, which an MQTT broker never does."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The broker answered with a refusal."""

    code: int
    """Reason code of MQTT 5."""
    name: str
    """Its name."""
    unreadable: str = ""
    """Why the password could not be read, the likely cause; else empty."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A link that stood came to its end."""

    code: int
    """Reason code of MQTT 5; 128 where the broker gave none."""
    cause: str
    """What is known of it."""
    seconds: float
    """How long it stood."""
    broker_answers: bool
    """Whether the broker let another client in right after: it is not gone, it threw us out.  Asked only
    where the link broke early and without a reason.
    """


@dataclass(frozen=True, slots=True)
class Contested:
    """Somebody else uses our client id: each who connects throws the other out."""

    identity: str
    """The client id."""
    certain: bool
    """Whether the broker said so; else it is what several short links look like."""


Failure: TypeAlias = Unusable | Unreachable | NoTrust | NoTls | Unanswered | TurnedAway | Broken | Contested


class FaultKind(StrEnum):
    """Faults of one kind are logged once until the link stands again."""

    GONE = "gone"
    UNTRUSTED = "untrusted"
    WRONG_PORT = "wrong port"
    REFUSED = "refused"
    CONTESTED = "contested"


class Retry(StrEnum):
    """How soon it is tried again."""

    SOON = "soon"
    """It may heal by itself."""
    SLOWLY = "slowly"
    """A person has to mend something."""
    RARELY = "rarely"
    """Each try disturbs somebody."""


@dataclass(frozen=True, slots=True)
class LinkFault:
    """What is wrong with the link, as it is shown and logged."""

    kind: FaultKind
    reason: str
    """Cause and cure, one line."""
    retry: Retry

    @property
    def state(self) -> BrokerState:
        """The link's state while this lasts."""
        return BrokerState.REFUSED if self.kind is FaultKind.REFUSED else BrokerState.DOWN


def address(settings: MqttSettings) -> str:
    """Return where the broker is, without a secret that somebody wrote before the host."""
    if is_socket(settings):
        return settings.host
    return f"{settings.host.rpartition('@')[2]}:{settings.port}"


def is_socket(settings: MqttSettings) -> bool:
    """Tell whether the broker is at a UNIX socket: a path, or an abstract name after an @."""
    return settings.host.startswith(("/", "@"))


def fault_of(failure: Failure, settings: MqttSettings) -> LinkFault:
    """Return what is shown of a failure."""
    broker = f"the MQTT broker at {address(settings)}"
    match failure:
        case Unusable(reason):
            kind, retry = FaultKind.REFUSED, Retry.SLOWLY
        case Unreachable(cause):
            kind, retry = FaultKind.GONE, Retry.SOON
            reason = f"no answer from {broker} ({cause}): start it, or check mqtt.host and mqtt.port"
        case NoTrust(cause):
            kind, retry = FaultKind.UNTRUSTED, Retry.SLOWLY
            reason = (
                f"no trust in {broker}: {cause}: mqtt.ca_file must hold the authority that signed its"
                " certificate, and mqtt.host a name that stands in it"
            )
        case NoTls(cause):
            kind, retry = FaultKind.WRONG_PORT, Retry.SLOWLY
            reason = (
                f"{broker} does not speak TLS ({cause}): set mqtt.port to its TLS port (usually 8883), or"
                " leave mqtt.ca_file empty to do without TLS"
            )
        case Unanswered():
            kind = FaultKind.WRONG_PORT
            retry = Retry.SLOWLY if failure.tls or failure.greeting else Retry.SOON
            reason = _unanswered(failure, settings)
        case TurnedAway():
            hopeless = failure.code in {BAD_PASSWORD, NOT_AUTHORIZED, IDENTIFIER_REFUSED}
            kind, retry = (FaultKind.REFUSED, Retry.SLOWLY) if hopeless else (FaultKind.GONE, Retry.SOON)
            reason = _turned_away(failure, settings)
        case Broken(cause=cause):
            kind, retry = FaultKind.GONE, Retry.SOON
            reason = f"the link to {broker} broke ({cause})"
        case Contested(identity, certain):
            kind, retry = FaultKind.CONTESTED, Retry.RARELY
            reason = (
                f"{broker} lets us in and throws us out again: {'' if certain else 'most likely '}another"
                f" client has our client id, {identity}: give each speaker its own mqtt.id"
            )
        case _:
            assert_never(failure)
    return LinkFault(kind, reason, retry)


def _unanswered(failure: Unanswered, settings: MqttSettings) -> str:
    at = address(settings)
    if failure.tls:
        return (
            f"the MQTT broker at {at} wants TLS: set mqtt.ca_file to the authority that signed its"
            " certificate, or mqtt.port to a port without TLS (usually 1883)"
        )
    ports = "check mqtt.host and mqtt.port (usually 1883, with TLS 8883)"
    if failure.greeting:
        return f"no MQTT broker listens at {at}: what is there says {failure.greeting!r}: {ports}"
    does = "closes the connection" if failure.closed else "takes the connection"
    certificate = ", or it wants another certificate of ours" if settings.cert_file else ""
    if failure.closed and settings.ca_file and not settings.cert_file:
        certificate = ", or it wants a certificate of ours (mqtt.cert_file, mqtt.key_file)"
    return f"what listens at {at} {does} without an MQTT answer: it is no MQTT broker{certificate}: {ports}"


def _turned_away(failure: TurnedAway, settings: MqttSettings) -> str:
    broker = f"the MQTT broker at {address(settings)}"
    match failure.code:
        case code if code in {BAD_PASSWORD, NOT_AUTHORIZED}:
            who = f"the password of {settings.username!r}" if settings.username else "a client without a name"
            refusal = f"{broker} refuses {who}: set mqtt.username and mqtt.password_file"
            return failure.unreadable or refusal
        case code if code == IDENTIFIER_REFUSED:
            return f"{broker} refuses our client id: choose another mqtt.id"
        case _:
            return f"{broker} turns us away ({failure.name}): its own log says why"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the broker does not take what we publish on a topic."""

    code: int
    """Reason code of MQTT 5."""
    name: str
    """Its name."""


def refused_topics(refused: Mapping[str, Refusal], settings: MqttSettings, prefix: str) -> str:
    """Return cause and cure where the broker does not take what we publish, else nothing."""
    if not refused:
        return ""
    topic, refusal = next(iter(refused.items()))
    others = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
    text = f"the MQTT broker at {address(settings)} does not take {topic}{others}"
    match refusal.code:
        case code if code == NOT_AUTHORIZED:
            if settings.household and topic.startswith(f"{household_topic(settings.household)}/"):
                return f"{text}: {_sharing(settings)}"
            if not topic.startswith(f"{prefix}/"):
                return (
                    f'{text}: let {_who(settings)} write it in its access list, or set mqtt.discovery = "off"'
                )
            return f"{text}: let {_who(settings)} write {prefix}/# in its access list"
        case code if code in {TOO_LARGE, PROTOCOL_ERROR}:  # the latter is how paho reads it from Mosquitto
            return f"{text}: too large: raise the broker's max_packet_size and message_size_limit"
        case _:
            return (
                f"{text} ({refusal.name}): raise its max_packet_size and message_size_limit, and let"
                f" {_who(settings)} write {prefix}/# in its access list"
            )


def refused_commands(settings: MqttSettings, commands: str) -> str:
    """Return cause and cure where the broker does not let us subscribe to the commands."""
    broker = f"the MQTT broker at {address(settings)}"
    return f"{broker} lets no command through: let {_who(settings)} read {commands} in its access list"


def refused_household(settings: MqttSettings) -> str:
    """Return cause and cure where the broker does not let us subscribe to the household."""
    return f"the MQTT broker at {address(settings)} tells nothing of the household: {_sharing(settings)}"


def _sharing(settings: MqttSettings) -> str:
    below = household_topic(settings.household)
    return f"let {_who(settings)} read and write {below}/# in its access list, or leave mqtt.household empty"


def _who(settings: MqttSettings) -> str:
    return repr(settings.username) if settings.username else "a client without a name"
