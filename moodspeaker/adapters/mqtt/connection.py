"""The only door to paho-mqtt: one link to the broker, from its connection to its end, on a thread of its own.

Theory of operation
===================
1. A link is one attempt.  It connects, tells what happens as `LinkEvent`s, and ends with the event `Ended`;
   who wants another makes another.  So nothing of a broken link (messages in flight, half a packet) reaches
   the next one, whoever owns the links decides when to try again, and an exception out of the library, a
   host name it cannot encode for one, is a failure like any other.
2. MQTT 5 is spoken first, for it names what 3.1.1 is silent about: a publication that the access list
   forbids, the largest packet, a client id that somebody took over.  A broker that does not know it is
   spoken to in 3.1.1 at once.
3. Where something listens that gives no MQTT answer, it is asked once whether it speaks TLS or greets by
   itself (`peer`).  Where a link breaks early and without a reason, the broker is asked once, by another
   client id, whether it still lets clients in.
4. paho's own thread, and its delay between attempts, are not used: its thread ends for ever on an exception
   and its delay has no jitter.  `publish` and `listen` may be called from any thread: they queue a packet
   and wake this one.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from moodspeaker.adapters.mqtt import peer
from moodspeaker.adapters.mqtt.link_faults import (
    PROTOCOL_ERROR,
    UNSPECIFIED,
    Broken,
    NoTls,
    NoTrust,
    TurnedAway,
    Unanswered,
    Unreachable,
    Unusable,
    address,
    is_socket,
)
from moodspeaker.config.secrets import empty_file, secret
from moodspeaker.errors import ConfigError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage, MQTTMessageInfo
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from moodspeaker.adapters.mqtt.link_faults import Failure
    from moodspeaker.config.schema import MqttSettings
    from moodspeaker.domain.broker import Message

QOS: Final = 1
KEEPALIVE: Final = 20
"""Seconds; a link that dies without a word is noticed after one and a half of them."""
ANSWER_SECONDS: Final = 8.0
"""How long the broker may take to let us in."""
STEADY: Final = 150.0
"""Seconds that a link must stand to be above suspicion: one that breaks before is looked into."""
IN_FLIGHT: Final = 10
"""Messages that may wait for their answers: the least that a widespread broker allows (HiveMQ's default)."""
TURN: Final = 1.0
"""Seconds between two looks whether the link is to be closed, until the broker has let us in."""
CALM: Final = 4.0
"""Seconds between two looks whether the link lives, from then on: what is sent or closed wakes the thread."""
UNSUPPORTED_VERSION: Final = 132
"""Reason code of MQTT 5 (OASIS, 2.4), to which paho maps that of 3.1.1."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker let us in."""

    largest_packet: int | None
    """Bytes of the largest packet that it takes, where it said so."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The broker answered a `listen`."""

    request: int
    """What `listen` returned."""
    granted: bool
    """Whether the messages will come."""


@dataclass(frozen=True, slots=True)
class Received:
    """Somebody published on a topic that we listen to."""

    topic: str
    payload: bytes
    retained: bool
    """Whether the broker had kept it from before we listened."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The broker answered a `publish`."""

    request: int
    """What `publish` returned."""
    code: int
    """Reason code of MQTT 5: 128 and above is a refusal."""
    name: str
    """Its name."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The link is over, and nobody called `close`."""

    failure: Failure
    """Why."""


LinkEvent: TypeAlias = Connected | Listening | Received | Answered | Ended


class Link:
    """One link to the broker; `post` is called with what happens, on the link's own thread."""

    def __init__(
        self,
        settings: MqttSettings,
        identity: str,
        post: Callable[[LinkEvent], None],
        will: Message | None = None,
    ) -> None:
        self._settings, self._identity, self._post, self._will = settings, identity, post, will
        self._closing = threading.Event()
        self._version = MQTTProtocolVersion.MQTTv5
        self._session: _Session | None = self._new_session()
        """None when the link is over: the library's client closes its sockets when nobody refers to it."""
        self._thread = threading.Thread(target=self._live, name=f"mqtt {identity}", daemon=True)

    def start(self) -> None:
        """Connect in the background."""
        self._thread.start()

    def publish(self, message: Message) -> int:
        """Send a message and return the number that its answer will bear; 0: the link is over."""
        session = self._session
        return 0 if session is None else session.publish(message).mid

    def publish_last(self, message: Message, seconds: float) -> bool:
        """Send a message and tell whether it arrived within some seconds."""
        session = self._session
        if session is None:
            return False
        sent = session.publish(message)
        try:
            sent.wait_for_publish(seconds)
        except (RuntimeError, ValueError):
            return False
        return sent.is_published()

    def listen(self, topic: str, *, others_only: bool = False, as_sent: bool = False) -> int | None:
        """Ask for the messages on a topic; return the number that the answer will bear, None after the end.

        By a broker that can (MQTT 5), with `others_only` what we publish there and what stands there already
        is left out; with `as_sent` a message that is to be kept is `retained` at once, not only for those who
        come later.
        """
        session = self._session
        return None if session is None else session.subscribe(topic, others_only=others_only, as_sent=as_sent)

    def close(self) -> None:
        """Say goodbye, so that the broker drops the last will; the thread ends soon after."""
        self._closing.set()
        if (session := self._session) is not None:
            session.client.disconnect()

    def join(self, seconds: float) -> None:
        """Wait for the thread's end, for it may hang in a name look-up; it is a daemon and dies with us."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    # --- on the link's thread

    def _live(self) -> None:
        session = self._session or self._new_session()
        failure = session.run()
        if _may_be_older(failure) and not self._closing.is_set():
            self._version = MQTTProtocolVersion.MQTTv311
            self._session = session = self._new_session()
            failure = session.run()
        self._session = None
        del session
        if not self._closing.is_set():
            failure = self._look_into(failure)
        if not self._closing.is_set():
            self._post(Ended(failure))

    def _new_session(self) -> _Session:
        return _Session(
            self._settings,
            self._identity,
            self._version,
            post=self._post,
            closing=self._closing,
            will=self._will,
        )

    def _look_into(self, failure: Failure) -> Failure:
        host, port = self._settings.host, self._settings.port
        match failure:
            case Unanswered():
                if is_socket(self._settings):
                    return failure
                tls = not self._settings.ca_file and peer.speaks_tls(host, port)
                return replace(failure, tls=tls, greeting="" if tls else peer.greeting(host, port))
            case Broken(code=code, seconds=seconds) if code == UNSPECIFIED and seconds < STEADY:
                return replace(failure, broker_answers=self._another_is_let_in())
            case _:
                return failure

    def _another_is_let_in(self) -> bool:
        let_in = threading.Event()

        def note(event: LinkEvent) -> None:
            if isinstance(event, Connected):
                let_in.set()

        _Session(
            self._settings, f"{self._identity}-look", self._version,
            post=note, closing=let_in, will=None,
        ).run()  # fmt: skip
        return let_in.is_set()


def _may_be_older(failure: Failure) -> bool:
    """Tell whether it looks like a broker that does not know MQTT 5."""
    match failure:
        case TurnedAway(code=code):
            return code == UNSUPPORTED_VERSION
        case Unanswered(closed=closed):
            return closed
        case _:
            return False


class _Session:
    """One client of the library, from its connection to its end; `run` belongs to the link's thread."""

    def __init__(
        self,
        settings: MqttSettings,
        identity: str,
        version: MQTTProtocolVersion,
        *,
        post: Callable[[LinkEvent], None],
        closing: threading.Event,
        will: Message | None,
    ) -> None:
        self._settings, self._closing = settings, closing
        self._version_5 = version is MQTTProtocolVersion.MQTTv5
        self._seen = seen = _Seen()
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=identity,
            protocol=version,
            transport="unix" if is_socket(settings) else settings.transport,
        )
        self.client.ws_set_options(path=settings.websocket_path)
        self.client.max_inflight_messages = IN_FLIGHT
        if will is not None:
            self.client.will_set(will.topic, will.encoded, QOS, will.retain)
        _set_callbacks(self.client, post, seen)

    def publish(self, message: Message) -> MQTTMessageInfo:
        """Send a message."""
        return self.client.publish(message.topic, message.encoded, QOS, message.retain)

    def subscribe(self, topic: str, *, others_only: bool, as_sent: bool) -> int | None:
        """Ask for the messages on a topic; return the request's number."""
        if not self._version_5:
            return self.client.subscribe(topic, QOS)[1]
        kept = (
            SubscribeOptions.RETAIN_DO_NOT_SEND if others_only else SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
        )
        options = SubscribeOptions(QOS, noLocal=others_only, retainAsPublished=as_sent, retainHandling=kept)
        return self.client.subscribe(topic, options=options)[1]

    def run(self) -> Failure:
        """Connect and serve until the end; return why it ended."""
        client, settings, seen = self.client, self._settings, self._seen
        unreadable = _authenticate(client, settings)
        try:
            _secure(client, settings)
            host = settings.host
            client.connect("\0" + host[1:] if host.startswith("@") else host, settings.port, KEEPALIVE)
        except ConfigError as error:
            return Unusable(str(error))
        except OSError as error:
            return _unconnected(error, tls=bool(settings.ca_file))
        except ValueError:  # no host name or port at all; the text of the error helps nobody
            return Unusable(
                f"mqtt.host and mqtt.port: {address(settings)} is no address: give a host's name and a port"
            )
        silent = self._serve()
        if seen.refusal is not None:
            return replace(seen.refusal, unreadable=unreadable)
        if seen.let_in_at is None:
            return Unanswered(closed=not silent)
        return Broken(seen.code, seen.cause, time.monotonic() - seen.let_in_at, broker_answers=False)

    def _serve(self) -> bool:
        """Send and receive until the link ends; tell whether it does for want of an answer."""
        client, seen = self.client, self._seen
        give_up_at = time.monotonic() + ANSWER_SECONDS
        try:
            while client.loop(TURN if seen.let_in_at is None else CALM) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                if self._closing.is_set():
                    client.disconnect()
                if seen.let_in_at is None and time.monotonic() > give_up_at:
                    return True
        except Exception as error:  # noqa: BLE001 - whatever a library raises at bytes that it does not expect
            seen.code, seen.cause = PROTOCOL_ERROR, f"{type(error).__name__}: {error}"
        return False


