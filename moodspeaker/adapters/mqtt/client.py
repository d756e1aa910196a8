"""The broker as `ports.Broker`.

Theory of operation
===================
1. All state lives on the event loop.  A link (`connection`) has a thread of its own and tells what happens;
   there is one link at a time, and the next one is made after the last one ended and a delay has passed.
2. What is retained is a state: it is published again on every new link, because a broker may come back
   empty, and where somebody else overwrote it (`retained`).  What is not retained is an event: while the link
   is down it is lost.
3. Where Home Assistant says on its birth topic that it listens from now on, everything retained is published
   again after a random delay: discovery stands first, as it was given first.  What stands on a topic of ours
   that is used no more is cleared, once.
4. The last will is the availability topic's `offline`, retained; its owner publishes `online` there like any
   other state.  A clean stop publishes `offline` by itself: the will is only sent when the link breaks.
5. A command that is empty, retained, too long, not UTF-8 or not of the vocabulary is dropped with one line in
   the log.
6. Each kind of fault is logged once, until the link stands again (`link_faults`).  What the broker refuses on
   a link that stands, a publication or the commands, shows as `refused` too.
7. Some brokers say nothing and close the link.  Where that happens to `SHORT_LINKS` young links in a row
   while the broker still answers others, it is either a message that it does not take (the same one is
   unanswered each time: it is left out from then on) or somebody else with our client id.  Such a contest
   counts as over when a link stands for `STEADY` seconds: longer than both sides wait between two tries.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.adapters.mqtt.acceptance import FIRST_REFUSAL, Acceptance
from moodspeaker.adapters.mqtt.connection import (
    STEADY,
    Answered,
    Connected,
    Ended,
    Link,
    Listening,
    Received,
)
from moodspeaker.adapters.mqtt.home_assistant import BIRTH, BIRTH_DELAY, birth_topic
from moodspeaker.adapters.mqtt.link_faults import (
    NOT_AUTHORIZED,
    PROTOCOL_ERROR,
    TAKEN_OVER,
    TOO_LARGE,
    Broken,
    Contested,
    FaultKind,
    Retry,
    address,
    fault_of,
    refused_commands,
    refused_household,
    refused_topics,
)
from moodspeaker.adapters.mqtt.retained import RetainedTopics
from moodspeaker.backoff import Backoff
from moodspeaker.domain.broker import BrokerState, Message
from moodspeaker.domain.commands import LONGEST_COMMAND, from_payload
from moodspeaker.errors import CommandError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from random import Random

    from moodspeaker.adapters.mqtt.connection import LinkEvent
    from moodspeaker.adapters.mqtt.link_faults import Failure, LinkFault
    from moodspeaker.config.schema import MqttSettings
    from moodspeaker.domain.commands import Command

STOP_SECONDS: Final = 2.0
"""How long a stop waits for `offline` to arrive."""
JOIN_SECONDS: Final = 0.5
"""How long it then waits for the link's thread."""
DELAYS: Final = {
    Retry.SOON: (0.1, 1.0, 8.0),
    Retry.SLOWLY: (15.0, 30.0, 60.0),
    Retry.RARELY: (60.0, 60.0, 120.0),
}
"""Seconds between two tries: the shortest delay, the first one at most, and the longest."""
YOUNG: Final = 60.0
"""Seconds; of a link that broke sooner only what follows from it is logged."""
SHORT_LINKS: Final = 3
"""So many links in a row that the broker closed without a reason are no accident."""

_log = logging.getLogger(__name__)


