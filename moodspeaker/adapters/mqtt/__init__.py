"""The only door to paho-mqtt: the broker as `ports.Broker`.

The law of this module
======================
1. paho's thread touches the network; its callbacks do nothing but hand over to the event loop.  All state
   lives on the loop.
2. The last will is `offline`, retained.  After every CONNACK the commands are subscribed; once the
   subscription stands, `online` and every retained payload are published again, because a broker may come
   back empty.  Not before: paho first resends what was in flight when the link broke, and an old state must
   not overtake a new one.
3. While the link is down nothing is queued: retained payloads are desired state and repeated, moments are
   lost.
4. A broker that is gone is tried again every 1 to 8 seconds, one that refuses the password every 30; the
   password's file is read again each time, so a corrected one heals by itself.  The first failure and the
   recovery are logged, not the middle.
5. A command that is retained, too long, not UTF-8 or not of the vocabulary is dropped with one line in the
   log.
6. A clean stop publishes `offline` by itself: the will is only sent when the link breaks.
"""

from __future__ import annotations

import logging
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from moodspeaker.config.secrets import secret
from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.commands import LONGEST_COMMAND, from_words
from moodspeaker.errors import CommandError, ConfigError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from paho.mqtt.client import MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

    from moodspeaker.config.schema import MqttSettings

ROOT: Final = "moodspeaker"
"""First level of every topic."""
QOS: Final = 1
KEEPALIVE: Final = 20
"""Seconds; a link that dies without a word is noticed after one and a half of them."""
DELAY_DOWN: Final = (1, 8)
"""Seconds between attempts while the broker does not answer: first and longest."""
DELAY_REFUSED: Final = (30, 30)
"""Seconds between attempts while the broker refuses us."""
STOP_SECONDS: Final = 2.0
"""How long a stop waits for `offline` to arrive."""
JOIN_SECONDS: Final = 0.5
"""How long it then waits for paho's thread."""
BAD_PASSWORD: Final = 134
NOT_AUTHORIZED: Final = 135
"""Reason codes of MQTT 5, to which paho maps those of 3.1.1."""

_log = logging.getLogger(__name__)


