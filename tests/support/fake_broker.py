"""A broker without a network: what others would see of it, and what they would say to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.broker import BrokerState, Message
from moodspeaker.domain.commands import LONGEST_COMMAND, from_payload
from moodspeaker.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.domain.commands import Command

WILL = Message("moodspeaker/test/status", "offline")


class FakeBroker:
    """`ports.Broker`; `topics` and `heard` are the broker's side."""

    def __init__(
        self, on_command: Callable[[Command], None] = lambda _command: None, will: Message = WILL
    ) -> None:
        self.topics: dict[str, str] = {}
        """Retained payloads by full topic."""
        self.heard: list[tuple[str, str]] = []
        """Everything published by the speaker, in order: full topic and payload."""
        self._on_command, self._will = on_command, will
        self._wanted: dict[str, Message] = {}
        self._to_clear: dict[str, Callable[[], None]] = {}
        self._followed: list[tuple[str, Callable[[str, bytes, bool], None]]] = []
        self._present = True
        self._started = False

    @property
    def state(self) -> BrokerState:
        """The link as it is now."""
        return BrokerState.OK if self._present and self._started else BrokerState.DOWN

    @property
    def reason(self) -> str:
        """Cause and cure when the link is down."""
        return "" if self.state is BrokerState.OK else "the fake broker is away"

    def start(self) -> None:
        """Connect."""
        self._started = True
        self._connect()

    def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Publish."""
        message = Message(topic, payload, retain)
        if retain:
            if self._wanted.get(topic) == message:
                return
            self._wanted[topic] = message
        if self.state is BrokerState.OK:
            self._send(message)

    def clear(self, topic: str, done: Callable[[], None]) -> None:
        """Clear a topic."""
        self._to_clear[topic] = done
        if self.state is BrokerState.OK:
            self._clear_all()

    def leave(self, topic: str) -> None:
        """Publish nothing more on a topic."""
        self._wanted.pop(topic, None)

    def follow(self, below: str, take: Callable[[str, bytes, bool], None]) -> None:
        """Listen to what is below a topic."""
        self._followed.append((below, take))

    def stop(self) -> None:
        """Say goodbye."""
        if self.state is BrokerState.OK:
            self._send(self._will)
        self._started = False

    def lose(self) -> None:
        """Let the broker end; what it retained is lost."""
        self._present = False
        self.topics.clear()

    def come_back(self) -> None:
        """Let the broker start again, empty."""
        self._present = True
        self._connect()

    def receive(self, name: str, payload: bytes, *, retain: bool = False) -> None:
        """Let somebody publish a command."""
        if retain or not payload or len(payload) > LONGEST_COMMAND:
            return
        try:
            command = from_payload(name, payload.decode())
        except (UnicodeDecodeError, CommandError):
            return
        self._on_command(command)

    def overwrite(self, topic: str, payload: bytes) -> None:
        """Let somebody publish on a topic of the speaker's or of another one, retained."""
        self.topics[topic] = payload.decode()
        if not payload:
            del self.topics[topic]
        self._tell(topic, payload, retained=False)
        if topic in self._wanted:
            self._send(self._wanted[topic])

    def _connect(self) -> None:
        if self.state is BrokerState.OK:
            for topic, payload in dict(self.topics).items():
                self._tell(topic, payload.encode(), retained=True)
            for message in self._wanted.values():
                self._send(message)
            self._clear_all()

    def _tell(self, topic: str, payload: bytes, *, retained: bool) -> None:
        for below, take in self._followed:
            if topic.startswith(f"{below}/"):
                take(topic, payload, retained)

    def _clear_all(self) -> None:
        while self._to_clear:
            topic, done = self._to_clear.popitem()
            self.topics.pop(topic, None)
            done()
            self._tell(topic, b"", retained=False)

    def _send(self, message: Message) -> None:
        text = message.encoded.decode()
        self.heard.append((message.topic, text))
        if message.retain:
            self.topics[message.topic] = text
            self._tell(message.topic, message.encoded, retained=False)