class MqttBroker:
    """`ports.Broker`; its methods are called on the event loop's thread, `stop` on any.

    Commands are taken from `<prefix>/<name>/set` and passed to `on_command` on the loop.  The will is
    published by the broker when we vanish, and by ourselves at a clean stop.
    """

    def __init__(
        self,
        settings: MqttSettings,
        prefix: str,
        will: Message,
        on_command: Callable[[Command], None],
        *,
        loop: asyncio.AbstractEventLoop,
        chance: Random,
    ) -> None:
        self._settings, self._prefix, self._will = settings, prefix, will
        self._on_command, self._loop = on_command, loop
        self._identity = prefix.replace("/", "-")
        self._commands = f"{prefix}/+/set"
        self._birth = birth_topic(settings.discovery_prefix) if settings.discovery != "off" else None
        self._chance = chance
        self._delays = {
            retry: Backoff(chance, shortest=shortest, first=first, longest=longest)
            for retry, (shortest, first, longest) in DELAYS.items()
        }
        self._retained = RetainedTopics()
        self._followed: dict[str, Callable[[str, bytes, bool], None]] = {}
        """Who takes what is published below a topic."""
        self._follow_requests: set[int | None] = set()
        self._follow_refused = False
        self._to_clear: dict[str, Callable[[], None]] = {}
        """What to call when a topic that is used no more is cleared."""
        self._clearing: dict[int, str] = {}
        """The topics of the messages on this link that clear one."""
        self._acceptance = Acceptance()
        self._link: Link | None = None
        self._commands_request: int | None = None
        self._up = self._stopped = False
        self._commands_refused = False
        self._suspects: list[str] = []
        """The topic of what waited for its answer as each of the last links broke early, else empty."""
        self._fault: LinkFault | None = None
        self._unhealed: set[FaultKind] = set()
        """Faults of the link that were logged and are not over."""
        self._logged_refusals: set[int | str] = set()
        """Reason codes, `commands` and `household`, that were logged and are not over."""
        self._disturbed: set[str] = set()
        """Topics on which somebody else was seen to publish."""
        self._greeted = False

    @property
    def state(self) -> BrokerState:
        """The link as it is now; `refused` also where the broker lets us in and takes not all of it."""
        if self._up:
            return BrokerState.REFUSED if self._refusal() else BrokerState.OK
        return BrokerState.DOWN if self._fault is None else self._fault.state

    @property
    def reason(self) -> str:
        """Cause and cure of what is wrong, else empty."""
        if self._stopped:
            return "stopped"
        if self._up and (refusal := self._refusal()):
            return refusal
        if self._fault is not None:
            return self._fault.reason
        return "" if self._up else f"the MQTT broker at {address(self._settings)} has not answered yet"

    def start(self) -> None:
        """Connect in the background, for ever."""
        if self._stopped:
            return
        self._link = Link(self._settings, self._identity, self._post, self._will)
        self._link.start()

    def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Publish on a full topic.

        What is retained is wanted there from now on: published when it differs from the last, on every new
        link, and where somebody overwrote it.  What is not is lost while the link is down.
        """
        message = Message(topic, payload, retain)
        if retain:
            new_topic = topic not in self._retained
            if not self._retained.want(message):
                return
            if new_topic and self._up and self._link is not None:
                self._link.listen(topic, others_only=True)
        if self._up:
            self._send(message)

    def clear(self, topic: str, done: Callable[[], None]) -> None:
        """Remove what the broker keeps on a full topic, once the link stands; then call `done`."""
        self._to_clear[topic] = done
        if self._up:
            self._clear(topic)

    def leave(self, topic: str) -> None:
        """Publish nothing more on a full topic by ourselves; what the broker keeps there stays."""
        self._retained.leave(topic)

    def follow(self, below: str, take: Callable[[str, bytes, bool], None]) -> None:
        """Listen, from the next link on, to everything below a topic: what is kept there first, ours too."""
        self._followed[below] = take

    def stop(self) -> None:
        """Publish the will's payload, wait for it a moment, disconnect; it blocks for 2.5 seconds at most."""
        self._stopped = True
        if self._link is None:
            return
        if self._up and not self._link.publish_last(self._will, STOP_SECONDS):
            _log.warning("MQTT: the link broke before %r was said", self._will.payload)
        self._up = False
        self._link.close()
        self._link.join(JOIN_SECONDS)

    def _post(self, event: LinkEvent) -> None:
        """Pass an event from the link's thread to the loop."""
        try:
            self._loop.call_soon_threadsafe(self._take, event)
        except RuntimeError:
            _log.debug("MQTT: the event loop is closed")  # the process is ending, nobody is left to tell

    def _take(self, event: LinkEvent) -> None:
        if self._stopped or self._link is None:
            return
        match event:
            case Connected(largest_packet):
                self._acceptance.new_link(largest_packet)
                self._commands_request = self._link.listen(self._commands, as_sent=True)
            case Listening(request, granted):
                if request == self._commands_request:
                    self._come_up(self._link, commands_granted=granted)
                elif request in self._follow_requests and not granted:
                    self._follow_refused = True
                    self._log_refusal()
            case Received(topic, payload, retained):
                self._hear(topic, payload, retained=retained)
            case Answered(request, code, name):
                self._cleared(request, code)
                self._acceptance.answered(request, code, name)
                self._log_refusal()
            case Ended(failure):
                self._end(failure)
            case _:
                assert_never(event)

    def _hear(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if topic == self._birth:
            self._greet(payload, retained=retained)
            return
        takes = [take for below, take in self._followed.items() if topic.startswith(f"{below}/")]
        for take in takes:
            take(topic, payload, retained)
        if topic in self._retained:
            if not retained:
                self._put_right_if_foreign(topic, payload)
        elif not takes:
            self._receive(topic, payload, retained=retained)

    # --- the link

    def _come_up(self, link: Link, *, commands_granted: bool) -> None:
        """Publish everything that is wanted, on a link on which commands arrive from now on."""
        self._up, self._commands_refused = True, not commands_granted
        self._retained.new_link()
        self._follow_refused = False
        self._follow_requests = {link.listen(f"{below}/#") for below in self._followed}
        for message in self._retained:
            link.listen(message.topic, others_only=True)
            self._send(message)
        self._clearing.clear()
        for topic in self._to_clear:
            self._clear(topic)
        if self._birth is not None:
            link.listen(self._birth, others_only=True)
        if self._fault is not None and self._fault.kind is FaultKind.CONTESTED:
            self._loop.call_later(STEADY, self._link_is_well, link)
        else:
            self._link_is_well(link)
        self._log_refusal()

    def _link_is_well(self, link: Link) -> None:
        """Let what was wrong with the link be over."""
        if not self._up or self._link is not link:
            return
        self._fault = None
        for delays in self._delays.values():
            delays.reset()
        if self._unhealed or not self._greeted:
            _log.info("MQTT: connected to %s as %s", address(self._settings), self._prefix)
        self._greeted = True
        self._unhealed.clear()

    def _end(self, failure: Failure) -> None:
        """Show why the link ended, and make the next one after a while."""
        self._up = False
        self._fault = fault = fault_of(self._explain(failure), self._settings)
        young = isinstance(failure, Broken) and failure.seconds < YOUNG
        if fault.kind not in self._unhealed and not (young and fault.kind is FaultKind.GONE):
            self._unhealed.add(fault.kind)
            _log.warning("MQTT: %s", fault.reason)
        self._loop.call_later(self._delays[fault.retry].delay(), self.start)

    def _explain(self, failure: Failure) -> Failure:
        """Return what the failure is in the light of those before it."""
        if not isinstance(failure, Broken):
            self._suspects.clear()
            self._acceptance.leave_nothing_out()
            return failure
        contested = self._fault is not None and self._fault.kind is FaultKind.CONTESTED
        if failure.code == TAKEN_OVER or (contested and failure.broker_answers):
            return Contested(self._identity, certain=failure.code == TAKEN_OVER)
        suspect = self._acceptance.largest_waiting
        short = failure.broker_answers and failure.seconds < YOUNG
        self._suspects = [*self._suspects, suspect][-SHORT_LINKS:] if short else []
        again_and_again = len(self._suspects) == SHORT_LINKS
        if again_and_again and (not suspect or set(self._suspects) != {suspect}):
            return Contested(self._identity, certain=False)
        if suspect and (again_and_again or failure.code in {PROTOCOL_ERROR, NOT_AUTHORIZED, TOO_LARGE}):
            self._acceptance.leave_out(suspect, failure.code, failure.cause)
            self._suspects.clear()
        return failure

    # --- what is published

    def _send(self, message: Message) -> None:
        size = len(message.topic) + len(message.encoded)
        if self._link is None or not self._acceptance.may_send(message.topic, size):
            self._log_refusal()
            return
        self._acceptance.sent(self._link.publish(message), message.topic, size)

    def _clear(self, topic: str) -> None:
        if self._link is not None:
            self._clearing[self._link.publish(Message(topic, ""))] = topic

    def _cleared(self, request: int, code: int) -> None:
        """Take the answer to a message that cleared a topic; a refused one is tried with the next link."""
        topic = self._clearing.pop(request, None)
        if topic is not None and code < FIRST_REFUSAL:
            self._to_clear.pop(topic)()

    def _greet(self, payload: bytes, *, retained: bool) -> None:
        """Publish everything again for a Home Assistant that has just begun to listen."""
        if payload == BIRTH.encode() and not retained:
            self._loop.call_later(self._chance.uniform(0.0, BIRTH_DELAY), self._send_all, self._link)

    def _send_all(self, link: Link | None) -> None:
        if self._up and self._link is link:
            for message in self._retained:
                self._send(message)

    def _put_right_if_foreign(self, topic: str, payload: bytes) -> None:
        wait = self._retained.seen(topic, payload, self._loop.time())
        if wait is not None:
            self._loop.call_later(wait, self._put_right, topic)

    def _put_right(self, topic: str) -> None:
        message = self._retained.put_right(topic, self._loop.time()) if self._up else None
        if message is None:
            return
        if topic not in self._disturbed:
            self._disturbed.add(topic)
            _log.warning("MQTT: somebody else publishes on %r: it is put right, now and from here on", topic)
        self._send(message)

    def _refusal(self) -> str:
        """Return cause and cure of what the broker does not take on a link that stands, else nothing."""
        publications = refused_topics(self._acceptance.refused, self._settings, self._prefix)
        commands = refused_commands(self._settings, self._commands) if self._commands_refused else ""
        household = refused_household(self._settings) if self._follow_refused else ""
        return "; ".join(filter(None, (publications, commands, household)))

    def _log_refusal(self) -> None:
        kinds: set[int | str] = {refusal.code for refusal in self._acceptance.refused.values()}
        if self._commands_refused:
            kinds.add("commands")
        if self._follow_refused:
            kinds.add("household")
        if kinds - self._logged_refusals:
            _log.warning("MQTT: %s", self._refusal())
        elif self._logged_refusals and not kinds:
            _log.info("MQTT: the broker takes everything again")
        self._logged_refusals = kinds

    # --- commands

    def _receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if not payload:  # what clears a retained command is none itself
            _log.info("MQTT: %r: an empty payload is no command", topic)
        elif retained:
            _log.warning(
                "MQTT: %r: a retained command is dropped: clear it: mosquitto_pub -r -n -t %s", topic, topic
            )
        elif len(payload) > LONGEST_COMMAND:
            _log.warning("MQTT: %r: a command of %d bytes is dropped", topic, len(payload))
        else:
            try:
                command = from_payload(topic.split("/")[-2], payload.decode())
            except UnicodeDecodeError:
                _log.warning("MQTT: %r: a command that is not UTF-8 is dropped", topic)
            except CommandError as error:
                _log.warning("MQTT: a command is dropped: %s", error)
            else:
                self._on_command(command)