class MqttBroker:
    """`ports.Broker` on paho's thread; its methods are called on the event loop's.

    `on_command(thing, payload)` is called on the loop with words that `commands.from_words` accepts.
    """

    def __init__(
        self, settings: MqttSettings, on_command: Callable[[str, str], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._settings = settings
        self._on_command = on_command
        self._loop = loop
        self._prefix = f"{ROOT}/{settings.id}"
        self._retained: dict[str, str] = {"status": "online"}
        self._state = BrokerState.DOWN
        self._reason = f"the MQTT broker at {_address(settings)} has not answered yet"
        self._told: BrokerState | None = None
        self._unreadable = ""
        self._started = False
        self._client = self._new_client()

    @property
    def state(self) -> BrokerState:
        """The link as it is now."""
        return self._state

    @property
    def reason(self) -> str:
        """Cause and cure when the link is down or refused, else empty."""
        return self._reason

    def start(self) -> None:
        """Connect in the background, for ever; settings that no connection can be made with show as
        `refused`.
        """
        try:
            _secure(self._client, self._settings)
            self._client.connect_async(self._settings.host, self._settings.port, KEEPALIVE)
        except ConfigError as error:
            self._fail(BrokerState.REFUSED, str(error))
            return
        except ValueError as error:
            self._fail(
                BrokerState.REFUSED,
                f"mqtt.host = {self._settings.host!r}, mqtt.port = {self._settings.port}: {error}",
            )
            return
        self._started = True
        self._client.loop_start()

    def publish(self, thing: str, payload: str, *, retain: bool = True) -> None:
        """Publish on `moodspeaker/<id>/<thing>`; a retained payload is remembered and repeated on every
        connect.

        A retained payload equal to the last one is not sent again; while the link is down one that is not
        retained is lost.
        """
        if retain:
            if self._retained.get(thing) == payload:
                return
            self._retained[thing] = payload
        if self._state is BrokerState.OK:
            self._send(thing, payload, retain=retain)

    def stop(self) -> None:
        """Publish `offline`, wait for it a moment, disconnect.

        It blocks for 2.5 seconds at most, and may be called from another thread.
        """
        if not self._started:
            return
        self._started = False
        if self._state is BrokerState.OK:
            last = self._client.publish(f"{self._prefix}/status", "offline", QOS, retain=True)
            try:
                last.wait_for_publish(STOP_SECONDS)
            except (RuntimeError, ValueError):
                _log.warning("MQTT: the link broke before `offline` was said")
        self._client.disconnect()
        self._state, self._reason = BrokerState.DOWN, "stopped"
        # paho joins its thread without a limit, and that thread may hang in a name look-up; it is a daemon and dies with us.
        ending = threading.Thread(target=self._client.loop_stop, name="mqtt-stop", daemon=True)
        ending.start()
        ending.join(JOIN_SECONDS)

    def _send(self, thing: str, payload: str, *, retain: bool) -> None:
        self._client.publish(f"{self._prefix}/{thing}", payload, QOS, retain=retain)

    # --- on paho's thread: hand over, nothing else
    # ---------------------------------------------------------------------

    def _new_client(self) -> Client:
        client = _client(f"{ROOT}-{self._settings.id}")
        client.will_set(f"{self._prefix}/status", "offline", QOS, retain=True)
        client.reconnect_delay_set(*DELAY_DOWN)
        client.on_pre_connect = lambda paho, _user: self._post(
            self._authenticated, _authenticate(paho, self._settings)
        )
        client.on_connect = lambda _paho, _user, _flags, code, _properties: self._post(self._answered, code)
        client.on_connect_fail = lambda _paho, _user: self._post(self._unreachable, sys.exception())
        client.on_disconnect = lambda _paho, _user, _flags, code, _properties: self._post(
            self._disconnected, code
        )
        client.on_subscribe = lambda _paho, _user, _id, codes, _properties: self._post(
            self._subscribed, codes
        )
        client.on_message = lambda _paho, _user, message: self._post(self._received, message)
        return client

    def _post(self, act: Callable[..., None], argument: object) -> None:
        try:
            self._loop.call_soon_threadsafe(act, argument)
        except RuntimeError:
            _log.debug("MQTT: the event loop is closed")  # the process is ending, nobody is left to tell

    # --- on the loop
    # -----------------------------------------------------------------------------------------------------

    def _authenticated(self, unreadable: str) -> None:
        """Keep why the password's file cannot be read, else nothing: the likely cause of a refusal that
        follows.
        """
        self._unreadable = unreadable

    def _answered(self, code: ReasonCode) -> None:
        if not code.is_failure:
            self._client.reconnect_delay_set(*DELAY_DOWN)
            self._client.subscribe(f"{self._prefix}/+/set", QOS)
        elif code.value in {BAD_PASSWORD, NOT_AUTHORIZED}:
            self._client.reconnect_delay_set(*DELAY_REFUSED)
            self._fail(BrokerState.REFUSED, self._unreadable or _refusal(self._settings))
        else:
            self._fail(BrokerState.DOWN, _turned_away(self._settings, code))

    def _subscribed(self, codes: list[ReasonCode]) -> None:
        if any(code.is_failure for code in codes):
            _log.warning(
                "MQTT: the broker's ACL keeps us from %s/+/set: no command will arrive", self._prefix
            )
        self._state, self._reason, self._told = BrokerState.OK, "", BrokerState.OK
        _log.info("MQTT: connected to %s as %s", _address(self._settings), self._prefix)
        for thing, payload in self._retained.items():
            self._send(thing, payload, retain=True)

    def _unreachable(self, error: BaseException | None) -> None:
        if self._state is BrokerState.REFUSED:
            self._client.reconnect_delay_set(*DELAY_DOWN)
        self._fail(BrokerState.DOWN, _no_answer(self._settings, error))

    def _disconnected(self, code: ReasonCode) -> None:
        if self._state is BrokerState.OK:
            self._fail(
                BrokerState.DOWN, f"the link to the MQTT broker at {_address(self._settings)} broke ({code})"
            )

    def _fail(self, state: BrokerState, reason: str) -> None:
        self._state, self._reason = state, reason
        if self._told is not state:
            self._told = state
            _log.warning("MQTT: %s", reason)

    def _received(self, message: MQTTMessage) -> None:
        thing = message.topic.split("/")[-2]
        if message.retain:
            _log.warning("MQTT: %r: a retained command is dropped: clear it on the broker", message.topic)
            return
        if len(message.payload) > LONGEST_COMMAND:
            _log.warning("MQTT: %r: a command of %d bytes is dropped", message.topic, len(message.payload))
            return
        try:
            payload = message.payload.decode()
            from_words(thing, payload)
        except UnicodeDecodeError:
            _log.warning("MQTT: %r: a command that is not UTF-8 is dropped", message.topic)
        except CommandError as error:
            _log.warning("MQTT: a command is dropped: %s", error)
        else:
            self._on_command(thing, payload)


class NoBroker:
    """`ports.Broker` where `mqtt.host` is empty: a state, not a fault."""

    state: Final = BrokerState.OFF
    reason: Final = ""

    def start(self) -> None:
        """Do nothing."""

    def publish(self, thing: str, payload: str, *, retain: bool = True) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


def probe(settings: MqttSettings, seconds: float = 5.0) -> tuple[BrokerState, str]:
    """Connect once and say goodbye; return the state and, where it is not `ok`, cause and cure.  Blocks at
    most `seconds`.

    It has a client id of its own, so that the running speaker is not thrown out, and it publishes nothing.
    """
    answers: list[ReasonCode] = []
    client = _client("")
    client.on_connect = lambda _paho, _user, _flags, code, _properties: answers.append(code)
    client.connect_timeout = seconds
    unreadable = _authenticate(client, settings)
    try:
        _secure(client, settings)
        client.connect(settings.host, settings.port)
        deadline = time.monotonic() + seconds
        while not answers and time.monotonic() < deadline and not client.loop(0.1):
            pass
    except ConfigError as error:
        return BrokerState.REFUSED, str(error)
    except (OSError, ValueError) as error:
        return BrokerState.DOWN, _no_answer(settings, error)
    client.disconnect()
    if not answers:
        return BrokerState.DOWN, _no_answer(settings, None)
    if not answers[0].is_failure:
        return BrokerState.OK, ""
    if answers[0].value in {BAD_PASSWORD, NOT_AUTHORIZED}:
        return BrokerState.REFUSED, unreadable or _refusal(settings)
    return BrokerState.DOWN, _turned_away(settings, answers[0])


def _client(identity: str) -> Client:
    return Client(CallbackAPIVersion.VERSION2, client_id=identity)


def _authenticate(client: Client, settings: MqttSettings) -> str:
    """Give the client its name and password; return why the password cannot be read, else nothing."""
    unreadable = ""
    password = ""
    try:
        password = secret(settings.password_file, "mqtt-password")
    except ConfigError as error:
        unreadable = f"mqtt.password_file: {error}"
    if settings.username:
        client.username_pw_set(settings.username, password or None)
    return unreadable


def _secure(client: Client, settings: MqttSettings) -> None:
    """Turn on TLS, certificate and name checked, where a certificate authority is named; raise
    ConfigError.
    """
    if not settings.ca_file:
        return
    try:
        client.tls_set(ca_certs=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        reason = f"mqtt.ca_file = {settings.ca_file!r}: {error.strerror or error}: name a readable certificate (PEM)"
        raise ConfigError([reason]) from None


def _address(settings: MqttSettings) -> str:
    return f"{settings.host}:{settings.port}"


def _no_answer(settings: MqttSettings, error: BaseException | None) -> str:
    if isinstance(error, ssl.SSLError):
        return (
            f"no trust in the MQTT broker at {_address(settings)}: {error}: check mqtt.ca_file and mqtt.port"
        )
    cause = f" ({getattr(error, 'strerror', None) or error})" if error else ""
    return f"no answer from the MQTT broker at {_address(settings)}{cause}: start it, or check mqtt.host and mqtt.port"


def _turned_away(settings: MqttSettings, code: ReasonCode) -> str:
    return f"the MQTT broker at {_address(settings)} turns us away: {code}"


def _refusal(settings: MqttSettings) -> str:
    who = f"the password of {settings.username!r}" if settings.username else "a client without a name"
    return f"the MQTT broker at {_address(settings)} refuses {who}: set mqtt.username and mqtt.password_file"