@dataclass(slots=True)
class _Seen:
    """What is known of a session from the library's callbacks."""

    let_in_at: float | None = None
    """Monotonic seconds."""
    refusal: TurnedAway | None = None
    code: int = UNSPECIFIED
    cause: str = "closed without a reason"


def _set_callbacks(client: Client, post: Callable[[LinkEvent], None], seen: _Seen) -> None:
    """Let the library's callbacks post events; they hold neither the client nor the session."""

    def connected(
        _client: Client, _user: object, _flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            seen.refusal = TurnedAway(code.value, str(code))
            return
        seen.let_in_at = time.monotonic()
        post(Connected(getattr(properties, "MaximumPacketSize", None)))

    def disconnected(
        _client: Client, _user: object, _flags: DisconnectFlags, code: ReasonCode, _properties: object
    ) -> None:
        if code.is_failure and code.value != UNSPECIFIED:
            seen.code, seen.cause = code.value, str(code)

    def opened(_client: Client, _user: object, link: object) -> None:
        # Else small packets wait for each other, 40 ms each (Nagle).
        if isinstance(link, socket.socket) and link.family != socket.AF_UNIX:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def received(_client: Client, _user: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # against the protocol, and none of ours
            return
        post(Received(topic, bytes(message.payload), message.retain))

    client.on_connect = connected
    client.on_disconnect = disconnected
    client.on_message = received
    client.on_subscribe = lambda _client, _user, request, codes, _properties: post(
        Listening(request, not any(code.is_failure for code in codes))
    )
    client.on_publish = lambda _client, _user, request, code, _properties: post(
        Answered(request, code.value, str(code))
    )
    client.on_socket_open = opened
    # Where somebody else watches the socket, the library leaves all writing to the thread that serves it.
    client.on_socket_register_write = lambda _client, _user, _socket: None


def _authenticate(client: Client, settings: MqttSettings) -> str:
    """Give the client its name and password; return why the password cannot be read, else nothing."""
    unreadable = ""
    password = ""
    try:
        password = secret(settings.password_file, "mqtt-password")
        if file := empty_file(settings.password_file, "mqtt-password"):
            unreadable = f"mqtt.password_file: {file} is empty: write the broker's password into it"
    except ConfigError as error:
        unreadable = f"mqtt.password_file: {error}"
    if settings.username:
        client.username_pw_set(settings.username, password or None)
    return unreadable


def _secure(client: Client, settings: MqttSettings) -> None:
    """Turn TLS on, certificate and name checked, where an authority is named; raise ConfigError."""
    if not settings.ca_file:
        if settings.cert_file:
            raise ConfigError(["mqtt.cert_file: without TLS no certificate is shown: set mqtt.ca_file too"])
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(settings.ca_file)
    except OSError as error:
        cause = error.strerror or error
        reason = f"mqtt.ca_file = {settings.ca_file!r}: {cause}: name a readable certificate (PEM)"
        raise ConfigError([reason]) from None
    if settings.cert_file:
        try:
            context.load_cert_chain(settings.cert_file, settings.key_file or None, password=str)
        except OSError as error:
            cause = error.strerror or getattr(error, "reason", None) or error
            reason = (
                f"mqtt.cert_file = {settings.cert_file!r}, mqtt.key_file = {settings.key_file!r}: {cause}:"
                " name a readable certificate and its key, not encrypted (PEM)"
            )
            raise ConfigError([reason]) from None
    client.tls_set_context(context)


def _unconnected(error: OSError, *, tls: bool) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoTrust(error.verify_message)
    if tls and isinstance(error, ssl.SSLError | ConnectionResetError):
        return NoTls(getattr(error, "reason", None) or error.strerror or str(error))
    return Unreachable(error.strerror or str(error) or type(error).__name__)
